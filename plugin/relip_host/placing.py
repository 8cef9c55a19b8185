"""Putting finished results on the timeline and taking them off again, with the journal beside."""

from __future__ import annotations

from typing import Callable, Collection, Iterator, Optional

from relip_host.host import Host, HostError
from relip_host.journal import Entry, Journal
from relip_host.naming import remove_unfinished

TWICE = "the program went away while it was being placed; see that it is not there twice"


def place_done(
    host: Host,
    journal: Journal,
    cancelled: Callable[[], bool] = lambda: False,
    jobs: Optional[Collection[str]] = None,
) -> Iterator[Entry]:
    """Place what is done, in record order; each entry before and after.

    Of these ``jobs`` only, where they are named. What the host refuses stays done, with the
    reason, and can be placed later.
    """
    waiting = [
        entry
        for entry in journal.record.entries
        if entry.state in ("done", "placing") and (jobs is None or entry.job in jobs)
    ]
    obstacle = elsewhere(host, journal) if waiting else None
    for entry in sorted(waiting, key=lambda entry: entry.shot.start):
        if cancelled():
            return
        if obstacle is not None:
            yield _kept(journal, entry, obstacle)
            continue
        notes = entry.notes + ((TWICE,) if entry.state == "placing" else ())
        yield journal.change(entry.job, state="placing", message="", remedy="")
        try:
            placed = host.place(entry.made, journal.record.choice)
        except HostError as error:
            yield _kept(journal, entry, error)
            continue
        yield journal.change(
            entry.job, state="placed", placed=placed, notes=(*notes, *placed.notes)
        )


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
