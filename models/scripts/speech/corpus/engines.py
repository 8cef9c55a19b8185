"""Speech of small synthesis engines with free voices: Flite, Pico, Open JTalk.

    PYTHONPATH=models python -m scripts.speech.corpus.engines CORPUS WEIGHTS flite --count 150
    PYTHONPATH=models python -m scripts.speech.corpus.engines CORPUS WEIGHTS pico --count 100
    PYTHONPATH=models python -m scripts.speech.corpus.engines CORPUS WEIGHTS jtalk --count 40

WEIGHTS is the folder of ``hama17.onnx``. Flite tells its phone times, the others are aligned.
Needs the program flite, or the PyPI packages py-nanotts and pyopenjtalk-plus. Stopped and started
again, it goes on where it was.
"""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from math import gcd
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from scripts.speech.corpus.align import PhoneNetwork
from scripts.speech.corpus.arpabet import IPA
from scripts.speech.corpus.label import Mismatch, from_phones, from_times, visible
from scripts.speech.corpus.language import HELD_OUT, phones, sentence
from scripts.speech.corpus.store import RATE, Origin, Segment, keep, shelf

CMU: Final = "CMU (free, keep notice)"
FLITE_VOICES: Final = ("awb", "rms", "kal16")
"""slt is left out: a test set has her own voice."""

PICO_VOICES: Final = {
    "en-US": "en-us", "en-GB": "en-gb", "de-DE": "de", "es-ES": "es", "fr-FR": "fr-fr",
    "it-IT": "it",
}  # fmt: skip


def at_16_khz(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Samples resampled exactly to 16 kHz."""
    common = gcd(rate, RATE)
    return np.asarray(resample_poly(samples, RATE // common, rate // common), np.float32)


def flite(count: int, corpus: Path) -> Iterator[tuple[Origin, int, NDArray[np.float32], object]]:
    """Flite's CMU voices with the times it tells, at changing pace and pitch."""
    for number in range(count * len(FLITE_VOICES)):
        voice = FLITE_VOICES[number % len(FLITE_VOICES)]
        origin = Origin("flite", voice, "en", "flite", CMU, held_out=False, real=False)
        if shelf(corpus, origin, number).exists():
            continue
        chance = np.random.default_rng([7, number])
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            command = ["flite", "-voice", voice, "-psdur"]
            command += ["--setf", f"duration_stretch={chance.uniform(0.8, 1.3):.2f}"]
            command += ["-t", sentence("en-us", chance, 7, 12), "-o", file.name]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            samples, rate = soundfile.read(file.name, dtype="float32")
        yield origin, number, at_16_khz(samples, rate), _flite_times(told)


def _flite_times(told: str) -> list[Segment]:
    """Segments from ``phone:end`` pairs."""
    timed: list[tuple[str, float, float]] = []
    now = 0.0
    for pair in told.split():
        phone, end = pair.split(":")
        timed.append((IPA[phone], now, float(end)))
        now = float(end)
    return visible(timed)


def pico(count: int, corpus: Path) -> Iterator[tuple[Origin, int, NDArray[np.float32], object]]:
    """Pico's six voices, each in its language; the Italian one is for testing."""
    from py_nanotts import NanoTTS

    engine = NanoTTS()
    for number in range(count * len(PICO_VOICES)):
        voice = list(PICO_VOICES)[number % len(PICO_VOICES)]
        language = PICO_VOICES[voice]
        test = language in HELD_OUT
        origin = Origin(
            "pico_test" if test else "pico",
            f"pico_{voice}", language, "pico", "Apache-2.0", test, real=False,
        )  # fmt: skip
        chance = np.random.default_rng([8, number])
        if shelf(corpus, origin, number).exists() or (test and number > 40 * len(PICO_VOICES)):
            continue
        text = sentence(language, chance, 6, 11)
        pace, pitch = chance.uniform(0.8, 1.25), chance.uniform(0.8, 1.25)
        sound = engine.speak(text, voice=voice, speed=pace, pitch=pitch)
        samples = np.frombuffer(sound, np.int16).astype(np.float32) / np.float32(32768)
        flat = [p for clause in phones(text, language) for word in clause for p in word]
        yield origin, number, samples, flat


def jtalk(count: int, corpus: Path) -> Iterator[tuple[Origin, int, NDArray[np.float32], object]]:
    """Open JTalk's voice Mei; an engine kept for testing."""
    import pyopenjtalk

    for number in range(count):
        origin = Origin(
            "jtalk_test",
            "mei",
            "ja",
            "openjtalk",
            "CC-BY-3.0 (MMDAgent)",
            held_out=True,
            real=False,
        )
        if shelf(corpus, origin, number).exists():
            continue
        text = sentence("ja", np.random.default_rng([9, number]), 6, 10)
        sound, rate = pyopenjtalk.tts(text)
        said = pyopenjtalk.g2p(text).split()
        flat = [ROMAJI.get(p, p.lower()) for p in said if p != "pau"]
        samples = at_16_khz((np.asarray(sound) / 32768).astype(np.float32), rate)
        yield origin, number, samples, flat


ROMAJI: Final = {
    "N": "ɴ", "cl": "ʔ", "sh": "ɕ", "ch": "tɕ", "j": "dʑ", "ts": "ts", "f": "ɸ", "r": "ɾ",
    "y": "j", "u": "ɯ", "U": "ɯ", "ky": "k", "gy": "ɡ", "ny": "ɲ", "hy": "ç", "by": "b",
    "py": "p", "my": "m", "ry": "ɾ", "ty": "t", "dy": "d", "g": "ɡ",
}  # fmt: skip


def main() -> None:
    """Make one engine's utterances, and say how many were refused."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("engine", choices=["flite", "pico", "jtalk"])
    arguments.add_argument("--count", type=int, default=100)
    wanted = arguments.parse_args()
    network = PhoneNetwork(wanted.weights)
    make = {"flite": flite, "pico": pico, "jtalk": jtalk}[wanted.engine]
    kept = refused = 0
    for origin, number, samples, told in make(wanted.count, wanted.corpus):
        if not 1.5 * RATE <= len(samples) <= 14 * RATE or not isinstance(told, list):
            continue
        try:
            if isinstance(told[0], Segment):
                cut = from_times(samples, told)
            else:
                cut = from_phones(network, samples, told)
        except Mismatch:
            refused += 1
            continue
        keep(wanted.corpus, origin, number, samples, cut)
        kept += 1
    print(f"{wanted.engine}: kept {kept}, refused {refused}")


if __name__ == "__main__":
    main()
