"""Moving a picture by moving the corners of triangles in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Box

FADE = 8.0
"""Standard deviation in px over which a field fades out beyond a silhouette."""
CONFINED = 0.2
"""Part of ``soften`` over which a field ends at the outline that confines it."""
SHIFT = 4
"""Fraction bits of OpenCV's polygon coordinates: corners are rasterised to 1/16 px."""
BAND = 16
"""Rows fetched at once."""


def triangulate(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Delaunay triangles ``[t, 3]`` over points ``[p, 2]``."""
    low = points.min(0) - 1
    size = points.max(0) - low + 2
    plane = cv2.Subdiv2D((0, 0, int(size[0]) + 1, int(size[1]) + 1))
    number: dict[tuple[float, float], int] = {}
    for index, (x, y) in enumerate((points - low).astype(np.float32)):
        plane.insert((float(x), float(y)))
        number[(float(x), float(y))] = index
    found = []
    for x0, y0, x1, y1, x2, y2 in plane.getTriangleList():
        corners = [number.get((float(x), float(y))) for x, y in ((x0, y0), (x1, y1), (x2, y2))]
        if None not in corners:
            found.append(corners)
    return np.array(found, np.int64)


def polygon(points: NDArray[np.float64], box: Box) -> NDArray[np.int32]:
    """Image points ``[p, 2]`` as OpenCV polygon coordinates inside ``box``."""
    return np.round((points - [box.x0, box.y0]) * (1 << SHIFT)).astype(np.int32)


def fill(points: NDArray[np.float64], box: Box) -> NDArray[np.float32]:
    """1 inside the polygon, 0 outside, soft on the edge, ``[h, w]``."""
    mask = np.zeros((box.height, box.width), np.uint8)
    cv2.fillPoly(mask, [polygon(points, box)], 255, cv2.LINE_AA, SHIFT)
    return np.asarray(mask / np.float32(255), np.float32)


def distance(points: NDArray[np.float64], box: Box) -> NDArray[np.float32]:
    """Distance in px of each pixel from the polygon, 0 on and inside it, ``[h, w]``."""
    outside = np.full((box.height, box.width), 255, np.uint8)
    corners = [polygon(points, box)]
    cv2.fillPoly(outside, corners, 0, cv2.LINE_8, SHIFT)
    cv2.polylines(outside, corners, True, 0, 1, cv2.LINE_8, SHIFT)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, 5), np.float32)


@dataclass(frozen=True, eq=False)
class Field:
    """Where each pixel of a box comes from.

    ``dx``, ``dy`` float32 ``[h, w]``: source position minus pixel. ``seen`` float32 ``[h, w]``:
    1 where a triangle says so, 0 where the field only fades out.
    """

    dx: NDArray[np.float32]
    dy: NDArray[np.float32]
    seen: NDArray[np.float32]


def where_from(
    here: NDArray[np.float64],
    there: NDArray[np.float64],
    triangles: NDArray[np.int64],
    box: Box,
    depth: NDArray[np.float64],
    step: int = 1,
    squeeze: float = 0.0,
    soften: float = 0.0,
    within: NDArray[np.float64] | None = None,
) -> Field:
    """The field that carries ``there`` to ``here``.

    A triangle counts only if it shows the same side, the one most triangles show, in both
    pictures: at a silhouette the surface folds over, and what is behind must not be drawn.
    Of two that overlap the nearer is drawn. Beyond the triangles that count the field fades out.

    Parameters
    ----------
    here, there : ``[p, 2]`` corresponding points in the drawn and in the source picture.
    triangles : ``[t, 3]`` over them.
    depth : ``[p]`` of the drawn points, smaller is nearer.
    step : the field is computed at every ``step``-th pixel and interpolated between.
    squeeze : triangles whose source is smaller than this part of what is drawn do not count.
    soften : px per share of folded triangles by which the field is blurred: the more of the
        surface is folded, the less its landmarks agree with each other.
    within : convex outline ``[k, 2]`` px in which a field with folds must end.
    """
    if len(triangles) == 0:
        nothing = np.zeros((box.height, box.width), np.float32)
        return Field(nothing, nothing, nothing)
    width, height = -(-box.width // step), -(-box.height // step)
    corners = here[triangles]
    drawn, taken = facing(corners), facing(there[triangles])
    front = np.sign(np.median(np.sign(taken)))
    good = (drawn * front > 1e-3) & (taken * front > squeeze * np.abs(drawn))
    solid = np.flatnonzero(good)
    solid = solid[np.argsort(-depth[triangles[solid]].mean(1), kind="stable")]
    # Solve all affine maps at once: [x y 1] @ map = displacement.
    square = np.concatenate([corners[solid], np.ones((len(solid), 3, 1))], 2)
    maps = np.zeros((len(solid) + 1, 3, 2))
    maps[1:] = np.linalg.solve(square, (there - here)[triangles[solid]])
    owner = np.zeros((height, width), np.int32)
    shrunk = (corners[solid] - [box.x0, box.y0] + 0.5) / step - 0.5
    outlines = np.round(shrunk * (1 << SHIFT)).astype(np.int32)
    for number, outlined in enumerate(outlines):
        cv2.fillConvexPoly(owner, outlined, number + 1, cv2.LINE_8, SHIFT)
    xs = box.x0 + (np.arange(width, dtype=np.float32)[None, :] + 0.5) * step - 0.5
    ys = box.y0 + (np.arange(height, dtype=np.float32)[:, None] + 0.5) * step - 0.5
    table = maps.astype(np.float32).reshape(-1, 6)
    chosen = np.take(table, owner, axis=0)
    dx = chosen[..., 0] * xs + chosen[..., 2] * ys + chosen[..., 4]
    dy = chosen[..., 1] * xs + chosen[..., 3] * ys + chosen[..., 5]
    seen = (owner > 0).astype(np.float32)
    if not good.all():
        dx, dy = faded(dx, dy, seen, FADE / step)
    blur = soften * (1 - float(good.mean())) / step
    if blur > 0.3:
        dx = np.asarray(cv2.GaussianBlur(dx, (0, 0), blur), np.float32)
        dy = np.asarray(cv2.GaussianBlur(dy, (0, 0), blur), np.float32)
    if within is not None and not good.all():
        inside = depth_within((within - [box.x0, box.y0]) / step, width, height) * np.float32(step)
        kept = np.clip((inside - FADE) / max(2 * FADE, CONFINED * soften), 0, 1)
        dx, dy = dx * kept, dy * kept
    if step > 1:
        whole = (width * step, height * step)
        part = (slice(box.height), slice(box.width))
        dx, dy, seen = (
            np.asarray(cv2.resize(plane, whole, interpolation=cv2.INTER_LINEAR), np.float32)[part]
            for plane in (dx, dy, seen)
        )
    return Field(dx, dy, seen)


def faded(
    dx: NDArray[np.float32], dy: NDArray[np.float32], seen: NDArray[np.float32], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The field carried on, ever weaker, where it was not seen."""
    inside = seen > 0
    if inside.all():
        return dx, dy
    planes = cv2.GaussianBlur(cv2.merge([dx, dy, seen]), (0, 0), max(sigma, 0.8))
    across, down, weight = cv2.split(planes)
    weight = np.maximum(weight, 0.5)
    return np.where(inside, dx, across / weight), np.where(inside, dy, down / weight)


def depth_within(outline: NDArray[np.float64], width: int, height: int) -> NDArray[np.float32]:
    """How deep each pixel lies inside a convex outline ``[k, 2]`` px, ``[height, width]``."""
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    depth = np.full((height, width), np.inf, np.float32)
    middle = outline.mean(0)
    for one, other in zip(outline, np.roll(outline, -1, 0), strict=True):
        normal = np.array([one[1] - other[1], other[0] - one[0]])
        length = float(np.linalg.norm(normal))
        if length < 1e-6:
            continue
        normal *= np.sign(normal @ (middle - one)) / length
        depth = np.minimum(
            depth, np.float32(normal[0]) * x + np.float32(normal[1]) * y - np.float32(normal @ one)
        )
    return depth


def fetch(
    picture: NDArray[np.float32],
    origin: tuple[int, int],
    box: Box,
    field: Field,
    needed: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """The pixels of ``box``, taken from ``picture`` as the field says.

    ``picture`` ``[h, w, c]`` has its first pixel at ``origin``. Lanczos over 8 x 8 pixels: at
    half-pixel shifts a cubic loses a fifth of detail 3 px fine, Lanczos nothing. Where ``needed``
    ``[h, w]`` is given and False, any value may be returned.
    """
    x = field.dx + np.arange(box.x0 - origin[0], box.x1 - origin[0], dtype=np.float32)[None, :]
    y = field.dy + np.arange(box.y0 - origin[1], box.y1 - origin[1], dtype=np.float32)[:, None]
    drawn = np.zeros((box.height, box.width, picture.shape[2]), np.float32)
    for part in _parts(box, needed):
        drawn[part] = cv2.remap(
            picture, x[part], y[part], cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
        )
    return drawn


def _parts(box: Box, needed: NDArray[np.bool_] | None) -> Iterator[tuple[slice, slice]]:
    """Bands of rows, as wide as needed: what is drawn is round, and its box has corners."""
    if needed is None:
        yield slice(box.height), slice(box.width)
        return
    for top in range(0, box.height, BAND):
        band = slice(top, min(top + BAND, box.height))
        some = np.flatnonzero(needed[band].any(0))
        if len(some):
            yield band, slice(int(some[0]), int(some[-1]) + 1)


def facing(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the signed area of triangles ``[t, 3, 2]``; the sign is the side one sees."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
