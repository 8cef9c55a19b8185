"""What the speech networks are given: windows of speech at one level, and Whisper's log-mel.

Whisper's front end is that of Radford et al., "Robust Speech Recognition via Large-Scale Weak
Supervision" (2022): 25 ms Hann windows every 10 ms, 80 Slaney mel bands, log10, limited to 8
decades below the loudest, scaled to about -1 to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip_models.catalogue import WEIGHTS

SAMPLE_RATE: Final = 16_000
HOP: Final = 160
"""Samples per row of 10 ms."""

WINDOW: Final = 1000
"""Rows one run of a network sees. More context gave the same visemes on 99 % of the rows."""

STEP: Final = 900
"""Rows from one window to the next; what overlaps is blended."""

EDGE: Final = 40
"""Rows at a cut window edge that are not used at all: there a network lacks context."""

FAINT: Final = 0.1
"""A window whose rows are all less probably speech than this is not listened to further."""

LEVEL: Final = 0.087
"""RMS of speech without its pauses that the viseme network was trained at."""

_FFT: Final = 400


def rows_in(samples: NDArray[np.float32]) -> int:
    """How many rows of 10 ms describe these samples; the last one may be partly filled."""
    return -(-len(samples) // HOP)


def windows(rows: int) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Cover ``rows`` rows by overlapping windows ``(first, count, weight)``.

    ``weight [count]`` cross-fades neighbours: at every row the weights sum to one. ``first`` is
    even, so that rows can be paired. The last window may be as short as the overlap.
    """
    if not rows:
        return
    starts = [0]
    while starts[-1] + WINDOW < rows:
        starts.append(starts[-1] + STEP)
    stops = [min(start + WINDOW, rows) for start in starts]
    for number, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        at = np.arange(start, stop, dtype=np.float32) + 0.5
        weight = np.ones(stop - start, np.float32)
        if number > 0:
            weight = np.minimum(weight, _rise(at, start, stops[number - 1]))
        if number + 1 < len(starts):
            weight = np.minimum(weight, 1 - _rise(at, starts[number + 1], stop))
        yield start, stop - start, weight


def _rise(at: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
    """From 0 to 1 inside the overlap ``[start, stop)``, sparing its edges."""
    edge = min(EDGE, (stop - start) // 4)
    ramp: NDArray[np.float32] = np.clip(
        (at - (start + edge)) / max(stop - start - 2 * edge, 1), 0, 1
    )
    return ramp


def excerpt(
    samples: NDArray[np.float32], first: int, last: int, gain: float = 1.0
) -> NDArray[np.float32]:
    """Samples ``[first, last)`` times ``gain`` within ±1; zeros where there are none."""
    inside = samples[max(first, 0) : max(min(last, len(samples)), 0)]
    loud = np.clip(inside * np.float32(gain), -1, 1).astype(np.float32)
    before = min(max(-first, 0), last - first)
    return np.pad(loud, (before, last - first - before - len(loud)))


def speech_gain(samples: NDArray[np.float32], voice: NDArray[np.float32]) -> float:
    """The factor that brings the speech, where ``voice [m]`` says so, to :data:`LEVEL`.

    Only one factor for a whole recording: a level that follows the speech would make loud of
    every breath between two sentences.
    """
    power = row_power(samples)
    spoken = power[voice[: len(power)] > 0.5]
    if not len(spoken):
        return 1.0
    return float(LEVEL / max(np.sqrt(spoken.mean()), 1e-5))


def row_power(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean square of the samples in each row ``[m]``."""
    rows = rows_in(samples)
    power = np.empty(rows)
    for first in range(0, rows, WINDOW):
        part = samples[first * HOP : (first + WINDOW) * HOP].astype(np.float64) ** 2
        part = np.pad(part, (0, -len(part) % HOP)).reshape(-1, HOP)
        power[first : first + len(part)] = part.mean(axis=1)
    return power


def log_mel(samples: NDArray[np.float32], ceiling: float | None = None) -> NDArray[np.float32]:
    """Whisper's log-mel of 16 kHz samples.

    Parameters
    ----------
    samples : float32 ``[n]``, more than 200 of them
    ceiling : log10 power of the loudest band, 8 decades under which everything is cut off;
        by default that of these samples, as in Whisper

    Returns
    -------
    mel : float32 ``[80, n // 160]``, frame ``t`` is centred on sample ``160 t``
    """
    count = len(samples) // HOP
    padded = np.pad(samples, _FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP][:count]
    hann = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * hann, _FFT)).astype(np.float32) ** 2
    log = np.log10(np.maximum(power @ _mel_bands().T, 1e-10)).T
    top = ceiling if ceiling is not None else float(log.max(initial=-10))
    scaled: NDArray[np.float32] = (np.clip(log, top - 8, None) + 4) / np.float32(4)
    return scaled.astype(np.float32)


@cache
def _mel_bands() -> NDArray[np.float32]:
    """Slaney's mel bands ``[80, 201]``, as librosa computes them."""
    bands: NDArray[np.float32] = np.load(WEIGHTS / "whisper_mel.npy")
    return bands
