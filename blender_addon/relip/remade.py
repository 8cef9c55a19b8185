"""A result that was made before, found again: Blender went away before the .blend was saved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from relip_host.choice import Choice
from relip_host.host import HostError, Obstacle, Shot
from relip_host.jobs import Cut, cut, heard_items, job, speech_part, unreadable
from relip_host.journal import Entry, Journal, runs
from relip_host.page import Row
from relip_job import job_to_json

from .host import BlenderHost


def place_again(host: BlenderHost, shot: Shot, choice: Choice, folder: Path) -> Row | None:
    """Place what an earlier run made of the very same job; None if there is no such thing."""
    found = _asked(host, shot, choice)
    if found is None:
        return None
    for journal in runs(folder):
        if not isinstance(journal, Journal):
            continue
        record = journal.record
        if (record.host, record.project) != (host.name, host.project()) or journal.kept:
            continue
        for entry in record.entries:
            if entry.shot.id == shot.id and _is_the_same(journal, entry, found):
                try:
                    placed = host.place(replace(entry.made, shot=shot), choice)
                except HostError:
                    return None  # making it again tells why
                notes = (*entry.notes, *placed.notes)
                return journal.change(
                    entry.job, state="placed", placed=placed, notes=notes, shot=shot
                ).row
    return None


def _asked(host: BlenderHost, shot: Shot, choice: Choice) -> dict[str, object] | None:
    """What the engine would be asked for, its output left open; None where that is not known."""
    marks = host.marks() if choice.marks_only else None
    found = cut(shot, choice, marks)
    if not isinstance(found, Cut):
        return None
    start, end = found.listened
    items = heard_items(found, host.dub_items(choice.tracks, max(start, start * 0), end))
    if isinstance(items, Obstacle) or any(unreadable(item) for item in items):
        return None
    speech = [speech_part(found, item) for item in items]
    asked: dict[str, object] = json.loads(job_to_json(job(found, choice, speech, "")))
    return {**asked, "output": None}


def _is_the_same(journal: Journal, entry: Entry, found: dict[str, object]) -> bool:
    if entry.state not in ("placed", "done") or not Path(entry.output).is_file():
        return False
    try:
        asked = json.loads(journal.path(entry.job, ".job.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return {**asked, "output": None} == found
