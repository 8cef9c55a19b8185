"""What goes on behind the voice: how strong it is, and whether it is music."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.features import HOP, SAMPLE_RATE

_NOTHING: Final = 1e-11
"""Power of silence made by a computer: an editor's gap tells nothing of the microphone."""
_PAUSE: Final = 20
"""Rows of pause from which on they are believed."""
_STEADY: Final = 2.5
"""dB between the quietest 5 and 15 % of rows of steady noise, at most. Speech without a pause
has more: its quietest rows are closures, on their way down."""
_FLOOR: Final = (0.05, 0.15)

_FFT: Final = 2048
_STEP: Final = 2 * HOP
_HOLD: Final = 15
"""Steps of 20 ms that a note is held at least; no voice holds its pitch so long and so still."""
_STILL: Final = 0.5
"""Bins (of 8 Hz) that a held partial may be off."""
_STANDS_OUT: Final = 10.0
"""dB of a partial over what is around it."""
_FAINT: Final = 50.0
"""dB below the loudest partial from which on nothing disturbs, though it may ring."""
_AROUND: Final = 16
"""Bins on either side that are its surroundings."""
_HEARD: Final = (200, 4000)
"""Hz: lower harmonics of a voice move by less than a bin."""
_BLOCK: Final = 500


def background(wide: NDArray[np.float32], voice: NDArray[np.float32]) -> float | None:
    """dB by which the background is below the voice; ``None`` where that cannot be told.

    Parameters
    ----------
    wide : float32 ``[m]``, power of each row.
    voice : float32 ``[m]``, whether somebody speaks, 0 to 1.
    """
    spoken = voice > 0.5
    live = wide > _NOTHING
    if not (spoken & live).any():
        return None
    quiet = (voice < 0.1) & ~_near(spoken, 10) & live
    smooth = np.convolve(wide, np.ones(5) / 5, "same")[live]
    low, higher = np.quantile(smooth, _FLOOR)
    if quiet.sum() >= _PAUSE:
        # Breaths and clicks are in pauses, too: what is always there is the background.
        floor = min(float(np.median(wide[quiet])), float(low))
    elif 10 * np.log10(higher / max(low, _NOTHING)) < _STEADY:
        floor = float(low)
    else:
        return None
    speech = float(wide[spoken].mean())
    return float(10 * np.log10(max(speech - floor, _NOTHING) / max(floor, _NOTHING)))


def notes(samples: NDArray[np.float32], voice: NDArray[np.float32]) -> float:
    """Part of the time, 0 to 1, in which a note is held; in the pauses if there are enough.

    Parameters
    ----------
    samples : float32 ``[n]``, mono, 16 kHz.
    voice : float32 ``[m]``, whether somebody speaks, 0 to 1.
    """
    held = _held(samples)
    spoken = voice[: 2 * len(held) : 2] > 0.5
    held = held[: len(spoken)]
    pauses = ~_near(spoken, 5)
    if pauses.sum() >= 2 * _HOLD:
        held = held[pauses]
    return float(held.mean()) if len(held) else 0.0


def _held(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a partial is held, per step of 20 ms."""
    low, high = (round(edge * _FFT / SAMPLE_RATE) for edge in _HEARD)
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    padded = np.pad(samples, _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_STEP]
    places = np.zeros((len(frames), 2 * (high - low)), bool)
    spectra = [
        np.abs(np.fft.rfft(frames[first : first + _BLOCK] * window))[
            :, low - _AROUND - 1 : high + _AROUND + 1
        ]
        for first in range(0, len(frames), _BLOCK)
    ]
    faintest = max(float(part.max()) for part in spectra) * 10 ** (-_FAINT / 20) + 1e-9
    for first, spectrum in zip(range(0, len(frames), _BLOCK), spectra, strict=True):
        level = 20 * np.log10(np.maximum(spectrum, faintest))
        places[first : first + _BLOCK] = _partials(level.astype(np.float32))
    # A partial that stays within half a bin is in one of three neighbouring halves of bins.
    wide = places.copy()
    wide[:, 1:] |= places[:, :-1]
    wide[:, :-1] |= places[:, 1:]
    counted = np.cumsum(np.pad(wide, ((1, 0), (0, 0))), axis=0, dtype=np.int32)
    whole = (counted[_HOLD:] - counted[:-_HOLD] == _HOLD).any(axis=1)
    held = np.zeros(len(frames), bool)
    for at in np.flatnonzero(whole).tolist():
        held[at : at + _HOLD] = True
    return held


def _partials(level: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where partials are, in halves of bins; ``level`` has margins for what is around them."""
    sums = np.cumsum(np.pad(level, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    span = 2 * _AROUND + 1
    around = (sums[:, span:] - sums[:, :-span])[:, 1:-1] / span
    left, peak, right = (
        level[:, _AROUND + more : level.shape[1] - _AROUND - 2 + more] for more in (0, 1, 2)
    )
    tops = (peak > left) & (peak >= right) & (peak > around + _STANDS_OUT)
    bend = left - 2 * peak + right
    off = np.clip(0.5 * (left - right) / np.where(bend < -1e-6, bend, -1e-6), -0.5, 0.499)
    rows, bins = np.nonzero(tops)
    found = np.zeros((len(level), 2 * tops.shape[1]), bool)
    found[rows, (2 * (bins + off[rows, bins] + 0.5)).astype(int)] = True
    return found


def _near(rows: NDArray[np.bool_], margin: int) -> NDArray[np.bool_]:
    """True also ``margin`` rows before and after every true row."""
    near: NDArray[np.bool_] = np.convolve(rows, np.ones(2 * margin + 1), "full") > 0
    return near[margin : margin + len(rows)]
