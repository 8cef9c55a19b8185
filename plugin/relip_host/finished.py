"""What is done after a run: place what it could not place, take off what it did."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import List, Set, Tuple, Union

from relip_host.event_log import read_log
from relip_host.host import Host, HostError
from relip_host.journal import FORGOTTEN, Entry, Journal, runs
from relip_host.making import KEPT, accept, doing
from relip_host.mouths import mouths, notes
from relip_host.page import Row
from relip_host.placing import Placer, give_up
from relip_host.processes import alive
from relip_host.steps import Outcome
from relip_job import Finished

OPEN = ("asked", "running", "done", "placing")
SUPERSEDES = ("running", "done", "placing", "placed", "reverted")


def apply_finished(host: Host, folder: Union[str, Path]) -> Outcome:
    """Place what is done but not placed, of all runs in this project, the first run first.

    A run that somebody is still at is left alone and told of, as is an engine that outlived its
    host and is not done. Of several results for a shot the last one is placed.

    Raises
    ------
    HostError
        The host does not say what is open.
    OutputError
        The journal cannot be written.
    """
    found, notes = _runs(host, Path(folder))
    here = host.timeline()
    newer: Set[Tuple[str, str]] = set()
    for journal in found:
        _supersede(journal, newer)
    rows: List[Row] = []
    last = ""
    for journal in reversed(found):
        waiting = [entry for entry in journal.record.entries if entry.state in OPEN]
        if not waiting:
            continue
        if journal.kept:
            rows += [_running(journal, entry) for entry in waiting]
            notes.append(f"still running: {_far(journal)}")
            continue
        jobs = {entry.job for entry in waiting}
        _take_up(journal)
        if any(entry.state == "running" for entry in journal.record.entries):
            notes.append(f"still running: {_far(journal)}")
        done = [entry for entry in journal.record.entries if entry.state in ("done", "placing")]
        if done and journal.record.timeline.id != here.id:
            notes.append(
                f"{len(done)} finished for the timeline {journal.record.timeline.name}; "
                "open it, then run Apply Finished"
            )
            jobs -= {entry.job for entry in done}
        else:
            for _ in Placer(host, journal).place():
                pass
            last = journal.record.id
        journal.write(replace(journal.record, ended=True))
        rows += [
            _running(journal, entry) if entry.state == "running" else entry.row
            for entry in journal.record.entries
            if entry.job in jobs
        ]
    if not rows and not notes:
        notes.append("nothing is waiting to be placed")
    return Outcome(tuple(rows), last, tuple(notes))


def revert_last(host: Host, folder: Union[str, Path]) -> Outcome:
    """Take the results of the last run in this project off the timeline again.

    Their files stay.

    Raises
    ------
    HostError
        There is no such run, it is still going, or its timeline is not open.
    OutputError
        The journal cannot be written.
    """
    found, notes = _runs(host, Path(folder))
    for journal in found:
        placed = [entry for entry in journal.record.entries if entry.state == "placed"]
        if placed:
            break
    else:
        raise HostError("no run of this project has anything on the timeline")
    record = journal.record
    if journal.kept:
        raise HostError(f"the run of {record.begun} is still going", "cancel it first")
    if host.timeline().id != record.timeline.id:
        raise HostError(
            f"the last run was on the timeline {record.timeline.name}",
            "open it, then run Revert Last Run",
        )
    rows = []
    for entry in reversed(placed):
        assert entry.placed is not None
        try:
            left = host.revert(entry.placed)
        except HostError as error:
            rows.append(replace(entry.row, message=error.message, remedy=error.remedy))
        else:
            rows.append(journal.change(entry.job, state="reverted", notes=left).row)
    return Outcome(tuple(reversed(rows)), record.id, tuple(notes))


def _runs(host: Host, folder: Path) -> Tuple[List[Journal], List[str]]:
    """Runs of this host and project, the last one first, and sentences on what is damaged."""
    project = host.project()
    every = list(runs(folder))
    mine = [
        run
        for run in every
        if isinstance(run, Journal)
        and (run.record.host, run.record.project) == (host.name, project)
    ]
    return mine, [run for run in every if isinstance(run, str)]


def _supersede(journal: Journal, newer: Set[Tuple[str, str]]) -> None:
    """Do not place what a later run has made again; ``newer`` learns what this one has."""
    timeline = journal.record.timeline.id
    for entry in journal.record.entries:
        made = entry.state in ("done", "placing")
        if made and (timeline, entry.shot.id) in newer and not journal.kept:
            journal.change(entry.job, state="cancelled", message="a later run made this shot again")
    for entry in journal.record.entries:
        if entry.state in SUPERSEDES:
            newer.add((timeline, entry.shot.id))


def _take_up(journal: Journal) -> None:
    """See what became of the jobs of a run that nobody is at any more."""
    journal.write(replace(journal.record, pid=os.getpid(), ended=False))
    for entry in journal.record.entries:
        if entry.state == "asked":
            give_up(
                journal,
                entry.job,
                "cancelled",
                f"{entry.shot.name}: its turn never came",
                "re-sync it again",
            )
        elif entry.state == "running":
            _look(journal, entry)
        elif entry.state == "done" and not Path(entry.output).is_file():
            give_up(journal, entry.job, "failed", f"{entry.output} is not there any more")


def _look(journal: Journal, entry: Entry) -> None:
    """See what became of a job whose engine was left alone."""
    told = read_log(journal.path(entry.job, ".events.jsonl"))
    if isinstance(told.last, Finished):
        notices = [one for one in told.notices if one.code != KEPT]
        known = journal.change(
            entry.job,
            notes=(*entry.notes, *notes(told.voiced, notices, entry.voices)),
            mouth=mouths(told.voiced, entry.voices),
            kept=any(one.code == KEPT for one in told.notices),
        )
        accept(journal, known, told.last)
    elif told.last is not None:
        state = "cancelled" if told.last.code == "Cancelled" else "failed"
        give_up(journal, entry.job, state, told.last.message, told.last.remedy)
    elif not alive(entry.pid) or told.quiet > FORGOTTEN:
        give_up(
            journal,
            entry.job,
            "failed",
            f"{entry.shot.name}: the engine was ended before it was done",
            "re-sync it again",
        )


def _running(journal: Journal, entry: Entry) -> Row:
    if entry.state != "running":
        return entry.row
    told = read_log(journal.path(entry.job, ".events.jsonl"))
    message = f"{entry.shot.name}: {doing(told.progress)}"
    if told.progress is None:
        return replace(entry.row, message=message)
    progress = told.progress
    return replace(
        entry.row,
        stage=progress.stage,
        done=progress.done,
        total=progress.total,
        left=progress.left,
        message=message,
    )


def _far(journal: Journal) -> str:
    """How far a run is: ``line 2 of 5, take_03: drawing, 40 %``, of each that runs."""
    entries = journal.record.entries
    running = [
        f"line {number} of {len(entries)}, {_running(journal, entry).message}"
        for number, entry in enumerate(entries, 1)
        if entry.state == "running"
    ]
    return "; ".join(running) or f"{len(entries)} lines"
