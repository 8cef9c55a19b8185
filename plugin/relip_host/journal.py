"""What every run did, on disk at any moment: a folder a run, a file that is always whole.

::

    FOLDER/runs/20261122-153012-204813/
        run.json                            what was asked for, and the state of each shot
        20261122-153012-204813-01.job.json      what the engine was given
        20261122-153012-204813-01.events.jsonl  what it said
        20261122-153012-204813-01.said.txt      its standard error

So a run can be taken up by another process when the one that began it has died.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, Iterator, Optional, Tuple, Union

from relip_host.choice import Choice
from relip_host.host import Made, Placed, Selection, Shot, Timeline
from relip_host.page import Row
from relip_host.plain import from_plain, to_plain
from relip_host.processes import alive
from relip_host.whole_file import write_json
from relip_job.errors import OutputError

FILE = "run.json"
STATES = (
    "asked",
    "running",
    "done",
    "placing",
    "placed",
    "reverted",
    "failed",
    "refused",
    "cancelled",
)
FORGOTTEN = 600.0
"""Seconds without a beat after which a run is nobody's, even if a process has its number."""
BEAT = 2.0
"""Seconds between signs of life of whoever is at a run."""


@dataclass(frozen=True)
class Entry:
    """A shot of a run and what became of it.

    Attributes
    ----------
    job : unique among all runs; names its files.
    state : one of ``STATES``. ``done`` is made but not placed; ``placing`` is only read when a
        host went away in the midst of it.
    output, first, frames : where the result goes, source time of its first frame, how many.
    pid : of the engine.
    message, remedy : why it is not placed.
    mouth, kept : as in :class:`~relip_host.page.Row`.
    voices : what its voices are called, ``("A3", "A4")``, if there are several.
    """

    job: str
    shot: Shot
    state: str = "asked"
    output: str = ""
    first: Fraction = Fraction(0)
    frames: int = 0
    pid: int = 0
    sidecar: str = ""
    score: Optional[str] = None
    message: str = ""
    remedy: str = ""
    notes: Tuple[str, ...] = ()
    placed: Optional[Placed] = None
    mouth: str = ""
    kept: bool = False
    voices: Tuple[str, ...] = ()

    @property
    def made(self) -> Made:
        """The result."""
        return Made(
            self.job, self.shot, self.output, self.sidecar, self.first, self.frames, self.score
        )

    @property
    def row(self) -> Row:
        """As it is told."""
        return Row(
            self.shot.id,
            {"asked": "waiting", "placing": "running"}.get(self.state, self.state),
            stage="place" if self.state == "placing" else "",
            where=self.placed.where if self.placed else "",
            score=self.score,
            message=self.message,
            remedy=self.remedy,
            notes=self.notes,
            mouth=self.mouth,
            kept=self.kept,
        )


@dataclass(frozen=True)
class Record:
    """A run. ``pid`` is the process at it; ``ended`` that it has left, whatever is unfinished."""

    id: str
    begun: str
    host: str
    project: str
    timeline: Timeline
    choice: Choice
    how: str
    entries: Tuple[Entry, ...] = ()
    pid: int = 0
    ended: bool = False
    version: int = field(default=1)


class Journal:
    """The record of one run and its folder."""

    def __init__(self, folder: Path, record: Record) -> None:
        self.folder = folder
        self.record = record
        self._beat = 0.0
        self._plain: Dict[str, Tuple[Entry, object]] = {}

    def path(self, job: str, ending: str) -> Path:
        """A file of a job: ``.job.json``, ``.events.jsonl``."""
        return self.folder / (job + ending)

    def entry(self, job: str) -> Entry:
        """The entry as it is now."""
        return next(entry for entry in self.record.entries if entry.job == job)

    def change(self, job: str, **values: Any) -> Entry:
        """Change an entry, on disk as well.

        Raises
        ------
        OutputError
            It cannot be written.
        """
        entry = replace(self.entry(job), **values)
        entries = tuple(entry if one.job == job else one for one in self.record.entries)
        self.write(replace(self.record, entries=entries))
        return entry

    def write(self, record: Record) -> None:
        """Make this the record, on disk as well."""
        self.record = record
        page = to_plain(replace(record, entries=()))
        page["entries"] = [self._as_plain(entry) for entry in record.entries]
        write_json(self.folder / FILE, page, indent=None)

    def _as_plain(self, entry: Entry) -> object:
        """An entry as JSON has it; of hundreds, one has changed since it was last written."""
        known = self._plain.get(entry.job)
        if known is None or known[0] is not entry:
            known = self._plain[entry.job] = (entry, to_plain(entry))
        return known[1]

    def beat(self) -> None:
        """Show that somebody is at the run, now and then."""
        now = time.monotonic()
        if now - self._beat >= BEAT:
            self._beat = now
            try:
                os.utime(self.folder / FILE)
            except OSError as error:
                raise OutputError(
                    f"{self.folder / FILE} cannot be written ({error.strerror})",
                    "the results so far are where they were written to",
                ) from error

    @property
    def kept(self) -> bool:
        """Whether the process that began it is still at it."""
        if self.record.ended or not alive(self.record.pid):
            return False
        return age(self.folder / FILE) < FORGOTTEN


def begin(
    folder: Path, host: str, project: str, timeline: Timeline, choice: Choice, found: Selection
) -> Journal:
    """Begin a run with an entry for every shot.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    """
    now = datetime.now(timezone.utc)
    name = f"{now:%Y%m%d-%H%M%S-%f}"
    entries = tuple(
        Entry(f"{name}-{number:02d}", shot) for number, shot in enumerate(found.shots, 1)
    )
    begun = now.isoformat(timespec="seconds")
    record = Record(
        name, begun, host, project, timeline, choice, found.how, entries, pid=os.getpid()
    )
    journal = Journal(folder / "runs" / name, record)
    journal.write(record)
    return journal


def runs(folder: Path) -> Iterator[Union[Journal, str]]:
    """Every run, the last one first; a sentence for one that cannot be read."""
    for path in sorted((folder / "runs").glob(f"*/{FILE}"), reverse=True):
        yield _read(path)


def _read(path: Path) -> Union[Journal, str]:
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
        return Journal(path.parent, from_plain(Record, page))
    except (OSError, ValueError, RecursionError) as error:
        return f"{path} cannot be read ({error}); results of that run are where they were made"


def age(path: Path) -> float:
    """Seconds since it was written; a time to come counts as now."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return float("inf")
