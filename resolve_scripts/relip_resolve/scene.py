"""The timeline that is open, and what lies on it.

Items are asked for again each time: they are proxies that die with the next edit, and a dead one
answers None to everything.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional

from relip_host.host import HostError
from relip_resolve.clock import Clock, clock_of
from relip_resolve.connection import Seat
from relip_resolve.exported import Place, Told, export

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem, Project, TimelineItem, TrackType
    from fusionscript import Timeline as ResolveTimeline


@dataclass(frozen=True)
class Item:
    """An item of a track; ``start`` and ``end`` are absolute frames, ``end`` exclusive."""

    handle: TimelineItem
    kind: TrackType
    track: int
    start: int
    end: int

    @property
    def name(self) -> str:
        """What the editor reads on it."""
        return str(self.handle.GetName() or "clip")

    @property
    def id(self) -> str:
        """Its lasting name; the proxies of one item differ."""
        return str(self.handle.GetUniqueId() or "")

    @property
    def frames(self) -> int:
        """Length in frames of the timeline."""
        return self.end - self.start

    def covers(self, frame: int) -> bool:
        """Whether it shows at this absolute frame."""
        return self.start <= frame < self.end

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any of it lies in these absolute frames."""
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Scene:
    """One timeline of one project, and how it counts."""

    seat: Seat
    project: Project
    timeline: ResolveTimeline
    clock: Clock

    def count(self, kind: TrackType) -> int:
        """How many tracks there are; they count from 1, at the bottom."""
        return int(self.timeline.GetTrackCount(kind) or 0)

    def on_track(self, kind: TrackType, track: int) -> List[Item]:
        """Items of one track in record order."""
        handles = self.timeline.GetItemListInTrack(kind, track) or []
        found = (item_at(handle, kind, track) for handle in handles)
        return [item for item in found if item is not None]

    def items(self, kind: TrackType) -> Iterator[Item]:
        """Items of every track, from the bottom one up."""
        for track in range(1, self.count(kind) + 1):
            yield from self.on_track(kind, track)

    def enabled(self, kind: TrackType, track: int) -> bool:
        """Whether the track is seen or heard."""
        return bool(self.timeline.GetIsTrackEnabled(kind, track))

    def find(self, name: str) -> Optional[Item]:
        """The picture item with this lasting name."""
        return next((item for item in self.items("video") if item.id == name), None)

    @cached_property
    def exported(self) -> Dict[Place, Told]:
        """What an export tells of the clips; made when it is first asked for."""
        return export(self.seat.resolve, self.timeline)

    def told(self, item: Item) -> Optional[Told]:
        """What an export tells of an item."""
        return self.exported.get((item.kind, item.track, item.start - self.clock.start))

    def track_name(self, kind: TrackType, track: int) -> str:
        """What the editor reads at the head of the track."""
        letter = "V" if kind == "video" else "A"
        return str(self.timeline.GetTrackName(kind, track) or f"{letter}{track}")


def item_at(handle: TimelineItem, kind: TrackType, track: int) -> Optional[Item]:
    """The item with its place; None if it is dead."""
    start, frames = handle.GetStart(False), handle.GetDuration(False)
    if start is None or frames is None:
        return None
    return Item(handle, kind, track, int(start), int(start) + int(frames))


def open_scene(seat: Seat) -> Scene:
    """What the editor looks at now.

    Raises
    ------
    HostError
        No project or no timeline is open.
    """
    manager = seat.resolve.GetProjectManager()
    project = manager.GetCurrentProject() if manager is not None else None
    if project is None:
        raise HostError("no project is open in Resolve", "open one and run the script again")
    timeline = project.GetCurrentTimeline()
    if timeline is None:
        raise HostError("no timeline is open", "open the one with the shot, then run this again")
    return Scene(seat, project, timeline, clock_of(timeline, project))


def prop(media: MediaPoolItem, key: str) -> str:
    """A property of a media pool item as text; empty if Resolve has none.

    Most are strings, the frame rate is a number, and an empty name gives them all.
    """
    value: object = media.GetClipProperty(key)
    if isinstance(value, dict):
        value = value.get(key)
    return "" if value is None else str(value).strip()


def properties(item: TimelineItem) -> Dict[str, object]:
    """Everything that can be set on an item; a transition has nothing."""
    said: object = item.GetProperty()  # type: ignore[call-arg]  # the key is optional
    return dict(said) if isinstance(said, dict) else {}


def whole(media: MediaPoolItem, key: str) -> int:
    """A property that counts something; 0 if it is not a number."""
    try:
        return int(Fraction(prop(media, key)))
    except (ValueError, ZeroDivisionError):
        return 0


def same_file(one: str, other: str) -> bool:
    """Whether two paths are one file, as far as their spelling tells."""
    return bool(one) and _plain(one) == _plain(other)


def _plain(path: str) -> str:
    return os.path.normcase(os.path.normpath(path))
