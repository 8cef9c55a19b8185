"""A result in place of the shot: as another take of the same item.

The item keeps its position, links, transitions and transform, and the footage stays its first
take. The extents are always given: without them Resolve refuses, and leaves a selector with one
take behind. A take is never finalised, because that throws the others away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from relip_host.host import HostError, Made, Placed
from relip_resolve.belief import doubt, prove
from relip_resolve.grades import copy_transform, nodes
from relip_resolve.markers import mark, unmark
from relip_resolve.media_pool import bring_in
from relip_resolve.originals import Take, takes_of
from relip_resolve.pages import page
from relip_resolve.placing import Extent, Target, covers, extent, target
from relip_resolve.scene import Item, Scene, prop, properties, same_file

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem, TimelineItem


def place_take(scene: Scene, made: Made, tracks: str) -> Placed:
    """Add the result as a take, select it, and read both back."""
    found = target(scene, made)
    part = extent(found, scene, made)
    if not covers(part, found):
        raise HostError(
            f"the result is shorter than {made.shot.name} is now, so it cannot be its take",
            "place it on a track above, or re-sync the shot as it is now",
        )
    media, notes = bring_in(scene, made, found.media)
    item = found.item.handle
    with page(scene.seat.resolve, "edit", notes):
        before = int(item.GetSelectedTakeIndex() or 0) or 1
        looked, nodes_before = properties(item), nodes(item)
        number = showing(item, made.output)
        if number is None:
            number = add_take(found, media, part, made, before)
        select(scene, found, number, before, made)
        notes += copy_transform(looked, item)
        if nodes(item) != nodes_before:
            notes.append(
                f"the take has {nodes(item)} nodes of grade, the shot had {nodes_before}; "
                "copy the grade from a still, or revert and choose a track above"
            )
        notes += mark(item, made, tracks)
    undo = {
        "kind": "take",
        "timeline": str(scene.timeline.GetUniqueId() or ""),
        "item": found.item.id,
        "track": str(found.item.track),
        "before": str(before),
        "footage": prop(found.media, "File Path"),
        "output": made.output,
        "job": made.job,
    }
    where = f"take {number} of {made.shot.name} on V{found.item.track}"
    return Placed(made.shot.id, where, undo, tuple(notes))


def showing(item: TimelineItem, path: str) -> Optional[int]:
    """Number of the take that shows this file."""
    return next((take.number for take in takes_of(item) if shows(take, path)), None)


def shows(take: Take, path: str) -> bool:
    """Whether a take is this file."""
    return same_file(prop(take.media, "File Path"), path)


def withdraw(item: TimelineItem, number: int, before: int) -> None:
    """Take off a take of ours that is not what it should be; one that is shown cannot go."""
    item.SelectTakeByIndex(before)
    item.DeleteTakeByIndex(number)


def add_take(found: Target, media: MediaPoolItem, part: Extent, made: Made, before: int) -> int:
    """Number of the new take, which has the extents that were asked for."""
    item = found.item.handle
    count = int(item.GetTakesCount() or 0)
    answer = item.AddTake(media, part.start, part.end)
    takes = tuple(takes_of(item))
    new = next((take for take in takes[::-1] if shows(take, made.output)), None)
    prove(
        "AddTake",
        answer,
        new is not None and len(takes) > max(1, count),
        f"{made.shot.name} has {len(takes)} takes and none is {made.output}",
        "choose to place the result on a track above",
    )
    assert new is not None
    if new.start != part.start or new.end != part.end:
        withdraw(item, new.number, before)
        raise HostError(
            f"{doubt('AddTake', answer)}: the take shows frames {new.start} to {new.end} of the "
            f"result instead of {part.start} to {part.end}",
            "choose to place the result on a track above",
        )
    return new.number


def select(scene: Scene, found: Target, number: int, before: int, made: Made) -> None:
    """Show the take; if it does not, or the item moved, leave the item as it was."""
    item = found.item.handle
    answer = item.SelectTakeByIndex(number)
    media = item.GetMediaPoolItem()
    there = scene.find(found.item.id)
    shown = media is not None and same_file(prop(media, "File Path"), made.output)
    stayed = there is not None and (there.start, there.end) == (found.item.start, found.item.end)
    if shown and stayed and item.GetSelectedTakeIndex() == number:
        return
    withdraw(item, number, before)
    prove(
        f"SelectTakeByIndex({number})",
        answer,
        False,
        f"{made.shot.name} shows {prop(media, 'File Name') if media is not None else 'nothing'}"
        if stayed
        else f"{made.shot.name} did not keep its place",
        "choose to place the result on a track above",
    )


def revert_take(scene: Scene, undo: Dict[str, str], item: Item) -> Tuple[str, ...]:
    """Show the take that was shown before, and take ours off."""
    notes: List[str] = []
    handle = item.handle
    number = showing(handle, undo["output"])
    if number is None:
        return (f"{item.name} has no take with {undo['output']} any more",)
    with page(scene.seat.resolve, "edit", notes):
        notes += unmark(handle, undo["job"])
        if int(handle.GetSelectedTakeIndex() or 0) == number:
            back = int(undo["before"])
            answer = handle.SelectTakeByIndex(back)
            media = handle.GetMediaPoolItem()
            prove(
                f"SelectTakeByIndex({back})",
                answer,
                media is not None and not same_file(prop(media, "File Path"), undo["output"]),
                f"{item.name} still shows {undo['output']}",
                "choose the take by hand: right-click the clip, Take Selector",
            )
        count = int(handle.GetTakesCount() or 0)
        answer = handle.DeleteTakeByIndex(number)
        if showing(handle, undo["output"]) is not None:
            notes.append(
                f"{doubt('DeleteTakeByIndex', answer)}: {item.name} still has {count} takes, "
                "the one of relip is not shown"
            )
    return tuple(notes)
