"""The footage behind an item that may already show a result of relip.

A second run starts from the footage again, never from the first result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Iterator, Optional, Tuple

from relip_resolve.clock import rate_of
from relip_resolve.scene import Item, Scene, prop, same_file
from relip_resolve.spans import UNKNOWN, Reading, Span, round_to, span

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem, TimelineItem

JOB = "relip job"
"""Third-party metadata of a media pool item that relip imported: the job that made its file."""

NAMED = re.compile(r"(?P<clip>.+)_relip_v\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Footage:
    """What an item shows, or would show without relip."""

    media: MediaPoolItem
    span: Span
    name: str


def made_by_relip(media: MediaPoolItem) -> bool:
    """Whether relip wrote the file."""
    if media.GetThirdPartyMetadata(JOB):
        return True
    return NAMED.fullmatch(stem(media)) is not None


def stem(media: MediaPoolItem) -> str:
    """Name of the file, without folder and ending."""
    return PurePath(prop(media, "File Path").replace("\\", "/")).stem


def clip_of(media: MediaPoolItem) -> str:
    """Name of the file a result was made from."""
    named = NAMED.fullmatch(stem(media))
    return named["clip"] if named else ""


def footage(item: Item, scene: Scene) -> Optional[Footage]:
    """The footage of an item; None if it shows no file (a title, a transition)."""
    media = item.handle.GetMediaPoolItem()
    if media is None:
        return None
    shown = shown_span(item, media, scene)
    if not made_by_relip(media):
        return Footage(media, shown, item.name)
    takes = tuple(takes_of(item.handle))
    selected = int(item.handle.GetSelectedTakeIndex() or 0)
    result = next((take for take in takes if take.number == selected), None)
    originals = [take for take in takes if not made_by_relip(take.media)]
    if result is None or not originals or shown.first is None:
        return Footage(media, shown, item.name)
    clip = clip_of(media)
    original = next((take for take in originals if stem(take.media) == clip), originals[0])
    # Both takes lie under the same item: what one is trimmed by, the other is too.
    first = shown.first + original.start - result.start
    name = prop(original.media, "Clip Name") or item.name
    return Footage(original.media, Span(first, shown.speed), name)


def shown_span(item: Item, media: MediaPoolItem, scene: Scene) -> Span:
    """First source frame and speed of the take that is selected."""
    if not prop(media, "FPS"):
        return UNKNOWN
    rate, _ = file_rate(media)
    said = reading(item.handle, item.frames)
    found = span(said, scene.clock.rate, rate)
    if found.speed is not None:
        return found
    return exported_span(item, media, scene, rate, said.left)


def exported_span(
    item: Item, media: MediaPoolItem, scene: Scene, rate: Fraction, left: Optional[float]
) -> Span:
    """What an export tells of an item that does not say where in its file it is.

    ``rate`` is of the frames that ``first`` and the item's trim ``left`` count; both have to agree.
    """
    told = scene.told(item)
    if told is None or told.speed is None or told.frames != item.frames:
        return UNKNOWN
    if not same_file(told.path, prop(media, "File Path")):
        return UNKNOWN
    if told.speed != 1:
        return Span(None, told.speed)
    first = told.first * rate
    agreed = left is not None and abs(first - round_to(left)) <= 1
    return Span(round_to(left or 0), told.speed) if agreed else UNKNOWN


def reading(handle: TimelineItem, frames: int) -> Reading:
    """What Resolve says of the item's place in its file."""
    return Reading(
        start=handle.GetSourceStartFrame(),
        end=handle.GetSourceEndFrame(),
        left=handle.GetLeftOffset(True),
        frames=frames,
    )


@dataclass(frozen=True)
class Take:
    """An alternative of an item; numbers count from 1, extents are source frames, half-open."""

    number: int
    media: MediaPoolItem
    start: Fraction
    end: Fraction


def takes_of(handle: TimelineItem) -> Iterator[Take]:
    """Every take of an item, none where nobody has made a second one."""
    for number in range(1, int(handle.GetTakesCount() or 0) + 1):
        take = handle.GetTakeByIndex(number)
        if take and take.get("mediaPoolItem") is not None:
            start, end = Fraction(take["startFrame"] or 0), Fraction(take["endFrame"] or 0)
            yield Take(number, take["mediaPoolItem"], start, end)


def beneath(item: Item, scene: Scene) -> Optional[Item]:
    """The shot that a result on a track of its own was laid over."""
    media = item.handle.GetMediaPoolItem()
    if media is None or not made_by_relip(media) or item.handle.GetTakesCount():
        return None
    clip, found = clip_of(media), None
    for track in range(1, item.track):
        for below in scene.on_track("video", track):
            other = below.handle.GetMediaPoolItem()
            if other is None or not below.overlaps(item.start, item.end):
                continue
            under = footage(below, scene)
            if under is not None and stem(under.media) == clip:
                found = below
    return found


def file_rate(media: MediaPoolItem) -> Tuple[Fraction, bool]:
    """Frame rate of the file and whether its timecode drops."""
    rate, drop = rate_of(prop(media, "FPS"))
    return rate, drop or prop(media, "Drop frame") == "1"
