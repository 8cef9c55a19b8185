from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relip.render.blend import Mask, Picture, blurred, disc, matched, over


def skin(side: int = 80) -> Picture:
    """A picture ``[side, side, 3]`` like skin: soft shades of one colour and a little grain."""
    ys, xs = np.mgrid[:side, :side] / side
    shade = 0.9 + 0.1 * np.sin(5 * xs) * np.cos(4 * ys)
    grain = np.random.default_rng(0).normal(0, 0.01, (side, side))
    return np.asarray((shade + grain)[..., None] * np.array([0.7, 0.5, 0.42]), np.float32)


def ring(side: int = 80) -> Mask:
    """A ring around the middle."""
    ys, xs = np.mgrid[:side, :side] - (side - 1) / 2
    away = np.hypot(xs, ys) / side
    return np.asarray((away > 0.3) & (away < 0.4), np.float32)


@pytest.mark.parametrize("gain", [0.6, 0.8, 1.0, 1.3, 1.7])
def test_a_copy_in_other_light_takes_the_faces_colour(gain: float) -> None:
    found = matched(skin() * np.float32(gain), skin(), ring(), 20)
    missed = np.abs(found - skin()).max() / skin().max()
    assert missed < max(0.03 * abs(gain - 1) / 0.3, 1e-3)


def test_a_copy_in_other_colours_takes_the_faces_colour() -> None:
    tint = np.array([0.8, 1.1, 1.25], np.float32)
    found = matched(skin() * tint, skin(), ring(), 20)
    assert np.abs(found - skin()).mean() < 0.015


def test_a_copy_in_the_same_light_stays_as_it_is() -> None:
    np.testing.assert_allclose(matched(skin(), skin(), ring(), 20), skin(), atol=1e-5)


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_the_dark_of_an_open_mouth_stays_dark(gain: float) -> None:
    mouth = skin() * np.float32(gain)
    mouth[30:50, 30:50] = 0
    found = matched(mouth, skin(), ring(), 20)
    assert not found[30:50, 30:50].any()


def test_light_from_the_side_is_followed() -> None:
    across = np.linspace(0.7, 1.1, 80, dtype=np.float32)[None, :, None]
    found = matched(skin(), skin() * across, ring(), 12)
    sides = [float((found[35:45, x] / skin()[35:45, x]).mean()) for x in (14, 65)]
    assert sides[0] < 0.85
    assert sides[1] > 0.95


def test_only_the_ring_is_compared() -> None:
    mouth, face = skin(), skin()
    face[28:52, 28:52] = (1, 0, 0)
    np.testing.assert_allclose(matched(mouth, face, ring(), 20), mouth, atol=1e-5)


def test_colours_that_cannot_be_light_are_not_followed_far() -> None:
    dark = np.full((80, 80, 3), 0.002, np.float32)
    found = matched(dark, np.ones((80, 80, 3), np.float32), ring(), 20)
    assert found.max() < 0.01
    bright = matched(np.ones_like(dark), dark, ring(), 20)
    assert bright.min() >= 0.5 - 1e-5


def test_without_a_ring_nothing_is_changed() -> None:
    found = matched(skin(), skin() * np.float32(0.5), np.zeros((80, 80), np.float32), 20)
    np.testing.assert_allclose(found, skin(), atol=1e-5)


def test_full_alpha_is_the_top_and_none_the_bottom() -> None:
    top, bottom = skin(), 1 - skin()
    alpha = np.zeros((80, 80), np.float32)
    alpha[:40] = 1
    alpha[40:50] = 0.5
    found = over(top, bottom, alpha)
    np.testing.assert_allclose(found[:40], top[:40], atol=1e-6)
    np.testing.assert_array_equal(found[50:], bottom[50:])
    np.testing.assert_allclose(found[40:50], 0.5, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 30), st.integers(1, 60), st.integers(1, 60))
def test_blurring_keeps_an_even_colour(sigma: float, height: int, width: int) -> None:
    found = blurred(np.full((height, width), 0.3, np.float32), sigma)
    assert found.shape == (height, width)
    np.testing.assert_allclose(found, 0.3, atol=1e-5)


@pytest.mark.parametrize("sigma", [4.0, 7.0, 12.0])
def test_large_radii_look_as_if_blurred_at_full_size(sigma: float) -> None:
    picture = np.zeros((160, 160), np.float32)
    picture[50:110, 70:100] = 1
    expected = cv2.GaussianBlur(picture, (0, 0), sigma)
    assert np.abs(blurred(picture, sigma) - expected).max() < 0.06


@pytest.mark.parametrize("radius", [-2, 0, 1, 5, 20])
def test_discs_are_round_and_never_empty(radius: int) -> None:
    shape = disc(radius)
    assert shape.shape == (2 * max(radius, 0) + 1,) * 2
    assert shape[max(radius, 0), max(radius, 0)] == 1
    np.testing.assert_array_equal(shape, shape[::-1, ::-1])
    if radius >= 5:
        assert shape.sum() == pytest.approx(np.pi * (radius + 0.5) ** 2, rel=0.1)
