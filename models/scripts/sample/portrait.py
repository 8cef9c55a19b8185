"""The portrait's face, ready to be performed: what is where in it, and how it moves.

Coordinates are pixels of the 512 x 512 portrait unless a name says ``canvas``: the canvas is
its head-and-shoulders crop, four times enlarged.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator, RBFInterpolator
from scipy.spatial import Delaunay

from relip.media.frame import Box
from scripts.sample.mesh import Array, Picture, carried
from scripts.sample.mouth import MouthShape

CROP: Final = (95, 5, 256)  # left, top, side
ENLARGED: Final = 4
SIDE: Final = CROP[2] * ENLARGED

# The smile, traced by eye from a 28-fold enlargement: along each edge from corner to corner.
UPPER_OUTER: Final = np.array(
    [[202.4, 138.9], [204.5, 138.4], [208, 138.5], [212, 138.7], [216, 138.9], [219.5, 139.3],
     [223, 140.1], [226.5, 139.7], [230, 139.6], [234, 139.6], [238, 139.7], [241.5, 139.9],
     [243.8, 140.5]]
)  # fmt: skip
UPPER_INNER: Final = np.array(
    [[202.4, 138.9], [204, 139.4], [206, 139.9], [209, 140.6], [212, 141.0], [215, 141.6],
     [217, 142.2], [219.5, 142.6], [223, 142.8], [226.5, 142.5], [230, 142.0], [233, 141.7],
     [236, 141.1], [239, 140.6], [241.5, 140.3], [243.8, 140.5]]
)  # fmt: skip
LOWER_INNER: Final = np.array(
    [[202.4, 138.9], [203.3, 141.4], [205.2, 143.6], [208, 146.0], [210, 147.3], [212, 148.4],
     [215, 149.3], [218, 149.8], [222.7, 150.1], [226, 149.9], [229, 149.6], [232, 148.9],
     [234, 148.0], [236, 146.9], [238, 145.6], [240, 144.4], [242, 142.9], [243.8, 140.5]]
)  # fmt: skip
LOWER_OUTER: Final = np.array(
    [[202.4, 138.9], [204, 143.0], [207, 147.4], [210.5, 151.2], [214, 153.7], [218, 155.0],
     [222.5, 155.5], [227, 155.2], [231, 154.2], [235, 152.0], [238.5, 149.2], [241.5, 145.6],
     [243.8, 140.5]]
)  # fmt: skip
# Where the upper teeth end.
TEETH_END: Final = np.array(
    [[203, 140.5], [206, 143.2], [208, 145.0], [210, 146.2], [212, 146.8], [214, 147.6],
     [216, 147.9], [218, 148.3], [220, 148.4], [221.8, 147.9], [223.5, 148.5], [226, 148.6],
     [228.4, 148.1], [230, 148.1], [231.5, 147.5], [234, 146.0], [237, 144.6], [240, 142.6],
     [243, 141]]
)  # fmt: skip
CORNERS: Final = (np.array([202.4, 138.9]), np.array([243.8, 140.5]))
MIDDLE: Final = (CORNERS[0] + CORNERS[1]) / 2
ALONG: Final = (CORNERS[1] - CORNERS[0]) / np.linalg.norm(CORNERS[1] - CORNERS[0])
DOWN: Final = np.array([-ALONG[1], ALONG[0]])
COLUMNS: Final = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 41))
"""Places along the lips, -1 and 1 are the corners; closer where the edges curve most."""
LIP_ROWS: Final = np.linspace(0, 1, 5)

# Colours of what the portrait does not show, RGB 0 to 1, dim enough not to draw the eye.
THROAT: Final = np.array([0.105, 0.045, 0.04])
CAVITY: Final = np.array([0.20, 0.085, 0.075])
TONGUE: Final = np.array([0.46, 0.215, 0.20])
LOWER_TEETH: Final = np.array([0.50, 0.44, 0.40])


def to_canvas(points: Array) -> Array:
    """Canvas pixels of portrait pixels; both count from the centre of their first pixel."""
    return np.asarray((points - np.array(CROP[:2]) + 0.5) * ENLARGED - 0.5)


def on_edge(edge: Array) -> Array:
    """An edge's points ``[41, 2]`` at :data:`COLUMNS`, in the portrait."""
    local: Array = (edge - MIDDLE) @ np.stack([ALONG, DOWN], 1)
    half = (local[-1, 0] - local[0, 0]) / 2
    across: Array = PchipInterpolator(local[:, 0] / half, local[:, 1])(COLUMNS)
    return np.asarray(MIDDLE + np.outer(COLUMNS * half, ALONG) + np.outer(across, DOWN))


def edges_of(shape: MouthShape) -> tuple[Array, Array, Array, Array]:
    """Upper outer, upper inner, lower inner, lower outer edge of a shape, ``[41, 2]`` each."""
    u = COLUMNS
    bow = 1 - np.abs(u) ** 2.2
    line = shape.corner + (shape.line - shape.corner) * bow
    # Closed lips meet in a shallow M, the upper lip's tubercle dips in the middle; the lower
    # lip only gives way to it while they touch.
    tubercle = 0.35 * np.exp(-((u / 0.16) ** 2)) - 0.35 * np.exp(-(((np.abs(u) - 0.34) / 0.2) ** 2))
    touching = max(0.0, 1 - (shape.above + shape.below) / 2.5)
    # A dropped jaw pulls the lower lip into a bowl, a small opening is a lens.
    bowl = 0.8 - 0.32 * min(1.0, shape.below / 8)
    inner_up = line + tubercle - shape.above * (1 - u**2) ** 0.7
    inner_down = line + tubercle * touching + shape.below * (1 - u**2) ** bowl
    cupid = (
        1 - 0.16 * np.exp(-((u / 0.12) ** 2)) + 0.06 * np.exp(-(((np.abs(u) - 0.3) / 0.15) ** 2))
    )
    outer_up = inner_up - shape.upper * (1 - np.abs(u) ** 2.6) ** 0.8 * cupid
    outer_down = inner_down + shape.lower * (1 - np.abs(u) ** 2.4) ** 0.8
    place = MIDDLE + np.outer(u * shape.half_width, ALONG)
    found = [place + np.outer(y, DOWN) for y in (outer_up, inner_up, inner_down, outer_down)]
    return found[0], found[1], found[2], found[3]


class FaceMesh:
    """Skin and lips as triangles that follow a :class:`MouthShape`.

    Parameters
    ----------
    landmarks : ``[478, 2]`` of the portrait, MediaPipe's order.
    """

    def __init__(self, landmarks: Array) -> None:
        edges = [on_edge(edge) for edge in (UPPER_OUTER, UPPER_INNER, LOWER_INNER, LOWER_OUTER)]
        self._outline = np.concatenate([edges[0], edges[3][-2:0:-1]])
        left = float(landmarks[:, 0].min()) - 6
        right, bottom = landmarks.max(0) + np.array([6, 26])
        top = float(landmarks[1, 1]) - 12
        self.region = (left, top, right, bottom)
        self._still = self._still_points(landmarks)
        self._chin, self._follows = self._chin_points(landmarks)
        grid = np.stack(
            np.meshgrid(np.arange(left, right, 2.0), np.arange(top, bottom, 2.0)), -1
        ).reshape(-1, 2)
        contour = self._outline.astype(np.float32)
        outside = np.array(
            [cv2.pointPolygonTest(contour, (float(x), float(y)), True) < -1.0 for x, y in grid]
        )
        self._skin = np.concatenate([self._outline, grid[outside]])
        triangles = Delaunay(self._skin).simplices
        centres = self._skin[triangles].mean(1)
        keep = [cv2.pointPolygonTest(contour, (float(x), float(y)), False) < 0 for x, y in centres]
        self._skin_triangles = triangles[np.array(keep)]
        self._lips = np.concatenate([_strip(edges[0], edges[1]), _strip(edges[2], edges[3])])
        self._source = np.concatenate([self._skin, self._lips])
        one = _strip_triangles(len(LIP_ROWS), len(COLUMNS))
        count = len(LIP_ROWS) * len(COLUMNS)
        first = len(self._skin)
        self._triangles = np.concatenate(
            [self._skin_triangles, one + first, one + first + count]
        ).astype(np.int64)

    def _still_points(self, landmarks: Array) -> Array:
        left, top, right, bottom = self.region
        xs, ys = np.linspace(left, right, 12), np.linspace(top, bottom, 12)
        frame = [[x, y] for x in xs for y in (top, bottom)] + [
            [x, y] for x in (left, right) for y in ys
        ]
        nose = landmarks[[1, 2, 98, 327, 4, 5, 195, 48, 278, 64, 294]]
        cheeks = landmarks[[116, 345, 123, 352, 147, 376, 50, 280, 205, 425]]
        neck = landmarks[[148, 152, 377]] + [0, 20]
        return np.concatenate([np.array(frame), nose, cheeks, neck])

    @staticmethod
    def _chin_points(landmarks: Array) -> tuple[Array, Array]:
        numbers = {152: 1, 148: 1, 377: 1, 176: 1, 400: 1, 149: 0.95, 378: 0.95, 150: 0.85,
                   379: 0.85, 136: 0.7, 365: 0.7, 172: 0.5, 397: 0.5, 58: 0.25, 288: 0.25,
                   175: 1, 199: 1, 200: 1, 171: 1, 396: 1, 208: 1, 428: 1, 204: 0.9, 424: 0.9,
                   211: 0.9, 431: 0.9, 210: 0.75, 430: 0.75, 214: 0.5, 434: 0.5}  # fmt: skip
        return landmarks[list(numbers)], np.array(list(numbers.values()), float)

    def performed(self, canvas: Picture, shape: MouthShape, box: Box) -> Picture:
        """The canvas' pixels of ``box`` once the face has taken the shape."""
        edges = edges_of(shape)
        outline = np.concatenate([edges[0], edges[3][-2:0:-1]])
        known = np.concatenate([self._outline[::2], self._chin, self._still])
        moved = np.concatenate(
            [
                (outline - self._outline)[::2],
                np.outer(self._follows * shape.jaw, DOWN),
                np.zeros_like(self._still),
            ]
        )
        field = RBFInterpolator(known, moved, kernel="thin_plate_spline", smoothing=0.05)
        skin = self._skin + field(self._skin)
        skin[: len(outline)] = outline
        lips = np.concatenate([_strip(edges[0], edges[1]), _strip(edges[2], edges[3])])
        here = np.concatenate([skin, lips])
        return carried(canvas, to_canvas(here), to_canvas(self._source), self._triangles, box)


def _strip(one: Array, other: Array) -> Array:
    """Points between two edges, row by row, ``[5 * 41, 2]``."""
    return (one[None] + LIP_ROWS[:, None, None] * (other - one)[None]).reshape(-1, 2)


def _strip_triangles(rows: int, columns: int) -> NDArray[np.int64]:
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None]).ravel()
    right, under = corner + 1, corner + columns
    return np.concatenate(
        [np.stack([corner, right, under], 1), np.stack([right, under + 1, under], 1)]
    )
