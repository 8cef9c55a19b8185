"""What is measured in which order: systems on sets under conditions, and what they cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from relip.media.speech import RATE
from tests.bench_speech.bars import bars, verdict
from tests.bench_speech.candidates import NotInstalled
from tests.bench_speech.conditions import Condition, delivered
from tests.bench_speech.scoring import Score, scored
from tests.bench_speech.systems import NOTHING_TOLD, PHONES, TRANSCRIPT, Told, listener, unspelt
from tests.bench_speech.utterances import LabelledSet, Samples, Source

NOTHING: Final = Score()
LONG: Final = 120
"""Seconds of speech in a row on which the cost is measured."""


@dataclass(frozen=True)
class Task:
    """One row to measure."""

    system: str
    condition: Condition
    spoken: LabelledSet


@dataclass(frozen=True)
class Row:
    """One measured row of the table; ``note`` says why nothing was measured."""

    system: str
    condition: Condition
    spoken: LabelledSet
    score: Score = NOTHING
    note: str = ""

    @property
    def verdict(self) -> str:
        """See :func:`tests.bench_speech.bars.verdict`."""
        asked = bars(self.system, self.spoken.kind, self.condition)
        return self.note or verdict(self.score, asked, self.condition)


@dataclass(frozen=True)
class Cost:
    """Processor seconds per second of a recording ``seconds`` long, networks loaded once more."""

    system: str
    seconds: float
    spent: float
    note: str = ""


def tasks(
    systems: Sequence[str], conditions: Sequence[Condition], sets: Sequence[LabelledSet]
) -> list[Task]:
    """Everything to measure, in the order in which it is shown."""
    return [
        Task(system, condition, spoken)
        for condition in conditions
        for spoken in sets
        for system in systems
    ]


def measured(todo: Sequence[Task], jobs: int) -> Iterator[Row]:
    """The rows, in order."""
    if jobs <= 1:
        yield from map(row, todo)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(row, todo)


def row(task: Task) -> Row:
    """Let one system hear one set under one condition."""
    try:
        hear = listener(task.system)
    except NotInstalled as error:
        return Row(task.system, task.condition, task.spoken, note=str(error))
    total = NOTHING
    why: list[str] = []
    for number, source in enumerate(task.spoken.sources):
        if task.system == TRANSCRIPT and (unfit := unspelt(source.said)):
            why.append(unfit)
            continue
        samples, labels = source.read()
        given = delivered(samples, task.condition, number)
        told = Told(source.said, labels)
        if task.system == PHONES and not told.phones():
            why.append("no phones in its labels")
            continue
        before = time.process_time()
        heard = hear(given.samples, told)
        spent = time.process_time() - before
        seconds = len(given.samples) / RATE
        total += scored(heard, given.retimed(labels), seconds, spent)
    if not total.utterances:
        return Row(task.system, task.condition, task.spoken, note=_most(why))
    return Row(task.system, task.condition, task.spoken, total)


def _most(why: Sequence[str]) -> str:
    """The reason that is given most often."""
    return Counter(why).most_common(1)[0][0] if why else "no utterances"


def cost(system: str, sets: Iterable[LabelledSet]) -> Cost:
    """What a long recording costs, joined from the first utterances of every set in turn."""
    try:
        hear = listener(system)
    except NotInstalled as error:
        return Cost(system, float("nan"), float("nan"), str(error))
    samples = _joined(sets)
    before = time.process_time()
    hear(samples, NOTHING_TOLD)
    return Cost(system, len(samples) / RATE, (time.process_time() - before) * RATE / len(samples))


def _joined(sets: Iterable[LabelledSet]) -> Samples:
    turns: list[Source] = []
    each = [iter(spoken.sources) for spoken in sets]
    while each and len(turns) < LONG:
        each = [sources for sources in each if _moved(sources, turns)]
    parts: list[Samples] = []
    for source in turns:
        parts.append(source.read()[0])
        if sum(map(len, parts)) >= LONG * RATE:
            break
    return np.concatenate(parts)[: LONG * RATE]


def _moved(sources: Iterator[Source], turns: list[Source]) -> bool:
    """Whether there was one more source to move to ``turns``."""
    before = len(turns)
    turns += islice(sources, 1)
    return len(turns) > before
