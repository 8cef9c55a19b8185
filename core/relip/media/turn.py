"""Between the picture as it is coded and the picture as players turn it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Real = TypeVar("Real", np.float32, np.float64)


@dataclass(frozen=True)
class Turn:
    """How a coded picture is turned for display.

    Attributes
    ----------
    rotation : degrees counter-clockwise; 0, 90, 180, 270.
    width, height : of the coded picture in px.
    """

    rotation: int
    width: int
    height: int

    def displayed(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A coded picture ``[h, w, ...]`` as players show it."""
        return np.ascontiguousarray(np.rot90(picture, self.rotation // 90))

    def coded(self, points: NDArray[Real]) -> NDArray[Real]:
        """Points ``[..., 2]`` px of the displayed picture, in the coded one."""
        x, y = points[..., 0], points[..., 1]
        right, bottom = self.width - 1, self.height - 1
        if self.rotation == 90:
            return np.stack([right - y, x], -1)
        if self.rotation == 180:
            return np.stack([right - x, bottom - y], -1)
        if self.rotation == 270:
            return np.stack([y, bottom - x], -1)
        return points

    def shown(self, points: NDArray[Real]) -> NDArray[Real]:
        """Points ``[..., 2]`` px of the coded picture, in the displayed one."""
        x, y = points[..., 0], points[..., 1]
        right, bottom = self.width - 1, self.height - 1
        if self.rotation == 90:
            return np.stack([y, right - x], -1)
        if self.rotation == 180:
            return np.stack([right - x, bottom - y], -1)
        if self.rotation == 270:
            return np.stack([bottom - y, x], -1)
        return points
