"""What Blender says of strips and their files, as plain values."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.host import Obstacle

from .compat import children, every_strip, time_of
from .obstacles import Facts, sound_obstacle
from .strips import Footage, rate_of, scene_rate

if TYPE_CHECKING:
    from bpy.types import Scene, Strip

BEFORE = "relip_before"
"""Custom property of a strip that shows a result: what it showed before, as JSON."""


ROUNDED = 2
"""Frames by which Blender's length of a sound may differ from its file's."""
NO_EFFECTS = {"MOVIE", "SOUND", "IMAGE", "META", "SCENE", "COLOR", "TEXT"}
"""Most of what there is, and without an input."""


@dataclass(frozen=True)
class Before:
    """What a strip showed before it showed a result.

    Attributes
    ----------
    path : of the file, as Blender kept it.
    shift : how many frames of the timeline earlier than the result's its content begins.
    length, trim, trim_end : as in :class:`Footage`.
    colours : name of the file's colour space.
    proxy : whether it was shown by a proxy.
    """

    path: str
    shift: int
    length: int
    trim: int = 0
    trim_end: int = 0
    colours: str = ""
    proxy: bool = False

    @property
    def text(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Before:
        """From what was kept; a ValueError or TypeError if it is something else."""
        return cls(**json.loads(text))


def before_of(strip: Strip) -> Before | None:
    """What it showed before it showed a result, if it does."""
    try:
        return Before.of(cast(Any, strip).get(BEFORE, ""))
    except (ValueError, TypeError):
        return None


def shown_by(strip: Strip) -> Before:
    """What it shows now, to be kept."""
    movie = cast(Any, strip)
    return Before(
        movie.filepath,
        0,
        length_of(strip),
        int(time_of(strip, "content_trim_start")),
        int(time_of(strip, "content_trim_end")),
        movie.colorspace_settings.name,
        bool(movie.use_proxy),
    )


def facts_of(strip: Strip, scene: Scene) -> Facts:
    """What keeps a strip from being re-synced, and its footage's file."""
    movie = cast(Any, strip)
    if strip.type != "MOVIE":
        return Facts(strip.type, strip.name)
    path = _path_of(strip)
    effects = list(_effects_on(strip, scene))
    return Facts(
        strip.type,
        strip.name,
        path,
        file_at(path),
        strip.lock or is_channel(scene, strip, "lock"),
        movie.use_reverse_frames,
        movie.use_multiview,
        movie.stream_index,
        tuple(effect.name for effect in effects),
        tuple(effect.name for effect in effects if effect.type == "SPEED"),
    )


def footage_of(strip: Strip, files: dict[str, tuple[float, int]]) -> Footage | None:
    """The footage it shows, or showed before it showed a result; None if that cannot be read.

    ``files`` keeps what was read of them.
    """
    movie = cast(Any, strip)
    before = before_of(strip) or shown_by(strip)
    path = file_at(before.path)
    if path is None:
        return None
    if path not in files:
        files[path] = _read(path)
    fps, frames = files[path]
    if not fps or not frames:
        return None
    return Footage(
        round(time_of(strip, "content_start")) - before.shift,
        int(time_of(strip, "left_handle")),
        int(time_of(strip, "right_handle")),
        before.length,
        rate_of(fps),
        frames,
        before.trim,
        before.trim_end,
        tuple(int(key.timeline_frame) for key in movie.retiming_keys),
        float(movie.strobe),
    )


def file_of(strip: Strip) -> str | None:
    """Where the file of a movie strip's footage is, even where a result stands in for it."""
    return file_at(_path_of(strip))


def _path_of(strip: Strip) -> str:
    before = before_of(strip)
    return before.path if before else str(cast(Any, strip).filepath)


def length_of(strip: Strip) -> int:
    """Frames of the timeline that its content is long; Blender 4.2 tells those of the file."""
    names = ("duration", "left_handle_offset", "right_handle_offset")
    return round(sum(time_of(strip, name) for name in names))


def file_at(path: str) -> str | None:
    """Where a path of Blender's leads; None for one beside a .blend that was never saved."""
    if path.startswith("//") and not bpy.data.filepath:
        return None
    return os.path.normpath(bpy.path.abspath(path))


def is_channel(scene: Scene, strip: Strip, state: str) -> bool:
    """Whether the channel it lies on is in a state: ``mute``, ``lock``."""
    meta = strip.parent_meta()
    owner = cast(Any, meta or scene.sequence_editor)
    return bool(getattr(owner.channels[strip.channel], state))


def is_heard(strip: Strip, scene: Scene) -> bool:
    """Whether a sound strip is enabled and not turned down altogether."""
    silent = strip.mute or is_channel(scene, strip, "mute")
    return not silent and float(getattr(strip, "volume", 1.0)) > 0


def sounds_in(strip: Strip) -> Iterator[Strip]:
    """The sound strips that it is or holds."""
    if strip.type == "SOUND":
        yield strip
    elif strip.type == "META":
        for child in children(strip):
            if not child.mute:
                yield from sounds_in(child)


def sound_file(strip: Strip) -> str | None:
    """Where the file of a sound strip is."""
    sound = cast(Any, strip).sound
    return None if sound is None else file_at(sound.filepath)


def deaf(strip: Strip) -> Obstacle | None:
    """Why what is heard of a strip with sound is not in a file, if so."""
    name = strip.name
    if strip.type != "SOUND":
        return Obstacle("compound", f"{name} is a meta strip", "open it, and take its sound out")
    movie = cast(Any, strip)
    if movie.sound is None:
        return Obstacle("offline", f"{name} has no file", "relink it")
    if _is_retimed(strip):
        return Obstacle("retimed", f"{name} is retimed", "reset its retiming (Strip > Retiming)")
    packed = movie.sound.packed_file is not None
    return sound_obstacle(name, movie.sound.filepath, file_at(movie.sound.filepath), packed)


def _is_retimed(strip: Strip) -> bool:
    """Whether a sound strip has retiming keys; up to 4.3 its length alone gives them away."""
    movie = cast(Any, strip)
    if "retiming_keys" in strip.bl_rna.properties:
        return len(movie.retiming_keys) > 0
    try:
        sound = movie.sound.factory
    except (ImportError, AttributeError):  # a Blender without its sound library for scripts
        return False
    render = movie.id_data.render
    frames = sound.length / sound.specs[0] * float(scene_rate(render.fps, render.fps_base))
    trims = sum(time_of(strip, name) for name in ("content_trim_start", "content_trim_end"))
    return bool(abs(frames - trims - length_of(strip)) > ROUNDED)


def _effects_on(strip: Strip, scene: Scene) -> Iterator[Strip]:
    for other in every_strip(scene):
        if other.type in NO_EFFECTS:
            continue
        for name in ("input_1", "input_2"):
            if getattr(other, name, None) == strip:
                yield other


def _read(path: str) -> tuple[float, int]:
    """Frames per second and number of frames; zeros if there is no picture in it.

    The sequencer does not tell how long a file is, once a strip's playback rate is adjusted.
    """
    try:
        clip = bpy.data.movieclips.load(path, check_existing=False)
    except RuntimeError:
        return 0.0, 0
    try:
        return float(clip.fps), int(clip.frame_duration)
    finally:
        bpy.data.movieclips.remove(clip)
