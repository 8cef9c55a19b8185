"""Where Blender 4.2 to 5.2 differ, asked of Blender itself and never of its version.

5.1 gave a strip's times the names that are used here and warns of the ones before; 5.0 made the
sequencer's scene its own and dropped ``sequences``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import bpy

if TYPE_CHECKING:
    from typing import Literal

    from bpy.types import Area, Context, Scene, SequenceEditor, Strip, Window

    Answer = set[Literal["RUNNING_MODAL", "CANCELLED", "FINISHED", "PASS_THROUGH", "INTERFACE"]]
    """What an operator says when it is asked to do something."""

BEFORE = {
    "content_start": "frame_start",
    "left_handle": "frame_final_start",
    "right_handle": "frame_final_end",
    "duration": "frame_final_duration",
    "left_handle_offset": "frame_offset_start",
    "right_handle_offset": "frame_offset_end",
    "content_trim_start": "animation_offset_start",
    "content_trim_end": "animation_offset_end",
}
"""What a strip's times were called before 5.1."""
CHANNELS = 128


def time_of(strip: Strip, name: str) -> float:
    """One of a strip's times, in frames of the timeline; trims in frames of the content."""
    return float(getattr(strip, name if name in strip.bl_rna.properties else BEFORE[name]))


def set_time(strip: Strip, name: str, frames: int) -> None:
    """Set one of a strip's times."""
    setattr(strip, name if name in strip.bl_rna.properties else BEFORE[name], frames)


def children(owner: SequenceEditor | Strip) -> Any:
    """Strips on the top level, or in a meta strip: a collection of Blender's."""
    return getattr(owner, "strips" if "strips" in owner.bl_rna.properties else "sequences")


def every_strip(scene: Scene) -> tuple[Strip, ...]:
    """All strips of a scene, those in meta strips too."""
    editor = scene.sequence_editor
    if editor is None:
        return ()
    if "strips_all" in editor.bl_rna.properties:
        return tuple(editor.strips_all)
    return tuple(cast(Any, editor).sequences_all)


def sequencer_scene(context: Context) -> Scene | None:
    """The scene whose strips the editor sees; None if none is chosen (from 5.0 on).

    In the background nobody could choose: there it is the open scene.
    """
    workspace = context.workspace
    if workspace is None or "sequencer_scene" not in workspace.bl_rna.properties:
        return context.scene
    return workspace.sequencer_scene or (context.scene if bpy.app.background else None)


def neighbours(scene: Scene, strip: Strip) -> tuple[Strip, ...]:
    """The strips among which it lies, itself included."""
    return tuple(children(strip.parent_meta() or cast(Any, scene).sequence_editor))


def shown_meta(scene: Scene) -> Strip | None:
    """The meta strip that is open for editing."""
    stack = list(scene.sequence_editor.meta_stack) if scene.sequence_editor else []
    return stack[-1] if stack else None


@contextmanager
def sequencer(scene: Scene, meta: Strip | None) -> Iterator[None]:
    """Operators of the sequencer act on this scene, on the strips in ``meta`` or on the top level.

    They want a sequence editor's area. Where no window shows one, an area becomes one for as long
    as this lasts.
    """
    editor = scene.sequence_editor
    assert editor is not None, "a strip of the scene is known"
    window, area = _area()
    before, shown = area.type, shown_meta(scene)
    workspace = cast(Any, window.workspace)
    own = "sequencer_scene" in workspace.bl_rna.properties
    seen = workspace.sequencer_scene if own else window.scene
    name = None if shown is None else shown.name
    if before != "SEQUENCE_EDITOR":
        area.type = "SEQUENCE_EDITOR"
    try:
        if own:
            workspace.sequencer_scene = scene
        elif seen != scene:
            window.scene = scene
        if shown != meta:
            editor.display_stack(meta)
        region = next(one for one in area.regions if one.type == "WINDOW")
        with bpy.context.temp_override(window=window, area=area, region=region):
            yield
    finally:
        if shown != meta:
            again = next((one for one in every_strip(scene) if one.name == name), None)
            editor.display_stack(again)
        if own:
            workspace.sequencer_scene = seen
        elif seen != scene:
            window.scene = seen
        if before != "SEQUENCE_EDITOR":
            area.type = before


def relative_paths() -> set[Any]:
    """Options of a path that may be beside the .blend; Blender 5 warns of others that are."""
    known = "is_path_supports_blend_relative" in bpy.types.Property.bl_rna.properties
    return {"ANIMATABLE", "PATH_SUPPORTS_BLEND_RELATIVE"} if known else {"ANIMATABLE"}


def redraw() -> None:
    """Have every sequence editor drawn again."""
    for _, area in _areas():
        if area.type == "SEQUENCE_EDITOR":
            area.tag_redraw()


def _areas() -> Iterator[tuple[Window, Area]]:
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                yield window, area


def _area() -> tuple[Window, Area]:
    """An area with a sequencer in it, else the smallest there is."""
    areas = list(_areas())
    for window, area in areas:
        if area.type == "SEQUENCE_EDITOR":
            return window, area
    return min(areas, key=lambda found: found[1].width * found[1].height)
