from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.engines.neural.guard import closed_mouths, guarded
from relip.mouth.shape import learn_shapes
from relip.mouth.style import SpeakingStyle, learn_style, unheard
from relip.speech.articulation import VISEMES
from tests.mouths_made import line_of, swaying, wandering

Array = NDArray[np.float64]
COUNT = 50
SECONDS = np.arange(COUNT) / 25
LINE = line_of(("OPEN", 0.4), ("PBM", 0.12), ("OPEN", 0.4), ("FV", 0.12), ("OPEN", 2.0))


@pytest.fixture(scope="module")
def style() -> SpeakingStyle:
    shapes = learn_shapes(swaying(wandering(120)))
    return learn_style(shapes, unheard(120))


@pytest.fixture(scope="module")
def wide(style: SpeakingStyle) -> Array:
    """Mouths that are always wide open."""
    return np.repeat(style.cloud[[int(style.gaps.argmax())]], COUNT, 0)


def near(moment: float) -> int:
    return int(np.abs(SECONDS - moment).argmin())


def test_lips_meet_where_the_network_left_them_open(style: SpeakingStyle, wide: Array) -> None:
    found = guarded(style, wide, LINE, SECONDS)
    gaps = style.gap(found.path.coefficients)
    assert gaps[near(0.46)] < style.gap(style.closed).max() + 0.01
    assert found.missed[near(0.46)]
    assert found.own[near(0.46)] == pytest.approx(1)
    assert gaps[near(1.6)] == pytest.approx(style.gap(wide)[0])
    assert found.own[near(1.6)] == 0


def test_lips_that_met_are_left_alone(style: SpeakingStyle) -> None:
    shut = np.repeat(style.cloud[[int(style.gaps.argmin())]], COUNT, 0)
    found = guarded(style, shut, LINE, SECONDS)
    assert not found.missed.any()
    assert found.own.max() < 0.05


def test_the_lip_comes_to_the_teeth_on_f_and_v(style: SpeakingStyle, wide: Array) -> None:
    found = guarded(style, wide, LINE, SECONDS)
    gap = style.gap(found.path.coefficients)[near(0.98)]
    bitten = float(style.gap(style.visemes[[VISEMES.index("FV")]])[0])
    assert gap < bitten + 0.25 * (float(style.gap(wide)[0]) - bitten)
    assert found.own[near(0.98)] > 0.8


def test_silence_is_the_resting_mouth(style: SpeakingStyle) -> None:
    noise = np.random.default_rng(0)
    babble = style.cloud[noise.integers(0, 120, COUNT)]
    found = guarded(style, babble, line_of(("SIL", 3.0)), SECONDS)
    np.testing.assert_allclose(found.path.coefficients, np.repeat(style.rest[None], COUNT, 0))
    assert (found.own == 1).all()


def test_strength_leads_from_rest_to_what_was_drawn(style: SpeakingStyle, wide: Array) -> None:
    line = line_of(("OPEN", 3.0))
    half = guarded(style, wide, line, SECONDS, 0.5).path.coefficients
    np.testing.assert_allclose(half, (wide + style.rest) / 2)


def test_of_somebody_who_never_closes_the_drawn_closures_are_taken(style: SpeakingStyle) -> None:
    gaps = style.gap(style.cloud)
    order = np.argsort(gaps)
    opened = style.cloud[order[60:]]
    never = learn_style_of(style, opened)
    drawn = style.cloud[order[:40]]
    found = closed_mouths(never, drawn)
    assert style.gap(found).max() < gaps[order[60]]


def learn_style_of(style: SpeakingStyle, cloud: Array) -> SpeakingStyle:
    """The style of somebody seen only in these shapes."""
    gaps = style.gap(cloud)
    return replace(style, cloud=cloud, gaps=gaps, closed=cloud[gaps <= np.quantile(gaps, 0.04)])
