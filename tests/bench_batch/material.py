"""Lines to be timed: each with a clip and a line of its own, so that nothing is known twice."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from relip import sample
from relip.media.speech import read_speech
from tests.bench.remade import Recipe, remade, write_wav

RATE = 25


@dataclass(frozen=True)
class Spoken:
    """A line: what it is said over, all of it, and the sound."""

    picture: Path
    speech: Path
    seconds: int

    def words(self, output: Path) -> list[str]:
        """What ``relip sync`` is asked for, to do what a batch does with a row of a table."""
        span = f"0s-{self.seconds}s"
        line = ["--speech", str(self.speech), "--range", span, "--cut", span]
        return [str(self.picture), *line, "-o", str(output)]


def clips(folder: Path, count: int, seconds: int) -> list[Path]:
    """Clips of 512 x 512 with one face and sound; no two are the same file."""
    found = []
    for number in range(count):
        path = folder / f"take{number + 1:03d}.mov"
        code = f"{number // 60 + 1:02d}:{number % 60:02d}:00:00"
        options = {"preset": "veryfast", "crf": "18"}
        recipe = Recipe("libx264", options=options, frames=RATE * seconds, timecode=code)
        found.append(remade(sample.picture(), path, recipe))
    return found


def spoken(folder: Path, pictures: Sequence[Path], seconds: int, language: str) -> list[Spoken]:
    """A line for each clip; those of another language begin elsewhere in the sentence."""
    speech = read_speech(sample.line())
    total = seconds * speech.rate
    found = []
    for number, picture in enumerate(pictures):
        later = (number * 1000 + 7000 * sum(language.encode())) % len(speech.samples)
        samples = np.resize(np.roll(speech.samples, -later), total).astype(np.float32)
        path = write_wav(folder / f"{language}_{number + 1:03d}.wav", samples, speech.rate)
        found.append(Spoken(picture, path, seconds))
    return found


def table(path: Path, lines: Sequence[Spoken]) -> Path:
    """The lines as ``relip batch`` reads them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("picture", "in", "out", "speech"))
        for line in lines:
            writer.writerow((line.picture, "0s", f"{line.seconds}s", line.speech))
    return path
