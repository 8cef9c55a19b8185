"""Numbers of documents as the fractions they stand for."""

from __future__ import annotations

from fractions import Fraction

from relip_job.errors import JobError


def exact_rate(rate: float | Fraction) -> Fraction:
    """Frames per second: 23.976, 23.98 and 23.976023976 are 24000/1001, and 25.0 is 25.

    Raises
    ------
    JobError
        No picture runs at that rate.
    """
    # No comparison holds of a NaN.
    found = Fraction(rate) if 0 < float(rate) < 1e9 else Fraction(0)
    if found <= 0:
        raise JobError(f"no timeline runs at {rate} frames per second", "export it again")
    whole = round(found)
    if abs(found - whole) < Fraction(1, 100_000):
        return Fraction(max(whole, 1))
    ntsc = Fraction(round(found * 1001 / 1000) * 1000, 1001)
    if abs(found - ntsc) < Fraction(1, 200):
        return ntsc
    return found.limit_denominator(10_000)


def exact_value(value: float) -> Fraction:
    """A count of frames, whole ones mostly, without the dust of binary floating point.

    Raises
    ------
    JobError
        It is not finite.
    """
    if value != value or abs(value) > 1e12:
        raise JobError(f"a time of {value} frames is none", "export the timeline again")
    return Fraction(value).limit_denominator(10_000)
