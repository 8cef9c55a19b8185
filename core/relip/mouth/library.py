"""The real mouths of one person, from one clip or several, ready to be chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.footage import Footage
from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.media.spool import Spool
from relip.mouth.select import MouthLibrary
from relip.mouth.shape import CORNERS, LIPS_OUTER, Array, PersonShapes
from relip.mouth.texture import TextureGrid

MOST: Final = 2000
"""Library frames at most: the cost of every jump between them is held in memory."""
SPANNED: Final = 240
"""Thumbnails whose principal components all others are told in."""
SPANNING: Final = 96
"""Components kept: 99.8 % of the thumbnails' variance or more on five clips."""
CHUNK: Final = 48
"""Frames kept in a row when a library must be thinned; runs are what makes motion smooth."""


@dataclass(frozen=True, eq=False)
class Mouth:
    """Where one library frame's picture and landmarks are.

    ``crop`` in the spool, ``landmarks`` ``[478, 3]`` px, ``index`` in clip number ``clip``,
    ``shot`` counts that clip's cuts; ``rotation`` is the clip's, as in
    :class:`relip.media.clip.Clip`.
    """

    crop: int
    landmarks: NDArray[np.float32]
    clip: int
    index: int
    shot: int
    rotation: int = 0


def runs_of(mouths: Sequence[Mouth]) -> NDArray[np.int64]:
    """A number per mouth, equal for those that follow each other without a cut or a gap."""
    place = np.array([(mouth.clip, mouth.shot, mouth.index) for mouth in mouths])
    follows = (np.diff(place, axis=0) == [0, 0, 1]).all(1)
    return np.concatenate([[0], np.cumsum(~follows)])


def gather(footages: Sequence[Footage]) -> list[Mouth]:
    """Every usable mouth, the first footage's first, in order of time."""
    return [
        Mouth(
            int(footage.crops[row]),
            footage.track.landmarks[row],
            clip,
            footage.first + int(row),
            int(footage.track.shots[row]),
            footage.clip.rotation,
        )
        for clip, footage in enumerate(footages)
        for row in np.flatnonzero(footage.usable)
    ]


def thinned(count: int) -> NDArray[np.int64]:
    """Which of ``count`` frames to keep: all, or evenly spaced runs."""
    if count <= MOST:
        return np.arange(count)
    starts = np.linspace(0, count - CHUNK, MOST // CHUNK).astype(int)
    return np.unique(np.concatenate([np.arange(start, start + CHUNK) for start in starts]))


def lips_in_grey(frame: Frame, landmarks: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The lips' box in grey, 0 to 255; None where too little of it is in the picture."""
    lips = landmarks[LIPS_OUTER, :2]
    low, high = np.floor(lips.min(0)).astype(int), np.ceil(lips.max(0)).astype(int) + 1
    box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1])).within(frame.box)
    if box.width < 4 or box.height < 4:
        return None
    return np.asarray(cv2.cvtColor(to_rgb8(frame, box), cv2.COLOR_RGB2GRAY), np.float32)


def detail(grey: NDArray[np.float32] | None) -> float:
    """Fine detail: variance of the Laplacian."""
    return 0.0 if grey is None else float(cv2.Laplacian(grey, cv2.CV_32F).var())


def edge_width(grey: NDArray[np.float32] | None) -> float:
    """Width of the sharpest edges in px: contrast over the steepest slope."""
    if grey is None:
        return float("nan")
    down, across = np.gradient(grey)
    slope = float(np.quantile(np.hypot(down, across), 0.99))
    contrast = float(np.quantile(grey, 0.98) - np.quantile(grey, 0.02))
    return contrast / max(slope, 1e-3)


def softness(mouths: Sequence[Mouth], spool: Spool) -> float:
    """Width of the sharpest edges around the lips in mouth widths, typical of the footage."""
    found = []
    for mouth in mouths[:: max(1, len(mouths) // 20)]:
        width = np.linalg.norm(mouth.landmarks[CORNERS[0], :2] - mouth.landmarks[CORNERS[1], :2])
        edge = edge_width(lips_in_grey(spool.get(mouth.crop), mouth.landmarks))
        found.append(edge / max(float(width), 1.0))
    return float(np.clip(np.nanmedian(found), 0.02, 0.15)) if np.isfinite(found).any() else 0.05


def head_rotations(mouths: Sequence[Mouth], shapes: PersonShapes) -> Array:
    """``[n, 3, 3]`` head poses of all mouths in their pictures as players turn them.

    A clip held upright and one of a phone held sideways show the same head in the same pose.
    """
    turn = np.radians([mouth.rotation for mouth in mouths])
    coded = np.zeros((len(mouths), 3, 3))
    coded[:, 0, 0] = coded[:, 1, 1] = np.cos(turn)
    coded[:, 1, 0], coded[:, 0, 1] = np.sin(turn), -np.sin(turn)
    coded[:, 2, 2] = 1
    return np.asarray(shapes.pose.rotation @ coded)


def build_library(
    mouths: Sequence[Mouth], shapes: PersonShapes, chosen: NDArray[np.int64], spool: Spool
) -> MouthLibrary:
    """The library of the chosen mouths; ``shapes`` holds all of them, row by row."""
    grid = TextureGrid(shapes.mean)

    def look_at(row: int) -> tuple[NDArray[np.float32], float]:
        frame = spool.get(mouths[row].crop)
        grey = lips_in_grey(frame, mouths[row].landmarks)
        return grid.texture(frame, mouths[row].landmarks), detail(grey)

    # Thumbnails are kept as their places in a basis that a part of them spans.
    every = max(1, len(chosen) // SPANNED)
    some = [look_at(row) for row in chosen[::every]]
    span = np.stack([texture for texture, _ in some])
    basis = np.linalg.svd(span - span.mean(0), full_matrices=False)[2][:SPANNING]
    textures, details = [], []
    for number, row in enumerate(chosen):
        texture, sharp = look_at(row) if number % every else some[number // every]
        textures.append(basis @ texture)
        details.append(sharp)
    fine = np.maximum(np.array(details), 1e-3)
    flaws = np.clip(np.log(np.median(fine) / fine), 0, 2)
    coefficients = shapes.coefficients[chosen]
    return MouthLibrary(
        coefficients,
        shapes.gaps(coefficients),
        head_rotations(mouths, shapes)[chosen],
        np.stack(textures),
        runs_of([mouths[row] for row in chosen]),
        flaws,
    )
