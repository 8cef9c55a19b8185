"""A whole film on paper: events of workers, a scheduler and caches, from what a line costs.

Nothing runs here. What is left out makes a real farm slower: media that are read over a network
by many at a time, and people who wait for one line before they go on.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from heapq import heapify, heappop, heappush
from math import ceil, exp, floor, inf
from typing import Final, Literal

Reuse = Literal["none", "machine", "shared"]
REUSES: Final[tuple[Reuse, ...]] = ("none", "machine", "shared")
AROUND: Final = 40
"""Seconds of the clip before and after a line that are followed, too: ``relip.lines.AROUND``."""
GRID: Final = 10
"""What is followed begins and ends on whole ones of these seconds: ``relip.lines.GRID``."""


@dataclass(frozen=True)
class LineCost:
    """What a line costs one worker, in seconds.

    Attributes
    ----------
    start : of every job: the process, its libraries, opening the files, planning, the end.
    listen : of a second of speech.
    analyse : of a frame that is followed.
    recall : of such a frame if what is seen in it is known: its pixels are still needed.
    draw : of a frame that is written.
    """

    start: float
    listen: float
    analyse: float
    recall: float
    draw: float

    def slower(self, factor: float) -> LineCost:
        """The same on a machine that is busy with others."""
        return LineCost(*(cost * factor for cost in astuple(self)))


@dataclass(frozen=True)
class Film:
    """What there is to do.

    Attributes
    ----------
    lines : in each language.
    median, spread : of the lines' lengths, log-normal: seconds, and sigma of the logarithm.
    shortest, longest : seconds.
    handles : frames before and after each line that are written.
    context : seconds of sound before and after each line that are listened to.
    take : seconds of the clip that a line is in.
    sharing : lines in each take.
    """

    lines: int = 1500
    languages: int = 12
    rate: float = 24.0
    median: float = 2.5
    spread: float = 0.6
    shortest: float = 0.5
    longest: float = 15.0
    handles: int = 12
    context: float = 1.0
    take: float = 60.0
    sharing: int = 2

    def works(self, cost: LineCost, seed: int = 1) -> list[Work]:
        """What each line costs; the same for every language."""
        draw = random.Random(seed)
        found = []
        for line in range(self.lines):
            length = self.median * exp(draw.gauss(0.0, self.spread))
            length = min(max(length, self.shortest), self.longest)
            found.append(self.work(cost, length, draw.random(), self.take_of(line)))
        return found

    def take_of(self, line: int) -> int:
        """Shot and reverse shot: two takes in turn, until all lines of both are said."""
        return line // (2 * self.sharing) * 2 + line % 2

    def work(self, cost: LineCost, length: float, place: float = 0.5, take: int = 0) -> Work:
        """What a line of so many seconds costs; ``place`` is where in its take, 0 to 1."""
        end = max(self.take, length)
        begins = (end - length) * place
        first = max(floor((begins - AROUND) / GRID) * GRID, 0)
        stop = min(ceil((begins + length + AROUND) / GRID) * GRID, end)
        followed = (stop - first) * self.rate
        written = length * self.rate + 2 * self.handles
        listened = length + 2 * self.context
        rest = cost.start + cost.listen * listened + cost.draw * written
        part = (take, first, stop)
        return Work(cost.analyse * followed, rest, cost.recall * followed, part)


@dataclass(frozen=True)
class Work:
    """Seconds of one line.

    Attributes
    ----------
    analysis, recall : of the part of a clip: ``recall`` instead, if its analysis is known.
    rest : is done each time.
    part : of which take; lines that name the same one share its analysis. None is a line's own.
    """

    analysis: float
    rest: float
    recall: float = 0.0
    part: tuple[int, float, float] | None = None


@dataclass(frozen=True)
class Farm:
    """Who does it.

    Attributes
    ----------
    workers : of each machine.
    latency : seconds of the scheduler for handing out a job, one at a time.
    failures : share of attempts that die, anywhere in their work.
    attempts : after which a line is given up.
    reuse : who knows an analysis that was made: nobody, the machine that made it, or all.
    """

    machines: int = 1
    workers: int = 2
    latency: float = 0.05
    failures: float = 0.01
    attempts: int = 3
    reuse: Reuse = "shared"


@dataclass(frozen=True)
class Outcome:
    """How it went.

    Attributes
    ----------
    seconds : until the last line is done.
    worked : of all workers together, what died included.
    analyses : how many were made.
    died : attempts that did.
    lost : lines that were given up.
    share : of the workers' time in which they worked.
    """

    seconds: float
    worked: float
    analyses: int
    died: int
    lost: int
    share: float


def simulated(works: Sequence[Work], languages: int, farm: Farm, seed: int = 1) -> Outcome:
    """One language after the other, each line by line, whoever is free takes the next."""
    chance = random.Random(seed)
    waiting = deque((line, 1) for _ in range(languages) for line in range(len(works)))
    again: list[tuple[float, int, int]] = []
    free = [(0.0, number) for number in range(farm.machines * farm.workers)]
    heapify(free)
    known: dict[tuple[object, int], float] = {}
    handed = end = worked = 0.0
    analyses = died = lost = 0
    while waiting or again:
        now, worker = heappop(free)
        while again and again[0][0] <= now:
            _, line, attempt = heappop(again)
            waiting.appendleft((line, attempt))
        if not waiting:
            heappush(free, (again[0][0], worker))
            continue
        line, attempt = waiting.popleft()
        handed = begin = max(now, handed) + farm.latency
        work = works[line]
        part = line if work.part is None else work.part
        place = (part, worker // farm.workers if farm.reuse == "machine" else 0)
        fresh = farm.reuse == "none" or known.get(place, inf) > begin
        took = work.rest + (work.analysis if fresh else work.recall)
        if chance.random() < farm.failures:
            died += 1
            took *= chance.random()
            if attempt < farm.attempts:
                heappush(again, (begin + took, line, attempt + 1))
            else:
                lost += 1
        else:
            analyses += fresh
            if fresh:
                known[place] = min(known.get(place, inf), begin + took)
        worked += took
        end = max(end, begin + took)
        heappush(free, (begin + took, worker))
    workers = farm.machines * farm.workers
    return Outcome(end, worked, analyses, died, lost, worked / (end * workers) if end else 1.0)


def on_farms(
    works: Sequence[Work], languages: int, farm: Farm, machines: Sequence[int]
) -> list[tuple[Farm, Outcome]]:
    """The film on several numbers of machines, with and without analyses that are known."""
    farms = [
        replace(farm, machines=count, reuse=reuse)
        for reuse in REUSES
        for count in machines
        if count > 1 or reuse != "machine"  # alone, what the machine knows is what all know
    ]
    return [(each, simulated(works, languages, each)) for each in farms]
