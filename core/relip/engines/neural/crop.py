"""The face as a network of the Wav2Lip family was trained to see it.

Its faces were the boxes of a detector (S3FD), forehead to chin and cheek to cheek, stretched to a
square; heads were hardly tilted. Here the box is the one around this person's *mean* face, put
where the head is: it follows the head and not the jaw, so that the words once spoken neither
shake nor stretch it, and it is as steady as the landmarks of eyes and nose. It stands upright on
the face, so tilted heads and clips held sideways look as in training.

On the sample's face the eyes lie at 28 %, the nose's tip at 49 %, the corners of the mouth at
65 % of the box's height; in the aligned crop that another published ONNX pipeline uses for these
networks they lie at 31, 52 and 69 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.frame import Box, Frame
from relip.mouth.shape import CHIN, EYES, FOREHEAD, Array
from relip.render.face import around

BELOW: Final = 0.03
"""Of the box's height, added below the chin; the published inference adds 10 px there."""
FINEST: Final = 1.5
"""Pixels per sample of a crop down to which a picture is averaged before it is sampled."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a square crop lies in its picture.

    ``corner`` ``[2]`` px: the crop's upper left corner. ``across``, ``down`` ``[2]`` px per
    sample of the crop, whose sample ``(u, v)`` is centred on
    ``corner + (u + .5) across + (v + .5) down``.
    """

    corner: Array
    across: Array
    down: Array

    @property
    def matrix(self) -> Array:
        """``[2, 3]``: picture position of a sample ``(u, v, 1)``."""
        axes = np.column_stack([self.across, self.down])
        return np.column_stack([axes, self.corner + axes @ [0.5, 0.5]])

    @property
    def inverse(self) -> Array:
        """``[2, 3]``: sample of a picture position ``(x, y, 1)``."""
        matrix = self.matrix
        back = np.linalg.inv(matrix[:, :2])
        return np.column_stack([back, -back @ matrix[:, 2]])

    @property
    def step(self) -> float:
        """Pixels per sample, the mean of both ways."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))

    def bounds(self, side: int) -> Box:
        """The pixels of a crop ``[side, side]``."""
        corners = [
            self.corner + side * (right * self.across + low * self.down)
            for right in (0, 1)
            for low in (0, 1)
        ]
        return around(np.array(corners), 2)


def face_placement(face: Array, side: int) -> Placement:
    """The crop of ``side`` samples around a face ``[468, 3]`` px."""
    axes = upright_axes(face)
    turned = face[:, :2] @ axes.T
    low, high = turned.min(0), turned.max(0)
    high[1] += BELOW * (high[1] - low[1])
    step = np.maximum(high - low, 1) / side
    return Placement(low @ axes, axes[0] * step[0], axes[1] * step[1])


def upright_axes(face: Array) -> Array:
    """``[2, 2]``: unit vectors from left to right and from forehead to chin of a face, px."""
    down = face[CHIN, :2] - face[FOREHEAD, :2]
    # Of eyes and profile line the longer one, as seen, knows the tilt better.
    across = face[EYES[1], :2] - face[EYES[0], :2] + [down[1], -down[0]]
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    return np.array([across, [-across[1], across[0]]])


def take_crop(frame: Frame, placement: Placement, side: int) -> NDArray[np.float32]:
    """The crop, float32 ``[side, side, 3]``, R, G, B, 0 to 1; beyond the picture its edge goes on.

    Large faces are averaged down first: sampled directly they would alias.
    """
    box = placement.bounds(side).within(frame.box)
    if box.empty:
        return np.zeros((side, side, 3), np.float32)
    picture = to_rgb(frame, box)
    shrink = max(1.0, placement.step / FINEST)
    size = (max(1, round(box.width / shrink)), max(1, round(box.height / shrink)))
    picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    ratio = np.array([size[0] / box.width, size[1] / box.height])
    matrix = placement.matrix
    matrix[:, 2] += 0.5 - np.array([box.x0, box.y0])
    matrix *= ratio[:, None]
    matrix[:, 2] -= 0.5
    return np.clip(
        cv2.warpAffine(
            picture,
            matrix,
            (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        0,
        1,
    ).astype(np.float32)


def in_picture(
    crop: NDArray[np.float32], top: int, placement: Placement, box: Box
) -> NDArray[np.float32]:
    """The crop's rows from ``top`` on, ``[h, side, 3]``, at the picture's size inside ``box``."""
    matrix = placement.inverse
    matrix[:, 2] += matrix[:, :2] @ [box.x0, box.y0] - [0, top]
    return np.asarray(
        cv2.warpAffine(
            crop,
            matrix,
            (box.width, box.height),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )
