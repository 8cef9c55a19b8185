"""What changed in the picture, frame by frame, and how the changed part lies in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.frame import Box, Frame
from relip.mouth.shape import EYES, LIPS_OUTER, OVAL, Array
from relip.render.face import mouth_region, outline

SEEN: Final = 1.5
"""8-bit levels: a difference below this, over some pixels, cannot be seen."""
LARGEST: Final = 140.0
"""Eye distance in px to which larger faces are made smaller before they are compared."""
LEAST_FAR: Final = 0.05
"""Part of the picture that must lie away from the face to tell what the codec does."""
ENOUGH: Final = 4000
"""Pixels of skin whose median is taken."""
_SMOOTH: Final = 0.012
_CLOSED: Final = 0.05
_RING: Final = 0.015
_LIPS: Final = (0.06, 0.2)
_OVAL: Final = 0.08
_MARGIN: Final = 0.12
_AROUND: Final = 0.18
"""Eye distances: blur of the difference, gaps in it that are closed, half width of the ring, where
skin around the lips begins and ends, how far from the face's outline it stays, how far the soft
edge of a new lower face may reach beyond what moves with the jaw, what is looked at around it."""
_SOFTEST: Final = 16.0
"""Px: no soft edge need be narrower than this. That of the footage engine reaches 12 to 14 px
beyond what moves with the jaw, however small the face."""

Bits = NDArray[np.bool_]
Picture = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Regions:
    """What was measured in ``n`` frames.

    Attributes
    ----------
    rows : int ``[n]``, the frames' numbers.
    area : ``[n]``, size of the changed part of the face, squared eye distances; 0 if there is none.
    ring : ``[n, 2]``, mean gradient on its edge, 8-bit levels per px: original, result.
    colour : ``[n, 3]``, RGB, median change of the skin around the lips, 8-bit levels; NaN if
        none is seen.
    outside : ``[n]``, samples changed outside the mouth region; NaN if the sample layout differs.
    near, far : ``[n]``, mean change of luma outside the mouth region, around the face and
        elsewhere, 8-bit levels; NaN if the face fills the picture.
    """

    rows: NDArray[np.int64]
    area: Array
    ring: Array
    colour: Array
    outside: Array
    near: Array
    far: Array


def allowed_region(landmarks: NDArray[np.float32]) -> Array:
    """The mouth region with room for the soft edge of what is drawn, ``[k, 2]`` px."""
    return mouth_region(landmarks.astype(float), _reach(landmarks))


def filled(outline_: Array, box: Box) -> Bits:
    """The pixels of ``box`` inside a convex outline ``[k, 2]`` px."""
    mask = np.zeros((box.height, box.width), np.uint8)
    # A pixel whose corner is touched belongs to it.
    corners = np.rint(outline_ - [box.x0, box.y0]).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(corners), 1)
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0)


class RegionGauge:
    """Compares frames of an original and a result as they go by."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._found: list[tuple[float, ...]] = []

    def take(
        self,
        original: Frame,
        result: Frame,
        landmarks: NDArray[np.float32] | None,
        beside: Sequence[NDArray[np.float32]] = (),
    ) -> None:
        """Measure a pair; ``landmarks`` ``[478, 3]`` px of the original, None without a face.

        What changed in the mouth regions of the faces ``beside`` is not looked at.
        """
        self._rows.append(original.index)
        result = _without(original, result, beside, landmarks)
        allowed = None if landmarks is None else allowed_region(landmarks)
        face = original.box if landmarks is None else _neighbourhood(landmarks, original.box)
        outside = _outside(original, result, allowed, face)
        changed = (0.0, np.nan, np.nan, np.nan, np.nan, np.nan)
        if landmarks is not None and not face.empty:
            changed = _changed(original, result, landmarks, face)
        self._found.append((*changed, *outside))

    def regions(self) -> Regions:
        """What was measured."""
        found = np.array(self._found).reshape(len(self._rows), 9)
        return Regions(
            np.array(self._rows, np.int64),
            found[:, 0],
            found[:, 1:3],
            found[:, 3:6],
            found[:, 6],
            found[:, 7],
            found[:, 8],
        )


def _without(
    original: Frame,
    result: Frame,
    beside: Sequence[NDArray[np.float32]],
    landmarks: NDArray[np.float32] | None,
) -> Frame:
    """The result with the original's mouths in the faces ``beside``."""
    if not beside or original.format != result.format:
        return result
    theirs = np.zeros((original.height, original.width), bool)
    for face in beside:
        theirs |= filled(allowed_region(face), original.box)
    if landmarks is not None:
        theirs &= ~filled(allowed_region(landmarks), original.box)
    planes = []
    for number, (before, after) in enumerate(zip(original.planes, result.planes, strict=True)):
        planes.append(np.where(under(theirs, original, number), before, after))
    return dataclasses.replace(result, planes=tuple(planes))


def _neighbourhood(landmarks: NDArray[np.float32], within: Box) -> Box:
    """The face with what lies around it."""
    edge = outline(landmarks.astype(float))
    margin = _reach(landmarks) + _AROUND * _eyes(landmarks)
    low = np.floor(edge.min(0) - margin).astype(int)
    high = np.ceil(edge.max(0) + margin).astype(int)
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])).within(within)


def _reach(landmarks: NDArray[np.float32]) -> float:
    """Px by which the mouth region reaches beyond what moves with the jaw."""
    return max(_MARGIN * _eyes(landmarks), _SOFTEST)


def _eyes(landmarks: NDArray[np.float32]) -> float:
    """Distance of the outer eye corners in px."""
    return float(np.linalg.norm(landmarks[EYES[0]] - landmarks[EYES[1]]))


def _outside(
    original: Frame, result: Frame, allowed: Array | None, face: Box
) -> tuple[float, float, float]:
    """Samples changed outside the mouth region; mean change near the face; elsewhere."""
    free = np.zeros((original.height, original.width), bool)
    if allowed is not None:
        free[face.y0 : face.y1, face.x0 : face.x1] = filled(allowed, face)
    count = np.nan
    if original.format == result.format:
        count = 0.0
        for number, (one, other) in enumerate(zip(original.planes, result.planes, strict=True)):
            differs = one != other
            if differs.any():
                count += float((differs & ~under(free, original, number)).sum())
    if count == 0:
        return 0.0, 0.0, 0.0
    apart = np.abs(_luma(result, original) - _luma(original, result))
    close = np.zeros_like(free)
    close[face.y0 : face.y1, face.x0 : face.x1] = True
    near = apart[close & ~free]
    far = apart[~close]
    return (
        count,
        float(near.mean()) if near.size else 0.0,
        float(far.mean()) if far.size >= LEAST_FAR * apart.size else np.nan,
    )


def _luma(frame: Frame, other: Frame) -> Picture:
    """Luma ``[height, width]`` in 8-bit levels, comparable with that of ``other``."""
    fmt, colour = frame.format, frame.colour
    if (fmt.model, colour.full, colour.matrix) != (
        other.format.model,
        other.colour.full,
        other.colour.matrix,
    ):
        rgb = to_rgb(frame)
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32) * np.float32(255)
    # In limited range ten bits are eight with two more behind the point.
    full = colour.full or fmt.model == "rgb"
    top = 2**fmt.bits - 1 if full else 255 * 2 ** (fmt.bits - 8)
    return frame.planes[0].astype(np.float32) * np.float32(255 / top)


def under(free: Bits, frame: Frame, plane: int) -> Bits:
    """The samples of a plane that stand for free luma samples ``[height, width]``.

    Those of an alpha plane are never free.
    """
    if frame.format.alpha and plane == len(frame.planes) - 1:
        return np.zeros(frame.planes[plane].shape, bool)
    sx, sy = frame.steps(plane)
    if sx == sy == 1:
        return free
    rows, columns = frame.planes[plane].shape
    padded = np.zeros((rows * sy, columns * sx), bool)
    padded[: free.shape[0], : free.shape[1]] = free
    found = np.zeros((rows, columns), bool)
    for down in range(sy):
        for across in range(sx):
            found |= padded[down::sy, across::sx]
    return found


def _changed(
    original: Frame, result: Frame, landmarks: NDArray[np.float32], face: Box
) -> tuple[float, float, float, float, float, float]:
    """Area of the changed part, gradient on its edge before and after, change of its skin."""
    eye = _eyes(landmarks)
    scale = min(1.0, LARGEST / eye)
    before, after = (_scaled(to_rgb(frame, face), scale) for frame in (original, result))
    corner = np.array([face.x0, face.y0], np.float32)
    landmarks = (landmarks[:, :2] - corner) * np.float32(scale)
    face = Box(0, 0, before.shape[1], before.shape[0])
    eye *= scale
    change = after - before
    soft = np.asarray(cv2.GaussianBlur(change, (0, 0), max(_SMOOTH * eye, 0.8)))
    part = _part(np.abs(soft).max(2), filled(allowed_region(landmarks), face), eye)
    area = float(part.sum()) / eye**2
    ring = _ring(part, max(1, round(_RING * eye)))
    edges = [float(gradient(picture)[ring].mean()) if ring.any() else np.nan
             for picture in (before, after)]  # fmt: skip
    found = change[_skin(landmarks, face, eye)]
    found = found[:: max(1, len(found) // ENOUGH)]
    colour = np.median(found, 0) if len(found) >= 50 else np.full(3, np.nan)
    return area, edges[0], edges[1], float(colour[0]), float(colour[1]), float(colour[2])


def _scaled(picture: Picture, scale: float) -> Picture:
    """The picture in 8-bit levels, smaller by ``scale``."""
    if scale < 1:
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    return picture * np.float32(255)


def _part(change: Picture, allowed: Bits, eye: float) -> Bits:
    """The largest part of a face that was changed, without holes.

    A codec changes everything a little: what it does outside the mouth region is no change.
    """
    noise = change[~allowed]
    floor = 4 * float(np.sqrt(np.mean(noise**2))) if noise.size else 0.0
    seen = (change > max(SEEN, floor)).astype(np.uint8)
    seen = np.asarray(cv2.morphologyEx(seen, cv2.MORPH_CLOSE, _disc(max(1, round(_CLOSED * eye)))))
    count, labels, sizes, _ = cv2.connectedComponentsWithStats(seen)
    if count < 2:
        return np.zeros(change.shape, bool)
    largest = (labels == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    edges, _ = cv2.findContours(largest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros_like(largest)
    cv2.drawContours(whole, edges, -1, 1, -1)
    return np.asarray(whole > 0)


def _ring(part: Bits, reach: int) -> Bits:
    """What lies within ``reach`` px of the edge of a part; the picture's own border is no edge."""
    mask, disc = part.astype(np.uint8), _disc(reach)
    ring = np.asarray(cv2.dilate(mask, disc) != cv2.erode(mask, disc))
    for side in (ring[:2], ring[-2:], ring[:, :2], ring[:, -2:]):
        side[:] = False
    return ring


def _skin(landmarks: NDArray[np.float32], box: Box, eye: float) -> Bits:
    """The skin around the lips, without the face's rim."""
    oval = filled(landmarks[OVAL, :2].astype(float), box).astype(np.uint8)
    lips = filled(landmarks[LIPS_OUTER, :2].astype(float), box).astype(np.uint8)
    inner = cv2.erode(oval, _disc(max(1, round(_OVAL * eye)))) > 0
    close, wide = (cv2.dilate(lips, _disc(max(1, round(by * eye)))) > 0 for by in _LIPS)
    return np.asarray(inner & wide & ~close)


def gradient(picture: Picture) -> Picture:
    """Magnitude of the luma gradient ``[h, w]`` per px of an RGB picture, in its own levels."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    steps = [cv2.Scharr(grey, cv2.CV_32F, *way) for way in ((1, 0), (0, 1))]
    return np.asarray(np.hypot(*steps) / 32, np.float32)


def _disc(radius: int) -> NDArray[np.uint8]:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.uint8)
