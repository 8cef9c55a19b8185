from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.mouth.shape import PersonShapes, learn_shapes
from relip.mouth.style import (
    WINDOW,
    OwnSpeech,
    SpeakingStyle,
    at,
    fit_ridge,
    generic_visemes,
    learn_style,
    overheard,
    resting,
    together,
    unheard,
    widths,
)
from relip.speech.articulation import VISEMES
from tests.mouths_made import (
    FILM_RATES,
    PLANTED,
    babble,
    line_of,
    mouth_of,
    planted_mouths,
    swaying,
    wandering,
)

Array = NDArray[np.float64]


def finite(style: SpeakingStyle) -> bool:
    values = (style.visemes, style.rest, style.mean, style.gain, style.cloud, style.closed)
    return all(bool(np.isfinite(value).all()) for value in values)


@pytest.fixture(scope="module")
def wanderer() -> PersonShapes:
    return learn_shapes(swaying(wandering(120)))


@pytest.fixture(scope="module")
def talker() -> tuple[PersonShapes, OwnSpeech]:
    """A person whose mouth takes the planted shape of everything they are heard to say."""
    line = babble(80)
    own = overheard(line, np.arange(0, len(line.visemes) / 100 - 0.04, 0.04))
    return learn_shapes(swaying(planted_mouths(own.heard))), own


def test_sampling_a_constant_gives_the_constant() -> None:
    rows = np.full((50, 3), 0.7, np.float32)
    found = at(rows, np.array([-1.0, 0, 0.111, 0.5, 9]), WINDOW)
    np.testing.assert_allclose(found, 0.7, rtol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.2, 0.8), st.sampled_from([0.02, 0.04, 0.055, 0.12]))
def test_sampling_is_not_late_nor_early(when: float, half_width: float) -> None:
    # Row i is the 10 ms around (i + 0.5) / 100.
    ramp = ((np.arange(100) + 0.5) / 100).astype(np.float32)[:, None]
    assert at(ramp, np.array([when]), half_width)[0, 0] == pytest.approx(when, abs=1e-5)


def test_generic_visemes_open_in_the_right_order(wanderer: PersonShapes) -> None:
    gaps = wanderer.gaps(wanderer.coefficients)
    generic = generic_visemes(wanderer.coefficients, gaps, widths(wanderer))
    opening = dict(zip(VISEMES, wanderer.gaps(generic), strict=True))
    assert opening["PBM"] <= opening["FV"] < opening["MID"] < opening["OPEN"]
    assert opening["SIL"] < opening["MID"]
    assert opening["OPEN"] <= gaps.max()
    closed = np.quantile(gaps, 0.1)
    assert opening["PBM"] < closed + 0.1 * np.ptp(gaps)


def test_generic_spread_is_wider_than_rounded(wanderer: PersonShapes) -> None:
    shapes = wanderer
    gaps = shapes.gaps(shapes.coefficients)
    generic = generic_visemes(shapes.coefficients, gaps, widths(shapes))
    points = shapes.points(generic)
    left, right = np.searchsorted(shapes.moving, [61, 291])
    across = np.abs(points[:, left, 0] - points[:, right, 0])
    assert across[VISEMES.index("SPREAD")] > across[VISEMES.index("ROUND")]


def test_widths_are_those_of_the_mouth() -> None:
    narrow = learn_shapes(swaying([mouth_of(0.3, -1)] * 6))
    wide = learn_shapes(swaying([mouth_of(0.3, 1)] * 6))
    assert widths(wide).mean() > 1.1 * widths(narrow).mean()


def test_rest_is_a_closed_mouth() -> None:
    shapes = learn_shapes(swaying(wandering(200)))
    gaps = shapes.gaps(shapes.coefficients)
    assert shapes.gaps(resting(shapes, gaps)[None])[0] < 0.05 * gaps.max()


def test_rest_is_held_not_passed_through(wanderer: PersonShapes) -> None:
    # Of the closed mouths, 11 are passed through in a hurry and 9 are held.
    places = np.zeros((120, 12))
    gaps = np.linspace(0.05, 0.3, 120)
    places[10:21, 0] = np.where(np.arange(11) % 2, -9 - np.arange(11), -5)
    places[60:69, 0] = 4
    gaps[10:21], gaps[60:69] = 0, 0
    places[59], places[69] = places[60], places[68]
    rest = resting(replace(wanderer, coefficients=places), gaps)
    np.testing.assert_array_equal(rest, places[64])


def test_without_own_speech_the_style_is_generic(wanderer: PersonShapes) -> None:
    style = learn_style(wanderer, unheard(120))
    assert style.ridge is None
    assert finite(style)
    gaps = wanderer.gaps(wanderer.coefficients)
    expected = generic_visemes(wanderer.coefficients, gaps, widths(wanderer))
    np.testing.assert_allclose(style.visemes[1:], expected[1:])
    np.testing.assert_array_equal(style.visemes[0], style.rest)


def test_a_word_is_too_little_to_learn_from(wanderer: PersonShapes) -> None:
    own = unheard(120)
    own.heard[:, 0] = 1
    own.known[:] = True
    own.heard[40:50] = at(line_of(("OPEN", 1.0)).visemes, np.full(10, 0.5), WINDOW)
    style = learn_style(wanderer, own)
    assert style.ridge is None
    assert finite(style)


def test_visemes_are_learnt_from_own_speech(talker: tuple[PersonShapes, OwnSpeech]) -> None:
    shapes, own = talker
    style = learn_style(shapes, own)
    opening = dict(zip(VISEMES, shapes.gaps(style.visemes), strict=True))
    unit = np.ptp(shapes.gaps(shapes.coefficients))
    planted = {name: opening_ for name, (opening_, _) in PLANTED.items()}
    for name in VISEMES[1:]:
        assert opening[name] / unit == pytest.approx(planted[name], abs=0.15), name
    assert finite(style)


def test_own_speech_beats_the_generic_shapes(talker: tuple[PersonShapes, OwnSpeech]) -> None:
    shapes, own = talker
    truth = shapes.coefficients
    missed = [
        np.square(own.heard @ learn_style(shapes, heard).visemes - truth).sum()
        for heard in (own, unheard(len(truth)))
    ]
    assert missed[0] < 0.5 * missed[1]


def test_the_regression_knows_how_much_it_explains(talker: tuple[PersonShapes, OwnSpeech]) -> None:
    shapes, own = talker
    noise = np.random.default_rng(0).normal(size=own.features.shape)
    assert fit_ridge(own.features, shapes.coefficients).explained > 0.3
    assert fit_ridge(noise, shapes.coefficients).explained < 0.1


def test_closed_shapes_are_closed(talker: tuple[PersonShapes, OwnSpeech]) -> None:
    shapes, own = talker
    style = learn_style(shapes, own)
    gaps = shapes.gaps(style.closed)
    assert len(gaps) >= 1
    assert gaps.max() < gaps.min() + 0.25 * np.ptp(style.gaps)
    assert gaps.min() == pytest.approx(style.gaps.min())


@pytest.mark.parametrize("count", [5, 7, 24])
@pytest.mark.parametrize("speaks", [False, True])
def test_few_frames_give_a_finite_style(count: int, speaks: bool) -> None:
    shapes = learn_shapes(swaying(wandering(count)))
    line = babble(10)
    own = overheard(line, np.arange(count) / 25) if speaks else unheard(count)
    assert finite(learn_style(shapes, own))


def test_a_person_who_never_moves_has_a_finite_style() -> None:
    shapes = learn_shapes(np.repeat(mouth_of(0.2)[None], 60, 0).astype(np.float32))
    line = babble(20)
    style = learn_style(shapes, overheard(line, np.arange(60) / 25))
    assert finite(style)
    np.testing.assert_allclose(shapes.gaps(style.visemes), shapes.gaps(style.rest[None])[0])


@pytest.mark.parametrize("rate", FILM_RATES)
def test_frames_outside_the_sound_are_not_known(rate: float) -> None:
    line = line_of(("OPEN", 0.5))
    seconds = np.arange(-10, 40) / rate
    own = overheard(line, seconds)
    np.testing.assert_array_equal(own.known, (seconds >= 0) & (seconds < 0.5))
    assert own.heard.shape == (50, 10)


def test_no_sound_at_all_is_nothing_known() -> None:
    own = overheard(line_of(), np.arange(5) / 25)
    assert not own.known.any()


def test_the_speech_of_several_clips_stays_in_order() -> None:
    first, second = unheard(3), overheard(line_of(("MID", 1.0)), np.arange(4) / 25)
    both = together([first, second])
    assert both.known.tolist() == [False] * 3 + [True] * 4
    np.testing.assert_array_equal(both.heard[3:], second.heard)
    assert both.features.shape == (7, 384)
