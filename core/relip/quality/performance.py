"""One person's mouth as a picture shows it: what is measured frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Final

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
from relip.quality.blur import blur, detail

Seen = tuple[Frame, NDArray[np.float32]]

UPPER_FACE: Final = np.array([70, 300, 105, 334, 33, 263, 145, 374, 168, 197])
"""Brows, eyes, bridge of the nose: a part of the face that no words move."""
LIDS: Final = ((159, 145), (386, 374))
"""Upper and lower lid of either eye."""


@dataclass(frozen=True, eq=False)
class Performance:
    """What is measured in ``n`` frames.

    Attributes
    ----------
    rows : int ``[n]``, the frames' numbers in the clip, rising.
    landmarks : float32 ``[n, 478, 3]`` px.
    faces : float32 ``[n, 468, 3]``, the faces without head pose, in eye distances.
    rotations : ``[n, 3, 3]`` head poses.
    gaps : ``[n]``, inner-lip gap without head pose, in eye distances.
    flutter : ``[n]``, mean absolute second difference over time of the mouth warped onto that of
        the mean face, RGB 0 to 1; NaN where a neighbouring frame is missing. The mouth's own
        movement drops out; what is left is teeth, tongue and light that jump.
    details : ``[n]``, variance of the Laplacian of the grey picture in the lips' box.
    blurs : ``[n]``, how blurred the lips' box looks, 0 to 1: :func:`relip.quality.blur.blur`.
    rest : ``[n]``, variance of the Laplacian around the eyes.
    """

    rows: NDArray[np.int64]
    landmarks: NDArray[np.float32]
    faces: NDArray[np.float32]
    rotations: Array
    gaps: Array
    flutter: Array
    details: Array
    blurs: Array
    rest: Array

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, keep: NDArray[np.bool_]) -> Performance:
        """Those frames for which ``keep`` ``[n]`` is true."""
        return replace(self, **{each.name: getattr(self, each.name)[keep] for each in fields(self)})

    @property
    def lids(self) -> Array:
        """Opening of the eyes, mean of both, in eye distances, ``[n]``."""
        gap = [self.faces[:, low, 1] - self.faces[:, high, 1] for high, low in LIDS]
        return np.asarray(np.mean(gap, axis=0), float)


def measured(seen: Iterable[Seen], mean: Array) -> Performance:
    """Measure mouths; ``mean`` ``[468, 3]`` is the person's mean face, px.

    Raises
    ------
    ValueError
        There is not one frame.
    """
    gauge = Gauge(mean)
    for frame, points in seen:
        gauge.take(frame, points)
    return gauge.performance()


class Gauge:
    """Measures frames as they go by; ``mean`` ``[468, 3]`` is the person's mean face, px."""

    def __init__(self, mean: Array) -> None:
        self._mean = mean
        self._grid = TextureGrid(mean)
        self._rows: list[int] = []
        self._landmarks: list[NDArray[np.float32]] = []
        self._numbers: list[tuple[float, float, float]] = []
        self._flutter: list[float] = []
        self._textures: list[NDArray[np.float32]] = []

    def take(self, frame: Frame, landmarks: NDArray[np.float32]) -> None:
        """Measure one frame; ``landmarks`` ``[478, 3]`` px; frames come in order."""
        if self._rows and frame.index != self._rows[-1] + 1:
            self._textures.clear()
        self._rows.append(frame.index)
        self._landmarks.append(landmarks)
        self._textures = [*self._textures[-2:], self._grid.texture(frame, landmarks)]
        self._flutter.append(np.nan)
        if len(self._textures) == 3:
            before, here, after = self._textures
            self._flutter[-2] = float(np.abs(before - 2 * here + after).mean())
        lips = grey(frame, around(landmarks[LIPS_OUTER, :2], 0, frame.box))
        eyes = grey(frame, around(landmarks[UPPER_FACE, :2], 0, frame.box))
        self._numbers.append((detail(lips), blur(lips), detail(eyes)))

    def performance(self) -> Performance:
        """What was measured.

        Raises
        ------
        ValueError
            There is not one frame.
        """
        if not self._rows:
            raise ValueError("nobody was seen")
        marks = np.stack(self._landmarks)
        faces, rotations = unposed(marks, self._mean)
        gaps = (faces[:, LOWER_INNER, 1] - faces[:, UPPER_INNER, 1]).mean(1, dtype=float)
        details, blurs, rest = np.array(self._numbers).T
        return Performance(
            np.array(self._rows),
            marks,
            faces,
            rotations,
            gaps,
            np.array(self._flutter),
            details,
            blurs,
            rest,
        )


def unposed(landmarks: NDArray[np.float32], mean: Array) -> tuple[NDArray[np.float32], Array]:
    """Faces ``[n, 468, 3]`` laid over the mean face, in eye distances, and their rotations."""
    pose = similarities(landmarks[:, STABLE].astype(float), mean[STABLE])
    unit = np.float32(np.linalg.norm(mean[EYES[0]] - mean[EYES[1]]))
    return np.asarray(pose.canonical(landmarks[:, :POINTS]) / unit, np.float32), pose.rotation


def eye_distances(landmarks: NDArray[np.float32]) -> Array:
    """Px between the outer eye corners in space, ``[n]``: a turned head's do not shrink."""
    return np.asarray(
        np.linalg.norm(landmarks[:, EYES[0]] - landmarks[:, EYES[1]], axis=1), np.float64
    )


def around(points: NDArray[np.float32], margin: float, within: Box) -> Box:
    """The bounding box of points ``[p, 2]`` px, grown by ``margin`` px."""
    low = np.floor(points.min(0) - margin).astype(int)
    high = np.ceil(points.max(0) + margin).astype(int) + 1
    return Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])).within(within)


def grey(frame: Frame, box: Box) -> NDArray[np.uint8]:
    """The grey picture ``[h, w]`` of a box, 0 to 255; at least 1 x 1."""
    if box.empty:
        return np.zeros((1, 1), np.uint8)
    return np.asarray(cv2.cvtColor(to_rgb8(frame, box), cv2.COLOR_RGB2GRAY), np.uint8)


def known(frames: Iterable[Frame], landmarks: NDArray[np.float32]) -> Iterator[Seen]:
    """Frames with the landmarks ``[clip's frames, 478, 3]`` that are known; NaN is skipped."""
    for frame in frames:
        points = landmarks[frame.index]
        if np.isfinite(points[0, 0]):
            yield frame, points


def followed(
    frames: Iterable[Frame], rate: Fraction, rotation: int, like: NDArray[np.float32]
) -> Iterator[Seen]:
    """Follow the faces again; of each frame the one that lies where ``like`` says.

    ``like`` ``[clip's frames, 478, 3]`` are the landmarks of the person in the source. Frames in
    which nobody is near are left out.
    """
    follower = Follower(rate, rotation)

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
