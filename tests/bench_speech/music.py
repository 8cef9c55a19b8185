"""A song without a singer: bass, strings, a plucked tune and drums, other ones for every seed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from relip.media.speech import RATE
from tests.bench_speech.utterances import Samples

Sound = NDArray[np.float64]

UNDER: Final = 10.0
"""dB by which music is below the speech."""
PROGRESSIONS: Final = ((0, 7, 9, 5), (9, 5, 0, 7), (0, 5, 9, 7), (2, 7, 0, 9))
"""Roots of four bars in semitones above the key; on 2 and 9 stand minor chords."""
DECAY: Final = 0.996
"""Of a plucked string, each time round."""


def with_music(samples: Samples, rng: np.random.Generator) -> Samples:
    """The samples over a song that is :data:`UNDER` dB softer."""
    backing = song(len(samples), rng)
    power = float(np.mean(samples**2)) / max(float(np.mean(backing**2)), 1e-12)
    return np.asarray(samples + backing * np.sqrt(power * 10 ** (-UNDER / 10)), np.float32)


def song(count: int, rng: np.random.Generator) -> Sound:
    """``count`` samples of a song in a major key, any level."""
    key = 110 * 2 ** (rng.integers(12) / 12)
    beat = int(RATE * 60 / rng.uniform(80, 140))
    roots = PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))]
    made = np.zeros(count + 8 * beat)
    for number, start in enumerate(range(0, count, beat)):
        root = roots[number // 4 % len(roots)]
        third = 3 if root in (2, 9) else 4
        chord = [float(key * 2 ** ((root + step) / 12)) for step in (0, third, 7)]
        if number % 4 == 0:
            _add(made, start, 0.5 * _strings(chord, 4 * beat, rng))
        _add(made, start, 0.9 * _bass(chord[0] / 2, beat))
        for half in (0, 1):
            pitch = 2 * chord[int(rng.integers(3))]
            _add(made, start + half * beat // 2, 0.4 * _plucked(pitch, beat, rng))
            _add(made, start + half * beat // 2, 0.15 * _cymbal(rng))
        _add(made, start, 0.8 * (_snare(rng) if number % 2 else _kick()))
    return made[:count]


def _add(song: Sound, start: int, note: Sound) -> None:
    song[start : start + len(note)] += note[: len(song) - start]


def _strings(pitches: list[float], count: int, rng: np.random.Generator) -> Sound:
    """Saw-tooth waves, three to a pitch, out of tune with each other, behind a soft filter."""
    at = np.arange(count) / RATE
    saws = np.zeros(count)
    for pitch in pitches:
        for cents in rng.normal(0, 7, 3):
            turns = pitch * 2 ** (cents / 1200) * at + rng.random()
            saws += 2 * (turns % 1) - 1
    swell = np.minimum(1, np.minimum(at / 0.15, (at[-1] - at) / 0.1))
    soft = butter(2, 1800, fs=RATE, output="sos")
    return np.asarray(sosfilt(soft, saws) * swell / 4)


def _bass(pitch: float, count: int) -> Sound:
    at = np.arange(count) / RATE
    turn = 2 * np.pi * pitch * at
    wave = np.tanh(2 * np.sin(turn) + 0.3 * np.sin(2 * turn))
    return np.asarray(wave * np.exp(-2 * at) * np.minimum(1, at / 0.005))


def _plucked(pitch: float, count: int, rng: np.random.Generator) -> Sound:
    """A string after Karplus and Strong (1983): a burst of noise that goes round and round."""
    period = max(2, round(RATE / pitch))
    burst = np.zeros(count)
    burst[:period] = rng.uniform(-1, 1, min(period, count))[:period]
    round_trip = np.zeros(period + 2)
    round_trip[0] = 1
    round_trip[period:] = -DECAY / 2
    return np.asarray(lfilter([1], round_trip, burst))


def _kick() -> Sound:
    at = np.arange(RATE // 4) / RATE
    sweep = 2 * np.pi * (48 * at + 3.5 * (1 - np.exp(-at * 28)))
    return np.asarray(np.sin(sweep) * np.exp(-at * 12))


def _snare(rng: np.random.Generator) -> Sound:
    at = np.arange(RATE // 5) / RATE
    rattle = rng.normal(size=len(at)) * np.exp(-at * 22)
    return np.asarray(0.5 * rattle + 0.6 * np.sin(2 * np.pi * 185 * at) * np.exp(-at * 30))


def _cymbal(rng: np.random.Generator) -> Sound:
    at = np.arange(RATE // 10) / RATE
    bright = butter(2, 5000, "highpass", fs=RATE, output="sos")
    return np.asarray(sosfilt(bright, rng.normal(size=len(at))) * np.exp(-at * 60))
