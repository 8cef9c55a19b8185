"""Moving a picture by moving the corners of triangles in it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Box

SHIFT = 4
"""Fraction bits of OpenCV's polygon coordinates: corners are rasterised to 1/16 px."""


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


def where_from(
    here: NDArray[np.float64],
    there: NDArray[np.float64],
    triangles: NDArray[np.int64],
    box: Box,
    step: int = 1,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each pixel of ``box``, how far away in the source picture it comes from.

    Where triangles overlap, at a silhouette, those that face as most do are in front.

    Parameters
    ----------
    here, there : ``[p, 2]`` corresponding points in the drawn and in the source picture.
    triangles : ``[t, 3]`` over them.
    step : the field is computed at every ``step``-th pixel and interpolated between.

    Returns
    -------
    dx, dy : float32 ``[h, w]``, source position minus pixel; 0 outside every triangle.
    """
    width, height = -(-box.width // step), -(-box.height // step)
    corners = here[triangles]
    area = facing(corners)
    solid = np.flatnonzero(np.abs(area) > 1e-6)
    front = np.sign(np.median(np.sign(area[solid])))
    solid = solid[np.argsort(np.sign(area[solid]) == front, kind="stable")]
    # Solve all affine maps at once: [x y 1] @ map = displacement.
    square = np.concatenate([corners[solid], np.ones((len(solid), 3, 1))], 2)
    maps = np.zeros((len(triangles) + 1, 3, 2))
    maps[solid + 1] = np.linalg.solve(square, (there - here)[triangles[solid]])
    owner = np.zeros((height, width), np.int32)
    shrunk = (corners - [box.x0, box.y0] + 0.5) / step - 0.5
    outlines = np.round(shrunk * (1 << SHIFT)).astype(np.int32)
    for number in solid:
        cv2.fillConvexPoly(owner, outlines[number], int(number) + 1, cv2.LINE_8, SHIFT)
    xs = box.x0 + (np.arange(width, dtype=np.float32)[None, :] + 0.5) * step - 0.5
    ys = box.y0 + (np.arange(height, dtype=np.float32)[:, None] + 0.5) * step - 0.5
    table = maps.astype(np.float32).reshape(-1, 6)
    chosen = np.take(table, owner, axis=0)
    dx = chosen[..., 0] * xs + chosen[..., 2] * ys + chosen[..., 4]
    dy = chosen[..., 1] * xs + chosen[..., 3] * ys + chosen[..., 5]
    if step > 1:
        whole = (width * step, height * step)
        part = (slice(box.height), slice(box.width))
        dx = np.asarray(cv2.resize(dx, whole, interpolation=cv2.INTER_LINEAR), np.float32)[part]
        dy = np.asarray(cv2.resize(dy, whole, interpolation=cv2.INTER_LINEAR), np.float32)[part]
    return dx, dy


def fetch(
    picture: NDArray[np.float32],
    origin: tuple[int, int],
    box: Box,
    dx: NDArray[np.float32],
    dy: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The pixels of ``box`` from ``dx``, ``dy`` away in ``picture``.

    ``picture`` ``[h, w, c]`` has its first pixel at ``origin``. Lanczos over 8 x 8 pixels: a
    cubic costs a tenth of the finest detail at half-pixel shifts.
    """
    x = dx + np.arange(box.x0 - origin[0], box.x1 - origin[0], dtype=np.float32)[None, :]
    y = dy + np.arange(box.y0 - origin[1], box.y1 - origin[1], dtype=np.float32)[:, None]
    drawn = cv2.remap(picture, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.float32)


def facing(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the signed area of triangles ``[t, 3, 2]``; the sign is the side one sees."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
