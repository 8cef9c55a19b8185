"""The corpus on disk: one file per utterance, and an index that grows while it is made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16000


@dataclass(frozen=True)
class Segment:
    """A stretch of sound in seconds, half-open: its IPA phone ("" for silence) and viseme."""

    start: float
    end: float
    phone: str
    viseme: int


@dataclass(frozen=True)
class Origin:
    """Where an utterance comes from, and what may be done with it."""

    set: str
    speaker: str
    language: str
    engine: str
    licence: str
    held_out: bool
    real: bool


def shelf(root: Path, origin: Origin, number: int) -> Path:
    """The file of one utterance of a set."""
    return root / origin.set / f"{number:05d}.npz"


def keep(
    root: Path,
    origin: Origin,
    number: int,
    samples: NDArray[np.float32],
    segments: Sequence[Segment],
) -> None:
    """Write one utterance (16 kHz mono, scaled to a peak of .7) and its line in the index."""
    path = shelf(root, origin, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    scaled = samples * (0.7 * 32767 / (np.abs(samples).max() + 1e-6))
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            samples=scaled.astype(np.int16),
            start=np.array([s.start for s in segments], np.float32),
            end=np.array([s.end for s in segments], np.float32),
            phone=np.array([s.phone for s in segments], "<U8"),
            viseme=np.array([s.viseme for s in segments], np.int8),
        )
    partial.replace(path)
    line = {**asdict(origin), "file": str(path.relative_to(root))}
    line["seconds"] = round(len(samples) / RATE, 3)
    with (root / "index.jsonl").open("a", encoding="utf-8") as index:
        index.write(json.dumps(line, ensure_ascii=False) + "\n")
