"""How strong a sound is in bands of frequency, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.features import HOP, SAMPLE_RATE, excerpt, rows_in

OCTAVES: Final = (250, 500, 1000, 2000, 4000)
"""Hz at the edges of the bands in which a room is heard."""
_WIDE: Final = (150, 7500)
"""Hz of what is heard of speech; below it lie rumble and the rooms' own hum."""
_MIDDLE: Final = (300, 3400)
"""Hz that a telephone lets through."""
_HIGH: Final = (4200, 7600)
"""Hz that it does not, up to where a file of 16 kHz ends."""
_FFT: Final = 512
_BLOCK: Final = 1000
"""Rows at a time: memory does not grow with the length of a recording."""


@dataclass(frozen=True, eq=False)
class Bands:
    """Power, full scale is 1, per row of 10 ms.

    Attributes
    ----------
    wide, middle, high : float32 ``[m]``, 150 to 7500, 300 to 3400, 4200 to 7600 Hz.
    octaves : float32 ``[m, 4]``, from 250 to 4000 Hz.
    """

    wide: NDArray[np.float32]
    middle: NDArray[np.float32]
    high: NDArray[np.float32]
    octaves: NDArray[np.float32]


def bands(samples: NDArray[np.float32]) -> Bands:
    """The bands of float32 samples ``[n]``, mono, 16 kHz."""
    rows = rows_in(samples)
    edges = [_WIDE, _MIDDLE, _HIGH, *pairwise(OCTAVES)]
    frequency = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    inside = np.asarray([(frequency >= low) & (frequency < high) for low, high in edges])
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    found = np.zeros((rows, len(edges)), np.float32)
    margin = (_FFT - HOP) // 2
    for first in range(0, rows, _BLOCK):
        last = min(first + _BLOCK, rows)
        part = excerpt(samples, first * HOP - margin, last * HOP + margin)
        framed = np.lib.stride_tricks.sliding_window_view(part, _FFT)[::HOP]
        power = np.abs(np.fft.rfft(framed * window)) ** 2 * (2 / _FFT / (window**2).sum())
        found[first:last] = power @ inside.T
    return Bands(found[:, 0], found[:, 1], found[:, 2], found[:, 3:])
