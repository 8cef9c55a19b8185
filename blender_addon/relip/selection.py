"""Which strips the editor means; cheap enough to be asked with every drawing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .compat import children, shown_meta, time_of
from .reading import file_of, sound_file, sounds_in

if TYPE_CHECKING:
    from bpy.types import Scene, Strip

SHOTS = ("MOVIE", "META", "IMAGE", "SCENE", "MOVIECLIP")
"""What somebody may take for a shot; all but movie strips are refused with a reason."""


def selected_shots(scene: Scene) -> list[Strip]:
    """Selected strips that may be shots, movie strips before others, the active one first.

    A muted original under its own result is left out where both are selected.
    """
    editor = scene.sequence_editor
    if editor is None:
        return []
    found = [one for one in children(shown_meta(scene) or editor) if one.select]
    active = editor.active_strip
    if not found and active is not None:
        found = [active]
    shots = [one for one in found if one.type in SHOTS]
    movies = [one for one in shots if one.type == "MOVIE"]
    seen = [one for one in movies if not one.mute] or movies
    return sorted(seen or shots, key=lambda one: (one != active, time_of(one, "left_handle")))


def selected_dub(scene: Scene, shots: Iterable[Strip]) -> list[Strip]:
    """Selected strips with sound, but for the shots' own.

    Selecting a shot selects the sound that came with it, which nobody means by the dub.
    """
    own = {file_of(shot) for shot in shots if shot.type == "MOVIE"}
    editor = scene.sequence_editor
    if editor is None:
        return []
    return [
        strip
        for strip in children(shown_meta(scene) or editor)
        if strip.select
        and any(True for _ in sounds_in(strip))
        and not {sound_file(sound) for sound in sounds_in(strip)} <= own
    ]
