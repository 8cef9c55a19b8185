from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip import sample
from relip.lines import frames_in, ranges_in, window
from relip.media.clip import Clip
from relip.media.probe import probe
from relip.media.speech import RATE, Speech
from relip_job.errors import JobError
from relip_job.job import TimeRange

S = Fraction
LINE = Speech(np.zeros(2 * RATE, np.float32))
SAMPLE = probe(sample.picture())


def clip(rate: Fraction, frames: int, ticks: list[int] | None = None) -> Clip:
    """So many pictures; with ``ticks`` they lie at these milliseconds."""
    pts = np.arange(frames, dtype=np.int64) if ticks is None else np.array(ticks, np.int64)
    base = 1 / rate if ticks is None else Fraction(1, 1000)
    return replace(SAMPLE, rate=rate, time_base=base, pts=pts, variable_rate=ticks is not None)


@given(
    rate=st.sampled_from([S(25), S(24000, 1001), S(30000, 1001), S(60)]),
    first=st.integers(0, 400),
    count=st.integers(1, 100),
)
def test_a_cut_between_frames_has_exactly_these_frames(
    rate: Fraction, first: int, count: int
) -> None:
    cut = TimeRange(first / rate, (first + count) / rate)

    assert frames_in(clip(rate, 500), cut) == (first, first + count)


def test_a_cut_has_the_frames_that_begin_in_it() -> None:
    assert frames_in(clip(S(25), 50), TimeRange(S(39, 1000), S(1001, 1000))) == (1, 26)
    assert frames_in(clip(S(25), 50), TimeRange(S(41, 1000), S(1))) == (2, 25)
    assert frames_in(clip(S(25), 50), TimeRange(S(1), S(90))) == (25, 50)
    uneven = clip(S(25), 4, [0, 30, 100, 140])
    assert frames_in(uneven, TimeRange(S(30, 1000), S(140, 1000))) == (1, 3)
    assert frames_in(uneven, None) == (0, 4)


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (TimeRange(S(-1), S(1)), "the cut starts at -1.00 s, but the clip is 2.00 s long"),
        (TimeRange(S(2), S(3)), "the cut starts at 2.00 s"),
        (TimeRange(S(41, 1000), S(79, 1000)), "no frame begins between 0.041 s and 0.079 s"),
    ],
)
def test_a_cut_outside_the_clip_or_without_frames_is_refused(cut: TimeRange, message: str) -> None:
    with pytest.raises(JobError, match=message) as refused:
        frames_in(clip(S(25), 50), cut)
    assert refused.value.remedy


def test_ranges_are_those_inside_the_cut() -> None:
    long, cut = clip(S(25), 250), TimeRange(S(2), S(8))
    given = (TimeRange(S(1), S(3)), TimeRange(S(4), S(5)), TimeRange(S(7), S(9)))

    found = ranges_in(long, LINE, given, S(0), cut)

    assert found == (TimeRange(S(2), S(3)), TimeRange(S(4), S(5)), TimeRange(S(7), S(8)))


def test_without_ranges_all_of_the_cut_is_meant() -> None:
    long = clip(S(25), 250)

    assert ranges_in(long, LINE, (), S(3), TimeRange(S(2), S(90))) == (TimeRange(S(2), S(10)),)
    assert ranges_in(long, LINE, (), S(3)) == (TimeRange(S(3), S(5)),)


def test_a_range_outside_the_cut_is_refused() -> None:
    with pytest.raises(JobError, match=r"from 6\.00 s to 7\.00 s lies outside the cut") as refused:
        ranges_in(clip(S(25), 250), LINE, (TimeRange(S(6), S(7)),), S(0), TimeRange(S(2), S(6)))
    assert refused.value.remedy


LONG = clip(S(25), 8000)


def test_the_window_is_the_same_for_lines_that_end_nearly_together() -> None:
    ends = [S(103), S(207, 2), S(107)]
    windows = {window(LONG, [TimeRange(S(100), end)]) for end in ends}

    ((first, stop),) = windows
    assert (LONG.time(first), LONG.time(stop - 1)) == (S(60), S(150))


def test_the_window_holds_all_ranges_in_any_order() -> None:
    first, stop = window(LONG, [TimeRange(S(150), S(151)), TimeRange(S(90), S(91))])

    assert (LONG.time(first), LONG.time(stop - 1)) == (S(50), S(200))


@given(start=st.fractions(0, 60), length=st.fractions(min_value=S(1, 100), max_value=30))
def test_all_of_a_short_clip_is_followed(start: Fraction, length: Fraction) -> None:
    short = clip(S(30000, 1001), 1000)
    start = min(start, S(30))
    assert window(short, [TimeRange(start, start + length)]) == (0, 1000)
