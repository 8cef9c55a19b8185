"""What is said: lines with known phone times, and real ones."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from relip import sample
from relip.media.speech import RATE, read_speech
from relip.speech.articulation import Articulation
from tests.bench.remade import write_wav

SURE: Final = 0.5
"""Confidence from which a closure that was only heard is counted."""
_PAUSE: Final = 1.5
"""Seconds of silence between the repetitions of the sample's line."""


@dataclass(frozen=True)
class Line:
    """A line to dub with.

    Attributes
    ----------
    path : sound file.
    closures : half-open ``(start, end)`` seconds of every p, b, m, or None where nobody knows;
        then those that are heard surely are taken.
    """

    path: Path
    closures: tuple[tuple[float, float], ...] | None = None

    def events(self, heard: Articulation) -> tuple[tuple[float, float], ...]:
        """The closures to look for."""
        if self.closures is not None:
            return self.closures
        return surely_heard(heard)


def surely_heard(heard: Articulation) -> tuple[tuple[float, float], ...]:
    """Closures heard with a confidence above :data:`SURE`, ``(start, end)`` seconds."""
    return tuple((event.start, event.end) for event in heard.closures if event.confidence > SURE)


def bilabials(phones: list[sample.Phone], later: float = 0) -> list[tuple[float, float]]:
    """When p, b and m are spoken, neighbours joined."""
    found: list[tuple[float, float]] = []
    for phone in phones:
        if phone.name not in ("p", "b", "m"):
            continue
        start, end = phone.start + later, phone.end + later
        if found and start - found[-1][1] < 1e-6:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def sample_line(folder: Path, seconds: Fraction) -> Line:
    """The shipped line, again and again with silence between, to ``seconds``."""
    speech = read_speech(sample.line())
    period = len(speech.samples) + round(_PAUSE * RATE)
    total = round(seconds * RATE)
    samples = np.zeros(total, np.float32)
    closures = []
    for start in range(0, total, period):
        part = speech.samples[: total - start]
        samples[start : start + len(part)] = part
        closures += bilabials(sample.phones(), start / RATE)
    path = write_wav(folder / "line.wav", samples, RATE)
    return Line(path, tuple(pair for pair in closures if pair[1] < seconds))
