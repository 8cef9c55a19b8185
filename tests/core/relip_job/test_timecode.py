from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_job.errors import JobError
from relip_job.timecode import Timecode, can_drop

NTSC = Fraction(30000, 1001)
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(60000, 1001)]
RATES += [Fraction(1350, 61), Fraction(50), Fraction(120000, 1001)]


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        # SMPTE ST 12-1: a drop-frame hour is 107892 frames, ten minutes are 17982.
        ("00:00:59;29", 1799),
        ("00:01:00;02", 1800),
        ("00:10:00;00", 17982),
        ("01:00:00;00", 107892),
        ("01:00:00:00", 108000),
        ("23:59:59;29", 24 * 107892 - 1),
    ],
)
def test_known_frame_numbers_at_29_97(text: str, frames: int) -> None:
    assert Timecode.parse(text, NTSC).frames == frames
    assert str(Timecode.parse(text, NTSC)) == text


def test_an_hour_of_drop_frame_is_an_hour_on_the_wall_within_a_tenth_of_a_second() -> None:
    assert abs(Timecode.parse("01:00:00;00", NTSC).seconds - 3600) < Fraction(1, 250)


def test_59_94_drops_four_numbers() -> None:
    rate = Fraction(60000, 1001)
    assert Timecode.parse("00:01:00;04", rate).frames == 3600
    assert str(Timecode(3599, rate, drop=True)) == "00:00:59;59"


@pytest.mark.parametrize(
    "text", ["", "12", "00:00:00:25", "00:60:00:00", "24:00:00:00", "a0:00:00:00", "00:00:00;00"]
)
def test_what_the_clock_never_shows_is_refused(text: str) -> None:
    with pytest.raises(JobError):
        Timecode.parse(text, Fraction(25))


def test_dropped_numbers_are_refused() -> None:
    with pytest.raises(JobError, match="leaves out"):
        Timecode.parse("00:01:00;01", NTSC)


@given(st.integers(0, 24 * 79200 - 1), st.sampled_from(RATES), st.booleans())
def test_every_frame_has_one_timecode(frames: int, rate: Fraction, drop: bool) -> None:
    timecode = Timecode(frames, rate, drop and can_drop(rate))
    assert Timecode.parse(str(timecode), rate) == timecode
    assert timecode.seconds == frames / rate


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(RATES))
def test_later_frames_read_later(first: int, second: int, rate: Fraction) -> None:
    first, second = sorted((first, second))
    drop = can_drop(rate)
    assert str(Timecode(first, rate, drop)) <= str(Timecode(second, rate, drop))


def test_the_clock_wraps_at_midnight() -> None:
    assert str(Timecode.parse("23:59:59:24", Fraction(25)) + 1) == "00:00:00:00"
