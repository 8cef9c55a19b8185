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
    return mask.astype(np.float32) / 255


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
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each pixel of ``box``, where in the source picture it comes from.

    Parameters
    ----------
    here, there : ``[p, 2]`` corresponding points in the drawn and in the source picture.
    triangles : ``[t, 3]`` over them.

    Returns
    -------
    x, y : float32 ``[h, w]`` source coordinates; outside every triangle, the pixel itself.
    """
    owner = np.zeros((box.height, box.width), np.int32)
    maps = np.zeros((len(triangles) + 1, 2, 3), np.float32)
    maps[0] = [[1, 0, 0], [0, 1, 0]]
    origin = np.array([box.x0, box.y0])
    corners = np.concatenate([here[triangles], np.ones((len(triangles), 3, 1))], 2)
    flat = np.abs(np.linalg.det(corners)) < 1e-6
    corners[flat] = np.eye(3)
    # Solve all affine maps at once: corners @ map.T = source corners.
    solved = np.linalg.solve(corners, there[triangles]).transpose(0, 2, 1)
    maps[1:] = solved
    maps[1:][flat] = maps[0]
    outlines = np.round((here[triangles] - origin) * (1 << SHIFT)).astype(np.int32)
    for number in np.flatnonzero(~flat):
        cv2.fillConvexPoly(owner, outlines[number], int(number) + 1, cv2.LINE_8, SHIFT)
    xs = np.arange(box.x0, box.x1, dtype=np.float32)[None, :]
    ys = np.arange(box.y0, box.y1, dtype=np.float32)[:, None]
    chosen = maps.reshape(-1, 6)
    x = chosen[:, 0][owner] * xs + chosen[:, 1][owner] * ys + chosen[:, 2][owner]
    y = chosen[:, 3][owner] * xs + chosen[:, 4][owner] * ys + chosen[:, 5][owner]
    return x, y


def fetch(
    picture: NDArray[np.float32],
    origin: tuple[int, int],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
) -> NDArray[np.float32]:
    """``picture`` ``[h, w, c]``, whose first pixel lies at ``origin``, sampled at ``x``, ``y``.

    Lanczos over 8 x 8 pixels: a cubic costs a tenth of the finest detail at half-pixel shifts.
    """
    drawn = cv2.remap(
        picture, x - origin[0], y - origin[1], cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(drawn, np.float32)


def facing(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the signed area of triangles ``[t, 3, 2]``; the sign is the side one sees."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
