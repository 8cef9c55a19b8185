"""Scenes with faces for tests, made from one public-domain portrait.

``tests/faces/astronaut.png`` is a part of NASA's portrait of Eileen Collins (NASA, public
domain), as scikit-image ships it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Box, Colour, Frame, SampleFormat

Picture = NDArray[np.uint8]
RATE = Fraction(25)
RGB = SampleFormat("gbrp", "rgb", 8)
FACE = (143.0, 110.0)
"""About the middle of the face in the portrait, px; it is about 100 px high."""


def portrait() -> Picture:
    """RGB ``[288, 288, 3]``."""
    picture = cv2.imread(str(Path(__file__).parent / "faces" / "astronaut.png"))
    assert picture is not None
    return np.array(picture[..., ::-1], np.uint8)


def somebody_else() -> Picture:
    """The portrait as another person: mirrored, other colours, a narrower face with a fringe."""
    picture = portrait()[:, ::-1].astype(np.float32)
    picture = picture[..., [1, 0, 2]] * np.array([0.75, 0.8, 0.9], np.float32)
    picture = np.ascontiguousarray(picture).astype(np.uint8)
    cv2.ellipse(picture, (145, 62), (42, 20), 0, 0, 360, (25, 20, 18), -1)
    return np.array(cv2.resize(picture, (250, 300)), np.uint8)


def backdrop(height: int, width: int, seed: int = 0) -> Picture:
    """Soft noise in which there is no face."""
    few = np.random.default_rng(seed).uniform(60, 150, (height // 60 + 2, width // 60 + 2, 1))
    tinted = (few * np.array([0.9, 1.0, 1.1])).astype(np.float32)
    grown = cv2.resize(tinted, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.array(np.clip(grown, 0, 255), np.uint8)


def placing(x: float, y: float, scale: float = 1.0, degrees: float = 0.0) -> NDArray[np.float64]:
    """``[2, 3]``: puts the portrait's face at ``x, y``, turned clockwise."""
    turn = np.radians(degrees)
    axes = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.column_stack([axes, np.array([x, y]) - axes @ FACE])


def placed(canvas: Picture, face: Picture, place: NDArray[np.float64]) -> Picture:
    """The canvas with a face laid over it, soft at the edges."""
    height, width = canvas.shape[:2]
    mask = np.zeros(face.shape[:2], np.float32)
    cv2.rectangle(mask, (12, 12), (face.shape[1] - 12, face.shape[0] - 12), 1.0, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 5), np.float32)
    scale = float(np.sqrt(np.linalg.det(place[:, :2])))
    if scale < 1:
        face = cv2.GaussianBlur(face, (0, 0), 0.4 / scale).astype(np.uint8)
    laid = cv2.warpAffine(face, place, (width, height), flags=cv2.INTER_CUBIC)
    alpha = cv2.warpAffine(mask, place, (width, height))[..., None]
    return (canvas * (1 - alpha) + laid * alpha + 0.5).astype(np.uint8)


def frame_of(picture: Picture, index: int = 0) -> Frame:
    """A native RGB frame of a picture, at 25 frames/s."""
    height, width = picture.shape[:2]
    red, green, blue = (np.ascontiguousarray(picture[..., channel]) for channel in range(3))
    return Frame(
        index,
        index,
        1 / RATE,
        index / RATE,
        RGB,
        Colour(full=True),
        width,
        height,
        (green, blue, red),
        Box(0, 0, width, height),
    )


def frames_of(pictures: Iterable[Picture]) -> list[Frame]:
    """Frames one after the other."""
    return [frame_of(picture, index) for index, picture in enumerate(pictures)]
