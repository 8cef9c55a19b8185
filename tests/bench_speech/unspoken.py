"""What people voice without speaking: breaths and laughs, by formula.

A laugh is a row of calls, each an h and a vowel, at five or so a second, falling in pitch and
loudness (after Bachorowski, Smoski and Owren, "The acoustic features of human laughter", 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from relip.media.speech import RATE
from tests.bench_speech.utterances import Samples

Sound = NDArray[np.float64]

PEAK: Final = 0.5
"""Of a laugh, as a share of full scale."""
THROAT: Final = (500, 1500, 2500, 3500, 4500)
"""Formants of an open, resting tract in Hz."""
WIDTHS: Final = (90, 110, 170, 250, 300)
"""Their bandwidths when folds vibrate; without, they are twice as wide."""


@dataclass(frozen=True)
class Laughter:
    """How somebody laughs.

    Attributes
    ----------
    pitch : Hz of the first call; the last is a third lower.
    formants : of the vowel, Hz.
    calls, rate : how many, and how many per second.
    voiced : whether the folds vibrate.
    """

    pitch: float
    formants: tuple[int, ...]
    calls: int = 7
    rate: float = 4.8
    voiced: bool = True


LAUGHTERS: Final = {
    "ha-ha, a man": Laughter(210, (730, 1190, 2500, 3400, 4300)),
    "ha-ha, a woman": Laughter(380, (880, 1420, 2900, 3900, 5000)),
    "ho-ho, a man": Laughter(150, (520, 900, 2400, 3300, 4200), rate=4.0),
    "hee-hee, a child": Laughter(520, (420, 2700, 3400, 4400, 5600), calls=9, rate=5.8),
    "hah-hah without voice": Laughter(200, (750, 1300, 2600, 3500, 4400), voiced=False),
}


def laugh(how: Laughter, bouts: int, rng: np.random.Generator) -> Samples:
    """Bouts of laughter, a breath drawn after each."""
    parts: list[Sound] = []
    for _ in range(bouts):
        for number in range(how.calls):
            part = number / max(how.calls - 1, 1)
            call = _call(how, how.pitch * (1 - part / 3) * rng.uniform(0.95, 1.05), rng)
            parts.append(call * (1 - 0.7 * part) * rng.uniform(0.8, 1))
        parts += [_quiet(0.15), 0.12 * breath(rng.uniform(0.4, 0.6), rng), _quiet(0.15)]
    made = np.concatenate(parts)
    return np.asarray(made * PEAK / np.abs(made).max(), np.float32)


def breaths(seconds: float, rng: np.random.Generator, pause: float = 0.7) -> Samples:
    """Air drawn in and let out, with pauses of about ``pause`` seconds."""
    parts: list[Sound] = []
    while sum(map(len, parts)) < seconds * RATE:
        drawn = breath(rng.uniform(0.4, 0.8), rng)
        let_out = 0.6 * breath(rng.uniform(0.5, 1.2), rng)[::-1]
        parts += [drawn, _quiet(0.1), let_out, _quiet(pause * rng.uniform(0.7, 1.3))]
    made = np.concatenate(parts)[: round(seconds * RATE)]
    return np.asarray(made * PEAK / np.abs(made).max(), np.float32)


def breath(seconds: float, rng: np.random.Generator) -> Sound:
    """Air drawn in through an open mouth: it swells, and stops sooner than it began."""
    count = round(seconds * RATE)
    at = np.linspace(0, 1, count)
    swell = np.sin(np.pi * at**1.5) ** 1.3
    scale = rng.uniform(0.9, 1.2)
    formants = tuple(round(pitch * scale) for pitch in THROAT)
    air = _through(_turbulence(count, rng), formants, 2.5)
    return np.asarray(air / np.abs(air).max() * swell)


def _call(how: Laughter, pitch: float, rng: np.random.Generator) -> Sound:
    """An h that goes over into the vowel; both together take the time of one call."""
    count = round(RATE / how.rate)
    at = np.arange(count) / count
    air = np.interp(at, [0, 0.15, 0.3, 0.45, 0.8, 1], [0, 0.5, 0.35, 0.12, 0.1, 0])
    voice = np.interp(at, [0, 0.25, 0.4, 0.65, 0.85, 1], [0, 0, 1, 0.9, 0, 0])
    noise = _through(_turbulence(count, rng), how.formants, 2)
    noise /= np.abs(noise).max()
    if not how.voiced:
        return np.asarray(noise * (air + 0.4 * voice))
    sung = _through(_pulses(count, pitch, rng), how.formants, 1)
    return np.asarray(sung / np.abs(sung).max() * voice + 0.6 * noise * air)


def _pulses(count: int, pitch: float, rng: np.random.Generator) -> Sound:
    """The flow of vibrating folds, its steep closing included; the pitch bows and trembles."""
    at = np.arange(count) / count
    tremor = np.cumsum(rng.normal(0, 0.002, count))
    phase = np.cumsum(pitch * (1 + 0.12 * np.sin(np.pi * at) + tremor) / RATE) % 1
    # Rosenberg's pulse (1971): opens over .4 of a period, closes over .16.
    opening = 0.5 * (1 - np.cos(np.pi * phase / 0.4))
    closing = np.cos(np.pi / 2 * (phase - 0.4) / 0.16)
    flow = np.where(phase < 0.4, opening, np.where(phase < 0.56, closing, 0.0))
    return np.asarray(np.diff(flow, prepend=flow[:1]))


def _turbulence(count: int, rng: np.random.Generator) -> Sound:
    return np.asarray(rng.normal(size=count))


def _through(source: Sound, formants: tuple[int, ...], wider: float) -> Sound:
    """A source through the resonances of a tract, one behind the other (Klatt, 1980)."""
    for pitch, width in zip(formants, WIDTHS, strict=True):
        size = np.exp(-np.pi * width * wider / RATE)
        poles = [1, -2 * size * np.cos(2 * np.pi * pitch / RATE), size * size]
        source = lfilter([sum(poles)], poles, source)
    return source


def _quiet(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE))
