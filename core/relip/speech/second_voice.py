"""Whether somebody else speaks at the same time: a second pitch beside the first."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.features import HOP, SAMPLE_RATE, excerpt, rows_in

_LOWEST: Final = 80.0
_PITCHES: Final = 80
_PER_OCTAVE: Final = 36
"""Pitches that are tried, from 80 Hz to 370 Hz."""
_RELATED: Final = (1, 2, 3, 4, 1 / 2, 1 / 3, 1 / 4, 3 / 2, 2 / 3, 4 / 3, 3 / 4, 5 / 2, 2 / 5)
"""Of a pitch: harmonics of one voice alone look like these."""
_NEAR: Final = 0.07
"""Octaves around those."""
_SALIENT: Final = 0.25
"""Correlation of what the first voice leaves with the harmonics of a second one."""
_LEFT: Final = 0.3
"""Of the spectrum's magnitude, that the first voice must leave."""
_STEADY: Final = 0.06
"""Octaves that a pitch moves by in a row, at most."""
_LONG: Final = 6
"""Rows that a second pitch lasts."""

_FFT: Final = 2048
_WINDOW: Final = 1024
_BAND: Final = (60, 2600)
"""Hz in which harmonics can be told apart."""
_WIDTH: Final = 10.0
"""Hz, of a harmonic."""
_NOTCH: Final = 20.0
"""Hz around the first voice's harmonics that are taken away."""
_BLOCK: Final = 500


def second_voice(samples: NDArray[np.float32], voice: NDArray[np.float32]) -> float:
    """Part of the speech, 0 to 1, in which a second pitch is heard beside the first.

    It hears only a part of what is there: of two voices that are equally loud, 0.03 at the
    median, and nothing where both whisper or their pitches are an octave apart.

    Parameters
    ----------
    samples : float32 ``[n]``, mono, 16 kHz.
    voice : float32 ``[m]``, whether somebody speaks, 0 to 1.
    """
    spoken = voice > 0.5
    if not spoken.any():
        return 0.0
    salient, pitch = _second_pitch(samples)
    known = salient[: len(spoken)] & spoken
    moved = np.abs(np.diff(np.log2(pitch), prepend=0.0))[: len(spoken)]
    length, heard = 0, 0
    for row in np.flatnonzero(known).tolist():
        goes_on = length > 0 and known[row - 1] and moved[row] < _STEADY
        length = length + 1 if goes_on else 1
        heard += _LONG if length == _LONG else int(length > _LONG)
    return heard / int(spoken.sum())


def _second_pitch(
    samples: NDArray[np.float32],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each row has one, and its most likely pitch in Hz."""
    rows = rows_in(samples)
    combs, own, related = _combs()
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    inside = _inside()
    salient, second = np.zeros(rows, bool), np.zeros(rows, int)
    margin = (_WINDOW - HOP) // 2
    for first in range(0, rows, _BLOCK):
        last = min(first + _BLOCK, rows)
        part = excerpt(samples, first * HOP - margin, last * HOP + margin)
        framed = np.lib.stride_tricks.sliding_window_view(part, _WINDOW)[::HOP]
        shape = np.sqrt(np.abs(np.fft.rfft(framed * window, _FFT))[:, inside])
        shape -= shape.mean(axis=1, keepdims=True)
        loudest = (shape @ combs.T).argmax(axis=1)
        gone = own[loudest]
        kept = np.where(gone, 0, shape)
        mean = kept.sum(axis=1) / np.maximum((~gone).sum(axis=1), 1)
        rest = np.where(gone, 0, shape - mean[:, None])
        size = np.sqrt((rest**2).sum(axis=1))
        whole = np.sqrt((shape**2).sum(axis=1))
        score = np.where(related[loudest], -1, rest @ combs.T)
        second[first:last] = score.argmax(axis=1)
        salient[first:last] = (score.max(axis=1) > _SALIENT * size) & (size > _LEFT * whole)
    return salient, _pitches()[second]


def _pitches() -> NDArray[np.float64]:
    return _LOWEST * 2.0 ** (np.arange(_PITCHES) / _PER_OCTAVE)


def _inside() -> NDArray[np.bool_]:
    frequency = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    return np.asarray((frequency >= _BAND[0]) & (frequency <= _BAND[1]))


@cache
def _combs() -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Per pitch: its harmonics less what is between them, where they are, its relations."""
    frequency = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)[_inside()]
    pitches = _pitches()
    combs = np.zeros((len(pitches), len(frequency)), np.float32)
    own = np.zeros((len(pitches), len(frequency)), bool)
    for number, pitch in enumerate(pitches):
        for harmonic in range(1, int((_BAND[1] - 100) / pitch) + 1):
            on, off = (frequency - (harmonic - less) * pitch for less in (0, 0.5))
            bump = np.exp(-0.5 * (on / _WIDTH) ** 2) - np.exp(-0.5 * (off / _WIDTH) ** 2)
            combs[number] += bump / np.sqrt(harmonic)
            own[number] |= np.abs(on) < _NOTCH
        combs[number] /= np.sqrt((combs[number] ** 2).sum())
    octaves = np.log2(pitches[None, :] / pitches[:, None])
    related = np.any([np.abs(octaves - np.log2(part)) < _NEAR for part in _RELATED], axis=0)
    return combs, own, np.asarray(related)
