"""What was heard against what was said.

A closure, or an f or v, is a hit if one is reported whose centre lies within 40 ms of the true
one's; each is used once. Accuracy is over rows of 10 ms and seven classes: the visemes SPREAD,
TEETH, SH and BACK look alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import RATE, VISEMES, SpeechEvent
from tests.bench_speech.utterances import Label

TOLERANCE: Final = 0.04
"""Seconds between the centres of a hit."""
JOINED: Final = 0.012
"""Seconds; closer neighbours of one viseme are one event: lips do not open between m and p."""
SHORTEST: Final = 2
"""Rows; a shorter run of a class is no event."""
SEVEN: Final = np.array([0, 1, 2, 3, 4, 5, 6, 6, 6, 6])
"""The class that scores each viseme."""
PBM: Final = VISEMES.index("PBM")
FV: Final = VISEMES.index("FV")

Span = tuple[float, float]
"""Half-open seconds."""
Rows = NDArray[np.int64]
"""A class, 0 to 6, per row of 10 ms."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What a system made of an utterance; ``refused`` if it would not take the transcript."""

    rows: Rows
    closures: tuple[Span, ...]
    dentals: tuple[Span, ...]
    refused: bool = False


@dataclass(frozen=True)
class Tally:
    """Events of one kind: how many there are, reported and found; ``errors`` of those, seconds."""

    there: int = 0
    reported: int = 0
    found: int = 0
    errors: tuple[float, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.there + other.there,
            self.reported + other.reported,
            self.found + other.found,
            self.errors + other.errors,
        )

    @property
    def recall(self) -> float:
        """Found of those there, NaN if there are none."""
        return self.found / self.there if self.there else nan

    @property
    def precision(self) -> float:
        """Right ones of those reported, NaN if none was."""
        return self.found / self.reported if self.reported else nan

    @property
    def error(self) -> float:
        """Median distance of a found centre from the true one, ms."""
        return float(np.median(np.abs(self.errors))) * 1000 if self.errors else nan

    @property
    def bias(self) -> float:
        """Median of what found centres are late by, ms."""
        return float(np.median(self.errors)) * 1000 if self.errors else nan


@dataclass(frozen=True)
class Score:
    """One or many utterances: events of both kinds, rows right of rows known, seconds."""

    closures: Tally = Tally()
    dentals: Tally = Tally()
    right: int = 0
    known: int = 0
    seconds: float = 0.0
    spent: float = 0.0
    utterances: int = 0
    refused: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.closures + other.closures,
            self.dentals + other.dentals,
            self.right + other.right,
            self.known + other.known,
            self.seconds + other.seconds,
            self.spent + other.spent,
            self.utterances + other.utterances,
            self.refused + other.refused,
        )

    @property
    def accuracy(self) -> float:
        """Share of the rows with a label whose class was heard."""
        return self.right / self.known if self.known else nan

    @property
    def cost(self) -> float:
        """Seconds of processor time per second of sound, loading networks included."""
        return self.spent / self.seconds if self.seconds else nan


def scored(heard: Heard, labels: Sequence[Label], seconds: float, spent: float = 0.0) -> Score:
    """The score of one utterance."""
    truth = per_row(labels, int(seconds * RATE + 1e-6))
    count = min(len(truth), len(heard.rows))
    truth, rows = truth[:count], heard.rows[:count]
    known = truth >= 0
    return Score(
        matched(events(labels, PBM), where_known(heard.closures, labels)),
        matched(events(labels, FV), where_known(heard.dentals, labels)),
        int((rows[known] == SEVEN[truth[known]]).sum()),
        int(known.sum()),
        seconds,
        spent,
        1,
        int(heard.refused),
    )


def events(labels: Iterable[Label], viseme: int) -> tuple[Span, ...]:
    """When that viseme is said, neighbours joined."""
    joined: list[Span] = []
    for label in labels:
        if label.viseme != viseme:
            continue
        if joined and label.start - joined[-1][1] < JOINED:
            joined[-1] = (joined[-1][0], label.end)
        else:
            joined.append((label.start, label.end))
    return tuple(joined)


def where_known(reported: Sequence[Span], labels: Sequence[Label]) -> tuple[Span, ...]:
    """The reported events but those amid a label without viseme: nobody knows if they are right."""
    unknown = [(label.start, label.end) for label in labels if label.viseme < 0]
    return tuple(
        span
        for span in reported
        if not any(start <= (span[0] + span[1]) / 2 < end for start, end in unknown)
    )


def matched(there: Sequence[Span], reported: Sequence[Span]) -> Tally:
    """Each true event takes the nearest of those reported that are near and not yet taken."""
    left = [(start + end) / 2 for start, end in reported]
    errors = []
    for start, end in there:
        centre = (start + end) / 2
        nearest = min(left, key=lambda other: abs(other - centre), default=None)
        if nearest is not None and abs(nearest - centre) <= TOLERANCE:
            left.remove(nearest)
            errors.append(nearest - centre)
    return Tally(len(there), len(reported), len(errors), tuple(errors))


def per_row(labels: Iterable[Label], rows: int) -> Rows:
    """The viseme at the middle of every row; silence where nothing is labelled."""
    found = np.zeros(rows, np.int64)
    for label in labels:
        first, stop = (max(0, int(np.ceil(at * RATE - 0.5))) for at in (label.start, label.end))
        found[first:stop] = label.viseme
    return found


def seven(visemes: NDArray[np.float32]) -> Rows:
    """The most probable class at each row of ``[m, 10]`` probabilities."""
    sums = np.zeros((len(visemes), int(SEVEN.max()) + 1))
    for column, kind in enumerate(SEVEN):
        sums[:, kind] += visemes[:, column]
    return np.asarray(sums.argmax(axis=1))


def spans(found: Iterable[SpeechEvent]) -> tuple[Span, ...]:
    """Start and end of events."""
    return tuple((event.start, event.end) for event in found)


def heard_as(visemes: Rows) -> Heard:
    """What a system heard that names one viseme ``[m]``, 0 to 9, per row; runs are events."""
    rows = SEVEN[visemes]
    return Heard(rows, _runs(rows == PBM), _runs(rows == FV))


def _runs(rows: NDArray[np.bool_]) -> tuple[Span, ...]:
    edges = np.flatnonzero(np.diff(np.pad(rows.astype(np.int8), 1)))
    return tuple(
        (int(start) / RATE, int(stop) / RATE)
        for start, stop in edges.reshape(-1, 2)
        if stop - start >= SHORTEST
    )


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, after Wilson (1927); 0 to 1 of nothing."""
    if not of:
        return 0.0, 1.0
    z = 1.959964
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
