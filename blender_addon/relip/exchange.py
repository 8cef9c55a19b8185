"""A strip that shows another file at the same time: set, read back, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.host import HostError, Made

from .compat import CHANNELS, neighbours, set_time, time_of
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


@dataclass(frozen=True)
class State:
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
    def of(cls, page: dict[str, str]) -> State:
        """From what was kept."""
        before = Before.of(page["before"]) if page["before"] else None
        return cls(Before.of(page["shown"]), before, page["earlier"], int(page["channel"]))


def state_of(strip: Strip) -> State:
    """What it shows now."""
    before = before_of(strip)
    shown = replace(shown_by(strip), shift=before.shift if before else 0)
    return State(shown, before, job_of(strip), strip.channel)


def job_of(strip: Strip) -> str:
    """The job whose result it shows, empty if it shows none."""
    return str(cast(Any, strip).get(JOB, ""))


def show(scene: Scene, strip: Strip, footage: Footage, result: Result, channel: int) -> None:
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


def put_back(scene: Scene, strip: Strip, was: State, start: int) -> None:
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


def read_back(scene: Scene, strip: Strip, footage: Footage, result: Result, channel: int) -> None:
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
    used = {one.channel for one in neighbours(scene, strip)}
    strip.channel = next((one for one in range(CHANNELS, 0, -1) if one not in used), strip.channel)
    try:
        yield
    finally:
        strip.channel = channel
