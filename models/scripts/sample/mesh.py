"""Moving a picture by moving the corners of triangles in it.

Deliberately not the engine's own warp: footage that tests an engine must not be made by it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Box

Array = NDArray[np.float64]
Picture = NDArray[np.float32]


def carried(
    picture: Picture, here: Array, there: Array, triangles: NDArray[np.int64], box: Box
) -> Picture:
    """The pixels of ``box`` once the points ``there`` of ``picture`` have moved ``here``.

    Points are ``[p, 2]``; pixels outside every triangle stay. Later triangles lie on top.
    """
    owner = np.zeros((box.height, box.width), np.int32)
    corners = np.concatenate([here[triangles], np.ones((len(triangles), 3, 1))], 2)
    solid = np.abs(np.linalg.det(corners)) > 1e-6
    maps = np.zeros((int(solid.sum()) + 1, 3, 2))
    maps[0] = [[1, 0], [0, 1], [0, 0]]
    maps[1:] = np.linalg.solve(corners[solid], there[triangles[solid]])
    outlines = np.round((here[triangles[solid]] - [box.x0, box.y0]) * 16).astype(np.int32)
    for number, outline in enumerate(outlines):
        cv2.fillConvexPoly(owner, outline, number + 1, cv2.LINE_8, 4)
    ys, xs = np.mgrid[box.y0 : box.y1, box.x0 : box.x1].astype(np.float64)
    chosen = maps[owner]
    source = (
        xs[..., None] * chosen[..., 0, :] + ys[..., None] * chosen[..., 1, :] + chosen[..., 2, :]
    )
    return sampled(picture, source)


def sampled(picture: Picture, source: Array) -> Picture:
    """``picture`` at the pixels ``source`` ``[h, w, 2]``."""
    x, y = np.moveaxis(source, -1, 0).astype(np.float32)
    found = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(found, np.float32)
