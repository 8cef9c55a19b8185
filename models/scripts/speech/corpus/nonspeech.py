"""Sound in which nobody speaks, made by formula: noise, hum, tones, chords, rhythm, breath.

    PYTHONPATH=models python -m scripts.speech.corpus.nonspeech CORPUS [--count 120]

All of it is labelled silence: it must move no lips.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from scripts.speech.corpus.store import RATE, Origin, Segment, keep, shelf

KINDS: Final = ("noise", "hum", "tones", "chords", "rhythm", "breath", "hush")
ORIGIN: Final = Origin("nonspeech", "none", "none", "formula", "CC0", held_out=False, real=False)

Sound = NDArray[np.float64]


def coloured(chance: np.random.Generator, count: int, slope: float) -> Sound:
    """Noise whose power falls with frequency to the power of ``slope`` (0 white, 2 brown)."""
    spectrum = np.fft.rfft(chance.standard_normal(count))
    spectrum /= np.maximum(np.arange(len(spectrum)), 8.0) ** (slope / 2)
    sound = np.fft.irfft(spectrum, count)
    return np.asarray(sound / np.abs(sound).max())


def band(chance: np.random.Generator, sound: Sound, low: float, high: float) -> Sound:
    """What of a sound lies in a band with edges near ``low`` and ``high`` hertz."""
    edges = np.array([low, high]) * chance.uniform(0.8, 1.25)
    return np.asarray(sosfilt(butter(2, edges, "band", fs=RATE, output="sos"), sound))


def note(chance: np.random.Generator, count: int, pitch: float, fade: float) -> Sound:
    """A plucked or held note: harmonics that die away at ``fade`` per second."""
    at = np.arange(count) / RATE
    sound = np.zeros(count)
    for k in range(1, min(int(chance.integers(2, 14)), int(7000 / pitch)) + 1):
        loud = chance.uniform(0.3, 1) / k ** chance.uniform(0.6, 2)
        sound += loud * np.sin(2 * np.pi * pitch * k * at + chance.uniform(0, 6.3))
    return np.asarray(sound * np.exp(-fade * at) * np.minimum(at * 200, 1))


def melody(chance: np.random.Generator, count: int, voices: int) -> Sound:
    """Notes of a scale, one after another or ``voices`` at once."""
    sound = np.zeros(count)
    beat = int(RATE * chance.uniform(0.12, 0.6))
    for start in range(0, count, beat):
        for _ in range(voices):
            pitch = 110 * 2 ** (chance.choice([0, 2, 4, 5, 7, 9, 11]) / 12 + chance.integers(0, 4))
            length = min(int(beat * chance.uniform(0.6, 3)), count - start)
            sound[start : start + length] += note(chance, length, pitch, chance.uniform(0.5, 8))
    return sound


def rhythm(chance: np.random.Generator, count: int) -> Sound:
    """Drum-like bursts and clicks in a beat."""
    sound = np.zeros(count)
    beat = int(RATE * chance.uniform(0.1, 0.5))
    for start in range(0, count - 400, beat):
        length = min(int(RATE * chance.uniform(0.01, 0.2)), count - start)
        fade = np.exp(-np.arange(length) / RATE * chance.uniform(15, 200))
        burst = coloured(chance, length, chance.uniform(0, 2)) * fade
        sound[start : start + length] += burst * chance.uniform(0.1, 1)
    return sound


def breath(chance: np.random.Generator, count: int) -> Sound:
    """Breaths: swells of noise with the resonances of an open throat, pauses between them."""
    sound = coloured(chance, count, 0.5) * 0.003
    start = 0
    while start < count - RATE:
        length = int(RATE * chance.uniform(0.3, 0.9))
        swell = np.sin(np.linspace(0, np.pi, length)) ** chance.uniform(1, 3)
        air = sum(band(chance, coloured(chance, length, 0), f, f * 1.4) for f in (500, 1500, 3200))
        sound[start : start + length] += swell * air * chance.uniform(0.2, 1)
        start += length + int(RATE * chance.uniform(0.3, 1.5))
    return sound


def make(kind: str, chance: np.random.Generator, count: int) -> Sound:
    """One sound of a kind, of any level."""
    if kind == "noise":
        return coloured(chance, count, chance.uniform(0, 2.2))
    if kind == "hum":
        return note(chance, count, float(chance.choice([50, 60, 100, 120])), 0)
    if kind == "tones":
        at = np.arange(count) / RATE
        swing = chance.uniform(0, 0.5) * np.sin(2 * np.pi * chance.uniform(0.2, 6) * at)
        return np.asarray(np.sin(2 * np.pi * chance.uniform(80, 3000) * at + 20 * swing))
    if kind == "chords":
        return melody(chance, count, int(chance.integers(1, 5)))
    if kind == "rhythm":
        return rhythm(chance, count) + 0.5 * melody(chance, count, int(chance.integers(0, 3)))
    if kind == "breath":
        return breath(chance, count)
    return np.zeros(count)


def main() -> None:
    """Write the sounds, each over a little noise, some with parts of two kinds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--count", type=int, default=120)
    wanted = arguments.parse_args()
    for number in range(wanted.count):
        if shelf(wanted.corpus, ORIGIN, number).exists():
            continue
        chance = np.random.default_rng([11, number])
        count = int(RATE * chance.uniform(4, 9))
        sound = make(KINDS[number % len(KINDS)], chance, count)
        if chance.random() < 0.4:
            sound = sound + 0.3 * make(str(chance.choice(KINDS)), chance, count)
        sound = sound / (np.abs(sound).max() + 1e-9)
        sound = sound + coloured(chance, count, 1.0) * 10 ** chance.uniform(-4, -1.5)
        samples = sound.astype(np.float32)
        keep(wanted.corpus, ORIGIN, number, samples, [Segment(0.0, count / RATE, "", 0)])


if __name__ == "__main__":
    main()
