"""Results laid into the sequencer and taken out again; what is written is read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.host import HostError, Placed

from .compat import CHANNELS, children, every_strip, neighbours, sequencer, time_of
from .exchange import Result, State, job_of, put_back, read_back, show, state_of
from .identity import ID, id_of, new_id, strip_with
from .reading import before_of
from .strips import Footage

if TYPE_CHECKING:
    from bpy.types import Scene, Strip


def lay_above(scene: Scene, strip: Strip, footage: Footage, result: Result) -> Placed:
    """Lay the result over its shot as a duplicate of it, which keeps whatever was done to it.

    Where other pictures lie over the shot, which the result would hide, it takes the shot's own
    channel, and the shot goes to another: being muted, it may lie anywhere.

    Raises
    ------
    HostError
        Blender does not do it; everything is as it was.
    """
    home, hidden = strip.channel, strip.mute
    undo = {"way": "above", "original": id_of(strip), "channel": str(home)}
    undo["mute"] = "1" if hidden else ""
    notes: tuple[str, ...] = ()
    with sequencer(scene, strip.parent_meta()), _selection_kept(scene):
        new = _duplicate(scene, strip)
        try:
            cast(Any, new)[ID] = new_id()
            target = _free_above(scene, strip, new)
            if target is None:
                target, strip.channel = home, _free_anywhere(scene, strip)
                notes = (
                    f"other strips lie over {strip.name}: the result took its channel, and the "
                    f"original is on channel {strip.channel}",
                )
            show(scene, new, footage, result, target)
            new.name, new.mute, strip.mute = Path(result.path).name, False, True
            read_back(scene, new, footage, result, target)
        except Exception:
            _remove(scene, new)
            strip.channel, strip.mute = home, hidden
            raise
    where = f"on channel {new.channel}, above {strip.name}" if not notes else f"on channel {home}"
    return Placed(
        id_of(strip), where, {**undo, "strip": id_of(new), "late": late(new, strip)}, notes
    )


def late(result: Strip, original: Strip) -> str:
    """Frames from where an original's content begins to where a result's does."""
    return str(round(time_of(result, "content_start") - time_of(original, "content_start")))


def lay_in_place(scene: Scene, strip: Strip, footage: Footage, result: Result) -> Placed:
    """Let the strip show the result instead of its file.

    Raises
    ------
    HostError
        Blender does not do it; everything is as it was.
    """
    now = state_of(strip)
    start = round(time_of(strip, "content_start"))
    try:
        show(scene, strip, footage, result, strip.channel)
        read_back(scene, strip, footage, result, now.channel)
    except Exception:
        put_back(scene, strip, now, start)
        raise
    undo = {"way": "in-place", "strip": id_of(strip), "job": result.job, **now.page}
    return Placed(id_of(strip), f"in place of {strip.name}", undo)


def take_off(scene: Scene, placed: Placed) -> tuple[str, ...]:
    """Take a result off again; sentences on what could not be undone."""
    undo = placed.undo
    strip = strip_with(scene, undo.get("strip", ""))
    if strip is None:
        return ("the result was not in the sequencer any more",)
    if undo.get("way") == "in-place":
        if job_of(strip) != undo.get("job"):
            return (f"{strip.name} shows something else by now, and was left alone",)
        shown, was = before_of(strip), State.of(undo)
        # Meanwhile it may have been moved.
        start = round(time_of(strip, "content_start")) - (shown.shift if shown else 0)
        put_back(scene, strip, was, start + was.shown.shift)
        return ()
    original = strip_with(scene, undo.get("original", ""))
    _remove(scene, strip)
    if original is None:
        return ("the original was not in the sequencer any more",)
    original.mute = bool(undo.get("mute"))
    home = int(undo.get("channel", original.channel))
    if original.channel != home and not _overlapping(scene, original, home):
        original.channel = home
    return ()


def _duplicate(scene: Scene, strip: Strip) -> Strip:
    before = {one.as_pointer() for one in neighbours(scene, strip)}
    for one in neighbours(scene, strip):
        one.select = one == strip
    bpy.ops.sequencer.duplicate()
    new = [one for one in neighbours(scene, strip) if one.as_pointer() not in before]
    if len(new) != 1:
        raise HostError(f"Blender did not duplicate {strip.name}", "place the result in place")
    return new[0]


def _free_above(scene: Scene, strip: Strip, new: Strip) -> int | None:
    """The first free channel above; None if the result would hide another picture there."""
    channels = _channels(scene, strip)
    for channel in range(strip.channel + 1, CHANNELS + 1):
        others = [one for one in _overlapping(scene, strip, channel) if one != new]
        if not others and not (channels[channel].mute or channels[channel].lock):
            return channel
        if any(one.type != "SOUND" and not one.mute for one in others):
            return None
    return None


def _free_anywhere(scene: Scene, strip: Strip) -> int:
    home, channels = int(strip.channel), _channels(scene, strip)
    for channel in chain(range(home + 1, CHANNELS + 1), range(home - 1, 0, -1)):
        if not _overlapping(scene, strip, channel) and not channels[channel].lock:
            return channel
    raise HostError(f"no channel is free beside {strip.name}", "move some strips away")


def _overlapping(scene: Scene, strip: Strip, channel: int) -> list[Strip]:
    """Other strips on a channel at the strip's time."""
    left, right = time_of(strip, "left_handle"), time_of(strip, "right_handle")
    return [
        one
        for one in neighbours(scene, strip)
        if one != strip
        and one.channel == channel
        and time_of(one, "left_handle") < right
        and left < time_of(one, "right_handle")
    ]


def _channels(scene: Scene, strip: Strip) -> Any:
    """Channels of the level it lies on, by their numbers."""
    owner = cast(Any, strip.parent_meta() or scene.sequence_editor)
    return owner.channels


def _remove(scene: Scene, strip: Strip) -> None:
    children(strip.parent_meta() or cast(Any, scene).sequence_editor).remove(strip)


@contextmanager
def _selection_kept(scene: Scene) -> Iterator[None]:
    editor = cast(Any, scene).sequence_editor
    active = editor.active_strip
    selected = {one.as_pointer() for one in every_strip(scene) if one.select}
    try:
        yield
    finally:
        for one in every_strip(scene):
            one.select = one.as_pointer() in selected
        editor.active_strip = active
