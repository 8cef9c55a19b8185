"""Times as editors write them, to exact seconds from the clip's first frame.

Three ways: a timecode ``00:00:04:12`` (``;`` before the frames for drop-frame), seconds
``12.5s`` or ``-20ms``, frames ``120f``. A timecode that lies within the clip's own start and
end is the source's, any other counts from the clip's first frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import List, Optional, Protocol, Sequence

from relip_job import Speaker, TimeRange
from relip_job.errors import JobError
from relip_job.timecode import Timecode

_AMOUNT = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))(ms|s|f)")
WAYS = "write a timecode 00:00:04:12, seconds 4.48s or frames 112f"


class Timed(Protocol):
    """What a clock takes from a clip."""

    @property
    def rate(self) -> Fraction:
        """Frames per second."""

    @property
    def duration(self) -> Fraction:
        """Seconds from the first frame to the end of the last."""

    @property
    def start_timecode(self) -> Optional[str]:
        """Of the first frame, as the file writes it."""

    def timecode(self, index: int) -> Timecode:
        """Of a frame."""


@dataclass(frozen=True)
class Clock:
    """What is needed of a clip to read times in it.

    Attributes
    ----------
    rate : frames per second.
    duration : seconds from the first frame to the end of the last.
    start : timecode of the first frame, if the file carries one.
    """

    rate: Fraction
    duration: Fraction
    start: Optional[Timecode] = None

    @classmethod
    def of(cls, clip: Timed) -> Clock:
        """The clock of a clip."""
        start = clip.timecode(0) if clip.start_timecode else None
        return cls(clip.rate, clip.duration, start)

    def source_seconds(self, text: str) -> Optional[Fraction]:
        """Seconds from the first frame if ``text`` is a timecode of this very clip.

        On a drop-frame clip a colon before the frames is taken for a semicolon: the clip has
        only one clock.
        """
        if self.start is None:
            return None
        if self.start.drop:
            text = re.sub(r":(\d+)$", r";\1", text)
        try:
            code = Timecode.parse(text, self.rate)
        except JobError:
            return None
        seconds = (code.frames - self.start.frames) / self.rate
        return seconds if 0 <= seconds <= self.duration else None

    def written(self, seconds: Fraction) -> str:
        """``seconds`` from the first frame as this clip's timecode."""
        frames = round(seconds * self.rate)
        return str((self.start or Timecode(0, self.rate)) + frames)


def amount(text: str, rate: Fraction) -> Fraction:
    """Seconds of ``-20ms``, ``0.04s`` or ``+1f``.

    Raises
    ------
    JobError
        It is none of these.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise JobError(f"{text!r} is no length of time", "write -20ms, 0.04s or +1f")
    number = Fraction(found[1])
    return {"ms": number / 1000, "s": number, "f": number / rate}[found[2]]


def moments(texts: Sequence[str], clock: Clock) -> List[Fraction]:
    """Seconds from the clip's first frame; all timecodes of one call are read on one clock.

    Raises
    ------
    JobError
        It is no time, or no timecode of this rate.
    """
    codes = [text for text in texts if ":" in text]
    of_the_source = all(clock.source_seconds(code) is not None for code in codes)
    found = []
    for text in texts:
        if ":" not in text:
            try:
                found.append(amount(text, clock.rate))
            except JobError as error:
                raise JobError(f"{text!r} is no time", WAYS) from error
            continue
        within = clock.source_seconds(text) if of_the_source else None
        found.append(Timecode.parse(text, clock.rate).seconds if within is None else within)
    return found


def time_range(text: str, clock: Clock) -> TimeRange:
    """The half-open range of ``00:00:04:12-00:00:09:00``, both ends on the same clock.

    Raises
    ------
    JobError
        It is no range, runs backwards, or does not lie in the clip.
    """
    first, dash, last = text.partition("-")
    if not dash:
        raise JobError(f"{text!r} is no range", "write its start and end: 00:00:04:12-00:00:09:00")
    start, end = moments((first, last), clock)
    if end <= start:
        raise JobError(f"the range {text} ends before it starts", "swap its ends")
    if start < 0 or end > clock.duration:
        last_moment = clock.written(clock.duration)
        raise JobError(
            f"the range {text} leaves the clip",
            f"the clip runs from {clock.written(Fraction(0))} to {last_moment}",
        )
    return TimeRange(start, end)


def speaker(text: str, clock: Clock) -> Speaker:
    """Person ``2``, or whoever is at the pixel ``640,360@00:00:04:12``.

    Raises
    ------
    JobError
        It is neither, or the time does not lie in the clip.
    """
    if text.isdecimal() and int(text) > 0:
        return Speaker(number=int(text))
    point, at, when = text.partition("@")
    try:
        x, y = (float(number) for number in point.split(","))
    except ValueError:
        at = ""
    if not at:
        raise JobError(
            f"{text!r} names no speaker",
            "write a number from 'relip probe', such as 1, or a pixel and a time: 640,360@4.5s",
        )
    (seconds,) = moments((when,), clock)
    if not 0 <= seconds < clock.duration:
        raise JobError(
            f"the time of {text} is not in the clip",
            f"the clip runs from {clock.written(Fraction(0))} to {clock.written(clock.duration)}",
        )
    return Speaker(point=(x, y, seconds))
