"""The look of a mouth without its shape: every frame's lips and teeth on one grid."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.frame import Box, Frame
from relip.mouth.shape import CORNERS, LIPS_INNER, LIPS_OUTER, Array
from relip.render import warp

SIDE: Final = 32
_AROUND: Final = [2, 164, 18, 200, 57, 287, 43, 273]
_POINTS: Final = np.concatenate([LIPS_OUTER, LIPS_INNER, np.array(_AROUND)])
_BOX: Final = Box(0, 0, SIDE, SIDE)


class TextureGrid:
    """Warps mouths of one person onto the mouth of their mean face."""

    def __init__(self, mean: Array) -> None:
        points = mean[_POINTS, :2]
        centre = mean[LIPS_OUTER, :2].mean(0)
        width = np.linalg.norm(mean[CORNERS[0], :2] - mean[CORNERS[1], :2])
        self._grid = (points - centre) * (SIDE / (1.25 * width)) + SIDE / 2
        self._triangles = warp.triangulate(self._grid)
        hull = cv2.convexHull(self._grid.astype(np.float32))[:, 0].astype(float)
        self._inside = warp.fill(hull, _BOX) > 0.5

    def texture(self, frame: Frame, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 ``[SIDE * SIDE * 3]``, RGB 0 to 1, 0 outside the mouth.

        ``frame`` may be a part of a picture that holds the mouth; ``landmarks`` ``[478, 3]``
        px of the whole picture.
        """
        there = landmarks[_POINTS, :2].astype(float)
        field = warp.where_from(self._grid, there, self._triangles, _BOX, np.zeros(len(there)))
        x = field.dx + np.arange(SIDE, dtype=np.float32)[None, :]
        y = field.dy + np.arange(SIDE, dtype=np.float32)[:, None]
        low, high = np.floor(there.min(0)).astype(int) - 3, np.ceil(there.max(0)).astype(int) + 4
        box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])).within(frame.box)
        if box.empty:
            return np.zeros(SIDE * SIDE * 3, np.float32)
        whole = to_rgb(frame, box)
        # A mouth much larger than the grid is made smaller first, or noise would decide.
        along = (landmarks[CORNERS[1], :2] - landmarks[CORNERS[0], :2]).astype(float)
        along /= max(float(np.linalg.norm(along)), 1e-6)
        step = max(1.0, (float(np.ptp(there @ along)) + 7) / (2.0 * SIDE))
        size = (max(2, round(box.width / step)), max(2, round(box.height / step)))
        picture = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
        taken = cv2.remap(
            picture,
            ((x - box.x0 + 0.5) * (size[0] / box.width) - 0.5).astype(np.float32),
            ((y - box.y0 + 0.5) * (size[1] / box.height) - 0.5).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        taken[~self._inside] = 0
        return np.asarray(cv2.GaussianBlur(taken, (0, 0), 0.8), np.float32).ravel()
