"""Holding landmarks still on the head, by the picture's own motion.

The landmark network is right on average and trembles from frame to frame: by .3 to .5 % of the
distance between the eyes on moving heads, which shows as a mouth that swims on its face. Smoothing
over time would fix that and lag behind every nod. But how the head moved *between* two frames
can be read off the picture far more precisely, by optical flow on the upper face. So: slow changes
are taken from the landmarks, fast ones from the flow. What is corrected is one similarity per
frame, fitted to points that speech does not move; the shape of the mouth stays as it was read.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.faces.landmarks import LEFT_EYE, RIGHT_EYE, SIDE, Patch, Region

FIRM: Final = np.array(
    [33, 133, 362, 263, 168, 6, 197, 5, 4, 1, 70, 300, 105, 334, 107, 336, 55, 285]
)
"""Landmarks with texture that speech does not move: eye corners, nose ridge, brows."""
REACH: Final = 4
"""Frames to either side that tell slow from fast."""
LOST: Final = 0.15
"""Disagreement of flow and landmarks, in eye distances, beyond which the flow went astray."""

_PLANE: Final = np.array([1, 1j])

Motion = NDArray[np.float64]
"""``[4]``: shift x and y in px, growth, turn in radians; the last two about the firm points."""


def flow(before: Patch, after: Patch, region: Region, points: Motion) -> Motion:
    """Where ``points`` ``[k, 2]`` px of one frame went in the next; NaN where that is not known.

    Lucas and Kanade with pyramids (Bouguet 2001), on both frames cropped to the same region.
    """
    placement = region.placement()
    inverse = np.linalg.inv(placement[:, :2])
    start = ((points - placement[:, 2]) @ inverse.T).astype(np.float32)[:, None]
    pictures = [
        cv2.cvtColor(patch.crop(region, SIDE), cv2.COLOR_RGB2GRAY) for patch in (before, after)
    ]
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        pictures[0],
        pictures[1],
        start,
        np.empty_like(start),
        winSize=(21, 21),
        maxLevel=3,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 0.02),
    )
    reached = moved[:, 0].astype(np.float64) @ placement[:, :2].T + placement[:, 2]
    reached[found[:, 0] == 0] = np.nan
    return np.asarray(reached, np.float64)


def eye_distance(landmarks: NDArray[np.float32]) -> float:
    """Px between the outer eye corners, at least 1."""
    return max(1.0, float(np.linalg.norm(landmarks[LEFT_EYE] - landmarks[RIGHT_EYE])))


def fitted_motion(moves: Motion, points: Motion, distance: float) -> Motion | None:
    """The small similarity that ``moves`` ``[k, 2]`` at ``points`` ``[k, 2]`` have in common.

    Robust (iterated Cauchy weights): occluded points and specks do not pull. None if too few
    points are known or they have nothing in common.
    """
    known = np.isfinite(moves).all(1)
    if known.sum() < 8:
        return None
    # As complex numbers a small similarity about the mean is shift + rate * away.
    wanted = moves[known] @ _PLANE
    away = points[known] @ _PLANE
    away -= away.mean()
    weights = np.ones(len(away))
    for _ in range(6):
        total = weights.sum()
        centre, target = weights @ away / total, weights @ wanted / total
        spread = weights @ np.abs(away - centre) ** 2
        rate = weights @ ((away - centre).conj() * (wanted - target)) / max(spread, 1e-9)
        shift = target - rate * centre
        off = np.abs(wanted - shift - rate * away)
        scale = max(_median(off), 0.001 * distance)
        weights = 1 / (1 + (off / (1.5 * scale)) ** 2)
    if scale > LOST / 2 * distance:
        return None
    return np.array([shift.real, shift.imag, rate.real, rate.imag])


def _median(values: NDArray[np.float64]) -> float:
    """That of a few values; numpy's own spends ten times as long on getting ready."""
    ordered, middle = np.sort(values), len(values) // 2
    if len(values) % 2:
        return float(ordered[middle])
    return float(ordered[middle - 1] + ordered[middle]) / 2


def moved(landmarks: NDArray[np.float32], motion: Motion) -> NDArray[np.float32]:
    """Landmarks ``[478, 3]`` after a small similarity about the firm points; z stays."""
    x, y, growth, turn = motion
    away = landmarks[:, :2] - landmarks[FIRM, :2].mean(0)
    result = landmarks.copy()
    result[:, 0] += x + growth * away[:, 0] - turn * away[:, 1]
    result[:, 1] += y + growth * away[:, 1] + turn * away[:, 0]
    return result


def drift(
    before: NDArray[np.float32], now: NDArray[np.float32], went: NDArray[np.float64]
) -> Motion:
    """How the landmarks moved in one frame beyond how the picture moved.

    ``before`` and ``now`` are landmarks ``[478, 3]``, ``went`` what :func:`flow` gave for the firm
    ones. Zero where the flow went astray: then the landmarks are believed.
    """
    distance = eye_distance(now)
    beyond = now[FIRM, :2].astype(np.float64) - went
    motion = fitted_motion(beyond, now[FIRM, :2].astype(np.float64), distance)
    astray = motion is None or float(np.hypot(*motion[:2])) > LOST * distance
    return np.zeros(4) if motion is None or astray else motion


def trembling(drifts: list[tuple[int, Motion]]) -> Motion:
    """The fast part, at offset 0, of drift summed up: ``(offset in frames, sum)`` each.

    The slow part is a Hann-weighted line over the neighbours: in the middle of a run their
    weighted mean; at its ends a line does not lag behind.
    """
    offsets = np.array([offset for offset, _ in drifts], np.float64)
    sums = np.array([total for _, total in drifts])
    weights = np.cos(np.pi * offsets / (2 * (REACH + 1))) ** 2 * (np.abs(offsets) <= REACH)
    mean = weights @ offsets / weights.sum()
    centre = weights @ sums / weights.sum()
    spread = weights @ (offsets - mean) ** 2
    slope = (weights * (offsets - mean)) @ sums / spread if spread > 0 else np.zeros(4)
    now = sums[int(np.argmin(np.abs(offsets)))]
    return np.asarray(now - (centre - mean * slope), np.float64)
