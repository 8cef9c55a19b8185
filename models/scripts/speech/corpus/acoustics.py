"""What the waveform itself says about where sounds begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.signal import butter, sosfiltfilt

from scripts.speech.corpus.store import RATE, Segment
from scripts.speech.corpus.visual import VISEMES

STEP: Final = 0.005
_STEP: Final = int(RATE * STEP)
_PBM: Final = VISEMES.index("PBM")

CLEAR: Final = 6.0
"""Decibels by which the sound above 700 Hz must change for an edge of a closure to be believed."""

REACH: Final = 0.05
"""Seconds around a labelled edge of a closure in which the real one is looked for."""

PAUSE: Final = 0.14
"""Seconds of quiet from which it is a pause, and no longer the closure of a stop."""


def loudness(samples: NDArray[np.float32], low: float = 0.0) -> NDArray[np.float64]:
    """Decibels of what is above ``low`` hertz, in windows of 10 ms every ``STEP``, ``[n]``."""
    if low:
        samples = sosfiltfilt(butter(4, low, "high", fs=RATE, output="sos"), samples)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    centre = (np.arange(len(samples) // _STEP + 1) * _STEP + _STEP // 2).clip(0, len(samples))
    first, last = (centre - _STEP).clip(0), (centre + _STEP).clip(0, len(samples))
    mean = (power[last] - power[first]) / np.maximum(last - first, 1)
    return np.asarray(10 * np.log10(mean + 1e-10))


def _cepstra(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Timbre: 13 cepstral coefficients of log spectra of 16 ms every ``STEP``, ``[n, 13]``."""
    padded = np.pad(samples, (128, 256))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 256)[::_STEP]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(256), axis=1)) ** 2
    edges = np.unique(np.rint(np.geomspace(3, 128, 26)).astype(int))
    bands = np.add.reduceat(spectrum, edges[:-1], axis=1)
    return np.asarray(dct(np.log(bands + 1e-8), axis=1, norm="ortho")[:, :13])


def quiet_below(level: NDArray[np.float64]) -> float:
    """The level in decibels under which nothing is said, from the levels of an utterance.

    Digital silence says nothing about how loud the room is, and does not count.
    """
    room = level[level > level.max() - 60]
    floor, top = np.percentile(room, [5, 95])
    return float(max(floor + 0.2 * (top - floor), top - 42))


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open index ranges in which ``mask`` holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def boundaries(samples: NDArray[np.float32], middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each sound turns into the next, seconds ``[p - 1]``, given the middles ``[p]``.

    Between two middles it is where splitting the timbre in two leaves the least variance.
    """
    timbre = _cepstra(samples)
    cuts = np.empty(len(middles) - 1)
    for i, (one, other) in enumerate(pairwise(middles)):
        first, last = int(one / STEP), int(np.ceil(other / STEP)) + 1
        part = timbre[max(first, 0) : last]
        count = len(part)
        if count < 4:
            cuts[i] = (one + other) / 2
            continue
        total, square = part.cumsum(axis=0), (part**2).sum(axis=1).cumsum()
        left = np.arange(1, count)
        spread = square[:-1] - (total[:-1] ** 2).sum(axis=1) / left
        rest = total[-1] - total[:-1]
        spread += square[-1] - square[:-1] - (rest**2).sum(axis=1) / (count - left)
        cuts[i] = (max(first, 0) + left[int(spread.argmin())]) * STEP
    return cuts


def with_pauses(samples: NDArray[np.float32], segments: Sequence[Segment]) -> list[Segment]:
    """The segments with silence wherever the sound is quiet for longer than a closure lasts.

    Lips shut for a stop keep 80 ms of the quiet before it; what silence hides is dropped.
    """
    level = loudness(samples)
    quiet = level < quiet_below(level)
    length = len(samples) / RATE
    kept = [s for s in segments if s.phone]
    pauses = [
        (a * STEP, min(b * STEP, length))
        for a, b in runs(quiet)
        if (b - a) * STEP >= PAUSE or a == 0 or b == len(quiet)
    ]
    cut: list[Segment] = []
    for segment in kept:
        start, end = segment.start, segment.end
        for a, b in pauses:
            stop = segment.viseme == _PBM and b < length - 0.01
            if start < a and b < end:  # a pause within: the longer side is the sound
                if stop or end - b > a - start:
                    start = b - 0.08 * stop
                else:
                    end = a
            if a <= start < b:
                start = min(b, end) if not stop or end < b - 0.03 else max(start, b - 0.08)
            if a < end <= b + 0.02 and start < a:
                end = a
        if end - start > 0.008:
            cut.append(replace(segment, start=start, end=end))
    return _filled(cut, length)


def _filled(segments: list[Segment], length: float) -> list[Segment]:
    """The segments in order; gaps of 60 ms and more become silence, shorter ones are shared."""
    filled: list[Segment] = []
    now = 0.0
    for segment in segments:
        start = max(segment.start, now)
        if start - now >= 0.06 or (not filled and start > 0):
            filled.append(Segment(now, start, "", 0))
        elif start > now:
            filled[-1] = replace(filled[-1], end=start)
        if segment.end > start:
            filled.append(replace(segment, start=start))
            now = segment.end
    if length > now:
        filled.append(Segment(now, length, "", 0))
    return filled


def snap_closures(samples: NDArray[np.float32], segments: Sequence[Segment]) -> list[Segment]:
    """The segments with edges of p, b, m moved to where the sound above 700 Hz falls and rises.

    An edge without a clear change near it (between two stops, or next to a pause) stays.
    """
    level = loudness(samples, 700.0)
    width = 3
    smooth = np.concatenate([[0.0], level.cumsum()])
    at = np.arange(width, len(level) - width)
    after = (smooth[at + width] - smooth[at]) / width
    before = (smooth[at] - smooth[at - width]) / width
    change = np.zeros(len(level))
    change[at] = after - before
    moved = list(segments)
    for a, b in runs(np.array([s.viseme == _PBM for s in moved])):
        start, end = moved[a].start, moved[b - 1].end
        middle = (start + end) / 2
        if a > 0 and moved[a - 1].phone:
            near = (max(start - REACH, moved[a - 1].start + 0.01), min(start + REACH, middle))
            edge = _edge(-change, start, *near)
            moved[a - 1] = replace(moved[a - 1], end=edge)
            moved[a] = replace(moved[a], start=edge)
        if b < len(moved) and moved[b].phone:
            near = (max(end - REACH, middle), min(end + REACH, moved[b].end - 0.01))
            edge = _edge(change, end, *near)
            moved[b - 1] = replace(moved[b - 1], end=edge)
            moved[b] = replace(moved[b], start=edge)
        for i in range(a, b - 1):  # several closures in a row share the time
            cut = moved[a].start + (moved[b - 1].end - moved[a].start) * (i - a + 1) / (b - a)
            moved[i], moved[i + 1] = replace(moved[i], end=cut), replace(moved[i + 1], start=cut)
    return [segment for segment in moved if segment.end > segment.start]


def _edge(rise: NDArray[np.float64], labelled: float, first: float, last: float) -> float:
    """The time of the clearest rise between two times, near ones preferred; else the labelled."""
    at = np.arange(max(int(np.ceil(first / STEP)), 0), min(int(last / STEP) + 1, len(rise)))
    if len(at) == 0:
        return labelled
    worth = rise[at] - np.abs(at * STEP - labelled) * 60  # 3 dB for 50 ms
    best = at[int(worth.argmax())]
    return float(best * STEP) if rise[best] >= CLEAR else labelled
