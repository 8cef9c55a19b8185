"""Sounds in which nobody speaks: no lips may move for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.speech import RATE
from relip.speech.visemes import listen
from tests.bench_speech.music import song
from tests.bench_speech.scenes import Scene, alone, between_lines
from tests.bench_speech.scoring import seven
from tests.bench_speech.unspoken import breaths
from tests.bench_speech.utterances import Samples

SECONDS: Final = 12
LEVEL: Final = 0.1
"""RMS of every sound that is not silence."""
TEMPO: Final = 120
"""Beats a minute."""
CHORDS: Final = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (130.8, 164.8, 196.0, 261.6),
                 (196.0, 246.9, 293.7))  # fmt: skip
"""A minor, F, C, G in Hz: a progression of many songs."""


@dataclass(frozen=True)
class Still:
    """What was heard in a sound: share of rows that are not silence, and events."""

    sound: str
    moving: float
    closures: int
    dentals: int

    @property
    def short(self) -> bool:
        """Whether lips move, or close."""
        return bool(self.moving or self.closures or self.dentals)


def still(name: str) -> Still:
    """What this engine hears in the sound of that name."""
    scene = SOUNDS[name]()
    found = listen(scene.samples)
    rows = scene.rows(len(found.visemes))
    moving = float((seven(found.visemes)[rows] != 0).mean())
    return Still(name, moving, scene.within(found.closures), scene.within(found.dentals))


def _time() -> NDArray[np.float64]:
    return np.arange(SECONDS * RATE) / RATE


def _levelled(sound: NDArray[np.float64]) -> Samples:
    levelled: Samples = (sound * LEVEL / np.sqrt(np.mean(sound**2))).astype(np.float32)
    return levelled


def _noise(slope: float) -> Samples:
    """Noise whose power falls with frequency to that slope: 0 is white, 1 pink, 2 brown."""
    white = np.random.default_rng(0).normal(size=SECONDS * RATE)
    frequency = np.fft.rfftfreq(len(white), 1 / RATE)
    shaped = np.fft.rfft(white) * np.maximum(frequency, 20) ** (-slope / 2)
    return _levelled(np.fft.irfft(shaped, len(white)))


def _tone(frequency: float, partials: int = 1) -> Samples:
    """A tone; each partial is softer than the one before."""
    parts = [np.sin(2 * np.pi * frequency * k * _time()) / k for k in range(1, partials + 1)]
    return _levelled(np.sum(parts, axis=0))


def _sweep(low: float = 40, high: float = 7800) -> Samples:
    """From low to high, as many octaves every second."""
    rate = np.log(high / low) / SECONDS
    return _levelled(np.sin(2 * np.pi * low / rate * np.exp(rate * _time())))


def _clicks() -> Samples:
    sound = np.zeros(SECONDS * RATE)
    sound[:: RATE * 60 // TEMPO] = 1
    return _levelled(sound)


def _chords() -> NDArray[np.float64]:
    """Four chords over and over, each struck and dying away, one every two beats."""
    length = 2 * RATE * 60 // TEMPO
    at = np.arange(length) / RATE
    bars = [
        sum(
            np.sin(2 * np.pi * note * k * at) / k**1.5 * np.exp(-at * (1 + k / 2))
            for note in chord
            for k in range(1, 7)
        )
        for chord in CHORDS
    ]
    song = np.concatenate([np.asarray(bar) for bar in bars])
    return np.resize(song, SECONDS * RATE)


def _drums() -> NDArray[np.float64]:
    """A bass drum on every beat, a snare on every second, a hi-hat on every half."""
    rng = np.random.default_rng(0)
    at = np.arange(RATE // 4) / RATE
    beat = RATE * 60 // TEMPO
    bass = np.sin(2 * np.pi * (50 * at - 40 * np.exp(-at * 30) / 30)) * np.exp(-at * 15)
    snare = rng.normal(size=len(at)) * np.exp(-at * 25)
    hat = np.diff(rng.normal(size=len(at) + 1)) * np.exp(-at * 80) * 0.3
    sound = np.zeros((SECONDS + 1) * RATE)
    for start in range(0, SECONDS * RATE, beat // 2):
        half = start // (beat // 2)
        struck = hat + (bass if half % 2 == 0 else 0) + (snare if half % 4 == 2 else 0)
        sound[start : start + len(at)] += struck
    return sound[: SECONDS * RATE]


def _song() -> Samples:
    return _levelled(song(SECONDS * RATE, np.random.default_rng(0)))


def _breaths(pause: float) -> Samples:
    return breaths(SECONDS, np.random.default_rng(0), pause)


SOUNDS: Final[dict[str, Callable[[], Scene]]] = {
    "digital silence": lambda: alone(np.zeros(SECONDS * RATE, np.float32)),
    "white noise": lambda: alone(_noise(0)),
    "pink noise": lambda: alone(_noise(1)),
    "brown noise": lambda: alone(_noise(2)),
    "faint white noise": lambda: alone(_noise(0) * np.float32(0.003)),
    "tone of 120 Hz": lambda: alone(_tone(120)),
    "tone of 440 Hz": lambda: alone(_tone(440)),
    "tone of 1 kHz": lambda: alone(_tone(1000)),
    "buzz of 110 Hz": lambda: alone(_tone(110, 30)),
    "mains hum": lambda: alone(_tone(50, 6)),
    "sweep": lambda: alone(_sweep()),
    "clicks": lambda: alone(_clicks()),
    "chords": lambda: alone(_levelled(_chords())),
    "drums": lambda: alone(_levelled(_drums())),
    "chords with drums": lambda: alone(_levelled(_chords() / 3 + _drums())),
    "a song without a singer": lambda: alone(_song()),
    "the song between two lines": lambda: between_lines(_song(), -10),
    "breaths": lambda: alone(_breaths(0.7)),
    "panting": lambda: alone(_breaths(0.05)),
    "breaths between two lines": lambda: between_lines(_breaths(0.7), -20),
    "loud breaths between two lines": lambda: between_lines(_breaths(0.7), -6),
    "panting between two lines": lambda: between_lines(_breaths(0.05), -10),
    "silence between two lines": lambda: between_lines(np.zeros(2 * RATE, np.float32), 0),
}
"""Between lines only what is not spoken counts; levels are dB over that of the lines."""
