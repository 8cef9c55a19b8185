"""Source ranges and speeds from what Resolve says of an item."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_resolve.clock import Clock, rate_of, timecode_frames
from relip_resolve.spans import Reading, span

RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30)]
RATES += [Fraction(50), Fraction(60)]


@given(
    first=st.integers(0, 10**6),
    frames=st.integers(12, 10**5),
    media=st.sampled_from(RATES),
    timeline=st.sampled_from(RATES),
    off=st.sampled_from([-1, 0, 1]),
)
def test_a_plain_item_is_plain_at_every_pair_of_rates(
    first: int, frames: int, media: Fraction, timeline: Fraction, off: int
) -> None:
    """As Resolve says it: off by a frame at the start, inclusive at the end of mixed rates."""
    end = first + round(frames * media / timeline) - (media != timeline)

    read = span(Reading(max(0, first + off), end, float(first), frames), timeline, media)

    assert read.speed == 1
    assert read.first == first


@given(
    first=st.integers(1, 10**4),
    frames=st.integers(50, 10**4),
    speed=st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(11, 10), Fraction(2)]),
    rate=st.sampled_from(RATES),
)
def test_a_retimed_item_shows(first: int, frames: int, speed: Fraction, rate: Fraction) -> None:
    end = first + round(frames * speed)

    read = span(Reading(first, end, float(first / speed), frames), rate, rate)

    assert read.first is None
    assert read.speed is not None
    assert abs(read.speed - speed) < Fraction(1, 20)


def test_a_small_retime_of_a_short_item_shows_in_its_trim() -> None:
    """4 % of 20 frames is less than one; of the 200 that were trimmed it is 8."""
    read = span(Reading(200, 221, 192.3, 20), Fraction(25), Fraction(25))

    assert read.first is None


def test_backwards_is_negative() -> None:
    read = span(Reading(99, 0, 0.0, 99), Fraction(24), Fraction(24))

    assert read.speed == -1


def test_nothing_known_is_not_the_head_of_the_file() -> None:
    assert span(Reading(0, 0, 0.0, 48), Fraction(24), Fraction(24)).speed is None
    assert span(Reading(None, None, None, 48), Fraction(24), Fraction(24)).speed is None


def test_a_still_frame_has_speed_0() -> None:
    assert span(Reading(40, 40, 40.0, 48), Fraction(24), Fraction(24)).speed == 0


@pytest.mark.parametrize(
    ("shown", "rate", "drop"),
    [
        ("24", Fraction(24), False),
        (24.0, Fraction(24), False),
        ("23.976", Fraction(24000, 1001), False),
        (23.976, Fraction(24000, 1001), False),
        ("29.97 DF", Fraction(30000, 1001), True),
        ("29.97", Fraction(30000, 1001), False),
        ("59.94 DF", Fraction(60000, 1001), True),
        ("47.952", Fraction(48000, 1001), False),
        ("12.5", Fraction(25, 2), False),
        ("25 DF", Fraction(25), False),
    ],
)
def test_rates_are_read_exactly(shown: str | float, rate: Fraction, drop: bool) -> None:
    assert rate_of(shown) == (rate, drop)


@given(frame=st.integers(0, 10**7), rate=st.sampled_from(RATES))
def test_a_frame_and_its_seconds_are_the_same(frame: int, rate: Fraction) -> None:
    clock = Clock(rate, 86400)

    assert clock.frame(clock.seconds(frame)) == frame


def test_timecodes_of_files_are_counted() -> None:
    assert timecode_frames("01:00:00:00", Fraction(24000, 1001), False) == 86400
    assert timecode_frames("01:00:00;00", Fraction(30000, 1001), True) == 107892
    assert timecode_frames("01:00:00:00", Fraction(30000, 1001), True) == 107892
    assert timecode_frames("", Fraction(24), False) == 0
