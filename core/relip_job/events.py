"""What a run reports: a closed set of small events, each one line of JSON.

A run yields any number of :class:`Progress`, :class:`Notice` and :class:`Voiced`, then exactly one
:class:`Finished`. Failure is an exception of :mod:`relip_job.errors` inside a process and a
:class:`Failed` between processes, where a :class:`Hello` comes first.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Dict, Optional, Tuple, Type, Union

STAGES = ("probe", "listen", "track", "plan", "draw", "score")
PROTOCOL = 1
"""Of what hosts and engine say to each other."""


@dataclass(frozen=True)
class Hello:
    """The engine is there; ``version`` is relip's."""

    protocol: int
    version: str


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` frames of a stage, seconds of sound when it listens.

    ``left`` is the seconds left of the whole run.
    """

    stage: str
    done: int
    total: int
    left: Optional[float] = None


@dataclass(frozen=True)
class Notice:
    """Something the editor should know; ``start`` and ``end`` are seconds in the clip.

    ``voice`` is the one it is about, counted from 1, if a job has several. With the code
    ``left-out`` its mouth is not changed, and ``reason`` names the error, as the code of a
    :class:`Failed` would. ``remedy`` may say what to do.
    """

    code: str
    message: str
    start: Optional[float] = None
    end: Optional[float] = None
    voice: Optional[int] = None
    remedy: Optional[str] = None
    reason: Optional[str] = None


@dataclass(frozen=True)
class Voiced:
    """Whose mouth a voice has: ``person`` as ``relip probe`` counts, among ``people``.

    ``how`` it was chosen: ``number``, ``point``, ``sound``, ``only`` or ``size``; ``confidence``
    is 0 to 1.
    """

    voice: int
    person: int
    people: int
    how: str
    confidence: float


@dataclass(frozen=True)
class Finished:
    """The result is complete at ``output``; ``sidecar`` describes how it was made.

    ``score`` is what it earned, ``4 of 5``, if it was scored: of several voices, the least.
    ``scores`` are theirs, empty text for one that has none; empty unless there are several.
    """

    output: str
    sidecar: str
    frames: int
    changed: int
    score: Optional[str] = None
    scores: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """Nothing was written. ``code`` names the error, ``remedy`` what to do.

    Besides the names in :mod:`relip_job.errors` a code may be ``Protocol`` (what the engine was
    told is no job) or ``Internal`` (a fault of relip's own).
    """

    code: str
    message: str
    remedy: str = ""


Event = Union[Hello, Progress, Notice, Voiced, Finished, Failed]
KINDS: Tuple[Type[Any], ...] = (Hello, Progress, Notice, Voiced, Finished, Failed)


def to_json(event: Event) -> str:
    """One line of JSON: ``{"event": "progress", ...}``, without what is not known."""
    known = {key: value for key, value in asdict(event).items() if value not in (None, ())}
    return json.dumps({"event": type(event).__name__.lower(), **known}, ensure_ascii=False)


def from_json(line: str) -> Event:
    """The event of one line; ``ValueError`` if it is none."""
    found: Dict[str, Any] = json.loads(line)
    name = found.pop("event", None)
    for kind in KINDS:
        if kind.__name__.lower() == name:
            unknown = set(found) - {field.name for field in fields(kind)}
            if unknown:
                raise ValueError(f"a {name} event has no {sorted(unknown)}")
            lists = {key: tuple(value) for key, value in found.items() if isinstance(value, list)}
            event: Event = kind(**{**found, **lists})
            return event
    raise ValueError(f"no event is called {name!r}")
