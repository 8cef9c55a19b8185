"""What a question reads back: positions, takes, grades, as plain values."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Dict, List

from relip_contract.stage import Stage

if TYPE_CHECKING:
    from fusionscript import Timeline, TimelineItem

Answer = Dict[str, object]


def span(item: TimelineItem) -> Answer:
    """Everything that says where an item lies and what it shows."""
    return {
        "start": item.GetStart(False),
        "end": item.GetEnd(False),
        "frames": item.GetDuration(False),
        "left": item.GetLeftOffset(True),
        "first": item.GetSourceStartFrame(),
        "last": item.GetSourceEndFrame(),
        "from": item.GetSourceStartTime(),
        "to": item.GetSourceEndTime(),
    }


def look(stage: Stage, item: TimelineItem, words: str) -> Answer:
    """What an editor would see of it, and hear."""
    linked = item.GetLinkedItems() or []
    return {
        **span(item),
        "name": item.GetName(),
        "zoom": item.GetProperty("ZoomX"),
        "linked": [other.GetName() for other in linked],
        "grade": grade(stage, item, words),
    }


def grade(stage: Stage, item: TimelineItem, words: str) -> str:
    """A digest of the item's grade, by the LUT it makes; empty if Resolve makes none."""
    if "ExportLUT" not in dir(item):
        return ""
    path = stage.films / (words + ".cube")
    item.ExportLUT(stage.resolve.EXPORT_LUT_17PTCUBE, str(path))
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def takes(item: TimelineItem) -> List[Answer]:
    """The takes, as Resolve counts them."""
    found = []
    for number in range(1, int(item.GetTakesCount() or 0) + 1):
        take = item.GetTakeByIndex(number) or {}
        media = take.get("mediaPoolItem")
        found.append(
            {
                "startFrame": take.get("startFrame"),
                "endFrame": take.get("endFrame"),
                "media": media.GetName() if media is not None else None,
            }
        )
    return found


def sounds(timeline: Timeline) -> List[object]:
    """Names of what lies on the sound tracks, track by track."""
    count = int(timeline.GetTrackCount("audio") or 0)
    tracks = [timeline.GetItemListInTrack("audio", n) or [] for n in range(1, count + 1)]
    return [[item.GetName() for item in items] for items in tracks]


def named(items: object) -> object:
    """What was selected: kind of track and name of each, in the order given."""
    if not isinstance(items, (list, tuple)):
        return repr(items)
    return [[*item.GetTrackTypeAndIndex(), item.GetName()] for item in items]


def told(markers: object) -> object:
    """Markers with keys that JSON can have."""
    if not isinstance(markers, dict):
        return repr(markers)
    return {str(frame): dict(mark) for frame, mark in markers.items()}
