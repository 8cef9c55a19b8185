"""The mel spectrogram that the Wav2Lip family hears.

That of Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In The
Wild" (2020): 16 kHz, pre-emphasis 0.97, Hann windows of 800 samples every 200, magnitudes in 80
Slaney mel bands from 55 to 7600 Hz, dB below a reference of 20 dB with a floor of -100 dB, scaled
to -4 to 4. Beyond both ends of a line there is silence.

Every window is computed by itself from the samples around it. So it may begin at any sample
instead of at a multiple of 12.5 ms, nothing grows with the length of a line, and there are no
seams: windows that overlap agree in what they share.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import Array

RATE: Final = 16_000
HOP: Final = 200
BANDS: Final = 80
COLUMNS: Final = 16
"""Columns of a window: 200 ms from the first one's centre to the end of the last one's hop."""
QUIET: Final = -4.0
"""What silence is in every band."""
_FFT: Final = 800
_EMPHASIS: Final = 0.97
_LOWEST: Final = 55.0
_HIGHEST: Final = 7600.0
_FLOOR: Final = 1e-5
"""-100 dB as a magnitude."""
# 8 * ((20 log10(s) - 20 + 100) / 100) - 4, the published scaling.
_SLOPE: Final = 1.6
_SHIFT: Final = 2.4
# Slaney's mel scale: linear up to 1 kHz, logarithmic above.
_PER_MEL: Final = 200 / 3
_KNEE: Final = 1000.0
_STEP: Final = np.log(6.4) / 27


def mel_columns(samples: NDArray[np.float32], first: int, count: int) -> NDArray[np.float32]:
    """``[80, count]``, -4 to 4: column ``k`` is centred on sample ``first + 200 k``.

    ``samples`` ``[n]``, mono, 16 kHz, full scale is 1; ``first`` may lie outside them.
    """
    start = first - _FFT // 2
    heard = _emphasised(samples, start, start + _FFT + (count - 1) * HOP)
    framed = np.lib.stride_tricks.sliding_window_view(heard, _FFT)[::HOP]
    magnitudes = np.abs(np.fft.rfft(framed * _hann(), _FFT))
    mel = np.maximum(mel_bands() @ magnitudes.T, _FLOOR)
    return np.clip(_SLOPE * np.log10(mel) + _SHIFT, -4, 4).astype(np.float32)


def mel_window(samples: NDArray[np.float32], seconds: float) -> NDArray[np.float32]:
    """``[80, 16]``: the window whose first column is centred on that moment of the line."""
    return mel_columns(samples, round(seconds * RATE), COLUMNS)


def _emphasised(samples: NDArray[np.float32], start: int, stop: int) -> Array:
    """Samples ``[start, stop)`` after pre-emphasis, zeros where there are none."""
    low, high = max(start, 0), max(min(stop, len(samples)), 0)
    found = np.zeros(stop - start)
    if low < high:
        heard = np.zeros(high - low + 1)
        heard[low == 0 :] = samples[max(low - 1, 0) : high]
        found[low - start : high - start] = heard[1:] - _EMPHASIS * heard[:-1]
    return found


@cache
def _hann() -> Array:
    return np.hanning(_FFT + 1)[:-1]


@cache
def mel_bands() -> Array:
    """``[80, 401]``: triangles of equal area on Slaney's mel scale (Auditory Toolbox, 1998)."""
    edges = _hertz(np.linspace(_mel(_LOWEST), _mel(_HIGHEST), BANDS + 2))
    bins = np.arange(_FFT // 2 + 1) * (RATE / _FFT)
    low, peak, high = (edges[start : start + BANDS, None] for start in range(3))
    rising, falling = (bins - low) / (peak - low), (high - bins) / (high - peak)
    return np.asarray(np.maximum(np.minimum(rising, falling), 0) * (2 / (high - low)))


def _mel(hertz: float) -> float:
    if hertz < _KNEE:
        return hertz / _PER_MEL
    return float(_KNEE / _PER_MEL + np.log(hertz / _KNEE) / _STEP)


def _hertz(mel: Array) -> Array:
    knee = _KNEE / _PER_MEL
    return np.where(mel < knee, mel * _PER_MEL, _KNEE * np.exp(_STEP * (mel - knee)))
