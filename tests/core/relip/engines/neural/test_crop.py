from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.engines.neural.crop import Placement, face_placement, in_picture, take_crop
from relip.media.frame import Box
from relip.mouth.shape import CHIN, CORNERS, LIPS_OUTER, POINTS
from tests.faces_made import frame_of
from tests.mouths_made import closed_face, large_portrait, mouth_of, posed, turned

Array = NDArray[np.float64]
SIDE = 96


def seen_at(placement: Placement, points: Array) -> Array:
    """Points ``[p, 2]`` px as samples of the crop."""
    inverse = placement.inverse
    return np.asarray(points[:, :2] @ inverse[:, :2].T + inverse[:, 2])


def ramp(height: int = 400, width: int = 500) -> NDArray[np.uint8]:
    """A picture whose red tells x and whose green tells y."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = (np.arange(width) / 2)[None, :]
    picture[..., 1] = (np.arange(height) / 2)[:, None]
    return picture


def test_the_face_lies_in_the_crop_as_in_training() -> None:
    face = closed_face()[:POINTS]
    placement = face_placement(face, SIDE)
    lips = seen_at(placement, face[LIPS_OUTER]) / SIDE
    chin = seen_at(placement, face[[CHIN]])[0] / SIDE
    eyes = seen_at(placement, face[[33, 133, 362, 263]]) / SIDE
    assert eyes[:, 1].mean() == pytest.approx(0.3, abs=0.03)
    assert lips[:, 1].mean() == pytest.approx(0.67, abs=0.03)
    assert lips[:, 1].min() > 0.55
    assert lips[:, 0].mean() == pytest.approx(0.5, abs=0.05)
    assert 0.93 < chin[1] < 1


@pytest.mark.parametrize("roll", [-35.0, 20.0, 90.0, 180.0])
def test_tilted_heads_stand_upright_in_the_crop(roll: float) -> None:
    upright = closed_face()[:POINTS]
    tilted = posed(closed_face(), turned(roll=roll), 0.7, (30, -8, 0))[:POINTS]
    one = seen_at(face_placement(upright, SIDE), upright)
    other = seen_at(face_placement(tilted, SIDE), tilted)
    # What "upright" is differs by the tilt between the eyes' line and the profile's.
    assert np.abs(one - other).max() < 1.5


@pytest.mark.parametrize("yaw", [-80.0, -40.0, 60.0])
def test_turned_heads_lie_in_the_crop_as_a_whole(yaw: float) -> None:
    face = posed(closed_face(), turned(yaw=yaw))[:POINTS]
    seen = seen_at(face_placement(face, SIDE), face)
    assert seen.min() > -1
    assert seen.max() < SIDE


def test_samples_come_from_where_the_placement_says() -> None:
    placement = Placement(np.array([60.0, 40.0]), np.array([2.0, 0.4]), np.array([-0.5, 2.2]))
    crop = take_crop(frame_of(ramp()), placement, SIDE)
    for u, v in ((10, 10), (48, 30), (80, 90)):
        x, y = placement.matrix @ [u, v, 1]
        # Steps of two pixels per level: half a level is a pixel.
        assert crop[v, u, 0] * 255 == pytest.approx(x / 2, abs=0.6)
        assert crop[v, u, 1] * 255 == pytest.approx(y / 2, abs=0.6)


def test_what_was_cut_out_goes_back_to_its_place() -> None:
    picture = np.asarray(cv2.GaussianBlur(large_portrait(), (0, 0), 6), np.uint8)
    face = posed(mouth_of(0.4), turned(roll=12))[:POINTS]
    rotation = cv2.getRotationMatrix2D((float(face[4, 0]), float(face[4, 1])), -12, 1)
    picture = np.asarray(cv2.warpAffine(picture, rotation, picture.shape[1::-1]), np.uint8)
    placement = face_placement(face, SIDE)
    frame = frame_of(picture)
    corners = face[list(CORNERS), :2]
    low, high = corners.min(0).astype(int) - 30, corners.max(0).astype(int) + 30
    box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    crop = take_crop(frame, placement, SIDE)
    back = in_picture(crop[40:], 40, placement, box)
    there = picture[box.y0 : box.y1, box.x0 : box.x1] / 255
    assert np.abs(back - there).max() < 0.02


def test_a_face_at_the_edge_goes_on_beyond_it_and_one_outside_is_black() -> None:
    placement = Placement(np.array([-40.0, 10.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    crop = take_crop(frame_of(ramp()), placement, SIDE)
    assert crop[30, :38, 0].max() * 255 < 1
    assert crop[30, 90, 0] * 255 == pytest.approx(25, abs=1)
    away = Placement(np.array([2000.0, 10.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    assert (take_crop(frame_of(ramp()), away, SIDE) == 0).all()
