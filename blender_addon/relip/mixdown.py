"""Sound mixed by Blender itself, where the files do not hold what is heard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.host import HostError

from .compat import every_strip, sequencer

if TYPE_CHECKING:
    from bpy.types import Scene, Strip


HEADER = 44
"""Bytes of a WAV file without a sample."""


def mix(scene: Scene, heard: set[Strip], first: int, stop: int, path: str) -> str:
    """A WAV file of what is heard of these strips in the frames ``[first, stop)``; its path.

    Raises
    ------
    HostError
        Blender does not write it.
    """
    numbers = {strip.as_pointer() for strip in heard}
    with _put_back(scene), sequencer(scene, None):
        for strip in every_strip(scene):
            if strip.type == "SOUND":
                strip.mute = strip.as_pointer() not in numbers
        scene.frame_start, scene.frame_end = first, max(stop - 1, first)
        scene.use_preview_range = False
        bpy.ops.sound.mixdown(filepath=path, container="WAV", codec="PCM", format="S16")
    # It says FINISHED also where it could not.
    if not Path(path).is_file() or Path(path).stat().st_size <= HEADER:
        raise HostError("Blender wrote no mix of the dub", "export it as a file of its own")
    return path


@contextmanager
def _put_back(scene: Scene) -> Iterator[None]:
    """Every setting that mixing changes is as it was afterwards."""
    muted = {strip.as_pointer(): strip.mute for strip in every_strip(scene)}
    own = cast(Any, scene)
    names = ("frame_start", "frame_end", "use_preview_range", "frame_current")
    kept = {name: getattr(own, name) for name in names}
    try:
        yield
    finally:
        # The end first would be moved by a start that lies after it.
        for name, value in (*kept.items(), ("frame_start", kept["frame_start"])):
            setattr(own, name, value)
        for strip in every_strip(scene):
            strip.mute = muted.get(strip.as_pointer(), strip.mute)
