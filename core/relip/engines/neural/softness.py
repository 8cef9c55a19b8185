"""How much softer a network draws than the faces it is given are."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTHS: Final = (0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
"""Standard deviations of the blurs a drawing is compared with, samples of a crop."""
GRID: Final = 0.5
"""That of a picture sampled down to the crop and up again, however sharp."""
MOST: Final = 200
"""Faces looked at."""
_ROWS: Final = (0.56, 0.84)
_COLUMNS: Final = (0.25, 0.75)
"""The lips and what is around them, in crop sizes."""


class Softness:
    """Compares how fine drawn mouths are with how fine real ones would be, blurred."""

    def __init__(self) -> None:
        self._found: list[list[float]] = []

    def take(self, given: NDArray[np.float32], drawn: NDArray[np.float32]) -> None:
        """Compare a drawing with the face ``[side, side, 3]`` it was made of."""
        if len(self._found) < MOST:
            real = [_fineness(_blurred(given, width)) for width in WIDTHS]
            self._found.append([*real, _fineness(drawn)])

    def applied(self, given: NDArray[np.float32]) -> NDArray[np.float32]:
        """The face as soft as drawn ones are."""
        return _blurred(given, self._beyond)

    @property
    def value(self) -> float:
        """Standard deviation of the blur that makes real mouths as soft, samples of a crop."""
        return float(np.hypot(GRID, self._beyond))

    @property
    def _beyond(self) -> float:
        """The same, of what comes on top of sampling."""
        if not self._found:
            return 0.0
        typical = np.log(np.median(np.array(self._found), 0) + 1e-12)
        # A wider blur leaves less.
        return float(np.interp(-typical[-1], -typical[:-1], WIDTHS))


def _blurred(picture: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    if width < 0.05:
        return picture
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), width), np.float32)


def _fineness(face: NDArray[np.float32]) -> float:
    """Mean square frequency of luma around the lips, of what has an edge at all.

    A ratio of second to first differences: how far a mouth is open or how dark it is changes both.
    """
    side = len(face)
    rows, columns = (
        slice(round(low * side), round(high * side)) for low, high in (_ROWS, _COLUMNS)
    )
    grey = cv2.cvtColor(np.ascontiguousarray(face[rows, columns]), cv2.COLOR_RGB2GRAY)
    first = [np.diff(grey, axis=axis) for axis in (0, 1)]
    second = [np.diff(grey, 2, axis) for axis in (0, 1)]
    slopes = sum(float(np.mean(step**2)) for step in first)
    return sum(float(np.mean(step**2)) for step in second) / max(slopes, 1e-12)
