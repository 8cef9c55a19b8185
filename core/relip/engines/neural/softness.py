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
    """Compares what the edges of drawn mouths have with what those of real ones would, blurred."""

    def __init__(self) -> None:
        self._found: list[list[float]] = []

    def take(self, given: NDArray[np.float32], drawn: NDArray[np.float32]) -> None:
        """Compare a drawing with the face ``[side, side, 3]`` it was made of."""
        if len(self._found) == MOST:
            return
        energies = [_energy(_blurred(given, width)) for width in WIDTHS]
        self._found.append([*energies, _energy(drawn)])

    @property
    def value(self) -> float:
        """Standard deviation of the blur that makes real mouths as soft, samples of a crop."""
        if not self._found:
            return GRID
        typical = np.log(np.median(np.array(self._found), 0) + 1e-12)
        # Energies fall as blurs widen.
        beyond = float(np.interp(-typical[-1], -typical[:-1], WIDTHS))
        return float(np.hypot(GRID, beyond))


def _blurred(picture: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    if width == 0:
        return picture
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), width), np.float32)


def _energy(face: NDArray[np.float32]) -> float:
    """Mean square of the gradient of luma around the lips."""
    side = len(face)
    rows, columns = (
        slice(round(low * side), round(high * side)) for low, high in (_ROWS, _COLUMNS)
    )
    grey = cv2.cvtColor(np.ascontiguousarray(face[rows, columns]), cv2.COLOR_RGB2GRAY)
    steps = [cv2.Scharr(grey, cv2.CV_32F, *way) for way in ((1, 0), (0, 1))]
    return float(np.mean(steps[0] ** 2 + steps[1] ** 2))
