"""One person's mouth as a picture shows it: followed again, not as it was planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.faces.follow import Follower, SeenFrame
from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.mouth.shape import (
    EYES,
    LIPS_OUTER,
    LOWER_INNER,
    POINTS,
    STABLE,
    UPPER_INNER,
    Array,
    similarities,
)
from relip.mouth.texture import TextureGrid

Seen = tuple[Frame, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Mouths:
    """What is measured in ``n`` frames.

    Attributes
    ----------
    rows : int ``[n]``, the frames' numbers in the clip, rising.
    landmarks : float32 ``[n, 478, 3]`` px.
    faces : ``[n, 468, 3]``, the faces without head pose, in eye distances.
    rotations : ``[n, 3, 3]`` head poses.
    gaps : ``[n]``, inner-lip gap without head pose, in eye distances.
    textures : float32 ``[n, d]``, the mouth warped onto that of the mean face.
    details : ``[n]``, variance of the Laplacian of the grey picture in the lips' box.
    """

    rows: NDArray[np.int64]
    landmarks: NDArray[np.float32]
    faces: Array
    rotations: Array
    gaps: Array
    textures: NDArray[np.float32]
    details: Array

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, keep: NDArray[np.bool_]) -> Mouths:
        """Those frames for which ``keep`` ``[n]`` is true."""
        return Mouths(
            self.rows[keep],
            self.landmarks[keep],
            self.faces[keep],
            self.rotations[keep],
            self.gaps[keep],
            self.textures[keep],
            self.details[keep],
        )


def measured(seen: Iterable[Seen], mean: Array) -> Mouths:
    """Measure mouths; ``mean`` ``[468, 3]`` is the person's mean face, px."""
    grid = TextureGrid(mean)
    rows, landmarks, textures, details = [], [], [], []
    for frame, points in seen:
        rows.append(frame.index)
        landmarks.append(points)
        textures.append(grid.texture(frame, points))
        details.append(detail(frame, points))
    if not rows:
        raise ValueError("nobody was seen")
    marks = np.stack(landmarks)
    faces, rotations = unposed(marks, mean)
    gaps = (faces[:, LOWER_INNER, 1] - faces[:, UPPER_INNER, 1]).mean(1)
    return Mouths(
        np.array(rows), marks, faces, rotations, gaps, np.stack(textures), np.array(details)
    )


def unposed(landmarks: NDArray[np.float32], mean: Array) -> tuple[Array, Array]:
    """Faces ``[n, 468, 3]`` laid over the mean face, in eye distances, and their rotations."""
    pose = similarities(landmarks[:, STABLE].astype(float), mean[STABLE])
    unit = float(np.linalg.norm(mean[EYES[0]] - mean[EYES[1]]))
    return np.asarray(pose.canonical(landmarks[:, :POINTS]) / unit, float), pose.rotation


def eye_distances(landmarks: NDArray[np.float32]) -> Array:
    """Px between the outer eye corners in space, ``[n]``: a turned head's do not shrink."""
    return np.asarray(
        np.linalg.norm(landmarks[:, EYES[0]] - landmarks[:, EYES[1]], axis=1), np.float64
    )


def lips_box(landmarks: NDArray[np.float32], margin: float, within: Box) -> Box:
    """The lips' bounding box in one frame, grown by ``margin`` px."""
    lips = landmarks[LIPS_OUTER, :2]
    low = np.floor(lips.min(0) - margin).astype(int)
    high = np.ceil(lips.max(0) + margin).astype(int) + 1
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])).within(within)


def detail(frame: Frame, landmarks: NDArray[np.float32]) -> float:
    """Variance of the Laplacian (Pech-Pacheco 2000) of the grey picture in the lips' box."""
    box = lips_box(landmarks, 0, frame.box)
    if box.width < 4 or box.height < 4:
        return 0.0
    grey = cv2.cvtColor(to_rgb8(frame, box), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def known(frames: Iterable[Frame], landmarks: NDArray[np.float32]) -> Iterator[Seen]:
    """Frames with the landmarks ``[clip's frames, 478, 3]`` that are known; NaN is skipped."""
    for frame in frames:
        points = landmarks[frame.index]
        if np.isfinite(points[0, 0]):
            yield frame, points


def followed(frames: Iterable[Frame], rate: Fraction, like: NDArray[np.float32]) -> Iterator[Seen]:
    """Follow the faces again; of each frame the one that lies where ``like`` says.

    ``like`` ``[clip's frames, 478, 3]`` are the landmarks of the person in the source. Frames in
    which nobody is near are left out.
    """
    follower = Follower(rate)

    def near(seen: list[SeenFrame]) -> Iterator[Seen]:
        for item in seen:
            before = like[item.frame.index]
            if not np.isfinite(before[0, 0]) or not item.faces:
                continue
            eyes = before[list(EYES), :2]
            off = {
                name: float(np.linalg.norm(points[list(EYES), :2] - eyes, axis=1).mean())
                for name, points in item.faces.items()
            }
            best = min(off, key=lambda name: off[name])
            if off[best] < 0.4 * np.linalg.norm(before[EYES[0]] - before[EYES[1]]):
                yield item.frame, item.faces[best]

    for frame in frames:
        yield from near(follower.take(frame))
    yield from near(follower.flush())
