"""How much more edge there is where pictures were blended than in the source's same place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.frame import Box, Frame
from relip.mouth.shape import LIPS_INNER, LIPS_OUTER, OVAL, POINTS, Array
from relip.quality.evidence import alike
from relip.quality.performance import Performance, eye_distances
from relip.quality.region import gradient
from relip.render import warp
from relip.render.face import outline
from tests.bench.record import Masks

_NODES: Final = np.concatenate(
    [LIPS_OUTER, LIPS_INNER, np.array([2, 164, 18, 200, 57, 287, 43, 273, 98, 327]), OVAL]
)
_FEW: Final = 3
Which = Literal["alpha", "lips"]
Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ring:
    """Where one frame is blended: ``weight`` float32 ``[h, w]`` from ``box``, 1 in the middle.

    ``landmarks`` float32 ``[478, 3]`` px of the face it lies on.
    """

    box: Box
    weight: NDArray[np.float32]
    landmarks: NDArray[np.float32]


def ring(masks: Masks, which: Which, landmarks: NDArray[np.float32]) -> Ring | None:
    """The ring on which a mask goes from 0 to 1; None if there is none."""
    mask = masks.alpha if which == "alpha" else masks.lips
    weight = np.asarray(4 * mask.share * (1 - mask.share), np.float32)
    return Ring(mask.box, weight, landmarks) if weight.sum() >= 16 else None


def across(frame: Frame, where: Ring) -> float:
    """Mean gradient on the ring, per eye distance: the face's size does not matter."""
    box = where.box.within(frame.box)
    weight = where.weight[
        box.y0 - where.box.y0 : box.y1 - where.box.y0, box.x0 - where.box.x0 : box.x1 - where.box.x0
    ]
    unit = float(eye_distances(where.landmarks[None])[0])
    edges = gradient(to_rgb(frame, box))
    return unit * float((edges * weight).sum() / max(weight.sum(), 1e-6))


class Mesh:
    """Carries rings from one picture of a face to another."""

    def __init__(self, mean: Array) -> None:
        self._triangles = warp.triangulate(self._points(mean))

    def _points(self, face: Array) -> Array:
        return np.vstack([face[_NODES, :2], outline(face)])

    def carried(self, given: Ring, landmarks: NDArray[np.float32], frame: Frame) -> Ring:
        """The ring at the same place of the face in another frame."""
        here = self._points(landmarks[:POINTS].astype(float))
        there = self._points(given.landmarks[:POINTS].astype(float))
        low, high = np.floor(here.min(0)).astype(int), np.ceil(here.max(0)).astype(int)
        box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])).within(frame.box)
        x, y = self._places(here, there, box)
        # The ring's own margin is empty, so what is asked for beyond it is empty too.
        weight = cv2.remap(
            np.pad(given.weight, 1),
            x - np.float32(given.box.x0 - 1),
            y - np.float32(given.box.y0 - 1),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return Ring(box, np.asarray(weight, np.float32), landmarks)

    def _places(self, here: Array, there: Array, box: Box) -> tuple[Weights, Weights]:
        """Where each pixel of ``box`` lies on the other face; itself outside the mesh."""
        owner = np.zeros((box.height, box.width), np.int32)
        maps = np.tile(np.eye(2, 3, dtype=np.float32), (len(self._triangles) + 1, 1, 1))
        for number, triangle in enumerate(self._triangles, 1):
            corners = here[triangle].astype(np.float32)
            maps[number] = cv2.getAffineTransform(corners, there[triangle].astype(np.float32))
            cv2.fillConvexPoly(owner, np.rint(corners - [box.x0, box.y0]).astype(int), number)
        xs = np.arange(box.x0, box.x1, dtype=np.float32)
        ys = np.arange(box.y0, box.y1, dtype=np.float32)[:, None]
        chosen = maps[owner]
        x, y = (
            chosen[..., row, 0] * xs + chosen[..., row, 1] * ys + chosen[..., row, 2]
            for row in (0, 1)
        )
        return x, y


def seam(
    result: Performance,
    source: Performance,
    masks: dict[int, Masks],
    which: Which,
    mean: Array,
    result_frames: Iterable[Frame],
    source_frames: Iterable[Frame],
) -> float:
    """Mean gradient on the result's rings over that on the same rings in the source.

    A ring follows the lips, so its place in the source is found on source frames alike in
    opening and pose, by the face's landmarks: the edge of the lips itself lies on both sides
    of the quotient.
    """
    mesh = Mesh(mean)
    similar = alike(result, source, _FEW)
    rings: dict[int, Ring] = {}
    wanted: dict[int, list[tuple[int, int]]] = {}
    for place, row in enumerate(result.rows):
        found = ring(masks[row], which, result.landmarks[place]) if row in masks else None
        if found is None:
            continue
        rings[int(row)] = found
        for other in similar[place]:
            wanted.setdefault(int(source.rows[other]), []).append((int(row), int(other)))
    drawn = {
        frame.index: across(frame, rings[frame.index])
        for frame in result_frames
        if frame.index in rings
    }
    own: dict[int, list[float]] = {}
    for frame in source_frames:
        for row, other in wanted.get(frame.index, []):
            carried = mesh.carried(rings[row], source.landmarks[other], frame)
            own.setdefault(row, []).append(across(frame, carried))
    if not drawn:
        return float("nan")
    total = sum(float(np.mean(own[row])) for row in drawn)
    return sum(drawn.values()) / max(total, 1e-9)
