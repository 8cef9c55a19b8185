from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relip.quality.evidence import LEAST_RANGE, alike, loud, runs, silent, worst
from tests.core.relip.quality.evidence_made import BEGINS, FIRST, STEP, dubbed, performance
from tests.mouths_made import line_of, turned


def test_nobody_speaks_before_and_after_the_sound() -> None:
    heard = line_of(("OPEN", 1.0))

    found = loud(heard, np.array([-0.5, -0.001, 0.0, 0.5, 0.999, 1.0, 3.0]))

    assert found.tolist() == [0, 0, 1, 1, 1, 0, 0]


def test_it_is_silent_where_nobody_speaks_within_a_fifth_of_a_second() -> None:
    heard = line_of(("OPEN", 1.0), ("SIL", 1.0), ("OPEN", 1.0))

    found = silent(heard, np.array([0.9, 1.1, 1.19, 1.22, 1.5, 1.78, 1.82]))

    assert found.tolist() == [False, False, False, True, True, True, False]


def test_gaps_of_the_result_are_those_of_the_line() -> None:
    made = dubbed()
    inside = np.arange(len(made.times)) >= 40

    gaps = replace(made, inside=inside).after()

    assert np.isnan(gaps[:40]).all()
    np.testing.assert_array_equal(gaps[40:], made.result.gaps[40:])


def test_frames_without_a_mouth_are_unknown() -> None:
    made = dubbed()
    some = made.result.rows % 3 != 0

    gaps = replace(made, result=made.result.only(some)).after()

    assert np.isfinite(gaps).tolist() == some.tolist()


def test_frames_that_hand_one_mouth_over_to_another_are_not_judged_for_stillness() -> None:
    made = dubbed()
    n = len(made.times)
    quiet = made.quiet()
    assert quiet[:10].all()
    assert quiet[-10:].all(), "there is no other mouth before and after the clip"

    part = replace(made, inside=(np.arange(n) >= 6) & (np.arange(n) < n - 10)).quiet()

    assert not part[:10].any()
    assert part[11:15].all()
    assert not part[n - 14 :].any()
    assert part[n - 20 : n - 15].all()


def test_own_speech_is_everything_where_nothing_is_heard() -> None:
    made = dubbed()

    assert replace(made, own=None).own_voiced().all()
    assert replace(made, own=line_of(("SIL", 8.0))).own_voiced().all()
    assert 0.3 < made.own_voiced().mean() < 0.8


def test_own_silence_is_unknown_without_sound_and_beyond_it() -> None:
    made = dubbed()

    assert not replace(made, own=None).own_quiet().any()
    assert made.own_quiet().sum() > 10
    short = replace(made, own=line_of(("SIL", 1.0))).own_quiet()
    assert made.own_seconds[short].min() > 0.2
    assert made.own_seconds[short].max() < 0.8


def test_the_line_s_clock_begins_where_it_lies_in_the_clip() -> None:
    assert dubbed().clip_offset == pytest.approx(BEGINS)
    assert dubbed().times[0] == pytest.approx(FIRST * STEP)


def test_a_mouth_that_does_not_move_still_has_a_reach_above_its_noise() -> None:
    made = replace(dubbed(), original=performance(np.full(len(dubbed().times), 0.03)))

    assert made.reach == LEAST_RANGE
    assert made.closed == pytest.approx(0.03, abs=0.002)


def test_like_is_compared_with_like() -> None:
    source = performance(np.repeat([0.0, 0.1], 20))
    straight = np.tile(np.eye(3), (40, 1, 1))
    source = replace(source, gaps=np.repeat([0.0, 0.1], 20), rotations=straight)
    result = source.only(np.isin(np.arange(40), [3, 30]))

    found = alike(result, source)

    assert found.shape == (2, 5)
    assert (found[0] < 20).all()
    assert (found[1] >= 20).all()


def test_of_mouths_as_open_those_of_the_same_head_pose_are_alike() -> None:
    n = 30
    source = replace(
        performance(np.zeros(n)),
        gaps=np.zeros(n),
        rotations=np.stack([turned(float(yaw)) for yaw in range(n)]),
    )

    found = alike(source.only(np.arange(n) == 20), source, 3)

    assert sorted(found[0].tolist()) == [19, 20, 21]


def test_runs_bridge_short_gaps() -> None:
    flags = np.array([0, 1, 1, 0, 0, 1, 0, 0, 0, 1], bool)

    assert list(runs(flags)) == [(1, 6), (9, 10)]
    assert list(runs(flags, 0)) == [(1, 3), (5, 6), (9, 10)]
    assert list(runs(np.zeros(5, bool))) == []


def test_the_worst_moments_come_first_and_are_weighed_against_the_worst() -> None:
    excess = np.zeros(60)
    excess[[5, 6]] = 1
    excess[30] = 4
    excess[50] = np.nan

    first, second = worst(excess, 100, "it shows")

    assert (first.first, first.stop, first.severity) == (130, 131, 1.0)
    assert (second.first, second.stop, second.severity) == (105, 107, 0.5)
    assert second.why == "it shows"


def test_no_more_moments_are_shown_than_anybody_looks_at() -> None:
    assert len(worst((np.arange(100) % 10 == 0).astype(float), 0, "often")) == 5
    assert worst(np.full(10, np.nan), 0, "never") == ()
