"""What the head is given for a labelled corpus: the product's own features, several times over.

    PYTHONPATH=core:models python -m scripts.speech.head.prepare CORPUS FEATURES --copies 3

``CORPUS`` is what ``../corpus`` makes. Written is one ``SET.COPY.npz`` for each set and copy,
complete or not at all; what is there is not made again. Copy 0 is the sound as it is, the others
are changed by ``augment.py``.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.features import HOP, LEVEL, SAMPLE_RATE, WINDOW, log_mel
from relip.speech.visemes import CEILING
from scripts.speech.head.augment import augmented, coloured_noise, music, rms
from scripts.speech.head.openness import REST, openness

LOUDER: Final = 6.0
"""Decibels up or down, at most, by which the level is off."""
PADDING: Final = (0.1, 0.6)
"""Seconds of near silence before and after an utterance."""
OTHERS: Final = 40
"""Utterances of a set that may talk behind another."""


@dataclass(frozen=True, eq=False)
class Utterance:
    """Labelled speech: samples at 16 kHz, phone and viseme from ``start`` to ``end`` seconds."""

    samples: NDArray[np.float32]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    phone: tuple[str, ...]
    viseme: NDArray[np.int8]


def read(path: Path) -> Utterance:
    """One file of the corpus."""
    with np.load(path) as held:
        samples = held["samples"].astype(np.float32) / 32768
        times = held["start"].astype(float), held["end"].astype(float)
        return Utterance(samples, *times, tuple(held["phone"].tolist()), held["viseme"])


@dataclass(frozen=True, eq=False)
class Prepared:
    """One utterance for the head.

    ``features [t, 384]`` and ``phones [t, 191]``, 255 times p ** .25, at 50 Hz; ``labels [2 t]``,
    -1 is unknown, and ``opening [2 t]``, 200 is wide open and 255 unknown, at 100 Hz.
    """

    features: NDArray[np.float16]
    phones: NDArray[np.uint8]
    labels: NDArray[np.int8]
    opening: NDArray[np.uint8]


def labels(
    start: NDArray[np.float64], end: NDArray[np.float64], viseme: NDArray[np.int8], rows: int
) -> NDArray[np.int8]:
    """The viseme of each of ``rows`` rows; -1 in gaps, 0 before and after all of them."""
    at = (np.arange(rows) + 0.5) / 100
    found = np.full(rows, -1, np.int8)
    for begins, ends, which in zip(start, end, viseme, strict=True):
        found[(at >= begins) & (at < ends)] = which
    found[(at < start[0]) | (at >= end[-1])] = 0
    return found


def coded(opening: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Opening 0 to 1 as 0 to 200, unknown as 255."""
    whole = np.rint(200 * np.clip(opening, 0, 1)).astype(np.uint8)
    return np.where(opening < 0, np.uint8(255), whole)


def heard(samples: NDArray[np.float32]) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    """Features and phones as in :class:`Prepared`."""
    count = len(samples) // (2 * HOP) * 2
    given = samples[: count * HOP]
    features = np.zeros((count // 2, 384), np.float16)
    phones = np.zeros((count // 2, 191), np.uint8)
    for first in range(0, count, WINDOW):
        part = given[first * HOP : (first + WINDOW) * HOP]
        rows = len(part) // HOP // 2
        if rows < 15:
            break
        encoder, namer = Network("speech_encoder"), Network("speech_phones")
        made = encoder.run({"mel": log_mel(part, CEILING)[None]})["features"][0]
        named = np.exp(namer.run({"waveform": part[None]})["log_probs"][0])
        place = slice(first // 2, first // 2 + rows)
        features[place] = made[:rows]
        phones[place] = np.rint(255 * np.clip(named[:rows], 0, 1) ** 0.25)
    return features, phones


def copies(paths: list[Path], copy: int, seed: int) -> Iterator[Prepared]:
    """Each utterance once; ``copy`` 0 is unchanged."""
    rng = np.random.default_rng([seed, copy])
    backers = [read(path).samples for path in paths[:: max(1, len(paths) // OTHERS)]]
    for path in paths:
        said = read(path)
        spoken = [
            said.samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
            for start, end, viseme in zip(said.start, said.end, said.viseme, strict=True)
            if viseme != 0
        ]
        loud = np.concatenate(spoken) if spoken else said.samples
        samples = said.samples * (LEVEL / max(rms(loud), 1e-5))
        before, after = (int(rng.uniform(*PADDING) * SAMPLE_RATE) for _ in range(2))
        samples = np.pad(samples, (before, after)).astype(np.float32)
        samples += 1e-5 * coloured_noise(len(samples), 1, rng)
        factor = 1.0
        if copy:
            samples, factor = augmented(samples, rng, backers)
            samples *= 10 ** (rng.uniform(-LOUDER, LOUDER) / 20)
        samples = np.clip(samples, -1, 1).astype(np.float32)
        features, phones = heard(samples)
        first, rows = before / SAMPLE_RATE * factor, 2 * len(features)
        start, end = first + said.start * factor, first + said.end * factor
        wanted = openness(said.phone, start, end, rows)
        yield Prepared(features, phones, labels(start, end, said.viseme, rows), coded(wanted))


def some(paths: list[tuple[Path, float]], seconds: float, rng: np.random.Generator) -> list[Path]:
    """Files of so many seconds in all, drawn at random: other ones for every copy."""
    chosen, total = [], 0.0
    for number in rng.permutation(len(paths)):
        path, length = sorted(paths)[number]
        chosen.append(path)
        total += length
        if total > seconds:
            break
    return chosen


def nothing_said(minutes: float, seed: int) -> Iterator[Prepared]:
    """Silence, noise, music and tones: nobody speaks."""
    rng = np.random.default_rng([seed, 99])
    for number in range(int(minutes * 6)):
        count = 10 * SAMPLE_RATE
        kind = number % 4
        if kind == 0:
            made = coloured_noise(count, rng.uniform(0, 2), rng)
        elif kind == 1:
            made = music(count, rng)
        elif kind == 2:
            time = np.arange(count) / SAMPLE_RATE
            pitch = rng.uniform(60, 3000) * 2 ** (rng.uniform(-1, 1) * time / 10)
            made = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE).astype(np.float32)
        else:
            made = coloured_noise(count, 1, rng) * 0
        level = LEVEL * 10 ** (rng.uniform(-60, 3) / 20)
        made = (made * level / max(rms(made), 1e-9)).astype(np.float32)
        features, phones = heard(np.clip(made, -1, 1))
        rows = 2 * len(features)
        shut = np.full(rows, REST[0], np.float32)
        yield Prepared(features, phones, np.zeros(rows, np.int8), coded(shut))


def write(path: Path, parts: Iterator[Prepared]) -> float:
    """Put utterances one after another into one file; gives the seconds."""
    found = list(parts)
    partial = path.with_name(f".{path.name}.partial.npz")
    np.savez(
        partial,
        features=np.concatenate([part.features for part in found]),
        phones=np.concatenate([part.phones for part in found]),
        labels=np.concatenate([part.labels for part in found]),
        opening=np.concatenate([part.opening for part in found]),
        lengths=np.array([len(part.features) for part in found], np.int64),
    )
    partial.replace(path)
    return sum(len(part.features) for part in found) / 50


def main() -> None:
    """Make whatever is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("features", type=Path)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--sets", help="only these, with commas between")
    parser.add_argument("--minutes", type=float, default=40, help="of each set in each copy")
    parser.add_argument("--silence", type=float, default=10, help="minutes in which nobody speaks")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.features.mkdir(parents=True, exist_ok=True)
    sets: dict[str, list[tuple[Path, float]]] = {}
    for line in (options.corpus / "index.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if not entry["held_out"]:
            path = options.corpus / entry["set"] / Path(entry["file"]).name
            sets.setdefault(entry["set"], []).append((path, entry["seconds"]))
    wanted = options.sets.split(",") if options.sets else sorted(sets)
    for name in wanted:
        for copy in range(options.copies):
            target = options.features / f"{name}.{copy}.npz"
            if target.exists():
                continue
            seed = options.seed + zlib.crc32(name.encode())
            chosen = some(sets[name], 60 * options.minutes, np.random.default_rng([seed, copy]))
            seconds = write(target, copies(chosen, copy, seed))
            print(f"{target.name}: {seconds / 60:.1f} minutes", flush=True)
    target = options.features / "silence.0.npz"
    if options.silence and not target.exists():
        write(target, nothing_said(options.silence, options.seed))


if __name__ == "__main__":
    main()
