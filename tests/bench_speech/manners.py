"""Speech as it is whispered, shouted, hurried, or said by smaller and larger people.

All take and give float32 samples ``[n]`` at 16 kHz, as loud as a recording of this would be.
"""

from __future__ import annotations

from math import gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import butter, lfilter, resample_poly, sosfiltfilt

from relip.media.speech import RATE
from tests.bench_speech.utterances import Samples

Sound = NDArray[np.float64]

HASTE: Final = 1.35
"""How many times as fast hurried speech is."""
CHILD: Final = 125
LOW: Final = 82
"""Percent of an adult's formants and pitch."""

ORDER: Final = 18
"""Of linear prediction: eight formants below 8 kHz, and what is left of the tilt."""
FRAME: Final = 400
STEP: Final = 200
"""Samples of a frame of linear prediction, and from one to the next."""
VOICE_BAR: Final = 350
"""Hz under which a whisper has nothing: no folds vibrate."""
BREATHED: Final = 14
"""dB by which whispered vowels are softer beside their consonants, which keep their noise."""
WHISPER: Final = 0.02
"""RMS of a whisper; that of plain speech is near .08."""

GRAIN: Final = 512
GRAIN_STEP: Final = 64
"""Samples of the grains of which slower or faster speech is made: 32 ms hold two periods of a low
voice, and longer ones blur the closures of stops."""

TILT: Final = 9
"""dB by which shouting lifts 4 kHz over 500 Hz."""
SQUEEZED: Final = 0.5
"""dB of a shout per dB of plain speech."""
CLIPPED: Final = 0.003
"""Share of a shout's samples beyond full scale."""


def whispered(samples: Samples, rng: np.random.Generator) -> Samples:
    """The same vocal tract, by linear prediction, filled with noise instead of pulses."""
    low_cut = butter(4, VOICE_BAR, "highpass", fs=RATE, output="sos")
    padded = np.pad(sosfiltfilt(low_cut, samples), FRAME)
    window = np.hanning(FRAME + 1)[:-1]
    overlap = window.sum() / STEP
    made = np.zeros(len(padded))
    noise = rng.normal(size=len(padded) + ORDER)
    for start in range(0, len(padded) - FRAME, STEP):
        frame = padded[start : start + FRAME] * window
        power = float(frame @ frame)
        if power < 1e-9:
            continue
        # A first-order filter takes off the tilt of the glottis; a fricative has none.
        tilt = max(0.0, float(frame[1:] @ frame[:-1]) / power)
        tract = _prediction(lfilter([1, -tilt], [1], frame))
        part = lfilter([1], tract, noise[start : start + FRAME + ORDER])[ORDER:] * window
        softer = 10 ** (-BREATHED * tilt / 20)
        made[start : start + FRAME] += part * softer * np.sqrt(power / (part @ part)) / overlap
    whisper = sosfiltfilt(low_cut, made)[FRAME:-FRAME]
    return np.asarray(whisper * WHISPER / max(_level(whisper), 1e-9), np.float32)


def shouted(samples: Samples, rng: np.random.Generator) -> Samples:
    """Brighter, even in level, so loud that the peaks are clipped."""
    del rng  # nothing is left to chance
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    octaves = np.log2(np.clip(frequency, 500, 4000) / 500)
    bright = np.fft.irfft(np.fft.rfft(samples) * 10 ** (TILT / 3 * octaves / 20), len(samples))
    around = np.hanning(RATE // 10)
    envelope = np.sqrt(np.convolve(bright**2, around / around.sum(), "same"))
    # Pauses are not made louder than 20 dB below the speech.
    envelope = np.maximum(envelope, 0.1 * envelope.max(initial=1e-9))
    even = bright * envelope ** (SQUEEZED - 1)
    limit = np.quantile(np.abs(even), 1 - CLIPPED) if len(even) else 1.0
    return np.asarray(np.clip(even / max(limit, 1e-9), -1, 1), np.float32)


def hurried(samples: Samples) -> tuple[Samples, float]:
    """Faster by :data:`HASTE` at the same pitch, and the factor of its times."""
    return _stretched(samples, 1 / HASTE), 1 / HASTE


def childlike(samples: Samples, rng: np.random.Generator) -> Samples:
    """A shorter vocal tract and a higher voice, as fast as before."""
    del rng
    return _sized(samples, CHILD)


def deep(samples: Samples, rng: np.random.Generator) -> Samples:
    """A longer vocal tract and a lower voice, as fast as before; nothing is left above 6.6 kHz."""
    del rng
    return _sized(samples, LOW)


def _sized(samples: Samples, percent: int) -> Samples:
    """Played at ``percent`` of the speed, then brought back to its length without its pitch."""
    shared = gcd(100, percent)
    played = resample_poly(samples, 100 // shared, percent // shared)
    back = _stretched(played.astype(np.float32), percent / 100)
    return np.pad(back, (0, max(0, len(samples) - len(back))))[: len(samples)]


def _stretched(samples: Samples, factor: float) -> Samples:
    """``factor`` times as long, the pitch as before, by a phase vocoder (Flanagan, 1966)."""
    padded = np.pad(samples, (GRAIN // 2, GRAIN))
    window = np.hanning(GRAIN + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(padded, GRAIN)[::GRAIN_STEP]
    spectra = np.fft.rfft(frames * window)
    at = np.arange(0, len(spectra) - 1, 1 / factor)
    before = at.astype(int)
    part = (at - before)[:, None]
    sizes = (1 - part) * np.abs(spectra[before]) + part * np.abs(spectra[before + 1])
    turns = np.angle(spectra[before + 1]) - np.angle(spectra[before])
    expected = 2 * np.pi * GRAIN_STEP * np.arange(GRAIN // 2 + 1) / GRAIN
    turns = (turns - expected + np.pi) % (2 * np.pi) - np.pi + expected
    phases = np.angle(spectra[0]) + np.cumsum(turns, axis=0) - turns
    grains = np.fft.irfft(sizes * np.exp(1j * phases)) * window
    made = np.zeros(len(at) * GRAIN_STEP + GRAIN)
    for number, grain in enumerate(grains):
        made[number * GRAIN_STEP : number * GRAIN_STEP + GRAIN] += grain
    made *= GRAIN_STEP / (window @ window)
    count = round(len(samples) * factor)
    return made[GRAIN // 2 : GRAIN // 2 + count].astype(np.float32)


def _prediction(frame: Sound) -> Sound:
    """The all-pole filter ``[ORDER + 1]`` of a windowed frame, by autocorrelation."""
    size = 2 * len(frame)
    spectrum = np.fft.rfft(frame, size)
    lags = np.fft.irfft(spectrum * np.conj(spectrum), size)[: ORDER + 1]
    lags[0] *= 1 + 1e-4  # a floor 40 dB below keeps the filter stable
    solved = solve_toeplitz(lags[:-1], lags[1:])
    return np.concatenate([[1.0], -np.asarray(solved)])


def _level(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound**2)))
