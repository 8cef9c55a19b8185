"""Times of FCPXML: exact seconds, conformed rates and retimes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from relip_job.errors import JobError
from relip_plugin.timeline.exact import exact_rate
from relip_plugin.timeline.xml_safe import Node

_TIME = re.compile(r"(-?\d{1,18})(?:/(\d{1,18}))?s|(-?\d{1,18}\.\d{1,12})s")

_RATE = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6})?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,6}")


@dataclass(frozen=True)
class Shown:
    """The time on a file's clock at the start of an item, and the speed from there on."""

    source: Fraction
    speed: Fraction


def time(text: str) -> Fraction:
    """Seconds of ``3600s``, ``1001/24000s`` or ``1.5s``.

    Raises
    ------
    JobError
        It is no time.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None or (found[2] and int(found[2]) == 0):
        raise JobError(f"{text!r} is no time in FCPXML", "export the timeline again")
    return Fraction(found[3]) if found[3] else Fraction(int(found[1]), int(found[2] or 1))


def whole(text: str) -> int:
    """The number of a lane or a channel.

    Raises
    ------
    JobError
        It is none.
    """
    if not _WHOLE.fullmatch(text.strip()):
        raise JobError(f"{text!r} is no number in FCPXML", "export the timeline again")
    return int(text)


def time_text(value: Fraction) -> str:
    """What :func:`time` reads."""
    whole = value.denominator == 1
    return f"{value.numerator}s" if whole else f"{value.numerator}/{value.denominator}s"


def conformed(node: Node, timeline: Fraction, file: Fraction) -> Fraction:
    """How much faster a file runs that is played frame for frame at the timeline's rate.

    Final Cut does that with rates near to each other, unless scaling is off.
    """
    found = node.first("conform-rate")
    if found is None or found.get("scaleEnabled", "1") == "0":
        return Fraction(1)
    told = found.get("srcFrameRate")
    if told and not _RATE.fullmatch(told):
        raise JobError(f"no file runs at {told} frames per second", "export the timeline again")
    return timeline / (exact_rate(float(told)) if told else file)


def shown(
    faster: Fraction,
    retime: Node | None,
    begins: Fraction,
    length: Fraction,
    file: tuple[Fraction, Fraction],
) -> Shown | None:
    """What part of a file an item shows; ``None`` if nobody can tell for sure.

    Programs differ in which clock the start of a conformed or retimed item is on. Only one of
    them, mostly, gives a part that the file has: the file's length decides, and where it does
    not, there is no answer rather than a wrong picture.

    Parameters
    ----------
    begins : ``start`` of the item.
    file : its first and last moment on its own clock.
    """
    if retime is not None:
        found = _steady(retime)
        if found is None or faster != 1:
            return None
        time_, value, speed = found
        if speed <= 0:
            return Shown(value, speed)
        read = Shown(value + (begins - time_) * speed, speed)
        return read if _has(file, read, length) else None
    if faster == 1:
        return Shown(begins, faster)
    readings = [Shown(begins * faster, faster), Shown(begins, Fraction(1))]
    possible = [one for one in readings if _has(file, one, length)]
    return possible[0] if len(possible) == 1 else None


def _has(file: tuple[Fraction, Fraction], part: Shown, length: Fraction) -> bool:
    slack = Fraction(1, 25)  # a frame, which rounding may take
    stop = part.source + part.speed * length
    return file[0] - slack <= part.source and stop <= file[1] + slack


def _steady(retime: Node) -> tuple[Fraction, Fraction, Fraction] | None:
    """A point of a retime (time of the item, time of the file) and its speed, if it has one."""
    points = [(time(one.get("time")), time(one.get("value"))) for one in retime.all("timept")]
    if len(points) < 2 or any(after[0] <= before[0] for before, after in pairwise(points)):
        return None
    speeds = {(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(points)}
    if len(speeds) > 1:
        return None
    return *points[0], speeds.pop()
