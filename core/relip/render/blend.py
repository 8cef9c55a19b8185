"""Laying one drawn mouth over a drawn face: where, how softly, in which colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]
Picture = NDArray[np.float32]


def disc(radius: int) -> NDArray[np.uint8]:
    """A round structuring element."""
    side = 2 * max(radius, 0) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Gaussian blur; large radii go through a smaller picture, which looks the same."""
    if sigma < 4:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.3)), np.float32)
    step = int(sigma // 2)
    height, width = picture.shape[:2]
    size = (max(width // step, 2), max(height // step, 2))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def matched(mouth: Picture, face: Picture, ring: Mask, sigma: float) -> Picture:
    """``mouth`` with the low-frequency colour of ``face``, as measured on ``ring``.

    The ratio of both pictures on the ring is spread inwards by normalised convolution
    (Knutsson and Westin, CVPR 1993), so light that differs from side to side is followed; a
    ratio and not a difference, so that the dark of an open mouth stays dark.
    """
    shown = np.asarray(cv2.merge([ring, ring, ring]), np.float32)
    far = blurred(ring, sigma) + np.float32(1e-4)
    weight = np.asarray(cv2.merge([far, far, far]), np.float32)
    seen, taken = (blurred(picture * shown, sigma) for picture in (face, mouth))
    for light in (seen, taken):
        light /= weight
        light += np.float32(0.02)
    ratio = np.clip(np.divide(seen, taken, out=seen), 0.5, 2, out=seen)
    return np.asarray(mouth * ratio, np.float32)


def over(top: Picture, bottom: Picture, alpha: Mask) -> Picture:
    """``top`` over ``bottom``."""
    return np.asarray(bottom + (top - bottom) * alpha[..., None], np.float32)
