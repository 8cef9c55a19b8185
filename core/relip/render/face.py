"""Drawing another lower face on a frame, in two layers.

Layer one is the frame itself with its lower face moved, so that jaw and cheeks follow the
new words. Layer two is a real mouth of this person from another moment, moved to the same
place and matched in colour. A mouth-only layer would leak the old jaw motion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.frame import Box, Frame
from relip.mouth.shape import (
    CHIN,
    CORNERS,
    FOREHEAD,
    LIPS_INNER,
    LIPS_OUTER,
    OVAL,
    POINTS,
    Array,
    PersonShapes,
    smoothstep,
)
from relip.render import blend, warp
from relip.render.patch import MouthPatch

STILL = 0.05
"""Shifts in px below this are none."""
FIELD = 90.0
"""Mouth width in px per pixel of the warp field's grid: larger faces bend as smoothly."""
LEAST = 1 / 512
"""Alpha below this is none."""
OUTSIDE = 1.35
"""The fixed ring around the face outline, in outline sizes; nothing moves beyond it."""
BRIDGE = (6, 197)
"""Landmarks on the bridge of the nose; nothing moves above it."""


@dataclass(frozen=True, eq=False)
class MouthSource:
    """A library frame's lower face and how much of it to take.

    ``landmarks`` ``[478, 3]`` px in that frame's own picture, ``share`` sums to 1 over the
    sources of one drawing.
    """

    frame: Frame
    landmarks: NDArray[np.float32]
    share: float


def outline(face: Array) -> Array:
    """The fixed ring ``[r, 2]`` around a face ``[468, 3]``."""
    edge = face[OVAL, :2]
    centre = edge.mean(0)
    return np.asarray(centre + (edge - centre) * OUTSIDE)


def mouth_region(face: Array, reach: float = 0.0) -> Array:
    """The part of a picture a new mouth may change, a convex outline ``[k, 2]`` px.

    From the bridge of the nose of a face ``[468, 3]`` downwards, as wide as the head, to below
    the chin, and ``reach`` px farther on these sides.
    """
    ring = outline(face)
    away = ring - ring.mean(0)
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    edge = np.vstack([ring + away * reach, face[OVAL, :2]])
    down = face[CHIN, :2] - face[FOREHEAD, :2]
    down /= max(float(np.linalg.norm(down)), 1e-6)
    level = float((face[BRIDGE, :2] @ down).mean())
    height = edge @ down
    raised = np.where((height < level)[:, None], edge + np.outer(level - height, down), edge)
    return np.asarray(cv2.convexHull(raised.astype(np.float32))[:, 0], float)


def around(points: Array, margin: float) -> Box:
    """The box around points ``[p, 2]`` with a margin in px."""
    low, high = np.floor(points.min(0) - margin), np.ceil(points.max(0) + margin)
    return Box(int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1)


class FaceArtist:
    """Draws lower faces of one person; holds the triangles all drawings share.

    ``softness`` is the width of the sharpest edges around the lips, in mouth widths: 0.03 in
    crisp footage, 0.1 in soft. Landmarks of soft lips are that much less sure, so the mouth
    layer reaches that much farther over the lips.
    """

    def __init__(self, shapes: PersonShapes, softness: float = 0.05) -> None:
        self.shapes = shapes
        self.softness = softness
        mean = shapes.mean
        below = np.flatnonzero(mean[:, 1] > mean[5, 1])
        self.nodes = np.unique(np.concatenate([below, OVAL]))
        self.triangles = warp.triangulate(np.vstack([mean[self.nodes, :2], outline(mean)]))

    def mesh(self, face: Array, ring: Array) -> Array:
        """The corner points ``[p, 2]`` of all triangles on a face."""
        return np.vstack([face[self.nodes, :2], ring])

    def depths(self, face: Array) -> Array:
        """Depth ``[p]`` of the mesh's corners; the ring is behind everything."""
        near = face[self.nodes, 2]
        return np.concatenate([near, np.full(len(OVAL), near.max() + 1)])

    def draw(
        self,
        frame: Frame,
        at: int,
        landmarks: NDArray[np.float32],
        coefficients: Array,
        sources: Sequence[MouthSource],
        still: float = 0.0,
    ) -> MouthPatch | None:
        """Frame ``at`` with the lower face ``coefficients``, the mouth taken from ``sources``.

        Where it shall be ``still`` (0 to 1) all of the lips come from the library's held frame:
        the frame's own lips still tremble with the words they once said. Returns None where
        nothing of the face lies in the picture.
        """
        original = landmarks[:POINTS].astype(float)
        moved = self.shapes.on_face(at, coefficients)
        ring = outline(original)
        here, there = self.mesh(moved, ring), self.mesh(original, ring)
        shift = np.linalg.norm(here - there, axis=1)
        touched = self.triangles[(shift[self.triangles] > STILL).any(1)]
        lips = moved[LIPS_OUTER, :2]
        width = float(np.linalg.norm(moved[CORNERS[0], :2] - moved[CORNERS[1], :2]))
        reached = np.vstack([here[touched].reshape(-1, 2), lips - width * 0.3, lips + width * 0.3])
        picture_box = Box(0, 0, frame.width, frame.height)
        box = around(reached, 3).within(picture_box)
        mouth_box = around(lips, width * 0.4).within(box)
        if mouth_box.width < 8 or mouth_box.height < 8:
            return None
        step = 1 + int(width // FIELD)
        field = warp.where_from(
            here,
            there,
            touched,
            box,
            self.depths(moved),
            step,
            soften=width,
            within=mouth_region(original),
        )
        # Where nothing moves the mouth's place is all there is.
        left = np.vstack([there[touched].reshape(-1, 2), lips])
        source_box = around(left, 8).within(picture_box)
        source_box = Box(
            min(box.x0, source_box.x0),
            min(box.y0, source_box.y0),
            max(box.x1, source_box.x1),
            max(box.y1, source_box.y1),
        )
        alpha = np.clip((np.abs(field.dx) + np.abs(field.dy)) * 4, 0, 1)
        alpha = blend.blurred(np.asarray(cv2.dilate(alpha, blend.disc(2)), np.float32), 1.5)

        bend = np.sqrt(((moved - original)[LIPS_OUTER, :2] ** 2).sum(1).mean()) / width
        bent = float(smoothstep(np.array((bend - 0.02) / 0.08)))
        inner = (
            slice(mouth_box.y0 - box.y0, mouth_box.y1 - box.y0),
            slice(mouth_box.x0 - box.x0, mouth_box.x1 - box.x0),
        )
        needed = alpha >= LEAST
        needed[inner] = True
        picture = to_rgb(frame, source_box)
        face = warp.fetch(picture, (source_box.x0, source_box.y0), box, field, needed)
        mouth, mask = self.mouth(
            moved, sources, mouth_box, face[inner], width, max(bent, still) + still
        )
        face[inner] = blend.over(mouth, face[inner], mask)
        alpha[inner] = np.maximum(alpha[inner], np.clip(mask * 8, 0, 1))
        alpha[alpha < LEAST] = 0
        return MouthPatch(face, alpha, box.x0, box.y0)

    def mouth(
        self,
        moved: Array,
        sources: Sequence[MouthSource],
        box: Box,
        face: blend.Picture,
        width: float,
        bent: float,
    ) -> tuple[blend.Picture, blend.Mask]:
        """The sources' mouths at their new place, in the face's colour, and where they show.

        Where the frame's own lips were hardly ``bent`` (0) they stay: their skin is right
        already, in this frame's light and grain, and only what lies between them is new. Lips
        bent far show the library's skin too; beyond 1, what is around the lips as well.
        """
        here = self.mesh(moved, outline(moved))
        near = self.triangles[self.near(here, box)]
        full = max(0.15 * self.softness + 0.07 * bent, 0.5 / width)
        none = max(0.9 * self.softness + 0.17 * bent, full + 2.0 / width)
        away = warp.distance(moved[LIPS_INNER, :2], box) / np.float32(width)
        inside = 1 - smoothstep((away.astype(float) - full) / (none - full)).astype(np.float32)
        edge = cv2.erode(warp.fill(moved[OVAL, :2], box), blend.disc(max(1, round(width * 0.05))))
        reach = max(2, round(width * 0.1))
        ring = np.clip(cv2.dilate(inside, blend.disc(reach)) - inside, 0, 1)
        needed = inside + ring > 0
        total = np.zeros_like(face)
        seen = np.zeros(face.shape[:2], np.float32)
        drawn = 1e-9
        for source in sources:
            taken = source.landmarks[:POINTS].astype(float)
            there = self.mesh(taken, outline(taken))
            field = warp.where_from(here, there, near, box, self.depths(moved), squeeze=0.15)
            crop = around(there[near].reshape(-1, 2), 8).within(source.frame.box)
            if crop.empty:
                continue
            drawn += source.share
            taken_from = to_rgb(source.frame, crop)
            picture = warp.fetch(taken_from, (crop.x0, crop.y0), box, field, needed)
            total += source.share * blend.matched(picture, face, ring, width * 0.25)
            seen += source.share * cv2.morphologyEx(field.seen, cv2.MORPH_CLOSE, blend.disc(1))
        clear = np.minimum(edge, cv2.erode(seen, blend.disc(1)))
        total /= np.float32(drawn)
        return total, inside * blend.blurred(clear, width * 0.03)

    def near(self, here: Array, box: Box) -> NDArray[np.bool_]:
        """Which triangles reach into the box."""
        corners = here[self.triangles]
        low, high = corners.min(1), corners.max(1)
        inside = (high >= [box.x0, box.y0]) & (low <= [box.x1, box.y1])
        return np.asarray(inside.all(1))
