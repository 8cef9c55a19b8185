"""Draws the portrait in a mouth shape, blinking and moving its head, as a camera would see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Box
from scripts.sample.mesh import Array, Picture, carried, sampled
from scripts.sample.mouth import MouthShape
from scripts.sample.portrait import (
    CAVITY,
    CROP,
    ENLARGED,
    LOWER_TEETH,
    SIDE,
    TEETH_END,
    THROAT,
    TONGUE,
    FaceMesh,
    edges_of,
    to_canvas,
)

OUTPUT: Final = 512
HEAD_CENTRE: Final = np.array([226.0, 112.0])
NECK: Final = np.array([226.0, 196.0])


@dataclass(frozen=True)
class HeadPose:
    """Degrees, portrait pixels, and how far the eyes are shut, 0 to 1."""

    roll: float
    x: float
    y: float
    turn: float
    shut: float


def enlarged(portrait: NDArray[np.uint8]) -> Picture:
    """The canvas: the crop, four times larger, a little sharpened, RGB 0 to 1."""
    left, top, side = CROP
    crop = portrait[top : top + side, left : left + side].astype(np.float32) / 255
    large = np.asarray(cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_LANCZOS4), np.float32)
    return np.asarray(np.clip(large + 0.6 * (large - _blurred(large, 4.0)), 0, 1), np.float32)


class Performer:
    """One portrait that speaks."""

    def __init__(self, portrait: NDArray[np.uint8], landmarks: Array) -> None:
        self._canvas = enlarged(portrait)
        self._mesh = FaceMesh(landmarks)
        corners = to_canvas(np.array(self._mesh.region).reshape(2, 2)).round().astype(int)
        self._box = Box(*corners.ravel().tolist())
        self._teeth = self._teeth_layer()
        self._lids = [EyeLid(landmarks, *numbers) for numbers in EYES]
        self._depth = _depth(landmarks)

    def draw(self, shape: MouthShape, pose: HeadPose) -> Picture:
        """A picture ``[512, 512, 3]``, RGB 0 to 1."""
        canvas = self._canvas.copy()
        box = self._box
        face = self._mesh.performed(self._canvas, shape, box)
        canvas[box.y0 : box.y1, box.x0 : box.x1] = self._with_mouth(face, shape)
        for lid in self._lids:
            lid.draw(canvas, pose.shut)
        return self._seen(_blurred(canvas, 0.8), pose)

    def _with_mouth(self, face: Picture, shape: MouthShape) -> Picture:
        """Put the mouth's inside and the lips' own shadows into the warped lower face."""
        box = self._box
        edges = [to_canvas(edge) - [box.x0, box.y0] for edge in edges_of(shape)]
        ys, xs = np.mgrid[0 : box.height, 0 : box.width].astype(np.float32)
        opening = _polygon(np.concatenate([edges[1], edges[2][-2:0:-1]]), face.shape[:2])
        opening = _blurred(opening, 1.5)
        inside = self._inside(shape, edges, xs, ys)
        # Lips turn inward at their inner edge and darken there; closed, the two edges make a line.
        shade = np.ones(face.shape[:2], np.float32)
        for edge, depth, width in ((edges[1], 0.30, 3.0), (edges[2], 0.20, 2.2)):
            distance = _distance(edge[2:-2], face.shape[:2])
            shade *= 1 - depth * np.exp(-((distance / width) ** 2))
        gap = float(np.abs(edges[2] - edges[1]).max()) / ENLARGED
        sealed = np.clip(1.0 - gap / 1.6, 0, 1)
        distance = _distance(((edges[1] + edges[2]) / 2)[1:-1], face.shape[:2])
        shade *= 1 - 0.42 * sealed * np.exp(-((distance / 2.6) ** 2))
        lit = face * shade[..., None] ** np.array([0.8, 1.1, 1.1], np.float32)
        return np.asarray(lit + opening[..., None] * (inside - lit), np.float32)

    def _inside(self, shape: MouthShape, edges: list[Array], xs: Picture, ys: Picture) -> Picture:
        """Throat, tongue, both rows of teeth, in the shadow of the upper lip."""
        upper = _height(edges[1], xs)
        lower = _height(edges[2], xs)
        middle = float(edges[1][20, 0])
        half = shape.half_width * ENLARGED
        across = np.clip(np.abs(xs - middle) / half, 0, 1)
        depth = np.clip((ys - upper) / np.maximum(lower - upper, 1.0), 0, 1)
        # Dark behind the upper teeth and in the corners, a little light lower down in front.
        light = np.clip(depth * 1.2 - 0.25, 0, 1) * (1 - across**2)
        found = THROAT + (CAVITY - THROAT) * light[..., None]
        tongue_top = lower - (2.2 + 0.42 * shape.below) * ENLARGED + across**2 * 10
        tongue = _soft(ys - tongue_top, 4.0) * np.clip(1.15 - across**2 * 1.6, 0, 1)
        tongue *= np.clip((shape.below - 2.5) / 3, 0, 1) * 0.75
        found = found + (TONGUE * 0.75 - found) * tongue[..., None]
        crown = lower - 1.7 * ENLARGED + across**2 * 3
        row = _soft(ys - crown, 1.6) * np.clip(1 - across**2 * 1.9, 0, 1)
        row *= np.clip((shape.below - 4.0) / 3, 0, 1) * 0.55
        found = found + (LOWER_TEETH - found) * row[..., None]
        colour, alpha = self._teeth
        found = found + (colour - found) * alpha[..., None]
        under_lip = 1 - 0.45 * np.exp(-np.clip(ys - upper, 0, None) / 4.5)
        over_lip = 1 - 0.35 * np.exp(-np.clip(lower - ys, 0, None) / 3.0)
        rounded = np.clip((17 - shape.half_width) / 5, 0, 1) * 0.5
        dim = under_lip * over_lip * (1 - 0.35 * across**3) * (1 - rounded)
        # Light that comes past the lips is reddened by them.
        return np.asarray(found * dim[..., None] ** np.array([0.85, 1.05, 1.1]), np.float32)

    def _teeth_layer(self) -> tuple[Picture, Picture]:
        """The smile's upper teeth where they are, ``[h, w, 3]``, and their coverage."""
        box = self._box
        part = self._canvas[box.y0 : box.y1, box.x0 : box.x1]
        ys, xs = np.mgrid[0 : box.height, 0 : box.width].astype(np.float32)
        end = _height(to_canvas(TEETH_END) - [box.x0, box.y0], xs)
        alpha = 1 - _soft(ys - end, 1.5)
        # Nothing but teeth: what the smile's lips cover repeats the last row that shows.
        top = to_canvas(np.array([[0.0, 143.4]]))[0, 1] - box.y0
        rows = np.clip(ys, top, end - 1.5)
        colour = sampled(part, np.stack([xs, rows], -1))
        reach = to_canvas(TEETH_END[[0, -1]])[:, 0] - box.x0
        alpha = alpha * _soft(xs - reach[0] - 6, 4) * (1 - _soft(xs - reach[1] + 6, 4))
        # Teeth are lit less than a smile's once lips hang over them, and never blue.
        return colour * np.array([0.90, 0.87, 0.82], np.float32), alpha.astype(np.float32)

    def _seen(self, canvas: Picture, pose: HeadPose) -> Picture:
        """The canvas through the camera, the head moved and the background left alone."""
        ys, xs = np.mgrid[0:OUTPUT, 0:OUTPUT].astype(np.float64)
        scale = CROP[2] / OUTPUT
        point = np.stack([xs, ys], -1) * scale + np.array(CROP[:2]) + (scale - 1) / 2
        offset = (point - HEAD_CENTRE) / [66.0, 88.0]
        far = np.sqrt((offset**2).sum(-1))
        moves = np.clip((1.75 - far) / 0.85, 0, 1)
        moves = moves * moves * (3 - 2 * moves)
        angle = np.radians(pose.roll)
        turned = point - NECK
        turned = turned @ np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        turned = turned + NECK - [pose.x, pose.y]
        turned[..., 0] -= pose.turn * self._depth
        there = to_canvas(point + moves[..., None] * (turned - point))
        return sampled(canvas, there)


# Upper lid, lower lid, from one corner to the other, in MediaPipe's numbers.
EYES: Final = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)


class EyeLid:
    """An eye that can shut: the lid's skin stretches down, the eye disappears under it."""

    def __init__(self, landmarks: Array, upper: tuple[int, ...], lower: tuple[int, ...]) -> None:
        self._upper, self._lower = landmarks[list(upper)], landmarks[list(lower)]
        reach = self._upper[:, 1].min() - 5.0
        self._above = np.stack([self._upper[:, 0], np.full(9, reach)], 1)
        self._below = np.stack([self._lower[:, 0], self._lower[:, 1] + 5], 1)
        points = np.concatenate([self._above, self._below])
        corners = to_canvas(np.stack([points.min(0) - 2, points.max(0) + 2]))
        self._box = Box(*corners.round().astype(int).ravel().tolist())

    def draw(self, canvas: Picture, shut: float) -> None:
        """Change the canvas in place."""
        if shut <= 0:
            return
        meet = self._upper + (self._lower - self._upper) * 0.88
        here = [self._above, self._upper + (meet - self._upper) * shut]
        here += [self._lower - (self._lower - meet) * 0.9 * shut, self._below]
        there = [self._above, self._upper - [0, 0.4], self._lower, self._below]
        triangles = []
        for row in range(3):
            for column in range(8):
                corner = row * 9 + column
                triangles += [
                    [corner, corner + 1, corner + 9],
                    [corner + 1, corner + 10, corner + 9],
                ]
        box = self._box
        canvas[box.y0 : box.y1, box.x0 : box.x1] = carried(
            canvas,
            to_canvas(np.concatenate(here)),
            to_canvas(np.concatenate(there)),
            np.array(triangles),
            box,
        )


def _blurred(picture: Picture, width: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), width), np.float32)


def _polygon(points: Array, size: tuple[int, ...]) -> Picture:
    mask = np.zeros(size[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(mask / 255, np.float32)


def _distance(line: Array, size: tuple[int, ...]) -> Picture:
    """Pixels to a line, exact to an eighth; far away it is only large."""
    mask = np.full((size[0] * 2, size[1] * 2), 255, np.uint8)
    points = np.round(line * 2 * 16 + 8).astype(np.int32)
    cv2.polylines(mask, [points], False, 0, 1, cv2.LINE_8, 4)
    far = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    return np.asarray(cv2.resize(far, size[1::-1], interpolation=cv2.INTER_AREA) / 2, np.float32)


def _height(edge: Array, xs: Picture) -> Picture:
    """The edge's y in each column of ``xs``."""
    order = np.argsort(edge[:, 0])
    row = np.interp(xs[0], edge[order, 0], edge[order, 1])
    return np.asarray(np.broadcast_to(row, xs.shape), np.float32)


def _soft(value: Picture, width: float) -> Picture:
    """0 below, 1 above zero, over about ``width`` to either side."""
    return np.asarray(1 / (1 + np.exp(-np.clip(value / width * 2.2, -40, 40))), np.float32)


def _depth(landmarks: Array) -> Picture:
    """How much nearer than the neck each output pixel is, 0 to 1: a turn moves it that far."""
    ys, xs = np.mgrid[0:OUTPUT, 0:OUTPUT].astype(np.float64)
    scale = CROP[2] / OUTPUT
    point = np.stack([xs, ys], -1) * scale + np.array(CROP[:2]) + (scale - 1) / 2
    nose = landmarks[1]
    width, height = np.ptp(landmarks[:, 0]) / 2, np.ptp(landmarks[:, 1]) / 2
    round_head = ((point - landmarks.mean(0)) / [width * 1.25, height * 1.35]) ** 2
    ball = np.clip(1 - round_head.sum(-1), 0, 1) ** 0.8
    tip = np.exp(-(((point - nose) / [7, 9]) ** 2).sum(-1))
    return np.asarray(0.8 * ball + 0.25 * tip, np.float32)
