"""Cepstra of speech as SyncNet was trained on them.

Mel-frequency cepstral coefficients with the settings, and the shortcuts, of the
``python_speech_features`` package (0.6): pre-emphasis 0.97, rectangular windows of 25 ms every
10 ms, 512-point spectrum, 26 triangular bands between whole bins from 0 Hz to 8 kHz, natural
logarithm, orthonormal DCT-II, lifter 22, and the energy's logarithm in place of the first one.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import Array

RATE: Final = 16_000
WINDOW: Final = 400
HOP: Final = 160
KEPT: Final = 13
_EMPHASIS: Final = 0.97
_FFT: Final = 512
_BANDS: Final = 26
_LIFTER: Final = 22
# What the logarithm of nothing is taken of.
_NOTHING: Final = float(np.finfo(np.float64).eps)


def cepstra(samples: NDArray[np.float32], before: float = 0.0) -> Array:
    """Cepstra of mono speech at 16 kHz.

    Parameters
    ----------
    samples : float32 ``[n]``, full scale 1; rounded to 16 bits, as the published tools read them.
    before : the sample in front of the first one.

    Returns
    -------
    float64 ``[rows, 13]``, ``rows = 1 + ceil((n - 400) / 160)`` and at least 1; the last one
    may reach past the end, into silence.
    """
    codes = _codes(np.concatenate([np.array([before], np.float32), samples]))
    emphasised = codes[1:] - _EMPHASIS * codes[:-1]
    rows = 1 + max(0, -(-(len(samples) - WINDOW) // HOP))
    whole = np.zeros((rows - 1) * HOP + WINDOW)
    whole[: len(emphasised)] = emphasised
    framed = np.lib.stride_tricks.sliding_window_view(whole, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(framed, _FFT)) ** 2 / _FFT
    found = np.log(_something(power @ _filters().T)) @ _cosines().T
    found[:, 0] = np.log(_something(power.sum(1)))
    return found


def _codes(samples: NDArray[np.float32]) -> Array:
    return np.clip(np.rint(samples.astype(np.float64) * 32768), -32768, 32767)


def _something(power: Array) -> Array:
    return np.where(power == 0, _NOTHING, power)


@cache
def _filters() -> Array:
    """``[26, 257]``: each band rises from one whole bin to the next and falls to the one after."""
    mels = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), _BANDS + 2)
    edges = np.floor((_FFT + 1) * 700 * (10 ** (mels / 2595) - 1) / RATE)
    bins = np.arange(_FFT // 2 + 1)
    low, peak, high = (edges[start : start + _BANDS, None] for start in range(3))
    rising = (bins - low) / (peak - low)
    falling = (high - bins) / (high - peak)
    filters: Array = np.where(bins < peak, rising, falling).clip(0)
    return filters


@cache
def _cosines() -> Array:
    """``[13, 26]``: orthonormal DCT-II, lifted; row 0 is replaced by the energy."""
    order = np.arange(KEPT)[:, None]
    angle = np.pi * order * (np.arange(_BANDS) + 0.5) / _BANDS
    lift = 1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER)
    return np.asarray(np.sqrt(2 / _BANDS) * lift * np.cos(angle), np.float64)
