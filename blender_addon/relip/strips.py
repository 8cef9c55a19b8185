"""Where a strip's frames come from and where a result's go: arithmetic, without Blender.

Blender shows, at the frame ``t`` of the timeline, the frame of the file that is nearest to
``trim + (t - start) * pace``. The pace is 1 for a strip that shows a frame of its file for every
frame of the timeline; for one whose playback rate is adjusted it is the file's rate over the
scene's; retiming multiplies it, evenly or not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from relip_host.host import Obstacle

SLOWEST, FASTEST = Fraction(1, 4), Fraction(4)
"""Seconds of a file in a second of the timeline: beyond these lips do not speak any more."""
NEAR = 250
"""Frames of the timeline within which a result begins that need not begin at the file's start."""
ROUNDING = 0.02
"""Frames of the file that Blender, which counts with 24 bits, may be off by."""
NTSC = Fraction(1001, 1000)


@dataclass(frozen=True)
class Footage:
    """A movie strip and its file, as Blender describes them.

    Attributes
    ----------
    start : frame of the timeline at which the content begins.
    left, right : frames of the timeline ``[left, right)`` in which it is seen.
    length : of the content, in frames of the timeline.
    trim, trim_end : frames of the file that are left out before and after the content.
    rate, frames : of the file: frames per second, and how many.
    keys : frames of the timeline at which retiming keys lie.
    strobe : frames of the timeline for which a picture stands.
    """

    start: int
    left: int
    right: int
    length: int
    rate: Fraction
    frames: int
    trim: int = 0
    trim_end: int = 0
    keys: tuple[int, ...] = ()
    strobe: float = 1.0

    def position(self, frame: int, pace: Fraction) -> Fraction:
        """Where in the file, in frames, the timeline's ``frame`` lies."""
        return self.trim + (frame - self.start) * pace


@dataclass(frozen=True)
class Hold:
    """What a result holds: frames ``[first, stop)`` of the file.

    ``shift`` is how many frames of the timeline later than the strip's content it begins.
    """

    first: int
    stop: int
    shift: int


def rate_of(fps: float) -> Fraction:
    """The rate that Blender gives as a number: 30000/1001 for 29.97003."""
    for factor in (Fraction(1), NTSC):
        whole = round(fps * factor)
        if whole and abs(fps * float(factor) - whole) < 5e-4:
            return whole / factor
    return Fraction(fps).limit_denominator(1001)


def scene_rate(fps: float, base: float) -> Fraction:
    """Frames per second of a scene; Blender keeps 1.001 with 24 bits."""
    return Fraction(fps).limit_denominator(10000) / Fraction(base).limit_denominator(10000)


def pace_of(footage: Footage, rate: Fraction, name: str) -> Fraction | Obstacle:
    """Frames of the file for each frame of a timeline of ``rate``; or why there is no one number.

    ``name`` is the strip's, for the sentence.
    """
    content = footage.frames - footage.trim - footage.trim_end
    if content <= 0 or footage.length <= 0 or footage.rate <= 0:
        return Obstacle(
            "no-media",
            f"{name} shows frames that its file does not have",
            "relink it to the whole file, or trim it",
        )
    adjusted = footage.rate / rate
    if not footage.keys:
        # Blender does not say which it is, but counts the frames accordingly.
        pace = min((Fraction(1), adjusted), key=lambda one: abs(content / one - footage.length))
    elif len(footage.keys) == 2:
        pace = _retimed(footage, content, adjusted)
    else:
        return Obstacle(
            "retimed",
            f"{name} is retimed with more than one speed",
            "reset its retiming (Strip > Retiming), or render it to a file and re-sync that",
        )
    speed = pace / adjusted
    if not SLOWEST <= speed <= FASTEST:
        return Obstacle(
            "retimed",
            f"{name} plays at {float(speed):.3g} times its speed, and lips cannot follow that",
            "reset its retiming (Strip > Retiming)",
        )
    return pace


def _retimed(footage: Footage, content: int, adjusted: Fraction) -> Fraction:
    """The pace between a key at the start and one at the end.

    Up to 4.5 the last frame of the file lies on the last key, and the content ends a frame after.
    """
    span = footage.keys[1] - footage.keys[0]
    steps = footage.length - 1
    if steps > 0 and content > 1 and steps in (span, round(span / adjusted)):
        return Fraction(content - 1, steps)
    return Fraction(content, footage.length)


def hold_for(footage: Footage, pace: Fraction, handles: int) -> Hold:
    """What a result has to hold so that it can be laid exactly where its footage is.

    Blender begins content on whole frames of the timeline, so a result begins where a frame of the
    timeline and one of the file meet: at most as near before the shot as ``handles`` says. A
    strip whose frames follow from the content as a whole needs a result as long as the file.
    """
    if footage.keys or footage.strobe > 1:
        return Hold(0, footage.frames, 0)
    wanted = math.floor(footage.position(footage.left, pace)) - handles
    last = math.floor(footage.position(footage.right - 1, pace) + Fraction(1, 2))
    stop = max(math.ceil(footage.position(footage.right, pace)), last + 1) + handles
    stop = min(max(stop, 1), footage.frames)
    for shift in _shifts(footage, pace, wanted):
        first = round(footage.trim + shift * pace)
        if 0 <= first < stop and _shows_the_same(footage, pace, first, shift):
            return Hold(first, stop, shift)
    return Hold(footage.trim, stop, 0)


def laid(footage: Footage, pace: Fraction, first: int) -> int:
    """``shift`` of a result whose first frame is the file's ``first``."""
    return round((first - footage.trim) / pace)


def _shifts(footage: Footage, pace: Fraction, wanted: int) -> Iterator[int]:
    """Where a result may begin, the latest first."""
    last = math.floor((wanted - footage.trim) / pace)
    lowest = math.ceil(-footage.trim / pace)
    yield from range(last, max(last - NEAR, lowest) - 1, -1)
    # Here frames of the timeline and of the file meet for certain.
    yield from range(last // pace.denominator * pace.denominator, lowest - 1, -pace.denominator)


def _shows_the_same(footage: Footage, pace: Fraction, first: int, shift: int) -> bool:
    """Whether the nearest frame stays the nearest, wherever the strip is seen."""
    off = float(footage.trim + shift * pace - first)
    if not off:
        return True
    start, step = float(footage.position(footage.left, pace)), float(pace)
    for count in range(footage.right - footage.left):
        share = (start + count * step) % 1
        if abs(share - 0.5) - abs(off) <= ROUNDING:
            return False
    return True
