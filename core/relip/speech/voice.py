"""Where somebody speaks: not in silence, hum, tones, noise, clicks or music.

The viseme network alone hears speech in nearly everything, so nothing moves lips unless the
voice network (Silero VAD) or the phone network says that this is speech.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.features import FAINT, HOP, excerpt, rows_in

HEARD: Final = 0.4
"""From this probability on the voice network hears speech (its authors use 0.5 and 0.35)."""

SURE: Final = 0.6
"""A stretch of speech reaches this somewhere; music at times reaches :data:`HEARD`."""

NAMED: Final = 0.2
"""In a stretch of speech at least one phone is named with this probability."""

MARGIN: Final = 12
"""Rows before and after what is heard in which lips may move."""

PAUSE: Final = 12
"""Rows from which on silence is a pause; the closure of a stop is shorter."""

BLIP: Final = 5
"""Rows under which sound amid silence is no word."""

QUIET: Final = -40.0
"""dB relative to the speech under which nothing is said."""

_FRAME: Final = 512
_CONTEXT: Final = 64
_BLOCK: Final = 500
"""Frames of 32 ms per run; the network's state is carried from block to block."""


def voice_probability(samples: NDArray[np.float32], network: Network) -> NDArray[np.float32]:
    """How surely each row holds speech, ``[m]``, 0 to 1."""
    rows = rows_in(samples)
    frames = -(-rows * HOP // _FRAME)
    found = np.zeros(frames, np.float32)
    hidden = np.zeros((1, 1, 128), np.float32)
    cell = hidden
    for first in range(0, frames, _BLOCK):
        count = min(_BLOCK, frames - first)
        part = excerpt(samples, first * _FRAME - _CONTEXT, (first + count) * _FRAME)
        framed = np.lib.stride_tricks.sliding_window_view(part, _FRAME + _CONTEXT)[::_FRAME]
        heard = network.run({"input": np.ascontiguousarray(framed), "h": hidden, "c": cell})
        found[first : first + count] = heard["speech_probs"]
        hidden, cell = heard["hn"], heard["cn"]
    at = (np.arange(rows) + 0.5) * HOP / _FRAME - 0.5
    if not frames:
        return np.zeros(rows, np.float32)
    return np.interp(at, np.arange(frames), found).astype(np.float32)


def speech_gate(
    voice: NDArray[np.float32],
    phones: NDArray[np.float32],
    level: NDArray[np.float32],
    shut: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Where lips may move, ``[m]``, 0 to 1, with soft edges.

    Around what the networks hear the gate opens a little early and closes a little late: a
    closure before the first sound and a release after the last belong to the word. From this
    the long quiet stretches are taken away again; short ones are the closures of p, t, k.

    Parameters
    ----------
    voice, phones : float32 ``[m]``, how surely the two networks hear speech
    level : float32 ``[m]``, dB relative to the speech
    shut : float32 ``[m]``, probability of closed lips: a long p is quiet, but no pause
    """
    heard = (voice > HEARD) | ((phones > 0.6) & (voice > FAINT))
    for start, stop in _runs(heard):
        heard[start:stop] = voice[start:stop].max() > SURE and phones[start:stop].max() > NAMED
    near = _widened(heard, MARGIN)
    if not near.any():
        return np.zeros(len(voice), np.float32)
    quiet = (level < QUIET) & ~_widened(shut > 0.5, 2)
    speaking = near & ~_without_short(quiet, PAUSE)
    ramp = np.hanning(9)[1:-1]
    soft = np.convolve(np.pad(speaking, 3, mode="edge"), ramp / ramp.sum(), "valid")
    gate: NDArray[np.float32] = soft.astype(np.float32)
    return gate


def bridge_pauses(visemes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The visemes ``[m, 10]`` without flicker between speech and silence.

    Silences shorter than :data:`PAUSE` become what is said around them, for the mouth does not
    come to rest in them; speech shorter than :data:`BLIP` within silence becomes silence.
    """
    steady = visemes.copy()
    silent = visemes[:, 0] > 0.5
    for start, stop in _runs(~silent):
        if stop - start < BLIP and start > 0 and stop < len(silent):
            steady[start:stop] = 0
            steady[start:stop, 0] = 1
            silent[start:stop] = True
    for start, stop in _runs(silent):
        if stop - start < PAUSE and start > 0 and stop < len(silent):
            part = (np.arange(start, stop) - start + 1)[:, None] / (stop - start + 1)
            steady[start:stop] = (1 - part) * steady[start - 1] + part * steady[stop]
    return steady


def _runs(rows: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open runs of true rows."""
    edges = np.flatnonzero(np.diff(np.pad(rows.astype(np.int8), 1)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _widened(rows: NDArray[np.bool_], margin: int) -> NDArray[np.bool_]:
    """True also ``margin`` rows before and after every true row."""
    wide = rows.copy()
    for start, stop in _runs(rows):
        wide[max(start - margin, 0) : stop + margin] = True
    return wide


def _without_short(rows: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    """True only in runs of at least ``shortest`` rows."""
    long = np.zeros_like(rows)
    for start, stop in _runs(rows):
        long[start:stop] = stop - start >= shortest
    return long
