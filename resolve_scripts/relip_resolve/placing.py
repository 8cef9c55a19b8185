"""The item a result belongs on, and which of its frames: the edit may have changed since."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Optional

from relip_host.host import HostError, Made
from relip_resolve.originals import Footage, file_rate, footage, made_by_relip
from relip_resolve.scene import Item, Scene, prop

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem

AGAIN = "re-sync the shot as it is now"


@dataclass(frozen=True)
class Target:
    """The item a result is for, and the footage it was made from."""

    item: Item
    media: MediaPoolItem
    first: Fraction
    """Source frame of the footage at the item's start, now."""
    rate: Fraction
    """Frames per second of the footage."""


@dataclass(frozen=True)
class Extent:
    """Frames of a result, half-open, and where on the timeline they begin (absolute)."""

    start: int
    end: int
    record: int
    frames: int
    """Length on the timeline."""


def target(scene: Scene, made: Made) -> Target:
    """The shot that a result was made for.

    Raises
    ------
    HostError
        It is not on this timeline any more, or shows something else now.
    """
    item = scene.find(made.shot.id) or twin(scene, made)
    if item is None:
        elsewhere = timeline_with(scene, made.shot.id)
        if elsewhere:
            raise HostError(
                f"{made.shot.name} is on the timeline {elsewhere}, which is not open",
                "open it, then run Apply Finished",
            )
        raise HostError(
            f"{made.shot.name} is not on this timeline any more",
            f"undo what took it away and run Apply Finished, or put {made.output} in by hand",
        )
    found = footage(item, scene)
    if found is None or found.span.first is None or found.span.speed != 1:
        raise HostError(f"{made.shot.name} was changed since: it is not plain footage now", AGAIN)
    if made.shot.media is not None and prop(found.media, "File Path") != made.shot.media:
        raise HostError(f"{made.shot.name} shows another file now", AGAIN)
    return Target(item, found.media, found.span.first, file_rate(found.media)[0])


def twin(scene: Scene, made: Made) -> Optional[Item]:
    """The item in the same place on the same track, where lasting names did not last."""
    start = scene.clock.frame(made.shot.start)
    for item in scene.on_track("video", made.shot.track):
        if item.start == start and item.end == scene.clock.frame(made.shot.end):
            found: Optional[Footage] = footage(item, scene)
            if found is not None and prop(found.media, "File Path") == made.shot.media:
                return item
    return None


def timeline_with(scene: Scene, name: str) -> str:
    """Name of another timeline that has the item; empty if none does."""
    here = scene.timeline.GetUniqueId()
    for index in range(1, int(scene.project.GetTimelineCount() or 0) + 1):
        other = scene.project.GetTimelineByIndex(index)
        if other is None or other.GetUniqueId() == here:
            continue
        if Scene(scene.seat, scene.project, other, scene.clock).find(name) is not None:
            return str(other.GetName() or "")
    return ""


def extent(found: Target, scene: Scene, made: Made) -> Extent:
    """The part of the result that the shot shows, and where it lies.

    Raises
    ------
    HostError
        The result does not reach as far as the shot does now.
    """
    step = found.rate / scene.clock.rate  # source frames per frame of the timeline
    head = made.first * found.rate
    start = found.first - head
    end = start + found.item.frames * step
    if end <= 0 or start >= made.frames:
        raise HostError(f"{made.shot.name} was slipped to frames that were not re-synced", AGAIN)
    # What is shorter than the shot (made between marks) begins later or ends earlier.
    late = max(0, math.ceil(-start / step))
    first = round(start + late * step)
    last = min(made.frames, math.ceil(end))
    frames = min(found.item.frames - late, math.floor((last - first) / step))
    return Extent(first, last, found.item.start + late, frames)


def covers(part: Extent, found: Target) -> bool:
    """Whether the result is as long as the shot."""
    return part.record == found.item.start and part.frames >= found.item.frames


def shows_result(item: Item) -> bool:
    """Whether what is selected on the item was made by relip."""
    media = item.handle.GetMediaPoolItem()
    return media is not None and made_by_relip(media)
