"""Resolve's numbers as exact seconds: rates, absolute frames, timecodes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Optional, Tuple, Union

from relip_host.host import HostError, Timeline
from relip_job.errors import JobError
from relip_job.timecode import Timecode, can_drop
from relip_resolve.belief import can

if TYPE_CHECKING:
    from fusionscript import Project
    from fusionscript import Timeline as ResolveTimeline

SUBFRAME = 100_000
"""Largest denominator of a position inside a frame: finer than a sample at 192 kHz."""


@dataclass(frozen=True)
class Clock:
    """Record time of one timeline; ``start`` is the absolute number of its first frame."""

    rate: Fraction
    start: int
    drop: bool = False

    def seconds(self, frame: float) -> Fraction:
        """Record time of an absolute frame number, which may point inside a frame."""
        return (Fraction(frame).limit_denominator(SUBFRAME) - self.start) / self.rate

    def frame(self, seconds: Fraction) -> int:
        """Absolute number of the frame nearest to a record time."""
        return round(seconds * self.rate) + self.start


def rate_of(value: Union[str, float, None]) -> Tuple[Fraction, bool]:
    """Frames per second and whether the clock drops, of ``"29.97 DF"``, ``"24"``, ``23.976``.

    Raises
    ------
    HostError
        It is no rate.
    """
    words = str(value if value is not None else "").upper().replace("DF", " DF ").split()
    try:
        shown = Fraction(words[0])
    except (IndexError, ValueError, ZeroDivisionError) as error:
        raise HostError(f"Resolve gave {value!r} as a frame rate") from error
    if shown <= 0:
        raise HostError(f"Resolve gave {value!r} as a frame rate")
    whole = round(shown)
    pulled = Fraction(whole * 1000, 1001)
    # 23.976, 23.98 and 29.97 are how 24000/1001 and 30000/1001 are printed.
    rate = pulled if shown != whole and abs(shown - pulled) < Fraction(1, 100) else shown
    return rate, "DF" in words[1:] and can_drop(rate)


def clock_of(timeline: ResolveTimeline, project: Project) -> Clock:
    """How this timeline counts."""
    setting = timeline.GetSetting("timelineFrameRate") or project.GetSetting("timelineFrameRate")
    rate, drop = rate_of(setting)
    start = timeline.GetStartFrame()
    if start is None:
        raise HostError("the timeline is gone", "open it again and run the script again")
    drop = drop or (can_drop(rate) and ";" in (timeline.GetStartTimecode() or ""))
    return Clock(rate, int(start), drop)


def described(timeline: ResolveTimeline, clock: Clock) -> Timeline:
    """The timeline in the words of the seam."""
    name = timeline.GetName() or "timeline"
    return Timeline(timeline.GetUniqueId() or name, name, clock.rate, clock.start, clock.drop)


def timecode_frames(text: str, rate: Fraction, drop: bool) -> int:
    """Frames since 00:00:00:00, 0 if ``text`` is no timecode: then the file has none."""
    if drop and can_drop(rate) and len(text) == len("00:00:00:00"):
        text = text[:8] + ";" + text[9:]
    try:
        return Timecode.parse(text, rate).frames
    except JobError:
        return 0


def marked(timeline: ResolveTimeline, clock: Clock) -> Optional[Tuple[Fraction, Fraction]]:
    """Record time between the in and the out mark, the out mark's frame included.

    Resolve counts marks from the timeline's first frame, which is what record time does. None
    if one of them is not set, or this Resolve (before 19.1) does not tell.
    """
    if not can(timeline, "GetMarkInOut"):
        return None
    marks = timeline.GetMarkInOut() or {}
    span = marks.get("video") or marks.get("audio")
    if not span or span.get("in") is None or span.get("out") is None:
        return None
    return Fraction(int(span["in"])) / clock.rate, Fraction(int(span["out"]) + 1) / clock.rate
