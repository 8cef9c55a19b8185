from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.quality.blur import blur, detail
from tests.faces_made import portrait

# What scikit-image 0.26's blur_effect(picture, h_size=9) says of the same pictures. It compares
# Sobel gradients where this compares neighbours, so it is the higher, the sharper the picture.
PEER = {0.0: 0.426, 0.5: 0.464, 1.0: 0.571, 2.0: 0.746, 4.0: 0.891}


def softened(sigma: float) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(portrait(), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma) if sigma else grey, np.uint8)


@pytest.mark.parametrize(
    ("sigma", "value"), [(0.0, 0.312), (0.5, 0.374), (1.0, 0.522), (2.0, 0.714), (4.0, 0.851)]
)
def test_perceived_blur_is_what_it_was_when_a_peer_agreed(sigma: float, value: float) -> None:
    found = blur(softened(sigma))

    assert found == pytest.approx(value, abs=0.005)
    assert found == pytest.approx(PEER[sigma], abs=0.12)


def test_perceived_blur_rises_and_detail_falls_with_every_blur() -> None:
    pictures = [softened(sigma) for sigma in (0, 0.3, 0.6, 1, 2, 4, 8)]
    blurs, details = zip(*((blur(each), detail(each)) for each in pictures), strict=True)

    assert list(blurs) == sorted(blurs)
    assert list(details) == sorted(details, reverse=True)
    assert blurs[-1] < 1


def test_perceived_blur_falls_as_a_picture_is_sharpened() -> None:
    soft = softened(1)
    sharper = cv2.addWeighted(soft, 2, softened(2), -1, 0).astype(np.uint8)

    assert blur(sharper) < blur(soft)
    assert detail(sharper) > detail(soft)


def test_motion_blur_in_one_direction_is_seen() -> None:
    still = softened(0)
    moving = cv2.blur(still, (9, 1)).astype(np.uint8)

    assert blur(moving) > blur(still) + 0.2
    assert blur(np.ascontiguousarray(moving.T)) == pytest.approx(blur(moving))


def test_a_darker_picture_of_the_same_is_as_sharp() -> None:
    assert blur((softened(1) // 2).astype(np.uint8)) == pytest.approx(blur(softened(1)), abs=0.03)


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (40, 3)])
def test_a_few_pixels_say_nothing(shape: tuple[int, int]) -> None:
    picture = np.zeros(shape, np.uint8)

    assert np.isnan(blur(picture))
    assert detail(picture) == 0


def test_a_plain_picture_has_neither_detail_nor_anything_sharp() -> None:
    plain = np.full((20, 20), 90, np.uint8)

    assert (blur(plain), detail(plain)) == (1, 0)
