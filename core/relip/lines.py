"""Where the lines lie in a clip, and how much of the clip belongs to them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.clip import Clip
from relip.media.speech import Speech
from relip_job.errors import JobError
from relip_job.job import TimeRange

AROUND: Final = 40
"""Seconds of the clip before and after the ranges that serve as library too."""
GRID: Final = 10
"""Seconds; what is followed begins and ends on a multiple of it."""

Rows = NDArray[np.bool_]


def frames_in(clip: Clip, cut: TimeRange | None) -> tuple[int, int]:
    """Frames ``[first, stop)`` that begin in the cut; without one, all.

    Raises
    ------
    JobError
        The cut begins outside the clip, or no frame begins in it.
    """
    if cut is None:
        return 0, clip.frames
    if cut.start < 0 or cut.start >= clip.duration:
        raise JobError(
            f"the cut starts at {float(cut.start):.2f} s, but the clip is "
            f"{float(clip.duration):.2f} s long",
            "give the cut in the clip's own timecode or counted from its first frame",
        )
    first, stop = (
        bisect_left(range(clip.frames), at, key=clip.time) for at in (cut.start, cut.end)
    )
    if first == stop:
        raise JobError(
            f"no frame begins between {float(cut.start):.3f} s and {float(cut.end):.3f} s",
            "give a longer cut",
        )
    return first, stop


def ranges_in(
    clip: Clip,
    speech: Speech,
    ranges: tuple[TimeRange, ...],
    begins: Fraction,
    cut: TimeRange | None = None,
    speed: Fraction = Fraction(1),
) -> tuple[TimeRange, ...]:
    """The ranges inside the clip and the cut; without any, the cut, or what the line reaches.

    ``begins`` is where the speech's first sample lies, in seconds of playing from the first frame,
    and ``speed`` the seconds of the clip that are played in a second.
    """
    length = clip.duration
    low, high = (Fraction(0), length) if cut is None else (cut.start, min(cut.end, length))
    if not ranges and cut is None:
        start = max(begins, Fraction(0)) * speed
        end = min((begins + Fraction(len(speech.samples), speech.rate)) * speed, length)
        if end <= start:
            raise JobError(
                "the line lies outside the clip", "check --speech-start against the clip's length"
            )
        return (TimeRange(start, end),)
    for part in ranges:
        if part.start < 0 or part.start >= length:
            raise JobError(
                f"a range starts at {float(part.start):.2f} s, but the clip is "
                f"{float(length):.2f} s long",
                "give the range in the clip's own timecode or counted from its first frame",
            )
        if part.start >= high or part.end <= low:
            raise JobError(
                f"the range from {float(part.start):.2f} s to {float(part.end):.2f} s lies "
                f"outside the cut from {float(low):.2f} s to {float(high):.2f} s",
                "make the cut longer, or leave the range out",
            )
    return tuple(
        TimeRange(max(part.start, low), min(part.end, high))
        for part in ranges or (TimeRange(low, high),)
    )


def window(clip: Clip, ranges: Sequence[TimeRange]) -> tuple[int, int]:
    """Frames ``[first, stop)`` to follow: the ranges and what lies around them.

    It begins and ends on whole ``GRID`` seconds or with the clip, so that another language's line
    of nearly the same length asks for what is known already.
    """
    start = max(min(part.start for part in ranges) - AROUND, Fraction(0))
    end = max(part.end for part in ranges) + AROUND
    first = clip.index_at(Fraction(start // GRID * GRID))
    return first, clip.index_at(Fraction(-(-end // GRID) * GRID)) + 1


def frames_within(clip: Clip, first: int, count: int, ranges: Sequence[TimeRange]) -> Rows:
    """Which of ``count`` frames from ``first`` begin inside a range, bool ``[count]``."""
    times = (clip.time(index) for index in range(first, first + count))
    inside = [any(part.start <= time < part.end for part in ranges) for time in times]
    return np.array(inside, bool)
