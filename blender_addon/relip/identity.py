"""Names that last: Blender's own strips die with every undo, and users rename them.

A strip or scene that relip works on gets a number of its own as a custom property. Copies carry
it, too, so that it is looked after when strips are chosen.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import bpy

from relip_host.host import HostError, Shot

from .compat import every_strip, time_of
from .reading import facts_of

if TYPE_CHECKING:
    from bpy.types import Scene, Strip

ID = "relip_id"
PROJECT = "relip_project"


def new_id() -> str:
    """A number that nothing else has."""
    return uuid4().hex


def id_of(thing: Strip | Scene) -> str:
    """Its number, empty if it has none."""
    return str(cast(Any, thing).get(ID, ""))


def identify(scene: Scene, *strips: Strip) -> list[str]:
    """Numbers of strips; new ones for those that have none, or share it with what was copied."""
    counts = Counter(id_of(one) for one in every_strip(scene))
    found = []
    for strip in strips:
        number = id_of(strip)
        if not number or counts[number] > 1:
            counts[number] -= 1
            number = new_id()
            cast(Any, strip)[ID] = number
        found.append(number)
    return found


def identify_scene(scene: Scene) -> tuple[str, str]:
    """Numbers of a scene and of its project; given where they are lacking."""
    own = cast(Any, scene)
    if not id_of(scene) or any(
        id_of(one) == id_of(scene) for one in bpy.data.scenes if one != scene
    ):
        own[ID] = new_id()
    if not own.get(PROJECT):
        others = [str(cast(Any, one).get(PROJECT, "")) for one in bpy.data.scenes]
        stem = Path(bpy.data.filepath).stem or "untitled"
        own[PROJECT] = next(filter(None, others), f"{stem}-{new_id()[:8]}")
    return id_of(scene), str(own[PROJECT])


def strip_with(scene: Scene, number: str) -> Strip | None:
    """The strip with a number."""
    return next((one for one in every_strip(scene) if number and id_of(one) == number), None)


def strip_of(scene: Scene, shot: Shot, origin: int, rate: float) -> Strip:
    """The strip of a shot.

    Undo takes its number away with everything else since; then it is known by its place and file.

    Raises
    ------
    HostError
        It is not there any more.
    """
    found = strip_with(scene, shot.id)
    if found is not None:
        return found
    for strip in every_strip(scene):
        left = round(float(shot.start) * rate) + origin
        same = strip.type == "MOVIE" and strip.channel == shot.track and not id_of(strip)
        if not same or int(time_of(strip, "left_handle")) != left:
            continue
        file = facts_of(strip, scene).file
        if file and shot.media and os.path.normcase(file) == os.path.normcase(shot.media):
            cast(Any, strip)[ID] = shot.id
            return strip
    raise HostError(f"{shot.name} is not in the sequencer any more", "undo its removal")
