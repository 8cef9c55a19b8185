"""What an engine wrote down while nobody listened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional, Tuple, Union

from relip_host.journal import age
from relip_job import Event, Failed, Finished, Hello, Notice, Progress, Voiced
from relip_job.events import from_json


@dataclass(frozen=True)
class Told:
    """The log of one attempt, the last.

    Attributes
    ----------
    progress : the last of it.
    last : how it ended; None if it has not, or was ended.
    voiced : whose mouths were chosen.
    quiet : seconds since it was written to.
    """

    progress: Optional[Progress] = None
    notices: Tuple[Notice, ...] = ()
    voiced: Tuple[Voiced, ...] = ()
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
            told = replace(told, progress=event, last=None)
        elif isinstance(event, Notice):
            told = replace(told, notices=(*told.notices, event), last=None)
        elif isinstance(event, Voiced):
            told = replace(told, voiced=(*told.voiced, event), last=None)
        elif isinstance(event, (Finished, Failed)):
            told = replace(told, last=event)
    return replace(told, quiet=age(path))


def _event(line: str) -> Optional[Event]:
    try:
        return from_json(line)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
