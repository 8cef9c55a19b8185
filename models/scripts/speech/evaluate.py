"""Score ``listen()`` on folders of labelled utterances.

    python models/scripts/speech/evaluate.py --sets DIR [--half 0|1] [--noise 15]

``DIR/<set>/NNN.wav`` is 16 kHz mono; ``NNN.lab`` has lines ``start end class phone``: seconds,
the number of the viseme in ``relip.speech.articulation.VISEMES`` (-1 is not scored), and the phone.
A closure is found if one is reported with its centre within 40 ms. ``--half`` scores every
second utterance only: thresholds were fitted on half 0, half 1 is the honest one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]  # it ships without types
from numpy.typing import NDArray

from relip.speech.articulation import RATE, VISEMES, Articulation, SpeechEvent
from relip.speech.features import SAMPLE_RATE
from relip.speech.visemes import listen

TOLERANCE = 0.04
SEVEN = np.array([0, 1, 2, 3, 4, 5, 6, 6, 6, 6])
"""SPREAD, TEETH, SH and BACK look alike: one class in the frame score."""

Label = tuple[float, float, int]


@dataclass
class Count:
    """Events of one kind: how many were there, reported and found, and how far off."""

    there: int = 0
    reported: int = 0
    found: int = 0
    errors: list[float] = field(default_factory=list)

    def add(self, labels: Sequence[Label], viseme: int, events: Sequence[SpeechEvent]) -> None:
        """Match events with labels, one to one, nearest first come."""
        left = list(events)
        for start, end in merged(labels, viseme):
            self.there += 1
            centre = (start + end) / 2
            nearest = min(left, key=lambda event: abs(event.centre - centre), default=None)
            if nearest is not None and abs(nearest.centre - centre) <= TOLERANCE:
                left.remove(nearest)
                self.found += 1
                self.errors.append(nearest.centre - centre)
        self.reported += len(events)

    def __str__(self) -> str:
        errors = np.array(self.errors or [np.nan]) * 1000
        return (
            f"{self.found / max(self.there, 1):.2f}/{self.found / max(self.reported, 1):.2f} "
            f"of {self.there:3d} {np.median(errors):+4.0f} {np.median(np.abs(errors)):3.0f} ms"
        )


def merged(labels: Sequence[Label], viseme: int) -> list[tuple[float, float]]:
    """Times of that viseme, neighbours joined: the lips do not open between m and p."""
    joined: list[tuple[float, float]] = []
    for start, end, kind in labels:
        if kind == viseme:
            if joined and start - joined[-1][1] < 0.012:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
    return joined


def per_row(labels: Sequence[Label], rows: int) -> NDArray[np.int64]:
    """The label at the middle of every row."""
    found = np.zeros(rows, np.int64)
    for start, end, kind in labels:
        first, last = (max(0, int(np.ceil(at * RATE - 0.5))) for at in (start, end))
        found[first:last] = kind
    return found


def read_labels(path: Path) -> list[Label]:
    """The labels of one file."""
    fields = [line.split() for line in path.read_text("utf-8").splitlines()]
    return [(float(line[0]), float(line[1]), int(line[2])) for line in fields]


def with_noise(samples: NDArray[np.float32], decibel: float) -> NDArray[np.float32]:
    """The samples with pink noise so many dB below them."""
    rng = np.random.default_rng(0)
    frequency = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    white = rng.normal(size=(2, len(frequency)))
    spectrum = (white[0] + 1j * white[1]) / np.sqrt(np.maximum(frequency, 50))
    pink = np.fft.irfft(spectrum, len(samples))
    level = np.sqrt(np.mean(samples**2) / np.mean(pink**2)) * 10 ** (-decibel / 20)
    noisy: NDArray[np.float32] = (samples + pink * level).astype(np.float32)
    return noisy


def score(folder: Path, half: int | None, noise: float | None) -> str:
    """One line of the table."""
    shut, bite = Count(), Count()
    right = known = still = moved = 0
    spent = heard = 0.0
    for number, path in enumerate(sorted(folder.glob("*.wav"))):
        if half is not None and number % 2 != half:
            continue
        samples = soundfile.read(path, dtype="float32")[0]
        if noise is not None:
            samples = with_noise(samples, noise)
        labels = read_labels(path.with_suffix(".lab"))
        before = time.process_time()
        result = listen(samples)
        spent += time.process_time() - before
        heard += len(samples) / SAMPLE_RATE
        shut.add(labels, VISEMES.index("PBM"), result.closures)
        bite.add(labels, VISEMES.index("FV"), result.dentals)
        truth = per_row(labels, len(result.visemes))
        scored = truth >= 0
        told = seven(result)[scored]
        wanted = SEVEN[truth[scored]]
        right += int((told == wanted).sum())
        known += int(scored.sum())
        still += int(((told == 0) & (wanted == 0)).sum())
        moved += int((wanted == 0).sum())
    return (
        f"{folder.name:14s} {right / known:.3f}  {still / max(moved, 1):.2f}  "
        f"{shut}   {bite}   {spent / heard:.4f}"
    )


def seven(result: Articulation) -> NDArray[np.int64]:
    """The most probable of the seven classes at each row."""
    sums = np.zeros((len(result.visemes), 7))
    for column, kind in enumerate(SEVEN):
        sums[:, kind] += result.visemes[:, column]
    best: NDArray[np.int64] = sums.argmax(axis=1)
    return best


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=Path, required=True)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--noise", type=float, help="dB by which pink noise is below the speech")
    options = parser.parse_args()
    print(
        "set           rows   silence  closures: recall/precision, error   lip on teeth   CPU s/s"
    )
    for folder in sorted(path for path in options.sets.iterdir() if path.is_dir()):
        print(score(folder, options.half, options.noise), flush=True)


if __name__ == "__main__":
    main()
