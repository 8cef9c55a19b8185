"""How sharp a picture is, and how blurred it looks."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

REACH: Final = 9
"""Taps of the mean filter that blurs a picture again."""


def detail(grey: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al. 2000) of ``[h, w]``; 0 below 4 x 4."""
    if min(grey.shape) < 4:
        return 0.0
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def blur(grey: NDArray[np.uint8]) -> float:
    """The no-reference perceptual blur metric of Crété-Roffet et al. (2007), 0 sharp to 1.

    A picture is blurred again: what is sharp loses much of its neighbours' differences, what is
    blurred already loses little. ``grey`` ``[h, w]``; NaN below 4 x 4.
    """
    if min(grey.shape) < 4:
        return float("nan")
    picture = grey.astype(np.float32)
    worst = 0.0
    for axis, size in ((0, (1, REACH)), (1, (REACH, 1))):
        again = cv2.blur(picture, size, borderType=cv2.BORDER_REFLECT)
        sharp = np.abs(np.diff(picture, axis=axis))
        lost = np.maximum(sharp - np.abs(np.diff(again, axis=axis)), 0)
        total = float(sharp.sum())
        worst = max(worst, (total - float(lost.sum())) / total if total > 0 else 1.0)
    return worst
