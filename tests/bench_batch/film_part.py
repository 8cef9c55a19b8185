"""Part ``film``: measured costs of a line, and the film on paper with all that is assumed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.cells import Cells
from tests.bench_batch.film import AROUND, GRID, Farm, Film, LineCost, Outcome, on_farms
from tests.bench_batch.stages import Staged, all_staged

MACHINES: Final = (1, 10, 100)
KNOWN: Final = {
    "none": "no one",
    "machine": "the machine that made it",
    "shared": "all machines",
}


@dataclass(frozen=True)
class OnPaper:
    """The film at one size of picture: what a line costs, and every farm with its outcome."""

    name: str
    cost: LineCost
    film: Film
    outcomes: Sequence[tuple[Farm, Outcome]]


def on_paper(staged: Sequence[Staged], film: Film, farm: Farm, slower: float) -> list[OnPaper]:
    """The film at every measured size.

    Parameters
    ----------
    slower : how much slower a worker is while all of its machine are at work.
    """
    found = []
    for one in staged:
        cost = one.cost.slower(slower)
        outcomes = on_farms(film.works(cost), film.languages, farm, MACHINES)
        found.append(OnPaper(one.name, cost, film, outcomes))
    return found


def measured(folder: Path) -> Iterator[Staged]:
    """What a line costs."""
    for one in all_staged(folder):
        print(f"film: {one.name}", file=sys.stderr)
        yield one


def cost_cells(staged: Sequence[Staged]) -> Cells:
    """A row for each clip: its stages, and what a frame of each costs."""
    cells = [[
        "clip", "followed", "drawn", "start s", "listening s", "s a second of speech",
        "following s", "ms a frame", "known already s", "ms a frame", "drawing s", "ms a frame",
    ]]  # fmt: skip
    for one in staged:
        cost, seconds = one.cost, one.seconds
        cells.append([
            one.name,
            str(one.followed),
            str(one.drawn),
            f"{cost.start:.2f}",
            f"{seconds.get('listen', 0.0):.2f}",
            f"{cost.listen:.3f}",
            f"{seconds.get('track', 0.0):.2f}",
            f"{cost.analyse * 1000:.1f}",
            f"{one.recalled:.2f}",
            f"{cost.recall * 1000:.1f}",
            f"{seconds.get('draw', 0.0):.2f}",
            f"{cost.draw * 1000:.1f}",
        ])  # fmt: skip
    return cells


def film_cells(pages: Sequence[OnPaper]) -> Cells:
    """A row for each farm."""
    cells = [[
        "pictures", "who knows an analysis", "machines", "hours", "faster", "worker hours",
        "analyses", "attempts that died", "lines given up", "of the workers busy",
    ]]  # fmt: skip
    for page in pages:
        alone = {farm.reuse: outcome for farm, outcome in page.outcomes if farm.machines == 1}
        for farm, outcome in page.outcomes:
            base = alone.get(farm.reuse, alone["shared"])
            cells.append([
                page.name,
                KNOWN[farm.reuse],
                str(farm.machines),
                f"{outcome.seconds / 3600:,.2f}",
                f"{base.seconds / outcome.seconds:.1f} x",
                f"{outcome.worked / 3600:,.1f}",
                f"{outcome.analyses:,}",
                f"{outcome.died:,}",
                f"{outcome.lost:,}",
                f"{outcome.share:.0%}",
            ])  # fmt: skip
    return cells


def assumed(film: Film, farm: Farm, slower: float, told: str) -> Cells:
    """All that is not measured."""
    return [
        ["assumed", ""],
        ["lines, languages", f"{film.lines:,} x {film.languages}, one language after the other"],
        ["length of a line", f"log-normal, median {film.median:g} s, sigma {film.spread:g}, "
         f"{film.shortest:g} to {film.longest:g} s"],
        ["written", f"the line and {film.handles} frames on each side, {film.rate:g} a second"],
        ["listened to", f"the line and {film.context:g} s on each side"],
        ["followed", f"the line and {AROUND} s on each side, on whole {GRID} s, of a take of "
         f"{film.take:g} s with {film.sharing} lines in it; shot and reverse shot in turn"],
        ["machines", f"two cores, {farm.workers} workers of one thread; each {slower:.2f} times as "
         f"slow as alone: {told}"],
        ["scheduler", f"{farm.latency * 1000:g} ms for handing out a job, one at a time"],
        ["faults", f"{farm.failures:.1%} of attempts die anywhere in their work, {farm.attempts} "
         "attempts"],
        ["left out", "reading media over a network, cameras that differ, people"],
    ]  # fmt: skip
