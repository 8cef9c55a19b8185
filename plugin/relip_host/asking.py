"""The jobs of a run: what the host tells of each shot, turned into what the engine is asked."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Callable, Dict, Generator, List, Optional, Sequence, Tuple, Union

from relip_host.host import DubItem, Host, HostError, Obstacle
from relip_host.jobs import (
    NO_TRACK,
    Cut,
    cut,
    heard_items,
    job,
    played,
    speech_part,
    unreadable,
)
from relip_host.journal import Entry, Journal, runs
from relip_host.naming import folder_name, free_output, output_folder
from relip_host.whole_file import write_json
from relip_job import RelipError, ResyncJob, SpeechPart, job_to_json

RUNS = 20
"""Runs that may be going on at the same time."""


def ask(
    host: Host, journal: Journal, folder: Path, cancelled: Callable[[], bool]
) -> Generator[str, None, Dict[str, ResyncJob]]:
    """The job of every shot that can be done, by its name; yields what it is at.

    The others are refused, or failed, in the journal.
    """
    choice = journal.record.choice
    marks = host.marks() if choice.marks_only else None
    jobs: Dict[str, ResyncJob] = {}
    taken = promised(folder)
    for entry in journal.record.entries:
        if cancelled():
            break
        yield f"reading the dub of {entry.shot.name}"
        found = cut(entry.shot, choice, marks)
        try:
            if isinstance(found, Cut):
                speech = yield from _speech(host, journal, entry, found)
                if not isinstance(speech, Obstacle):
                    asked = _asked(journal, folder, entry, found, speech, taken)
                    jobs[entry.job] = asked
                    taken.append(Path(asked.output or ""))
                    continue
                found = speech
        except (HostError, RelipError) as error:
            journal.change(entry.job, state="failed", message=error.message, remedy=error.remedy)
        else:
            journal.change(entry.job, state="refused", message=found.message, remedy=found.remedy)
    return jobs


def promised(folder: Path) -> List[Path]:
    """Names that the latest runs have given to results that may not be there yet."""
    return [
        Path(entry.output)
        for run in islice(runs(folder), RUNS)
        if isinstance(run, Journal)
        for entry in run.record.entries
        if entry.output and entry.state in ("asked", "running")
    ]


def _asked(
    journal: Journal,
    folder: Path,
    entry: Entry,
    found: Cut,
    speech: Sequence[SpeechPart],
    taken: Sequence[Path],
) -> ResyncJob:
    """The job, named and written down."""
    record = journal.record
    assert entry.shot.media is not None
    own = folder / "results" / folder_name(record.project)
    beside, note = output_folder(entry.shot.media, record.choice.folder, own)
    output = free_output(beside, entry.shot.media, record.choice.codec, taken)
    asked = job(found, record.choice, speech, str(output))
    write_json(journal.path(entry.job, ".job.json"), json.loads(job_to_json(asked)))
    journal.change(
        entry.job,
        output=str(output),
        first=found.begins,
        frames=found.frames,
        notes=(*journal.entry(entry.job).notes, *filter(None, [note])),
    )
    return asked


def _speech(
    host: Host, journal: Journal, entry: Entry, found: Cut
) -> Generator[str, None, Union[Tuple[SpeechPart, ...], Obstacle]]:
    """The dub of a shot: read from its files, or else mixed by the host."""
    tracks = journal.record.choice.tracks
    if not tracks:
        return NO_TRACK
    start, end = found.listened
    items = heard_items(found, host.dub_items(tracks, max(start, Fraction(0)), end))
    if isinstance(items, Obstacle):
        return items
    blocked = _blocked(items)
    if blocked is None:
        return tuple(speech_part(found, item) for item in items)
    yield f"{blocked.message}: {host.name} mixes the dub of {entry.shot.name}"
    try:
        mixed = _mixed(host, journal, entry, found)
    except HostError as error:
        why = f"{blocked.message}, and {host.name} could not mix it: {error.message}"
        return Obstacle(blocked.code, why, error.remedy or blocked.remedy)
    note = f"{blocked.message}: {host.name} mixed the dub"
    journal.change(entry.job, notes=(note,))
    return (mixed,)


def _blocked(items: Sequence[DubItem]) -> Optional[Obstacle]:
    return next(filter(None, map(unreadable, items)), None)


def _mixed(host: Host, journal: Journal, entry: Entry, found: Cut) -> SpeechPart:
    """The chosen tracks as one file.

    Raises
    ------
    HostError
        The host does not make it.
    """
    start, end = found.heard
    folder = journal.path(entry.job, ".dub")
    folder.mkdir(exist_ok=True)
    path = host.render_dub(journal.record.choice.tracks, start, end, str(folder))
    try:
        size = Path(path).stat().st_size
    except OSError:
        size = 0
    if not size:
        raise HostError(f"there is nothing at {path}", "export the dub as a file of its own")
    return SpeechPart(path, played(found.shot, start), duration=end - start)
