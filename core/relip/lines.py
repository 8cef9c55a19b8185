"""Where the lines lie in a clip, and how much of the clip belongs to them."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from relip.media.clip import Clip
from relip.media.speech import Speech
from relip_job.errors import JobError
from relip_job.job import TimeRange

AROUND: Final = 40
"""Seconds of the clip before and after the ranges that serve as library too."""


def ranges_in(
    clip: Clip, speech: Speech, ranges: tuple[TimeRange, ...], begins: Fraction
) -> tuple[TimeRange, ...]:
    """The ranges inside the clip; without any, as far as the line reaches.

    ``begins`` is where the speech's first sample lies, in seconds from the first frame.
    """
    length = clip.duration
    if not ranges:
        start = max(begins, Fraction(0))
        end = min(begins + Fraction(len(speech.samples), speech.rate), length)
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
    return tuple(TimeRange(part.start, min(part.end, length)) for part in ranges)


def window(clip: Clip, ranges: tuple[TimeRange, ...]) -> tuple[int, int]:
    """Frames ``[first, stop)`` to follow: the ranges and what lies around them."""
    first = clip.index_at(max(ranges[0].start - AROUND, Fraction(0)))
    return first, clip.index_at(ranges[-1].end + AROUND) + 1
