import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.frame import Box, Frame
from tests.bench.record import Mask, Masks
from tests.bench.seam import Mesh, Ring, across, ring
from tests.faces_made import frame_of

SIDE = 96
BOX = Box(0, 0, SIDE, SIDE)
MARKS = np.zeros((478, 3), np.float32)
MARKS[263, 0] = 100  # the eyes are 100 px apart


def disc() -> NDArray[np.float32]:
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.circle(mask, (SIDE // 2, SIDE // 2), SIDE // 3, 1, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 2), np.float32)


def ring_of(mask: NDArray[np.float32]) -> Ring:
    found = ring(Masks(Mask(BOX, mask), Mask(BOX, mask)), "alpha", MARKS)
    assert found is not None
    return found


def test_a_visible_seam_has_a_gradient_and_a_plain_picture_has_none() -> None:
    mask = disc()
    plain = np.full((SIDE, SIDE, 3), 100, np.uint8)
    seam = np.where(mask[..., None] > 0.5, plain + 20, plain).astype(np.uint8)

    assert across(frame_of(plain), ring_of(mask)) < 1e-6
    assert across(frame_of(seam), ring_of(mask)) > 1


def test_a_slope_is_measured_per_eye_distance() -> None:
    slope = np.tile(np.arange(SIDE, dtype=np.uint8)[None, :, None] * 2, (SIDE, 1, 3))

    assert across(frame_of(slope), ring_of(disc())) == pytest.approx(100 * 2 / 255, rel=0.01)


def test_a_mask_without_a_soft_edge_has_no_ring() -> None:
    everything = Mask(BOX, np.ones((SIDE, SIDE), np.float32))

    assert ring(Masks(everything, everything), "lips", MARKS) is None


def test_a_ring_follows_the_face() -> None:
    noise = np.random.default_rng(0)
    face = noise.uniform(20, 70, (478, 3)).astype(np.float32)
    moved = face + np.array([6, 3, 0], np.float32)
    given = Ring(BOX, disc(), face)

    carried = Mesh(face[:468].astype(float)).carried(given, moved, blank())

    there = carried.weight
    window = (slice(40, 60), slice(40, 60))
    shifted = np.roll(given.weight, (3, 6), (0, 1))
    placed = np.zeros((SIDE, SIDE), np.float32)
    placed[carried.box.y0 : carried.box.y1, carried.box.x0 : carried.box.x1] = there
    assert np.abs(placed[window] - shifted[window]).max() < 0.02


def blank() -> Frame:
    return frame_of(np.zeros((SIDE, SIDE, 3), np.uint8))
