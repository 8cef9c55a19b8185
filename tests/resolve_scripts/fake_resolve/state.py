"""What a project holds. Tests read it to see what really happened; scripts only hold proxies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Literal

TrackKind = Literal["video", "audio", "subtitle"]
ItemKind = Literal["clip", "title", "generator", "transition", "fusion"]

_numbers = count(1)


def new_id() -> str:
    """A name nothing else has."""
    return f"{next(_numbers):08x}-5a1e-4b1d-9c0d-0d15ea5ef1d5"


@dataclass(eq=False, kw_only=True)
class State:
    """Something a proxy can stand for; ``gone`` once it was deleted."""

    gone: bool = False
    uid: str = field(default_factory=new_id)


@dataclass(frozen=True)
class Mark:
    """A marker, without its frame."""

    color: str
    name: str
    note: str
    duration: float
    custom: str


@dataclass(eq=False, kw_only=True)
class Marked(State):
    """Something that takes markers, flags and a colour."""

    marks: dict[float, Mark] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    colour: str = ""


@dataclass(frozen=True)
class Linked:
    """A sound file that belongs to a clip; ``offset`` in samples, positive is leading silence."""

    path: str
    channels: int
    offset: int = 0


@dataclass(eq=False, kw_only=True)
class MediaState(Marked):
    """A clip of the media pool.

    ``rate`` and ``frames`` of its picture, or of its sound in frames of the project; ``start`` is
    the number its timecode begins with. ``tracks`` are the channels of each of its sound tracks,
    from 1 over its own and then the linked ones.
    """

    name: str
    path: str
    kind: str
    rate: Fraction
    frames: int
    start: int = 0
    drop: bool = False
    size: tuple[int, int] = (1920, 1080)
    channels: int = 0
    sample_rate: int = 48000
    linked: tuple[Linked, ...] = ()
    tracks: tuple[tuple[int, ...], ...] = ()
    muted: bool = False
    online: bool = True
    proxy: str = ""
    properties: dict[str, object] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    third_party: dict[str, str] = field(default_factory=dict)
    timeline: TimelineState | None = None
    sound: str = ""  # what a compound clip sounds like, for the mix

    @property
    def has_picture(self) -> bool:
        return self.kind != "Audio"


@dataclass(frozen=True)
class Take:
    """An alternative of an item; ``end`` is exclusive, both in frames of the media."""

    media: MediaState
    start: float
    end: float


@dataclass(eq=False, kw_only=True)
class ItemState(Marked):
    """An item on a track.

    ``start`` is absolute and ``frames`` its length, in frames of the timeline; sound may lie
    between them. ``source`` is the media's frame at ``start``, ``speed`` how fast it runs on.
    """

    track: TrackState
    start: Fraction
    frames: Fraction
    kind: ItemKind = "clip"
    name: str = ""
    media: MediaState | None = None
    source: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    from_xmeml: bool = False
    enabled: bool = True
    properties: dict[str, object] = field(default_factory=dict)
    grade: str = ""
    nodes: int = 1
    comps: int = 0
    isolated: bool = False  # voice isolation
    link: int = 0
    channels: tuple[int, ...] = ()
    muted: bool = False
    gain: float = 1.0
    takes: list[Take] = field(default_factory=list)
    take: int = 0
    doomed: bool = False  # vanishes when the project is saved

    @property
    def end(self) -> Fraction:
        return self.start + self.frames

    @property
    def step(self) -> Fraction:
        """Frames of the media per frame of the timeline."""
        rate = self.media.rate if self.media else self.track.timeline.rate
        return self.speed * rate / self.track.timeline.rate

    @property
    def source_end(self) -> Fraction:
        """Exclusive; before ``source`` when it plays backwards."""
        return self.source + self.step * self.frames


@dataclass(eq=False, kw_only=True)
class TrackState(State):
    """A track with its items in time order."""

    timeline: TimelineState
    kind: TrackKind
    name: str
    subtype: str = ""
    enabled: bool = True
    locked: bool = False
    isolated: bool = False
    items: list[ItemState] = field(default_factory=list)

    def add(self, item: ItemState) -> bool:
        """Put an item on, unless something is there already."""
        solid = [other for other in self.items if other.kind != "transition"]
        if item.kind != "transition" and any(
            other.start < item.end and item.start < other.end for other in solid
        ):
            return False
        self.items.append(item)
        self.items.sort(key=lambda other: other.start)
        return True

    def remove(self, item: ItemState) -> None:
        self.items.remove(item)
        item.gone = True


@dataclass(eq=False, kw_only=True)
class TimelineState(Marked):
    """A timeline; ``start`` is the number of its first frame."""

    name: str
    rate: Fraction
    start: int
    drop: bool = False
    tracks: dict[TrackKind, list[TrackState]] = field(default_factory=dict)
    marked: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    playhead: int = 0
    selected: list[ItemState] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    media: MediaState | None = None

    def items(self, kind: TrackKind | None = None) -> Iterator[ItemState]:
        for name, tracks in self.tracks.items():
            for track in tracks if kind in (None, name) else ():
                yield from track.items

    def track(self, kind: str, index: int) -> TrackState | None:
        """By its number, from 1."""
        tracks = next((tracks for name, tracks in self.tracks.items() if name == kind), [])
        return tracks[index - 1] if 1 <= index <= len(tracks) else None

    def add_track(self, kind: TrackKind, index: int = 0, subtype: str = "") -> TrackState:
        """On top, or before track ``index``."""
        tracks = self.tracks.setdefault(kind, [])
        number = index if 1 <= index <= len(tracks) else len(tracks) + 1
        name = f"{kind.capitalize()} {len(tracks) + 1}"
        track = TrackState(timeline=self, kind=kind, name=name, subtype=subtype)
        tracks.insert(number - 1, track)
        return track

    @property
    def end(self) -> int:
        """Number after the last frame that anything lies on."""
        return max((int(item.end) for item in self.items()), default=self.start)


@dataclass(eq=False, kw_only=True)
class GraphState(State):
    """The nodes that an item is graded with."""

    item: ItemState
