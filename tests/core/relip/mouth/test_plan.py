from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.mouth.plan import plan, presence, stillness, toward, within_cloud
from relip.mouth.shape import PersonShapes, learn_shapes
from relip.mouth.style import SpeakingStyle, learn_style, overheard, unheard
from relip.speech.articulation import SpeechEvent
from tests.mouths_made import (
    FILM_RATES,
    babble,
    line_of,
    mouth_of,
    planted_mouths,
    swaying,
    wandering,
)

Array = NDArray[np.float64]
Person = tuple[PersonShapes, SpeakingStyle]
HELLO = (("SIL", 0.6), ("OPEN", 0.3), ("PBM", 0.08), ("MID", 0.3), ("SIL", 0.8))


@pytest.fixture(scope="module", params=["heard", "unheard"])
def person(request: pytest.FixtureRequest) -> Person:
    """Somebody whose own speech is known, and somebody whose is not."""
    if request.param == "unheard":
        shapes = learn_shapes(swaying(wandering(120)))
        return shapes, learn_style(shapes, unheard(120))
    line = babble(60, seed=3)
    own = overheard(line, np.arange(0, len(line.visemes) / 100 - 0.04, 0.04))
    shapes = learn_shapes(swaying(planted_mouths(own.heard)))
    return shapes, learn_style(shapes, own)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(FILM_RATES),
    st.floats(0, 0.05),
    st.floats(0.3, 1.5),
    st.floats(0, 0.2),
    st.floats(0.5, 1),
)
def test_every_closure_however_short_closes_a_frame(
    rate: float, phase: float, start: float, length: float, confidence: float
) -> None:
    seconds = phase + np.arange(int(2 * rate)) / rate
    event = SpeechEvent(start, start + length, confidence)
    amount = presence((event,), seconds)
    assert amount.min() >= 0
    assert amount.max() == pytest.approx(1)
    shut = seconds[amount > 0.99]
    assert np.abs(shut - event.centre).min() <= 0.5 / rate + 1e-9
    # It must not close the mouth for longer than the lips take to meet and to part.
    far = (seconds < event.start - 0.1) | (seconds > event.end + 0.1)
    assert (amount[far] == 0).all()


def test_an_unsure_closure_closes_less_than_a_sure_one() -> None:
    seconds = np.arange(50) / 25
    found = [presence((SpeechEvent(1, 1.1, sure),), seconds).max() for sure in (0.1, 0.3, 0.5, 0.9)]
    assert found[0] == 0
    assert found == sorted(found)


def test_closures_outside_the_frames_close_nothing() -> None:
    events = (SpeechEvent(-2, -1.9, 1), SpeechEvent(9, 9.1, 1))
    assert not presence(events, np.arange(50) / 25).any()
    assert presence(events, np.array([])).shape == (0,)


@pytest.mark.parametrize("rate", FILM_RATES)
@pytest.mark.parametrize("length", [0.03, 0.07, 0.12])
def test_lips_meet_within_a_frame_of_each_closure(
    person: Person, rate: float, length: float
) -> None:
    shapes, style = person
    dub = line_of(("OPEN", 0.31), ("PBM", length), ("OPEN", 0.28), ("PBM", length), ("OPEN", 0.4))
    seconds = np.arange(int(rate)) / rate
    path = plan(style, dub, seconds)
    gaps = shapes.gaps(path.coefficients)
    closed = shapes.gaps(style.closed).max() + 1e-6
    for event in dub.closures:
        near = np.abs(seconds - event.centre) <= 1 / rate
        assert gaps[near].min() <= closed
    assert gaps.max() > closed + 0.3 * np.ptp(style.gaps)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 1.5])
def test_closures_stay_closed_at_any_strength(person: Person, strength: float) -> None:
    shapes, style = person
    path = plan(style, line_of(*HELLO), np.arange(50) / 25, strength)
    gaps = shapes.gaps(path.coefficients)
    shut = path.closing > 0.999
    assert shut.any()
    assert gaps[shut].max() <= shapes.gaps(style.closed).max() + 1e-6


def test_at_strength_0_the_mouth_rests(person: Person) -> None:
    _, style = person
    path = plan(style, line_of(*HELLO), np.arange(50) / 25, 0.0)
    free = path.closing == 0
    np.testing.assert_allclose(
        path.coefficients[free], np.tile(style.rest, (free.sum(), 1)), atol=1e-9
    )


def test_strength_scales_the_opening(person: Person) -> None:
    shapes, style = person
    seconds = np.arange(50) / 25
    most = [
        shapes.gaps(plan(style, line_of(*HELLO), seconds, strength).coefficients).max()
        for strength in (0.0, 0.5, 1.0)
    ]
    assert most[0] < most[1] < most[2]
    assert most[1] - most[0] == pytest.approx((most[2] - most[0]) / 2, rel=0.05)


def test_in_silence_nothing_moves_at_all(person: Person) -> None:
    _, style = person
    path = plan(style, line_of(*HELLO), np.arange(75) / 25)
    silent = [*range(10), *range(40, 75)]
    assert (path.still[silent] == 1).all()
    assert (path.coefficients[silent] == style.rest).all()
    assert path.still[18:28].max() < 0.5


def test_before_and_after_the_line_nobody_speaks() -> None:
    dub = line_of(("OPEN", 0.5))
    still = stillness(dub, np.array([-1.0, -0.3, 0.25, 0.8, 3.0]))
    np.testing.assert_array_equal(still, [1, 1, 0, 1, 1])


def test_the_mouth_does_not_jump_into_rest(person: Person) -> None:
    shapes, style = person
    seconds = np.arange(240) / 120
    gaps = shapes.gaps(plan(style, line_of(("OPEN", 1.0), ("SIL", 1.0)), seconds).coefficients)
    fall = gaps[: seconds.searchsorted(1.5)]
    assert np.abs(np.diff(fall)).max() < 0.35 * np.ptp(gaps)


def test_open_sounds_open_more_than_others(person: Person) -> None:
    shapes, style = person
    seconds = np.array([0.5])
    opening = {
        name: float(shapes.gaps(plan(style, line_of((name, 1.0)), seconds, 1.0).coefficients)[0])
        for name in ("SIL", "FV", "MID", "OPEN")
    }
    assert opening["OPEN"] > opening["MID"] > opening["FV"]
    assert opening["SIL"] <= opening["FV"] + 0.01


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0, 1))
def test_nobody_is_made_to_do_what_they_never_did(seed: int, strength: float) -> None:
    shapes = learn_shapes(swaying(wandering(60, seed % 7)))
    style = learn_style(shapes, unheard(60))
    path = plan(style, babble(8, seed), np.arange(25) / 25, strength)
    gaps = shapes.gaps(path.coefficients)
    reach = np.ptp(style.gaps)
    assert gaps.max() <= style.gaps.max() + 0.1 * reach
    assert gaps.min() >= style.gaps.min() - 0.1 * reach
    low, high = style.cloud.min(0), style.cloud.max(0)
    margin = 0.15 * (high - low).max()
    assert (path.coefficients >= low - margin).all()
    assert (path.coefficients <= high + margin).all()


def test_shapes_far_from_the_persons_own_are_brought_back(person: Person) -> None:
    _, style = person
    extent = np.linalg.norm(np.ptp(style.cloud, axis=0))
    away = style.cloud[::10] + np.random.default_rng(0).normal(0, extent, style.cloud[::10].shape)

    def nearest(shapes: Array) -> Array:
        apart = np.linalg.norm(shapes[:, None] - style.cloud[None], axis=2)
        return np.asarray(apart.min(1))

    held = within_cloud(away, style.cloud)
    assert nearest(held).max() < 0.3 * extent
    assert nearest(held).mean() < 0.2 * nearest(away).mean()


def test_a_style_stretched_too_far_still_stays_near_the_persons_own(person: Person) -> None:
    shapes, style = person
    wild = replace(style, gain=style.gain * 4)
    gaps = shapes.gaps(plan(wild, babble(8), np.arange(30) / 25).coefficients)
    reach = np.ptp(style.gaps)
    assert gaps.max() <= style.gaps.max() + 0.2 * reach
    assert gaps.min() >= style.gaps.min() - 0.2 * reach


def test_shapes_a_person_makes_are_left_nearly_alone(person: Person) -> None:
    _, style = person
    extent = np.linalg.norm(np.ptp(style.cloud, axis=0))
    moved = np.linalg.norm(within_cloud(style.cloud, style.cloud) - style.cloud, axis=1)
    assert np.median(moved) < 0.01 * extent


def test_a_blend_of_goals_lies_between_them() -> None:
    goals = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    found = toward(np.array([[0.1, 0.0], [5.0, 0.2], [0.4, 0.4]]), goals)
    assert found.min() >= 0
    assert (found.sum(1) <= 1 + 1e-9).all()
    assert found[1, 0] > 0.9


@pytest.mark.parametrize("nudge", [-0.12, -0.02, 0.02, 0.08])
def test_a_nudge_moves_the_whole_line(person: Person, nudge: float) -> None:
    shapes, style = person
    seconds = np.arange(200) / 100
    dub = line_of(*HELLO)
    plain, later = plan(style, dub, seconds), plan(style, dub, seconds - nudge)

    def middle(amount: Array) -> float:
        return float((amount @ seconds) / amount.sum())

    assert middle(later.closing) - middle(plain.closing) == pytest.approx(nudge, abs=0.011)
    opened = [np.maximum(shapes.gaps(path.coefficients), 0) for path in (plain, later)]
    peaks = [seconds[gaps > 0.9 * gaps.max()].mean() for gaps in opened]
    assert peaks[1] - peaks[0] == pytest.approx(nudge, abs=0.03)


@pytest.mark.parametrize("rate", FILM_RATES)
def test_what_is_planned_hardly_depends_on_the_frame_rate(person: Person, rate: float) -> None:
    shapes, style = person
    dub = line_of(("SIL", 0.4), ("OPEN", 0.5), ("ROUND", 0.5), ("SIL", 0.4))
    often = np.arange(360) / 200
    fine = shapes.gaps(plan(style, dub, often).coefficients)
    seconds = np.arange(int(1.7 * rate)) / rate
    found = shapes.gaps(plan(style, dub, seconds).coefficients)
    np.testing.assert_allclose(
        found, np.interp(seconds, often, fine), atol=0.25 * np.ptp(style.gaps)
    )


@pytest.mark.parametrize("count", [5, 30])
def test_a_person_who_never_moves_gets_a_plan_without_nan(count: int) -> None:
    shapes = learn_shapes(np.repeat(mouth_of(0.2)[None], count, 0).astype(np.float32))
    style = learn_style(shapes, unheard(count))
    path = plan(style, line_of(*HELLO), np.arange(50) / 25)
    assert np.isfinite(path.coefficients).all()
    assert np.abs(path.coefficients).max() < 0.01


def test_five_frames_are_planned_without_nan() -> None:
    shapes = learn_shapes(swaying(wandering(5)))
    style = learn_style(shapes, unheard(5))
    path = plan(style, line_of(*HELLO), np.arange(50) / 25)
    assert np.isfinite(path.coefficients).all()


def test_a_single_frame_can_be_planned(person: Person) -> None:
    shapes, style = person
    dub = line_of(*HELLO)
    path = plan(style, dub, np.array([dub.closures[0].centre]))
    assert path.coefficients.shape == (1, style.cloud.shape[1])
    assert path.closing[0] == 1
    assert shapes.gaps(path.coefficients)[0] <= shapes.gaps(style.closed).max() + 1e-6


def test_the_lip_comes_to_the_teeth_on_f_and_v_however_open_the_sounds_around(
    person: Person,
) -> None:
    shapes, style = person
    seconds = np.arange(23) / 25
    dub = replace(line_of(("OPEN", 0.92)), dentals=(SpeechEvent(0.4, 0.5, 1.0),))
    path = plan(style, dub, seconds)
    teeth = float(shapes.gaps(style.visemes[2][None])[0])
    gaps = shapes.gaps(path.coefficients)
    nearest = int(np.abs(seconds - 0.45).argmin())
    assert gaps[nearest] - teeth < 0.3 * (gaps.max() - teeth)
    assert not path.closing.any()
