"""The marker on an item that relip touched: its score, and the job it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, Optional

from relip_host.host import Made
from relip_resolve.belief import doubt

if TYPE_CHECKING:
    from fusionscript import MarkerColor, TimelineItem

ROOM = 50
"""Frames tried for a marker: there is only one on each."""


def custom_data(job: str) -> str:
    """What relip's marker is found by."""
    return f"relip:{job}"


def colour_of(score: Optional[str]) -> MarkerColor:
    """Green for full marks, yellow for one missing, red below; blue if it was not scored."""
    words = (score or "").split()
    if len(words) != 3 or not (words[0].isdigit() and words[2].isdigit()):
        return "Blue"
    missing = int(words[2]) - int(words[0])
    if missing <= 0:
        return "Green"
    return "Yellow" if missing == 1 else "Red"


def mark(item: TimelineItem, made: Made, tracks: str) -> List[str]:
    """Put the marker at the head of what is visible; a sentence if Resolve did not keep it.

    An item's markers count from the head of its media, so that what is visible begins at the
    item's trim.
    """
    data = custom_data(made.job)
    if item.GetMarkerByCustomData(data):
        return []
    taken = {int(frame) for frame in markers(item)}
    head = int(item.GetLeftOffset(False) or 0)
    last = max(1, min(ROOM, int(item.GetDuration(False) or 1)))
    frame = next((head + step for step in range(last) if head + step not in taken), head)
    name = f"relip {made.score}" if made.score else "relip"
    note = f"Lips re-synced to {tracks}, job {made.job}"
    answer = item.AddMarker(frame, colour_of(made.score), name, note, 1, data)
    if item.GetMarkerByCustomData(data):
        return []
    return [f"{doubt('AddMarker', answer)}: the clip has no marker with score and job"]


def unmark(item: TimelineItem, job: str) -> List[str]:
    """Take the marker of a job off; a sentence if it stayed."""
    data = custom_data(job)
    if not item.GetMarkerByCustomData(data):
        return []
    answer = item.DeleteMarkerByCustomData(data)
    if not item.GetMarkerByCustomData(data):
        return []
    return [f"{doubt('DeleteMarkerByCustomData', answer)}: the marker is still there, delete it"]


def markers(item: TimelineItem) -> Dict[float, object]:
    """What is marked on the item, by frame."""
    return dict(item.GetMarkers() or {})
