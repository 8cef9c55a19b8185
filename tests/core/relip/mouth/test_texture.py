from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.frame import Box, Colour, Frame, SampleFormat
from relip.mouth.shape import LIPS_OUTER, POINTS
from relip.mouth.texture import SIDE, TextureGrid
from tests.faces_made import frame_of
from tests.mouths_made import large_portrait, portrait_landmarks

Texture = NDArray[np.float32]


def grid() -> TextureGrid:
    return TextureGrid(portrait_landmarks()[:POINTS].astype(float))


def apart(first: Texture, second: Texture) -> float:
    """Difference of the green well inside the grid, as a part of how much it varies there."""
    one, other = (
        texture.reshape(SIDE, SIDE, 3)[10:-10, 6:-6, 1].astype(float) for texture in (first, second)
    )
    return float(np.sqrt(np.square(one - other).mean()) / one.std())


def reshaped(matrix: NDArray[np.float64]) -> tuple[Frame, NDArray[np.float32]]:
    """The portrait and its landmarks under an affine map ``[2, 3]`` of the picture."""
    picture = cv2.warpAffine(large_portrait(), matrix, (1100, 1100), flags=cv2.INTER_CUBIC)
    moved = portrait_landmarks().copy()
    moved[:, :2] = moved[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    return frame_of(np.asarray(picture, np.uint8)), moved


def test_a_mouth_has_the_same_texture_in_every_shape_and_place() -> None:
    plain = grid().texture(frame_of(large_portrait()), portrait_landmarks())
    for matrix in (
        [[1.0, 0, 31.4], [0, 1, 12.7]],
        [[1.25, 0, -40], [0, 0.8, 60]],
        [[0.8, 0.2, 0], [-0.15, 1.1, 200]],
        [[0.5, 0, 0], [0, 0.5, 0]],
    ):
        frame, landmarks = reshaped(np.array(matrix))
        assert apart(plain, grid().texture(frame, landmarks)) < 0.12


def test_landmarks_elsewhere_give_another_texture() -> None:
    frame = frame_of(large_portrait())
    plain = grid().texture(frame, portrait_landmarks())
    lower = portrait_landmarks() + np.array([0, 40, 0], np.float32)
    assert apart(plain, grid().texture(frame, lower)) > 0.5


def test_a_texture_is_small_rgb_between_0_and_1_and_only_the_mouth() -> None:
    texture = grid().texture(frame_of(large_portrait()), portrait_landmarks())
    assert texture.shape == (SIDE * SIDE * 3,)
    assert texture.dtype == np.float32
    assert texture.min() >= 0
    assert texture.max() <= 1
    square = texture.reshape(SIDE, SIDE, 3)
    assert not square[0, 0].any()
    assert (square[SIDE // 2, SIDE // 2] > 0.05).all()
    # Lips are redder than they are blue.
    assert square[..., 0].sum() > square[..., 2].sum()


def test_a_part_of_the_picture_gives_the_texture_of_the_whole() -> None:
    frame = frame_of(large_portrait())
    lips = portrait_landmarks()[LIPS_OUTER, :2]
    low, high = lips.min(0).astype(int) - 60, lips.max(0).astype(int) + 60
    crop = frame.crop(Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])))
    whole = grid().texture(frame, portrait_landmarks())
    np.testing.assert_array_equal(grid().texture(crop, portrait_landmarks()), whole)


@pytest.mark.parametrize("shift", [(5000, 0), (0, -5000)])
def test_a_mouth_out_of_the_picture_has_no_texture(shift: tuple[int, int]) -> None:
    away = portrait_landmarks() + np.array([*shift, 0], np.float32)
    assert not grid().texture(frame_of(large_portrait()), away).any()


def test_a_mouth_partly_out_of_the_picture_has_a_finite_texture() -> None:
    frame = frame_of(large_portrait())
    for x in range(-460, -360, 20):
        moved = portrait_landmarks() + np.array([x, 0, 0], np.float32)
        assert np.isfinite(grid().texture(frame, moved)).all()


def test_grey_pictures_have_textures_too() -> None:
    grey = cv2.cvtColor(large_portrait(), cv2.COLOR_RGB2GRAY).astype(np.uint8)
    frame = Frame(
        0,
        0,
        Fraction(1, 25),
        Fraction(0),
        SampleFormat("gray", "gray", 8),
        Colour(full=True),
        grey.shape[1],
        grey.shape[0],
        (grey,),
        Box(0, 0, grey.shape[1], grey.shape[0]),
    )
    square = grid().texture(frame, portrait_landmarks()).reshape(SIDE, SIDE, 3)
    np.testing.assert_allclose(square[..., 0], square[..., 1], atol=1e-5)
    assert square.max() > 0.2
