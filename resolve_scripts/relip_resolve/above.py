"""A result on a track of its own over the shot; the edit beneath is not touched.

The topmost track is used if it is relip's and free where the shot is, so that a batch, or a run
that Resolve's end cut short, fills one track; a second version of a shot gets the next.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from relip_host.host import Made, Placed
from relip_resolve.belief import doubt, prove
from relip_resolve.grades import copy_grade, copy_transform
from relip_resolve.markers import mark
from relip_resolve.media_pool import bring_in
from relip_resolve.originals import made_by_relip
from relip_resolve.pages import page
from relip_resolve.placing import Extent, Target, extent, target
from relip_resolve.scene import Item, Scene, item_at, prop, properties, same_file

if TYPE_CHECKING:
    from fusionscript import MediaPoolClipInfo, MediaPoolItem, TimelineItem

TRACK = re.compile(r"RELIP v(\d{3,})")
PLAIN = {"CompositeMode": 0.0, "Opacity": 100.0}


def place_above(scene: Scene, made: Made, tracks: str) -> Placed:
    """Lay the result over the shot, with its grade and transform, and read all of it back."""
    found = target(scene, made)
    part = extent(found, scene, made)
    media, notes = bring_in(scene, made, found.media)
    with page(scene.seat.resolve, "edit", notes):
        item = already_there(scene, part, made)
        if item is None:
            track = track_for(scene, part)
            item = append(scene, media, part, track, made)
        check_length(scene, item, part, made)
        notes += cover(scene, found, item)
        notes += copy_transform(properties(found.item.handle), item.handle)
        notes += seen_through(found.item.handle)
        notes += copy_grade(scene.seat.resolve, found.item.handle, item.handle)
        notes += mark(item.handle, made, tracks)
    name = scene.track_name("video", item.track)
    undo = {
        "kind": "above",
        "timeline": str(scene.timeline.GetUniqueId() or ""),
        "item": item.id,
        "track": str(item.track),
        "start": str(item.start),
        "late": str(item.start - found.item.start),  # frames after the shot
        "output": made.output,
        "job": made.job,
    }
    return Placed(made.shot.id, f"on track {name}, over {made.shot.name}", undo, tuple(notes))


def already_there(scene: Scene, part: Extent, made: Made) -> Optional[Item]:
    """The result, if an earlier attempt got as far as placing it."""
    for item in scene.items("video"):
        if item.start != part.record:
            continue
        media = item.handle.GetMediaPoolItem()
        if media is not None and same_file(prop(media, "File Path"), made.output):
            return item
    return None


def track_for(scene: Scene, part: Extent) -> int:
    """Number of the topmost track: relip's last one if it is free there, else a new one."""
    count = scene.count("video")
    named = TRACK.fullmatch(scene.track_name("video", count)) if count else None
    usable = (
        named is not None
        and scene.enabled("video", count)
        and not scene.timeline.GetIsTrackLocked("video", count)
    )
    end = part.record + part.frames
    if usable and not any(
        item.overlaps(part.record, end) for item in scene.on_track("video", count)
    ):
        return count
    return new_track(scene)


def new_track(scene: Scene) -> int:
    """A new topmost track with the next version's name."""
    before = scene.count("video")
    names = (scene.track_name("video", track) for track in range(1, before + 1))
    versions = [int(found[1]) for found in map(TRACK.fullmatch, names) if found]
    name = f"RELIP v{max(versions, default=0) + 1:03d}"
    answer = scene.timeline.AddTrack("video")  # type: ignore[call-overload]  # the kind is enough
    number = scene.count("video")
    prove(
        "AddTrack",
        answer,
        number == before + 1,
        f"there are {number} video tracks, as before",
        "unlock the timeline's tracks, then run Apply Finished",
    )
    answer = scene.timeline.SetTrackName("video", number, name)
    named = scene.track_name("video", number)
    if named != name:
        # Under another name no later shot, and no revert, would know it as relip's.
        scene.timeline.DeleteTrack("video", number)
        prove(
            "SetTrackName",
            answer,
            False,
            f"the new track V{number} is called {named}, not {name}",
            "run Apply Finished",
        )
    return number


def append(scene: Scene, media: MediaPoolItem, part: Extent, track: int, made: Made) -> Item:
    """The result as an item of the track, as long as the shot."""
    clip: MediaPoolClipInfo = {
        "mediaPoolItem": media,
        "startFrame": part.start,
        "endFrame": part.end,
        "mediaType": 1,  # picture only
        "trackIndex": track,
        "recordFrame": part.record,
    }
    # The stubs annotate the answer of this form with a list, which mypy takes for no type.
    answer: object = scene.project.GetMediaPool().AppendToTimeline([clip])  # type: ignore[arg-type]
    # The answer may be a proxy of nothing; what lies on the track counts.
    item = already_there(scene, part, made)
    prove(
        "AppendToTimeline",
        answer,
        item is not None and item.track == track,
        f"nothing of {made.output} begins at the shot's first frame on V{track}",
        "see that the track is not locked and free there, then run Apply Finished",
    )
    assert item is not None
    return item


def check_length(scene: Scene, item: Item, part: Extent, made: Made) -> None:
    """Raise, and take the result off again, if it is not as long as the shot.

    Where the rates differ, Resolve floors to whole frames of the timeline.
    """
    mixed = scene.clock.rate != made.shot.source_rate
    slack = max(Fraction(1), scene.clock.rate / made.shot.source_rate) if mixed else 0
    if abs(item.frames - part.frames) <= slack:
        return
    scene.timeline.DeleteClips([item.handle], False)
    prove(
        "AppendToTimeline",
        True,
        False,
        f"the result is {item.frames} frames long on V{item.track}, and the shot {part.frames}",
        "re-sync the shot again; if it stays, put the file in by hand",
    )


def cover(scene: Scene, found: Target, item: Item) -> List[str]:
    """What the editor should know of the neighbourhood: what is hidden now, and hard cuts."""
    notes = []
    if item.frames < found.item.frames:
        notes.append(
            f"the result covers {item.frames} of the shot's {found.item.frames} frames; "
            "the rest is seen as before"
        )
    for track in range(found.item.track + 1, item.track):
        for other in scene.on_track("video", track):
            media = other.handle.GetMediaPoolItem()
            if other.overlaps(item.start, item.end) and not (media and made_by_relip(media)):
                notes.append(f"{other.name} on V{track} is under the result now; move it above")
    for other in scene.on_track("video", found.item.track):
        transition = other.handle.GetMediaPoolItem() is None and not properties(other.handle)
        if transition and other.overlaps(found.item.start - 1, found.item.end + 1):
            notes.append(f"{other.name} at the shot's edge is not on the result; put it there too")
    return notes


def seen_through(shot: TimelineItem) -> List[str]:
    """What shows the shot beneath through the result, which has it too."""
    wanted = properties(shot)
    return [
        f"the shot beneath has {key} {wanted[key]} and is seen through the result; disable it"
        for key, plain in PLAIN.items()
        if key in wanted and wanted[key] != plain
    ]


def revert_above(scene: Scene, undo: Dict[str, str], item: Item) -> Tuple[str, ...]:
    """Take the result off its track, and the track away if nothing is left on it."""
    notes: List[str] = []
    with page(scene.seat.resolve, "edit", notes):
        for _ in range(2):  # the first call is sometimes refused for nothing
            answer = scene.timeline.DeleteClips([item.handle], False)
            if scene.find(item.id) is None:
                break
        prove(
            "DeleteClips",
            answer,
            scene.find(item.id) is None,
            f"{item.name} is still on V{item.track}",
            "see that the track is not locked, or delete the clip by hand",
        )
        ours = TRACK.fullmatch(scene.track_name("video", item.track))
        if ours and item_count(scene, item.track) == 0:
            before = scene.count("video")
            answer = scene.timeline.DeleteTrack("video", item.track)
            if scene.count("video") != before - 1:
                notes.append(f"{doubt('DeleteTrack', answer)}: the empty track is still there")
    return tuple(notes)


def item_count(scene: Scene, track: int) -> int:
    """How many items lie on a picture track, dead ones not counted."""
    handles = scene.timeline.GetItemListInTrack("video", track) or []
    return sum(item_at(handle, "video", track) is not None for handle in handles)
