"""SyncNet's view of a face: which box, and what is cut out around it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.mouth.shape import Array

_EXTENSION: Final = 0.4
_GREY: Final = 110
_SAME_FACE: Final = 0.5
# How much more than the crop is kept of a frame, in half box sides: the median comes later.
_SPARE: Final = 0.6


@dataclass(frozen=True, eq=False)
class SeenFace:
    """A face in one frame.

    Attributes
    ----------
    index, time, shot : of the frame.
    part : the frame around the face, a copy.
    box : ``[4]``, left, top, right, bottom px of all landmarks.
    """

    index: int
    time: Fraction
    shot: int
    part: Frame
    box: Array

    @property
    def square(self) -> tuple[float, float, float]:
        """Centre ``x, y`` of the box and half of its longer side, px."""
        left, top, right, bottom = (float(side) for side in self.box)
        return (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top) / 2

    def follows(self, before: SeenFace) -> bool:
        """Whether it is the same face one frame later: the boxes' common part is over half."""
        if (self.index, self.shot) != (before.index + 1, before.shot):
            return False
        low = np.maximum(self.box[:2], before.box[:2])
        high = np.minimum(self.box[2:], before.box[2:])
        shared = float(np.prod(np.maximum(high - low, 0)))
        areas = [float(np.prod(box[2:] - box[:2])) for box in (self.box, before.box)]
        return shared > _SAME_FACE * (sum(areas) - shared)


def seen_face(frame: Frame, landmarks: NDArray[np.float32], shot: int) -> SeenFace | None:
    """The face with these landmarks ``[m, 2 or 3]`` px; None if it is not in the picture."""
    if not np.isfinite(landmarks).all():
        return None
    points = landmarks[:, :2].astype(np.float64)
    box = np.concatenate([points.min(0), points.max(0)])
    (x, y), s = (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max()) / 2
    wide, tall = s * (1 + _EXTENSION + _SPARE), s * (1 + 2 * _EXTENSION + _SPARE)
    top = y - s * (1 + _SPARE)
    around = Box(floor(x - wide), floor(top), ceil(x + wide), ceil(y + tall)).within(frame.box)
    return (
        None if around.empty else SeenFace(frame.index, frame.time, shot, frame.crop(around), box)
    )


def face_crop(frame: Frame, x: float, y: float, s: float, side: int) -> NDArray[np.uint8]:
    """The face as SyncNet sees it: uint8 ``[side, side, 3]``, B, G, R.

    40 % more than the box to the left, to the right, and twice that below, nothing above; grey
    where there is no picture.

    Parameters
    ----------
    x, y, s : centre of the box, and half of its longer side, px.
    """
    across, below = s * (1 + _EXTENSION), s * (1 + 2 * _EXTENSION)
    wanted = Box(floor(x - across), floor(y - s), floor(x + across), floor(y + below))
    there = wanted.within(frame.box)
    if there.empty:
        return np.full((side, side, 3), _GREY, np.uint8)
    picture = cv2.copyMakeBorder(
        to_rgb8(frame, there)[..., ::-1],
        there.y0 - wanted.y0,
        wanted.y1 - there.y1,
        there.x0 - wanted.x0,
        wanted.x1 - there.x1,
        cv2.BORDER_CONSTANT,
        value=(_GREY, _GREY, _GREY),
    )
    return np.asarray(cv2.resize(picture, (side, side)), np.uint8)
