"""Putting finished results on the timeline and taking them off again, with the journal beside."""

from __future__ import annotations

from itertools import islice
from typing import Callable, Collection, Dict, Iterator, Optional, Tuple

from relip_host.host import Host, HostError, Placed
from relip_host.journal import Entry, Journal, runs
from relip_host.naming import remove_unfinished

TWICE = "the program went away while it was being placed; see that it is not there twice"
RUNS = 50
"""Of the latest runs, those among which a result is looked for that was placed before."""


class Placer:
    """Puts the results of a run on the timeline."""

    def __init__(
        self, host: Host, journal: Journal, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self._host = host
        self._journal = journal
        self._cancelled = cancelled
        self._before: Optional[Dict[Tuple[str, str], Placed]] = None

    def place(self, jobs: Optional[Collection[str]] = None) -> Iterator[Entry]:
        """Place what is done, in record order; each entry before and after.

        Of these ``jobs`` only, where they are named. What the host refuses stays done, with the
        reason, and can be placed later. A kept result that still is where an earlier run placed
        it stays there.
        """
        journal = self._journal
        waiting = [
            entry
            for entry in journal.record.entries
            if entry.state in ("done", "placing") and (jobs is None or entry.job in jobs)
        ]
        obstacle = elsewhere(self._host, journal) if waiting else None
        for entry in sorted(waiting, key=lambda entry: entry.shot.start):
            if self._cancelled():
                return
            if obstacle is not None:
                yield _kept(journal, entry, obstacle)
                continue
            notes = entry.notes + ((TWICE,) if entry.state == "placing" else ())
            yield journal.change(entry.job, state="placing", message="", remedy="")
            try:
                there = self._there(entry)
                placed = there or self._host.place(entry.made, journal.record.choice)
            except HostError as error:
                yield _kept(journal, entry, error)
                continue
            if there is None:
                notes += placed.notes
            yield journal.change(entry.job, state="placed", placed=placed, notes=notes)

    def _there(self, entry: Entry) -> Optional[Placed]:
        """Where an earlier run placed the very same result, if it still is there."""
        if not entry.kept:
            return None
        if self._before is None:
            self._before = _placed_before(self._journal)
        before = self._before.get((entry.shot.id, entry.output))
        return before if before is not None and self._host.is_there(before) else None


def _placed_before(journal: Journal) -> Dict[Tuple[str, str], Placed]:
    """What earlier runs placed on this timeline in this way, by shot and file."""
    mine = journal.record
    found: Dict[Tuple[str, str], Placed] = {}
    for run in islice(runs(journal.folder.parents[1]), RUNS):
        if isinstance(run, str) or run.record.id == mine.id:
            continue
        theirs = run.record
        if (theirs.host, theirs.project, theirs.timeline.id, theirs.choice.place) != (
            mine.host,
            mine.project,
            mine.timeline.id,
            mine.choice.place,
        ):
            continue
        for entry in theirs.entries:
            if entry.state == "placed" and entry.placed is not None:
                found.setdefault((entry.shot.id, entry.output), entry.placed)
    return found


def elsewhere(host: Host, journal: Journal) -> Optional[HostError]:
    """Why results of this run cannot be placed now, if the editor has opened something else."""
    record = journal.record
    try:
        if host.project() != record.project:
            return HostError("another project is open", "open it, then run Apply Finished")
        if host.timeline().id != record.timeline.id:
            return HostError(
                f"the timeline {record.timeline.name} is not the open one any more",
                "open it, then run Apply Finished",
            )
    except HostError as error:
        return error
    return None


def give_up(journal: Journal, job: str, state: str, message: str, remedy: str = "") -> Entry:
    """Note that nothing came of a job, and remove what it began to write."""
    entry = journal.change(job, state=state, message=message, remedy=remedy)
    if entry.output:
        remove_unfinished(entry.output)
    return entry


def _kept(journal: Journal, entry: Entry, error: HostError) -> Entry:
    return journal.change(
        entry.job, state="done", message=f"{entry.shot.name}: {error.message}", remedy=error.remedy
    )
