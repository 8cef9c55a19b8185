"""Finding faces in one picture, near and far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.media.turn import Turn
from relip.onnx import Network

FAR_SIDE: Final = 192
NEAR_SIDE: Final = 128
OVERLAP: Final = 0.3
"""Boxes that share more of their union than this are one face (the networks' own setting)."""
SMALL_TILE: Final = 720
"""Side in px of the tiles of the closest look: a face of 60 px is 16 px of 192 in one. The far
network finds faces from about 12 px on; below that its scores fall apart."""


@dataclass(frozen=True, eq=False)
class Detection:
    """A face in a picture.

    Attributes
    ----------
    box : float32 ``[2, 2]`` px, top left and bottom right corner, brow to chin.
    keypoints : float32 ``[6, 2]`` px: right eye, left eye, nose tip, mouth, right ear, left ear
        (the person's right, at the viewer's left).
    score : 0 to 1.
    """

    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    score: float


class FaceDetector:
    """BlazeFace (Bazarevsky et al. 2019): the full-range network first, then the short-range one.

    On wide pictures the full-range network is the surer (scores .90 where the other gives .50 to
    .79); very large faces are the other's.

    Attributes
    ----------
    least_score : detections below are dropped.
    """

    def __init__(self, least_score: float = 0.5) -> None:
        self.least_score = least_score
        self._far = Network("face_detection_far")
        self._near: Network | None = None

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        """Faces of a picture, surest first; ``picture`` is ``[h, w, 3]`` RGB."""
        square, scale = _letterboxed(picture, FAR_SIDE)
        outputs = self._far.run({"input": square})
        found = _decoded(
            outputs["reshaped_regressor_face_4"][0],
            outputs["reshaped_classifier_face_4"][0, :, 0],
            _FAR_ANCHORS,
            FAR_SIDE,
            self.least_score,
        )
        if not found:
            if self._near is None:
                self._near = Network("face_detection_near")
            square, scale = _letterboxed(picture, NEAR_SIDE)
            outputs = self._near.run({"input": square})
            found = _decoded(
                outputs["regressors"][0],
                outputs["classificators"][0, :, 0],
                _NEAR_ANCHORS,
                NEAR_SIDE,
                self.least_score,
            )
        return [_placed(face, scale, 0.0, 0.0) for face in found]

    def search(self, frame: Frame, closely: bool = False, rotation: int = 0) -> list[Detection]:
        """Faces of a whole frame, surest first, in the frame's coordinates.

        Looks at the whole picture and, if it is far from square, at square parts of it. ``closely``
        also looks, if that found nobody, at tiles small enough for faces of 60 px. The networks
        know upright faces: ``rotation`` is what turns those sought upright, as
        :attr:`relip.media.turn.Turn.rotation`.
        """
        whole = Box(0, 0, frame.width, frame.height)
        looks = [whole]
        if max(whole.width, whole.height) > 1.2 * min(whole.width, whole.height):
            looks.extend(_tiles(whole, min(whole.width, whole.height)))
        found = _merged([face for box in looks for face in self._look(frame, box, rotation)])
        if closely and not found and max(whole.width, whole.height) > 1.2 * SMALL_TILE:
            tiles = _tiles(whole, SMALL_TILE)
            found = _merged([face for box in tiles for face in self._look(frame, box, rotation)])
        return found

    def _look(self, frame: Frame, box: Box, rotation: int) -> Iterator[Detection]:
        scale = min(1.0, FAR_SIDE / max(box.width, box.height))
        picture = to_rgb8(frame, box, scale)
        turn = Turn(rotation, picture.shape[1], picture.shape[0])
        step = box.width / picture.shape[1]
        for face in self.detect(turn.displayed(picture)):
            # The small picture counts from the centre of its first sample, step / 2 inside.
            placed = _placed(_coded(face, turn), step, box.x0 + step / 2, box.y0 + step / 2)
            if not _cut_off(placed, box, frame):
                yield placed


def overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection over union of two boxes ``[2, 2]``."""
    inner = np.prod(np.maximum(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0))
    union = np.prod(a[1] - a[0]) + np.prod(b[1] - b[0]) - inner
    return float(inner / union) if union > 0 else 0.0


def shared(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection over the smaller of two boxes ``[2, 2]``."""
    inner = np.prod(np.maximum(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0))
    smaller = min(np.prod(a[1] - a[0]), np.prod(b[1] - b[0]))
    return float(inner / smaller) if smaller > 0 else 0.0


def _letterboxed(picture: NDArray[np.uint8], side: int) -> tuple[NDArray[np.float32], float]:
    """The network's input ``[1, side, side, 3]``, -1 to 1, and px of the picture per input px."""
    height, width = picture.shape[:2]
    step = max(height, width) / side
    size = (max(1, round(width / step)), max(1, round(height / step)))
    if size != (width, height):
        shrinks = step > 1
        picture = np.asarray(
            cv2.resize(
                picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            ),
            np.uint8,
        )
    square = np.full((1, side, side, 3), -1.0, np.float32)
    square[0, : size[1], : size[0]] = picture.astype(np.float32) / 127.5 - 1.0
    return square, step


def _decoded(
    regressors: NDArray[np.float32],
    logits: NDArray[np.float32],
    anchors: NDArray[np.float32],
    side: int,
    least_score: float,
) -> list[Detection]:
    scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
    sure = scores > least_score
    points = regressors[sure].reshape(-1, 8, 2)
    corner = anchors[sure] * side
    centre, size = points[:, 0] + corner, points[:, 1]
    boxes = np.stack([centre - size / 2, centre + size / 2], 1)
    keypoints = points[:, 2:] + corner[:, None]
    return _merged(
        [
            Detection(box, keys, float(score))
            for box, keys, score in zip(boxes, keypoints, scores[sure], strict=True)
        ]
    )


def _merged(faces: list[Detection]) -> list[Detection]:
    """One detection per face: overlapping ones averaged by score, as MediaPipe does."""
    rest = sorted(faces, key=lambda face: -face.score)
    found = []
    while rest:
        best = rest[0]
        group = [face for face in rest if overlap(face.box, best.box) > OVERLAP] or [best]
        rest = [face for face in rest if face not in group]
        weights = np.array([face.score for face in group], np.float32)
        weights /= weights.sum()
        found.append(
            Detection(
                np.tensordot(weights, np.stack([face.box for face in group]), 1),
                np.tensordot(weights, np.stack([face.keypoints for face in group]), 1),
                best.score,
            )
        )
    return found


def _placed(face: Detection, step: float, x: float, y: float) -> Detection:
    # Corner (0, 0) of the network's square is the corner of a sample, whose centre is our origin.
    offset = np.array([x - 0.5, y - 0.5], np.float32)
    return Detection(
        face.box * np.float32(step) + offset,
        face.keypoints * np.float32(step) + offset,
        face.score,
    )


def _coded(face: Detection, turn: Turn) -> Detection:
    corners = turn.coded(face.box)
    box = np.stack([corners.min(0), corners.max(0)])
    return Detection(box, turn.coded(face.keypoints), face.score)


def _cut_off(face: Detection, box: Box, frame: Frame) -> bool:
    """Whether the edge of a tile, that is no edge of the picture, runs through the face."""
    (x0, y0), (x1, y1) = face.box
    return bool(
        (x0 < box.x0 and box.x0 > 0)
        or (y0 < box.y0 and box.y0 > 0)
        or (x1 > box.x1 and box.x1 < frame.width)
        or (y1 > box.y1 and box.y1 < frame.height)
    )


def _tiles(whole: Box, side: int) -> list[Box]:
    """Squares that cover the picture, neighbours sharing at least a fifth."""

    def starts(length: int) -> list[int]:
        if length <= side:
            return [0]
        count = int(np.ceil((length - side) / (0.8 * side))) + 1
        # Multiples of 4, so that every tile begins on a chroma sample.
        return [int(start) // 4 * 4 for start in np.linspace(0, length - side, count)]

    return [
        Box(x, y, min(x + side, whole.x1), min(y + side, whole.y1))
        for y in starts(whole.height)
        for x in starts(whole.width)
    ]


def _anchors(cells: int, each: int) -> NDArray[np.float32]:
    rows, columns = np.mgrid[0:cells, 0:cells]
    centres = np.stack([columns + 0.5, rows + 0.5], -1).reshape(-1, 2) / cells
    return np.repeat(centres, each, 0).astype(np.float32)


# The grids are the networks' strides: 4 px of 192; 8 px (2 boxes) and 16 px (6 boxes) of 128.
_FAR_ANCHORS: Final = _anchors(48, 1)
_NEAR_ANCHORS: Final = np.concatenate([_anchors(16, 2), _anchors(8, 6)])
