"""Scenes for the tests, and what Blender shows of them. Needs bpy."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import bpy
import pytest

from blender_addon.relip import operators, preferences, queue_operators
from blender_addon.relip.compat import children, sequencer, set_time
from blender_addon.relip.engine import Found
from tests.blender_addon.clips_made import HEIGHT, WIDTH, is_made, number_in, write_clip

ops = cast(Any, bpy.ops)
HEARS = bool(cast(Any, bpy.app).build_options.audaspace)
"""Whether this Blender makes sound strips; the module of 4.2 does not."""


def scene(fps: int = 25, base: float = 1.0, start: int = 1) -> Any:
    """The open scene, with a sequencer, at a rate; it renders the size of our clips."""
    found = cast(Any, bpy.context.scene)
    found.render.fps, found.render.fps_base = fps, base
    found.frame_start, found.frame_end = start, 400
    found.sequence_editor or found.sequence_editor_create()
    workspace = cast(Any, bpy.context.workspace)
    if "sequencer_scene" in workspace.bl_rna.properties:
        workspace.sequencer_scene = found
    window = cast(Any, bpy.context.window_manager).windows[0]
    window.screen.areas[0].type = "SEQUENCE_EDITOR"
    render = found.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = WIDTH, HEIGHT, 100
    render.use_sequencer, render.dither_intensity = True, 0.0
    found.view_settings.view_transform = "Standard"
    if "media_type" in render.image_settings.bl_rna.properties:
        render.image_settings.media_type = "IMAGE"
    render.image_settings.file_format = "PNG"
    return found


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let an engine that draws nothing stand in for the real one, its journal in ``folder``."""
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    monkeypatch.setenv("LOCALAPPDATA", str(folder))
    found = Found((sys.executable, str(Path(__file__).with_name("still_engine.py"))), "a test")
    for place in (operators, preferences, queue_operators):
        monkeypatch.setattr(place, "find_engine", lambda named="": found)


def strips(of: Any) -> Any:
    """The strips on the top level."""
    return children(of.sequence_editor)


def named(of: Any, name: str) -> Any:
    """A strip by its name."""
    return strips(of)[name]


def clip(folder: Path, rate: Fraction = Fraction(25), frames: int = 150) -> Path:
    """Footage; the name tells its rate."""
    path = folder / f"take_{rate.numerator}_{rate.denominator}.avi"
    return path if path.exists() else write_clip(path, rate, range(frames))


def add_movie(
    to: Any, path: Path, frame: int = 1, channel: int = 1, adjusted: bool = True, name: str = ""
) -> Any:
    """A movie strip as the Add menu makes it, or as a script does that does not adjust rates."""
    if not adjusted:
        strip = strips(to).new_movie(path.name, str(path), channel, frame)
    else:
        before = {one.as_pointer() for one in strips(to)}
        known = ops.sequencer.movie_strip_add.get_rna_type().properties.keys()
        # Or else 5.0 and later crash where no mouse can move the strips.
        still = {"move_strips": False} if "move_strips" in known else {}
        with sequencer(to, None):
            ops.sequencer.movie_strip_add(
                filepath=str(path),
                frame_start=frame,
                channel=channel,
                use_framerate=False,
                adjust_playback_rate=True,
                sound=False,
                **still,
            )
        (strip,) = [one for one in strips(to) if one.as_pointer() not in before]
    strip.name = name or path.stem
    return strip


def add_sound(to: Any, path: Path, frame: int = 1, channel: int = 5, name: str = "dub") -> Any:
    """A sound strip."""
    return strips(to).new_sound(name, str(path), channel, frame)


def add_effect(to: Any, kind: str, channel: int, left: int, right: int, *inputs: Any) -> Any:
    """An effect strip; what its parameters are called differs."""
    known = strips(to).bl_rna.functions["new_effect"].parameters.keys()
    length = {"length": right - left} if "length" in known else {"frame_end": right}
    names = ("input1", "input2") if "input1" in known else ("seq1", "seq2")
    return strips(to).new_effect(
        name=kind.title(),
        type=kind,
        channel=channel,
        frame_start=left,
        **length,
        **dict(zip(names, inputs, strict=False)),
    )


def trim(strip: Any, left: int, right: int) -> Any:
    """The strip, from ``left`` to before ``right``."""
    set_time(strip, "left_handle", left)
    set_time(strip, "right_handle", right)
    return strip


def select(of: Any, *chosen: Any) -> None:
    """Select these strips; the first is active."""
    for one in strips(of):
        one.select = one in chosen
    of.sequence_editor.active_strip = chosen[0] if chosen else None


def retime(of: Any, strip: Any, speed: float) -> None:
    """Let a strip play at a percentage of its speed, as the operator does it."""
    select(of, strip)
    with sequencer(of, None):
        ops.sequencer.retiming_segment_speed_set(speed=speed)


def pixels(of: Any, frame: int) -> list[float]:
    """RGBA of what the sequencer renders at a frame, from the bottom left."""
    of.frame_set(frame)
    descriptor, path = tempfile.mkstemp(suffix=".png")
    os.close(descriptor)
    of.render.filepath = path
    ops.render.render(write_still=True, scene=of.name)
    image = cast(Any, bpy.data.images).load(path, check_existing=False)
    found = list(image.pixels)
    bpy.data.images.remove(image)
    Path(path).unlink()
    return found


def shown(of: Any, frames: Iterable[int]) -> list[int]:
    """Which frames of our clips are seen."""
    return [number_in(pixels(of, frame)) for frame in frames]


def made(of: Any, frames: Iterable[int]) -> list[bool]:
    """Whether what is seen was made by an engine."""
    return [is_made(pixels(of, frame)) for frame in frames]
