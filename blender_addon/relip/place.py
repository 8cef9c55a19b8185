"""Results laid into the sequencer and taken out again; what is written is read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.host import HostError, Made, Placed

from .compat import (
    CHANNELS,
    children,
    every_strip,
    parent_of,
    sequencer,
    set_time,
    time_of,
)
from .identity import ID, id_of, new_id, strip_with
from .reading import BEFORE, Before, before_of, file_at, length_of, shown_by
from .strips import Footage, laid, rate_of

if TYPE_CHECKING:
    from fractions import Fraction

    from bpy.types import Scene, Strip

JOB = "relip_job"
"""Custom property of a strip that shows a result: the job that made it."""
AGAIN = "re-sync it again"
SHORT = 2
"""Frames that content may be shorter than its file: Blender rounds a length that is adjusted."""


@dataclass(frozen=True)
class Result:
    """A finished file and how it lies on the strip's content.

    ``whole`` is one as long as the footage's file: only the path changes then.
    """

    path: str
    job: str
    shift: int
    frames: int
    whole: bool


def result_of(made: Made, footage: Footage, pace: Fraction) -> Result:
    """How a result lies on a strip as it is now.

    Raises
    ------
    HostError
        More of the footage is seen than the result holds.
    """
    first = round(made.first * footage.rate)
    whole = first == 0 and made.frames == footage.frames
    shown = (footage.position(frame, pace) for frame in (footage.left, footage.right))
    if not whole:
        low, high = shown
        if low < first - 1 or high > first + made.frames + 1:
            raise HostError(f"{made.shot.name} was made longer than its result", AGAIN)
    return Result(made.output, made.job, laid(footage, pace, first), made.frames, whole)


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
    with sequencer(scene, parent_of(scene, strip)), _selection_kept(scene):
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
            _show(scene, new, footage, result, target)
            new.name, new.mute, strip.mute = Path(result.path).name, False, True
            _read_back(scene, new, footage, result, target)
        except Exception:
            _remove(scene, new)
            strip.channel, strip.mute = home, hidden
            raise
    where = f"on channel {new.channel}, above {strip.name}" if not notes else f"on channel {home}"
    return Placed(id_of(strip), where, {**undo, "strip": id_of(new)}, notes)


def lay_in_place(scene: Scene, strip: Strip, footage: Footage, result: Result) -> Placed:
    """Let the strip show the result instead of its file.

    Raises
    ------
    HostError
        Blender does not do it; everything is as it was.
    """
    now = _state(strip)
    start = round(time_of(strip, "content_start"))
    try:
        _show(scene, strip, footage, result, strip.channel)
        _read_back(scene, strip, footage, result, now.channel)
    except Exception:
        _put_back(scene, strip, now, start)
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
        if _job_of(strip) != undo.get("job"):
            return (f"{strip.name} shows something else by now, and was left alone",)
        shown, was = before_of(strip), _State.of(undo)
        # Meanwhile it may have been moved.
        start = round(time_of(strip, "content_start")) - (shown.shift if shown else 0)
        _put_back(scene, strip, was, start + was.shown.shift)
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


@dataclass(frozen=True)
class _State:
    """What a strip shows now; ``shown.shift`` counts from its footage, ``before`` is that."""

    shown: Before
    before: Before | None
    job: str
    channel: int

    @property
    def page(self) -> dict[str, str]:
        """As it is kept."""
        before = self.before.text if self.before else ""
        return {
            "shown": self.shown.text,
            "before": before,
            "earlier": self.job,
            "channel": str(self.channel),
        }

    @classmethod
    def of(cls, page: dict[str, str]) -> _State:
        """From what was kept."""
        before = Before.of(page["before"]) if page["before"] else None
        return cls(Before.of(page["shown"]), before, page["earlier"], int(page["channel"]))


def _state(strip: Strip) -> _State:
    before = before_of(strip)
    shown = replace(shown_by(strip), shift=before.shift if before else 0)
    return _State(shown, before, _job_of(strip), strip.channel)


def _job_of(strip: Strip) -> str:
    return str(cast(Any, strip).get(JOB, ""))


def _show(scene: Scene, strip: Strip, footage: Footage, result: Result, channel: int) -> None:
    """Let a strip show the result, at the same time and for as long, on a channel."""
    movie = cast(Any, strip)
    before = before_of(strip) or shown_by(strip)
    with _apart(scene, strip, channel):
        movie.filepath = _written_as(before.path, result.path)
        if not result.whole:
            _set_times(strip, 0, 0, footage.start + result.shift, footage.left, footage.right)
    if movie.use_proxy and movie.proxy is not None and movie.proxy.use_proxy_custom_file:
        movie.use_proxy = False  # that file shows the footage
    movie.colorspace_settings.name = before.colours
    movie[BEFORE] = replace(before, shift=result.shift).text
    movie[JOB] = result.job


def _put_back(scene: Scene, strip: Strip, was: _State, start: int) -> None:
    """Let a strip show again what it did, its content beginning at ``start``."""
    movie, shown = cast(Any, strip), was.shown
    left, right = (int(time_of(strip, name)) for name in ("left_handle", "right_handle"))
    with _apart(scene, strip, strip.channel):
        movie.filepath = shown.path
        _set_times(strip, shown.trim, shown.trim_end, start, left, right)
    movie.use_proxy = shown.proxy
    movie.colorspace_settings.name = shown.colours
    for name, value in ((BEFORE, was.before and was.before.text), (JOB, was.job)):
        if value:
            movie[name] = value
        elif name in movie:
            del movie[name]


def _set_times(strip: Strip, trim: int, trim_end: int, start: int, left: int, right: int) -> None:
    # Trims first: since 5.1 they move what comes after them.
    for name, frames in (
        ("content_trim_start", trim),
        ("content_trim_end", trim_end),
        ("content_start", start),
        ("left_handle", left),
        ("right_handle", right),
    ):
        if round(time_of(strip, name)) != frames:
            set_time(strip, name, frames)


def _read_back(scene: Scene, strip: Strip, footage: Footage, result: Result, channel: int) -> None:
    """See whether Blender did what it was told.

    Raises
    ------
    HostError
        It did not.
    """
    movie = cast(Any, strip)
    start = footage.start if result.whole else footage.start + result.shift
    length = footage.length
    if not result.whole:
        length = round(result.frames * footage.length / _content(footage))
    shown = file_at(movie.filepath)
    found = {
        "file": shown is not None and Path(shown) == Path(result.path),
        "rate": rate_of(movie.fps) == footage.rate,
        "start": round(time_of(strip, "content_start")) == start,
        "left handle": int(time_of(strip, "left_handle")) == footage.left,
        "right handle": int(time_of(strip, "right_handle")) == footage.right,
        "length": abs(length_of(strip) - length) <= SHORT,
        "channel": strip.channel == channel,
        "colour space": movie.colorspace_settings.name
        == (before_of(strip) or Before("", 0, 0)).colours,
    }
    wrong = [name for name, fine in found.items() if not fine]
    if wrong:
        raise HostError(
            f"Blender did not take {Path(result.path).name} over as it was told to "
            f"({', '.join(wrong)})",
            "add the file yourself; it is complete",
        )


def _content(footage: Footage) -> int:
    return footage.frames - footage.trim - footage.trim_end


def _written_as(before: str, path: str) -> str:
    """The path, relative to the .blend where the one before was."""
    if not before.startswith("//") or not bpy.data.filepath:
        return path
    try:
        return str(bpy.path.relpath(path))
    except ValueError:  # another drive
        return path


@contextmanager
def _apart(scene: Scene, strip: Strip, channel: int) -> Iterator[None]:
    """Let a strip lie alone on a channel while its times change, then on ``channel``.

    Blender pushes a strip that overlaps another one away, even if it is to be moved on at once.
    """
    used = {one.channel for one in _level(scene, strip)}
    strip.channel = next((one for one in range(CHANNELS, 0, -1) if one not in used), strip.channel)
    try:
        yield
    finally:
        strip.channel = channel


def _duplicate(scene: Scene, strip: Strip) -> Strip:
    before = {one.as_pointer() for one in _level(scene, strip)}
    for one in _level(scene, strip):
        one.select = one == strip
    bpy.ops.sequencer.duplicate()
    new = [one for one in _level(scene, strip) if one.as_pointer() not in before]
    if len(new) != 1:
        raise HostError(f"Blender did not duplicate {strip.name}", "place the result in place")
    return new[0]


def _free_above(scene: Scene, strip: Strip, new: Strip) -> int | None:
    """The first free channel above; None if the result would hide another picture there."""
    for channel in range(strip.channel + 1, CHANNELS + 1):
        others = [one for one in _overlapping(scene, strip, channel) if one != new]
        if not others:
            return channel
        if any(one.type != "SOUND" and not one.mute for one in others):
            return None
    return None


def _free_anywhere(scene: Scene, strip: Strip) -> int:
    home = int(strip.channel)
    for channel in chain(range(home + 1, CHANNELS + 1), range(home - 1, 0, -1)):
        if not _overlapping(scene, strip, channel):
            return channel
    raise HostError(f"no channel is free beside {strip.name}", "move some strips away")


def _overlapping(scene: Scene, strip: Strip, channel: int) -> list[Strip]:
    """Other strips on a channel at the strip's time."""
    left, right = time_of(strip, "left_handle"), time_of(strip, "right_handle")
    return [
        one
        for one in _level(scene, strip)
        if one != strip
        and one.channel == channel
        and time_of(one, "left_handle") < right
        and left < time_of(one, "right_handle")
    ]


def _level(scene: Scene, strip: Strip) -> tuple[Strip, ...]:
    """The strips among which it lies."""
    return tuple(children(parent_of(scene, strip) or cast(Any, scene).sequence_editor))


def _remove(scene: Scene, strip: Strip) -> None:
    children(parent_of(scene, strip) or cast(Any, scene).sequence_editor).remove(strip)


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
