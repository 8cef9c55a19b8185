"""What an engine wrote down while nobody listened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Tuple, Union

from relip_host.journal import age
from relip_job import Event, Failed, Finished, Hello, Notice, Progress
from relip_job.events import from_json


@dataclass(frozen=True)
class Told:
    """The log of one attempt, the last.

    Attributes
    ----------
    progress : the last of it.
    last : how it ended; None if it has not, or was ended.
    quiet : seconds since it was written to.
    """

    progress: Optional[Progress] = None
    notices: Tuple[Notice, ...] = ()
    last: Union[Finished, Failed, None] = None
    quiet: float = float("inf")


def read_log(path: Path) -> Told:
    """What it tells; nothing, if there is none. A line that was cut off is passed over."""
    told = Told()
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return told
    for line in text.splitlines():
        event = _event(line)
        if isinstance(event, Hello):
            told = Told()
        elif isinstance(event, Progress):
            told = Told(event, told.notices, None)
        elif isinstance(event, Notice):
            told = Told(told.progress, (*told.notices, event), None)
        elif isinstance(event, (Finished, Failed)):
            told = Told(told.progress, told.notices, event)
    return Told(told.progress, told.notices, told.last, age(path))


def _event(line: str) -> Optional[Event]:
    try:
        return from_json(line)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
