"""Which frames of its file an item shows, and how fast. Pure arithmetic on what Resolve says.

Resolve has no speed to ask for. It follows from two lengths: of the item on the timeline, and of
what it shows of the file. Sources differ on the edges, so an answer may be off by a frame:
the first source frame sometimes is, and the last is exclusive where file and timeline run at the
same rate and inclusive where they do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Optional


@dataclass(frozen=True)
class Reading:
    """What Resolve says of an item.

    ``start`` and ``end`` are source frames from the head of the file, ``left`` the trim at its
    head, ``frames`` its length on the timeline.
    """

    start: Optional[int]
    end: Optional[int]
    left: Optional[float]
    frames: int


@dataclass(frozen=True)
class Span:
    """``first`` is the source frame at the item's start, None if nobody knows.

    ``speed`` is 1 for a plain item, negative backwards, None if nobody knows.
    """

    first: Optional[Fraction]
    speed: Optional[Fraction]


UNKNOWN = Span(None, None)


def span(reading: Reading, timeline_rate: Fraction, media_rate: Fraction) -> Span:
    """First source frame and speed of what was read."""
    start, end, left = reading.start, reading.end, reading.left
    if start is None or end is None or reading.frames <= 0:
        return UNKNOWN
    if start == 0 and end == 0:
        return UNKNOWN  # how items of imported timelines read
    mixed = timeline_rate != media_rate
    shown = end - start
    if shown < 0:
        return Span(None, _speed(shown, reading.frames, timeline_rate, media_rate))
    shown += mixed
    wanted = reading.frames * media_rate / timeline_rate
    # Mixed rates are floored to whole frames of the timeline.
    slack = 1 + media_rate / timeline_rate if mixed else Fraction(1)
    if abs(shown - wanted) > slack:
        return Span(None, _speed(shown, reading.frames, timeline_rate, media_rate))
    if left is None or abs(left - start) > 1:
        if not mixed and left is not None:
            # A retimed item's trim counts frames of the timeline, not of the file.
            return UNKNOWN if left == 0 else Span(None, Fraction(start) / round_to(left))
        return Span(Fraction(start), Fraction(1))
    return Span(round_to(left), Fraction(1))


def round_to(frame: float) -> Fraction:
    """A frame number as Resolve means it; its floats carry noise."""
    return Fraction(frame).limit_denominator(100_000)


def _speed(shown: int, frames: int, timeline_rate: Fraction, media_rate: Fraction) -> Fraction:
    return shown * timeline_rate / (media_rate * frames)
