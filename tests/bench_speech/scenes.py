"""Sound of which parts are looked at: alone, or between two spoken lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip import sample
from relip.media.speech import RATE, read_speech
from relip.speech.articulation import RATE as ROWS
from relip.speech.articulation import SpeechEvent
from tests.bench_speech.scoring import Span
from tests.bench_speech.utterances import Samples

GAP: Final = 0.4
"""Seconds of silence between a line and what follows it: lips come to rest in .1 s."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A sound, and the half-open seconds in which it is looked at."""

    samples: Samples
    part: Span

    def rows(self, count: int) -> NDArray[np.bool_]:
        """Which of ``count`` rows are looked at."""
        at = (np.arange(count) + 0.5) / ROWS
        return (at >= self.part[0]) & (at < self.part[1])

    def within(self, events: tuple[SpeechEvent, ...]) -> int:
        """How many events lie there."""
        return sum(self.part[0] <= event.centre < self.part[1] for event in events)


def alone(samples: Samples) -> Scene:
    """All of it."""
    return Scene(samples, (0.0, len(samples) / RATE))


def between_lines(samples: Samples, level: float) -> Scene:
    """After the shipped line and before it comes again, ``level`` dB louder than the line."""
    line = read_speech(sample.line()).samples
    scale = loudness(line) * 10 ** (level / 20) / max(loudness(samples), 1e-9)
    gap = np.zeros(round(GAP * RATE), np.float32)
    joined = np.concatenate([line, gap, samples * np.float32(scale), gap, line])
    joined /= max(1.0, float(np.abs(joined).max()))
    start = (len(line) + len(gap)) / RATE
    return Scene(joined, (start, start + len(samples) / RATE))


def loudness(samples: Samples) -> float:
    """RMS of all that is not near silence."""
    power = samples.astype(float) ** 2
    heard = power[power > 1e-3 * power.max(initial=0)]
    return float(np.sqrt(heard.mean())) if len(heard) else 0.0
