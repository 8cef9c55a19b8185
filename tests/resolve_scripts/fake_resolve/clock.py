"""Rates and timecodes as Resolve counts them; written apart from relip's own, so as to check it."""

from __future__ import annotations

from fractions import Fraction


def rate_of(text: str) -> tuple[Fraction, bool]:
    """Frames per second and whether the clock drops, of ``24``, ``23.976`` or ``29.97 DF``.

    Raises
    ------
    ValueError
        It is no rate that Resolve offers.
    """
    number, _, suffix = text.partition(" ")
    shown = Fraction(number)
    drop = suffix == "DF"
    if suffix not in ("", "DF") or shown <= 0:
        raise ValueError(f"{text!r} is no frame rate")
    if shown.denominator == 1:
        return shown, False
    rate = Fraction(round(shown) * 1000, 1001)
    if abs(rate - shown) > Fraction(1, 100):
        raise ValueError(f"{text!r} is no frame rate")
    return rate, drop and round(shown) % 30 == 0


def rate_text(rate: Fraction) -> str:
    """``24``, ``23.976``: three digits, without needless zeros."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def frame_of(timecode: str, rate: Fraction) -> int:
    """Frame number that ``HH:MM:SS:FF`` names; ``;`` before the frames drops numbers.

    Raises
    ------
    ValueError
        It is no timecode at this rate.
    """
    base = round(rate)
    drop = ";" in timecode
    parts = [int(part) for part in timecode.replace(";", ":").split(":")]
    if len(parts) != 4 or parts[1] > 59 or parts[2] > 59 or parts[3] >= base:
        raise ValueError(f"{timecode!r} is no timecode at {rate_text(rate)} fps")
    hours, minutes, seconds, frames = parts
    number = ((hours * 60 + minutes) * 60 + seconds) * base + frames
    if not drop:
        return number
    if seconds == 0 and minutes % 10 and frames < base // 15:
        raise ValueError(f"{timecode!r} names a frame number that is dropped")
    passed = hours * 60 + minutes
    return number - (base // 15) * (passed - passed // 10)


def timecode_of(frame: int, rate: Fraction, drop: bool = False) -> str:
    """``HH:MM:SS:FF`` of a frame number; ``;`` before the frames when the clock drops."""
    base = round(rate)
    if drop:
        skipped = base // 15
        tens, rest = divmod(frame, base * 600 - 9 * skipped)
        frame += 9 * skipped * tens
        if rest >= base * 60:
            frame += skipped * (1 + (rest - base * 60) // (base * 60 - skipped))
    seconds, frames = divmod(frame, base)
    mark = ";" if drop else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"
