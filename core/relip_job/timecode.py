"""Timecode, non-drop and drop-frame, on exact rational rates (SMPTE ST 12-1).

A timecode counts frames; it is a time only together with a rate. At 30000/1001 the non-drop
clock runs 0.1 % slow; drop-frame skips the *numbers* 00 and 01 (at 60000/1001: 00 to 03) of
each minute not divisible by ten, never a picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from relip_job.errors import JobError

_PATTERN = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")
DAY = 24 * 60


def nominal(rate: Fraction) -> int:
    """Numbers the clock gives to one second: 24 for 24000/1001, 30 for 30000/1001."""
    return max(1, round(rate))


def can_drop(rate: Fraction) -> bool:
    """Whether drop-frame counting is defined: 30000/1001 and its multiples, also as 29.97."""
    count = nominal(rate)
    return count % 30 == 0 and abs(rate - Fraction(count * 1000, 1001)) < Fraction(1, 500)


@dataclass(frozen=True)
class Timecode:
    """``frames`` since 00:00:00:00 at ``rate``; ``drop`` tells which clock writes them."""

    frames: int
    rate: Fraction
    drop: bool = False

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise JobError(f"no timecode runs at {self.rate} frames per second")
        if self.drop and not can_drop(self.rate):
            raise JobError(
                f"drop-frame timecode does not exist at {float(self.rate):.3f} frames per second",
                "write the last separator as a colon",
            )

    @classmethod
    def parse(cls, text: str, rate: Fraction) -> Timecode:
        """Read ``HH:MM:SS:FF``, or ``HH:MM:SS;FF`` (also ``.`` and ``,``) for drop-frame.

        Raises
        ------
        JobError
            It is no timecode, or a number the clock never shows.
        """
        found = _PATTERN.fullmatch(text.strip())
        if found is None:
            raise JobError(f"{text!r} is no timecode", "write HH:MM:SS:FF, such as 01:00:04:12")
        hours, minutes, seconds, frames = (int(found[group]) for group in (1, 2, 3, 5))
        count = nominal(rate)
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= count:
            raise JobError(
                f"timecode {text!r} does not exist at {float(rate):.3f} frames per second",
                f"frames run from 00 to {count - 1:02d}",
            )
        number = ((hours * 60 + minutes) * 60 + seconds) * count + frames
        if found[4] == ":":
            return cls(number, rate)
        if can_drop(rate):
            skipped = count // 15
            if minutes % 10 and seconds == 0 and frames < skipped:
                raise JobError(
                    f"timecode {text!r} is one of those that drop-frame leaves out",
                    f"use frame {skipped:02d}",
                )
            whole_minutes = hours * 60 + minutes
            number -= skipped * (whole_minutes - whole_minutes // 10)
        return cls(number, rate, drop=True)

    @property
    def seconds(self) -> Fraction:
        """Real time since 00:00:00:00."""
        return self.frames / self.rate

    def __add__(self, frames: int) -> Timecode:
        return Timecode(self.frames + frames, self.rate, self.drop)

    def __str__(self) -> str:
        """``HH:MM:SS:FF`` (``;`` for drop-frame), on a clock of 24 hours."""
        count = nominal(self.rate)
        skipped = count // 15 if self.drop else 0
        ten_minutes = 600 * count - 9 * skipped
        number = self.frames % (DAY // 10 * ten_minutes)
        if self.drop:
            tens, rest = divmod(number, ten_minutes)
            # The first minute of each ten is whole, the nine after it are short.
            short = max(0, rest - skipped) // (60 * count - skipped)
            number += skipped * (9 * tens + short)
        seconds, frames = divmod(number, count)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        mark = ";" if self.drop else ":"
        digits = max(2, len(str(count - 1)))
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{frames:0{digits}d}"
