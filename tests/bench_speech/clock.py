"""Whether events are on time: by language, through an hour, and across the seams of listening.

An hour is made of labelled utterances in random order, brought to one level, with pauses between
them, and listened to at once. Its closures are held against the labels, in blocks of ten
minutes, and all events against those of the same utterances listened to alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from relip.media.speech import RATE
from relip.onnx import Network
from relip.speech.articulation import RATE as ROWS
from relip.speech.articulation import Articulation
from relip.speech.features import EDGE, STEP, WINDOW, speech_gain
from relip.speech.visemes import listen
from relip.speech.voice import voice_probability
from tests.bench_speech.bars import DRIFT, judged
from tests.bench_speech.scoring import FV, PBM, Span, Tally, events, matched, spans, where_known
from tests.bench_speech.utterances import Label, LabelledSet, Samples

BLOCK: Final = 600
"""Seconds after which the hour's figures begin anew."""
PAUSES: Final = (0.3, 1.5)
"""Seconds of silence between utterances."""
GRID: Final = 2 * RATE // ROWS
"""Samples: every utterance starts on a row of the features, so that its events can be the same."""
SAME: Final = 0.001
"""Seconds up to which two times are the same."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """An utterance listened to alone; ``samples`` are at the level of speech."""

    language: str
    samples: Samples
    labels: tuple[Label, ...]
    heard: Articulation


@dataclass(frozen=True)
class Timing:
    """How well closures, and f and v, of a language are timed on clean speech."""

    language: str
    utterances: int
    closures: Tally
    dentals: Tally


@dataclass(frozen=True)
class Block:
    """Closures of the hour, from one minute to another: against the labels, and heard alone."""

    first: float
    stop: float
    closures: Tally
    alone: Tally

    @property
    def drift(self) -> float:
        """Mean of what closures are later by than alone, ms; NaN if there are none."""
        return float(np.mean(self.alone.errors)) * 1000 if self.alone.errors else float("nan")

    @property
    def verdict(self) -> str:
        """Whether the hour's clock is that of the utterances."""
        if not self.alone.errors:
            return ""
        return judged(["drift"] if abs(round(self.drift, 2)) > DRIFT else [])


@dataclass(frozen=True)
class Agreement:
    """Events heard in the hour against those heard in the same utterances alone.

    Attributes
    ----------
    where : in which part of the hour.
    alone : events heard alone.
    same, moved : of those, heard in the hour at the same time, and within 40 ms of it.
    lost, extra : heard only alone, and only in the hour.
    farthest : ms by which one of those moved.
    """

    where: str
    alone: int
    same: int
    moved: int
    lost: int
    extra: int
    farthest: float


@dataclass(frozen=True)
class Clock:
    """Everything that was measured of time; ``seconds`` is how long the hour was."""

    seconds: float
    timings: tuple[Timing, ...]
    blocks: tuple[Block, ...]
    agreements: tuple[Agreement, ...]


def clock(sets: Sequence[LabelledSet], seconds: float) -> Clock:
    """Listen to every utterance alone, then to all of them in one recording."""
    spoken = list(_alone(sets))
    samples, placed = _joined(spoken, seconds)
    heard = listen(samples)
    length = len(samples) / RATE
    return Clock(
        length,
        tuple(_timings(spoken)),
        tuple(_blocks(heard, placed, length)),
        tuple(_agreements(heard, placed)),
    )


def _alone(sets: Sequence[LabelledSet]) -> Iterator[Spoken]:
    network = Network("speech_voice")
    for each in sets:
        for source in each.sources:
            samples, labels = source.read()
            gain = speech_gain(samples, voice_probability(samples, network))
            levelled = np.clip(samples * np.float32(gain), -1, 1)
            language = source.language or f"several ({each.name})"
            yield Spoken(language, levelled, labels, listen(levelled))


Placed = list[tuple[float, Spoken]]
"""Seconds at which each utterance starts in the hour."""


def _joined(spoken: Sequence[Spoken], seconds: float) -> tuple[Samples, Placed]:
    """A recording of about that many seconds; everybody speaks in every round."""
    rng = np.random.default_rng(0)
    parts: list[Samples] = []
    placed: Placed = []
    at = 0
    while at < seconds * RATE:
        for number in rng.permutation(len(spoken)).tolist():
            each = spoken[number]
            placed.append((at / RATE, each))
            pause = round(rng.uniform(*PAUSES) * RATE)
            pause += -(len(each.samples) + pause) % GRID
            parts += [each.samples, np.zeros(pause, np.float32)]
            at += len(each.samples) + pause
            if at >= seconds * RATE:
                break
    return np.concatenate(parts), placed


def _timings(spoken: Sequence[Spoken]) -> Iterator[Timing]:
    for language in sorted({each.language for each in spoken}):
        part = [each for each in spoken if each.language == language]
        closures, dentals = Tally(), Tally()
        for each in part:
            shut = where_known(spans(each.heard.closures), each.labels)
            bite = where_known(spans(each.heard.dentals), each.labels)
            closures += matched(events(each.labels, PBM), shut)
            dentals += matched(events(each.labels, FV), bite)
        yield Timing(language, len(part), closures, dentals)


def _blocks(heard: Articulation, placed: Placed, length: float) -> Iterator[Block]:
    truth = [_moved(span, start) for start, each in placed for span in events(each.labels, PBM)]
    alone = [_moved(span, start) for start, each in placed for span in spans(each.heard.closures)]
    reported = spans(heard.closures)
    # A short remainder belongs to the block before it.
    edges = [*(BLOCK * number for number in range(max(1, round(length / BLOCK)))), length]
    for part in pairwise(edges):
        there, before, after = (_in(found, part) for found in (truth, alone, reported))
        yield Block(part[0] / 60, part[1] / 60, matched(there, after), matched(before, after))


def _agreements(heard: Articulation, placed: Placed) -> Iterator[Agreement]:
    """Where two windows of listening are blended, and elsewhere."""
    closures = [_moved(span, at) for at, each in placed for span in spans(each.heard.closures)]
    dentals = [_moved(span, at) for at, each in placed for span in spans(each.heard.dentals)]
    pairs = ((closures, spans(heard.closures)), (dentals, spans(heard.dentals)))
    for where, seam in (("where windows are blended", True), ("elsewhere", False)):
        tallies = [
            matched(
                [span for span in before if _on_seam(span) == seam],
                [span for span in after if _on_seam(span) == seam],
            )
            for before, after in pairs
        ]
        both = tallies[0] + tallies[1]
        distances = np.abs(np.array(both.errors))
        same = int((distances <= SAME).sum())
        yield Agreement(
            where,
            both.there,
            same,
            both.found - same,
            both.there - both.found,
            both.reported - both.found,
            float(distances.max(initial=0) * 1000),
        )


def _on_seam(span: Span) -> bool:
    """Whether two windows say what happens at the middle of an event."""
    row = (span[0] + span[1]) / 2 * ROWS
    return row >= STEP and EDGE <= row % STEP < WINDOW - STEP - EDGE


def _moved(span: Span, seconds: float) -> Span:
    return span[0] + seconds, span[1] + seconds


def _in(found: Sequence[Span], part: Span) -> list[Span]:
    return [span for span in found if part[0] <= (span[0] + span[1]) / 2 < part[1]]
