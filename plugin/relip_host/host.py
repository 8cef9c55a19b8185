"""What the re-sync loop needs of an editing program, and the words it uses for it.

Two clocks, both in exact seconds: *record* time counts from the timeline's first frame, *source*
time from the first frame of a media file. Frames, absolute numbers and the host's own units stay
inside the adapter. Ranges are half-open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Dict, Optional, Protocol, Tuple

from relip_host.choice import Choice

NO_FOOTAGE = frozenset({"title", "still", "transition", "images", "scene", "clip"})
"""Codes of obstacles of what footage may be seen through, or beside."""
SOUND_TRACKS = {"resolve": "A", "blender": "channel "}
"""What editors say before a sound track's number, by the host's name."""


@dataclass(frozen=True)
class Obstacle:
    """Why something on the timeline cannot be taken as it is.

    ``code`` is for programs (``retimed``, ``reversed``, ``compound``, ``multicam``, ``fusion``,
    ``title``, ``transition``, ``offline``, ``effects``...); message and remedy are a sentence each.
    """

    code: str
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class Timeline:
    """The timeline that is open; ``start`` is the number its first frame carries."""

    id: str
    name: str
    rate: Fraction
    start: int = 0
    drop: bool = False


@dataclass(frozen=True)
class Shot:
    """A picture item on the timeline.

    Attributes
    ----------
    id : the host's lasting name for it; objects die, names do not.
    track : number of its track as the host counts.
    start, end : record time.
    media : the original file it shows, never a proxy; None with an obstacle.
    source : source time of the picture at ``start``.
    source_rate, source_frames, source_start : of the file: frames per second, how many, and the
        frame number of its timecode's origin (86400 for 01:00:00:00 at 24).
    obstacle : why it cannot be re-synced, if so.
    speed : seconds of the file that are shown in a second of the timeline.
    holds : frames ``[first, stop)`` of the file that a result has to hold, where the host cannot
        place one with others; None leaves it to the handles.
    """

    id: str
    name: str
    track: int
    start: Fraction
    end: Fraction
    media: Optional[str]
    source: Fraction = Fraction(0)
    source_rate: Fraction = Fraction(25)
    source_frames: int = 0
    source_start: int = 0
    obstacle: Optional[Obstacle] = None
    speed: Fraction = Fraction(1)
    holds: Optional[Tuple[int, int]] = None

    @property
    def footage(self) -> bool:
        """Whether people may be seen in it: it is no title, no still picture or the like."""
        return self.obstacle is None or self.obstacle.code not in NO_FOOTAGE


@dataclass(frozen=True)
class Selection:
    """The shots to re-sync, and a sentence on how they were found."""

    shots: Tuple[Shot, ...]
    how: str


@dataclass(frozen=True)
class Track:
    """A sound track that may carry the dub."""

    number: int
    name: str
    items: int
    enabled: bool = True


@dataclass(frozen=True)
class DubItem:
    """A sound item on a chosen track.

    ``source`` is the time in the file's sound that is heard at ``start``; ``channels`` count from
    1 over the file's sound, empty means all of them.
    """

    name: str
    track: int
    start: Fraction
    end: Fraction
    media: Optional[str]
    source: Fraction = Fraction(0)
    channels: Tuple[int, ...] = ()
    obstacle: Optional[Obstacle] = None


@dataclass(frozen=True)
class Made:
    """A finished result, ready to be placed.

    ``first`` is the source time of its first frame (before ``shot.source`` by the handle),
    ``frames`` how many it has.
    """

    job: str
    shot: Shot
    output: str
    sidecar: str
    first: Fraction
    frames: int
    score: Optional[str] = None


@dataclass(frozen=True)
class Placed:
    """Where a result went, in words, and what the host needs to take it back.

    ``notes`` are sentences on what did not come along and could not be read back.
    """

    shot: str
    where: str
    undo: Dict[str, str] = field(default_factory=dict)
    notes: Tuple[str, ...] = ()


class HostError(Exception):
    """The host refused, or did not do what it said it did; ``str`` is message and remedy."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message + ("; " + remedy if remedy else ""))
        self.message = message
        self.remedy = remedy


class Host(Protocol):
    """An editing program with a project open. Every method may raise :class:`HostError`."""

    name: str
    """``resolve`` or ``blender``: what choices are remembered under."""

    def timeline(self) -> Timeline:
        """The timeline the editor looks at."""

    def project(self) -> str:
        """The project's lasting name: choices are remembered per project."""

    def selection(self) -> Selection:
        """The shots the editor means; at least one."""

    def tracks(self) -> Tuple[Track, ...]:
        """Sound tracks, in the host's order."""

    def marks(self) -> Optional[Tuple[Fraction, Fraction]]:
        """Record time between the timeline's in and out marks, if both are set."""

    def dub_items(
        self, tracks: Tuple[int, ...], start: Fraction, end: Fraction
    ) -> Tuple[DubItem, ...]:
        """Enabled items of these tracks that overlap ``[start, end)``, in record order."""

    def render_dub(
        self, tracks: Tuple[int, ...], start: Fraction, end: Fraction, folder: str
    ) -> str:
        """Have the host mix these tracks into a file that begins at ``start``; its path.

        Every setting it changes for that is put back, whatever happens.
        """

    def place(self, made: Made, choice: Choice) -> Placed:
        """Put the result on the timeline and read it back."""

    def is_there(self, placed: Placed) -> bool:
        """Whether a result still is where it was placed, and is seen there."""

    def revert(self, placed: Placed) -> Tuple[str, ...]:
        """Take a result off the timeline again; sentences on what could not be undone."""
