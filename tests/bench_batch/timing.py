"""Parts ``overhead``, ``workers`` and ``warm``: the clock of batches beside that of single runs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from relip_host.executor import ONE_THREAD
from tests.bench.cells import Cells
from tests.bench.cost import Cost
from tests.bench_batch.commands import UNBOUND, Batched, batch, known, single
from tests.bench_batch.material import Spoken, clips, spoken, table

OVERHEAD: Final = 1.05
WARM: Final = 0.1
NO_HANDLES: Final = ("--handles", "0")
SETTINGS: Final = ((1, 1), (1, 2), (2, 1), (2, 2))
"""Workers and threads of each."""


@dataclass(frozen=True)
class Timed:
    """A row: what was run, and what it took beside what it is compared with.

    Attributes
    ----------
    part, says : of the row.
    lines : how many were made, and how many there are.
    limit : the most that ``ratio`` may be; None where there is no bar.
    """

    part: str
    says: str
    cost: Cost
    lines: tuple[int, int]
    ratio: float | None = None
    work: float | None = None
    limit: float | None = None
    note: str = ""

    @property
    def short(self) -> bool:
        """Whether the bar is missed, as it is printed."""
        return self.limit is not None and round(self.ratio or 0.0, 3) > self.limit


def added(costs: Sequence[Cost]) -> Cost:
    """One after the other."""
    return Cost(
        sum(cost.seconds for cost in costs),
        max(cost.memory for cost in costs),
        sum(cost.worked for cost in costs),
    )


def compared(
    part: str, says: str, cost: Cost, base: Cost, lines: tuple[int, int], limit: float | None = None
) -> Timed:
    """A row beside another."""
    return Timed(
        part, says, cost, lines, cost.seconds / base.seconds, cost.worked / base.worked, limit
    )


@dataclass
class Bench:
    """Lines, their clips, and what was measured on them.

    Attributes
    ----------
    lines, seconds : how many, and how long each is.
    few : lines on which ways to use the cores are compared.
    rounds : of single runs, a batch, single runs.
    """

    folder: Path
    lines: int
    seconds: int
    few: int
    rounds: int
    _lines: list[Spoken] = field(default_factory=list)
    _first: Batched | None = None
    _runs: int = 0

    def overhead(self) -> Iterator[Timed]:
        """A batch of one worker between the two halves of as many single runs, again and again.

        Single runs have one thread as a worker has: what a batch adds is asked for.
        """
        lines = self.spoken()
        path = table(self.folder / "lines.csv", lines)
        half = len(lines) // 2
        for number in range(1, self.rounds + 1):
            costs = [self._single(line) for line in lines[:half]]
            made = batch(path, self._results(number), self._cache(number), _words(1))
            costs += [self._single(line) for line in lines[half:]]
            alone = added(costs)
            count = (len(lines), len(lines))
            yield Timed("overhead", f"round {number}: single runs", alone, count)
            yield compared(
                "overhead", f"round {number}: batch", made.cost, alone, _made(made), OVERHEAD
            )
            if self._first is None:
                self._first = made
            else:
                shutil.rmtree(self._results(number))

    def workers(self) -> Iterator[Timed]:
        """Workers and threads, on the same lines; single runs as a user starts them come first."""
        lines = self.spoken()[: self.few]
        path = table(self.folder / "few.csv", lines)
        free = added([self._single(line, bound=False) for line in lines])
        base: Cost | None = None
        for workers, threads in SETTINGS:
            place = self.folder / f"few_{workers}_{threads}"
            made = batch(path, place, place / "cache", _words(workers), str(threads))
            base = base or made.cost
            says = f"{_counted(workers, 'worker')} x {_counted(threads, 'thread')}"
            yield compared("workers", says, made.cost, base, _made(made))
            shutil.rmtree(place)
        assert base is not None
        count = (len(lines), len(lines))
        yield compared("workers", "single runs, threads as they come", free, base, count)

    def warm(self) -> Iterator[Timed]:
        """The same again, with one line changed, in another language, in other files."""
        lines = self.spoken()
        path = table(self.folder / "lines.csv", lines)
        place, cache = self._results(1), self._cache(1)
        if self._first is None:
            self._first = batch(path, place, cache, _words(1))
        first = self._first
        yield Timed("warm", "first run", first.cost, _made(first))
        again = batch(path, place, cache, _words(1))
        yield compared("warm", "again", again.cost, first.cost, _made(again), WARM)
        self._say("again")
        pictures = [line.picture for line in lines]
        another = spoken(self.folder, pictures[:1], self.seconds, "en")
        changed = table(self.folder / "changed.csv", [*another, *lines[1:]])
        made = batch(changed, place, cache, _words(1))
        yield compared("warm", "one line changed", made.cost, first.cost, _made(made))
        self._say("one line changed")
        german = table(
            self.folder / "german.csv", spoken(self.folder, pictures, self.seconds, "de")
        )
        elsewhere = place.with_name("german")
        made = batch(german, elsewhere, cache, _words(1))
        row = compared("warm", "another language, the same pictures", made.cost, first.cost,
                       _made(made))  # fmt: skip
        yield Timed(**{**row.__dict__, "note": _told(known(cache))})
        self._say("another language")

    def spoken(self) -> list[Spoken]:
        """The lines; made when they are asked for first."""
        if not self._lines:
            pictures = clips(self.folder, self.lines, self.seconds)
            self._lines = spoken(self.folder, pictures, self.seconds, "it")
        return self._lines

    def _single(self, line: Spoken, bound: bool = True) -> Cost:
        self._runs += 1
        output = self.folder / "single" / f"{self._runs}.mov"
        output.parent.mkdir(exist_ok=True)
        cache = self.folder / "cache_single"
        cost = single(line.words(output), cache, ONE_THREAD if bound else UNBOUND)
        shutil.rmtree(output.parent)
        shutil.rmtree(cache, ignore_errors=True)
        self._say(f"single run {self._runs}: {cost.seconds:.1f} s")
        return cost

    def _results(self, number: int) -> Path:
        return self.folder / f"results_{number}"

    def _cache(self, number: int) -> Path:
        return self.folder / f"cache_{number}"

    @staticmethod
    def _say(what: str) -> None:
        print(what, file=sys.stderr, flush=True)


def _words(workers: int) -> list[str]:
    return [*NO_HANDLES, "--workers", str(workers)]


def _made(found: Batched) -> tuple[int, int]:
    return found.count("made"), len(found.rows)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}"


def _told(page: dict[str, object]) -> str:
    """What the cache holds, by what it is."""
    counts = {name: found["count"] for name, found in page.items() if isinstance(found, dict)}
    return "relip cache: " + ", ".join(f"{count} {name}" for name, count in counts.items())


def timed_cells(rows: Sequence[Timed]) -> Cells:
    """A row for each run."""
    notes = any(row.note for row in rows)
    cells = [["", "lines made", "s", "s a line", "time", "work", "cores busy", "", "note"]]
    for row in rows:
        made, there = row.lines
        bar = "" if row.limit is None else f"at most {row.limit:g}: "
        cells.append([
            row.says,
            f"{made} of {there}",
            f"{row.cost.seconds:.1f}",
            f"{row.cost.seconds / there:.2f}",
            "" if row.ratio is None else f"{row.ratio:.3f} x",
            "" if row.work is None else f"{row.work:.3f} x",
            f"{row.cost.cores:.2f}",
            bar + ("SHORT" if row.short else "ok") if bar else "",
            row.note,
        ])  # fmt: skip
    return cells if notes else [cell[:-1] for cell in cells]
