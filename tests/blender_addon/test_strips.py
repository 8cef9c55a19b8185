from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blender_addon.relip.strips import (
    Footage,
    hold_for,
    laid,
    pace_of,
    rate_of,
    scene_rate,
)
from relip_host.host import Obstacle

F = Fraction
NTSC, FILM = F(30000, 1001), F(24000, 1001)
RATES = st.sampled_from([FILM, F(24), F(25), NTSC, F(30), F(50), F(60000, 1001), F(60), F(15)])


def shown(footage: Footage, pace: F, frame: int) -> int:
    """The frame of the file that Blender shows: the nearest, a half goes up."""
    return math.floor(footage.position(frame, pace) + F(1, 2))


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (25.0, F(25)),
        (29.970029830932617, NTSC),
        (23.976024627685547, FILM),
        (59.94005966186523, F(60000, 1001)),
        (12.5, F(25, 2)),
        (30.0, F(30)),
    ],
)
def test_a_rate_is_exact_again(fps: float, rate: F) -> None:
    assert rate_of(fps) == rate


def test_the_scenes_rate_is_exact_whatever_its_base() -> None:
    assert scene_rate(30, 1.0010000467300415) == NTSC
    assert scene_rate(25, 1.0) == 25
    assert scene_rate(24, 1.0010000467300415) == FILM


@pytest.mark.parametrize(
    ("scene", "rate", "length", "keys", "pace"),
    [
        # What Blender 4.2, 4.5 and 5.2 were seen to do with clips of 150 frames.
        (F(25), F(25), 150, (), F(1)),
        (F(25), F(30), 150, (), F(1)),
        (F(25), F(30), 124, (), F(6, 5)),
        (F(25), NTSC, 125, (), F(1200, 1001)),
        (F(25), F(24), 156, (), F(24, 25)),
        (NTSC, F(25), 179, (), F(1001, 1200)),
        (F(25), F(25), 301, (11, 311), F(149, 300)),  # 50 % in 4.2
        (F(25), F(25), 299, (11, 309), F(149, 298)),  # in 4.5
        (F(25), F(25), 300, (11, 311), F(1, 2)),  # in 5.2
        (F(25), F(30), 250, (11, 311), F(3, 5)),
        (F(25), F(30), 301, (11, 371), F(149, 300)),  # 4.2 forgets the adjustment here
    ],
)
def test_the_pace_follows_from_how_long_blender_says_the_content_is(
    scene: F, rate: F, length: int, keys: tuple[int, ...], pace: F
) -> None:
    footage = Footage(11, 11, 11 + length, length, rate, 150, keys=keys)

    assert pace_of(footage, scene, "take") == pace


@pytest.mark.parametrize(
    ("footage", "code"),
    [
        (Footage(1, 1, 61, 60, F(25), 60, keys=(1, 20, 61)), "retimed"),
        (Footage(1, 1, 601, 600, F(25), 60, keys=(1, 601)), "retimed"),
        (Footage(1, 1, 61, 60, F(25), 60, trim=60), "no-media"),
        (Footage(1, 1, 61, 0, F(25), 60), "no-media"),
    ],
)
def test_what_has_no_one_pace_is_refused(footage: Footage, code: str) -> None:
    found = pace_of(footage, F(25), "take")

    assert isinstance(found, Obstacle)
    assert found.code == code
    assert found.message.startswith("take ")
    assert found.remedy


@st.composite
def strips(draw: st.DrawFn) -> tuple[Footage, F]:
    """A strip within its content, and its pace."""
    scene, rate = draw(RATES), draw(RATES)
    pace = draw(st.sampled_from([F(1), rate / scene]))
    trim = draw(st.integers(0, 50))
    start = draw(st.integers(-1000, 1000))
    left = start + draw(st.integers(0, 3000))
    right = left + draw(st.integers(1, 200))
    length = right - start + draw(st.integers(0, 100))
    frames = trim + math.ceil(length * pace) + 1
    return Footage(start, left, right, length, rate, frames, trim), pace


@given(strips(), st.integers(0, 24))
def test_a_result_shows_at_every_frame_what_its_footage_did(
    found: tuple[Footage, F], handles: int
) -> None:
    footage, pace = found
    hold = hold_for(footage, pace, handles)

    assert 0 <= hold.first < hold.stop <= footage.frames
    assert laid(footage, pace, hold.first) == hold.shift
    result = replace(footage, start=footage.start + hold.shift, trim=0)
    for frame in range(footage.left, footage.right):
        assert hold.first + shown(result, pace, frame) == shown(footage, pace, frame)
        assert hold.first <= shown(footage, pace, frame) < hold.stop


@given(strips())
def test_where_rates_meet_often_little_more_is_written_than_asked_for(
    found: tuple[Footage, F],
) -> None:
    footage, pace = found
    hold = hold_for(footage, pace, 12)
    seen = shown(footage, pace, footage.left)

    # Frames of 25 and 30 meet every 5 frames, of 24 and 29.97 every 1250.
    assert seen - hold.first <= 12 + pace.denominator * pace + 1


@pytest.mark.parametrize("change", [{"keys": (1, 300)}, {"strobe": 2.0}])
def test_what_counts_from_the_contents_start_gets_all_of_the_file(
    change: dict[str, object],
) -> None:
    footage = replace(Footage(1, 101, 151, 300, F(25), 150), **change)  # type: ignore[arg-type]

    hold = hold_for(footage, F(1, 2), 12)

    assert (hold.first, hold.stop, hold.shift) == (0, 150, 0)
