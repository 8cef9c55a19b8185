"""The corpus's recordings of people again, with other throats: WORLD's vocoder, the same labels.

    PYTHONPATH=models python -m scripts.speech.corpus.revoiced CORPUS SET [--count 150]

Writes the set ``SET_revoiced``: each utterance another vocal tract, pitch, tilt and pace. Needs
the PyPI package pyworld (MIT).
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyworld
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from scripts.speech.corpus.check import read
from scripts.speech.corpus.store import RATE, Origin, keep, shelf

PERIOD: Final = 5.0
"""Milliseconds between WORLD's frames."""

MACHINES: Final = 0.2
"""Share of voices that are even, without breath and with few formants: a synthesiser's."""

Frames = NDArray[np.float64]


def stretched(spectra: Frames, factor: float) -> Frames:
    """Spectra ``[frames, bins]`` of a vocal tract ``factor`` times shorter."""
    bins = spectra.shape[1]
    at = np.minimum(np.arange(bins) / factor, bins - 1)
    low = at.astype(int)
    high = np.minimum(low + 1, bins - 1)
    part = at - low
    return np.ascontiguousarray(spectra[:, low] * (1 - part) + spectra[:, high] * part)


def revoice(
    samples: NDArray[np.float32], pace: float, chance: np.random.Generator
) -> NDArray[np.float32]:
    """The same words in another voice, lasting ``pace`` times as long."""
    sound = samples.astype(np.float64)
    rough, at = pyworld.dio(sound, RATE, frame_period=PERIOD)
    pitch = pyworld.stonemask(sound, rough, at, RATE)
    envelope = pyworld.cheaptrick(sound, pitch, at, RATE)
    breath = pyworld.d4c(sound, pitch, at, RATE)
    tract = chance.uniform(0.8, 1.25)
    tilt = np.exp(chance.uniform(-2, 1.5) * np.linspace(0, 1, envelope.shape[1]))
    voiced = pitch > 0
    middle = np.median(pitch[voiced]) if voiced.any() else 100.0
    wanted = middle * tract ** chance.uniform(1, 4) * chance.uniform(0.75, 1.35)
    swing = (np.where(voiced, pitch, middle) / middle) ** chance.uniform(0.3, 1.5)
    rate = np.where(voiced, np.clip(wanted * swing, 60, 600), 0.0)
    spectra = stretched(envelope, tract) * tilt**2
    noise = np.clip(stretched(breath, tract) ** chance.uniform(0.6, 1.3), 0, 1)
    if chance.random() < MACHINES:
        rate = np.where(voiced, np.clip(wanted * (rate / wanted) ** 0.15, 60, 600), 0.0)
        noise = np.where(voiced[:, None], 1e-3, 1.0) * np.ones_like(noise)
        spectra = np.exp(gaussian_filter1d(np.log(spectra), chance.uniform(4, 12), axis=1))
    spoken = pyworld.synthesize(rate, spectra, noise, RATE, PERIOD * pace)
    return np.asarray(spoken, np.float32)


def main() -> None:
    """Utterances of the set in an order of their own, until there are enough."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("set")
    arguments.add_argument("--count", type=int, default=150)
    wanted = arguments.parse_args()
    lines = (wanted.corpus / "index.jsonl").read_text("utf-8").splitlines()
    entries = [e for e in map(json.loads, lines) if e["set"] == wanted.set and not e["held_out"]]
    entries.sort(key=lambda entry: str(entry["file"]))
    order = np.random.default_rng(13).permutation(len(entries))
    for number, i in enumerate(order[: wanted.count]):
        entry = entries[i]
        chance = np.random.default_rng([13, number])
        origin = Origin(
            f"{wanted.set}_revoiced", f"{entry['speaker']}_{number:04d}", entry["language"],
            "world", entry["licence"], held_out=False, real=False,
        )  # fmt: skip
        if shelf(wanted.corpus, origin, number).exists():
            continue
        samples, segments = read(wanted.corpus / entry["file"])
        pace = chance.uniform(0.8, 1.25)
        spoken = revoice(samples, pace, chance)
        scale = len(spoken) / len(samples)
        moved = [replace(s, start=s.start * scale, end=s.end * scale) for s in segments]
        keep(wanted.corpus, origin, number, spoken, moved)


if __name__ == "__main__":
    main()
