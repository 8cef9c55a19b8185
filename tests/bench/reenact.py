"""Self re-enactment: the second half of a clip drawn from mouths of the first.

The true picture is known, so error can be measured. What is drawn is the true shape, so it is
the drawing that is judged, not the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.engines.footage import FootageEngine
from relip.footage import Footage, stretches
from relip.media.colour import to_rgb, to_rgb8
from relip.media.frame import Box, Frame
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip.mouth.plan import Trajectory
from relip.mouth.select import angles
from relip.mouth.shape import LIPS_OUTER, NOSE_BASE, OVAL, STABLE
from relip.quality.performance import around, eye_distances, followed, known, measured
from relip.render import warp
from relip.render.lay import lay
from tests.bench import figures

MARGIN: Final = 10 / 120
"""Eye distances around the lips' box in which the picture is compared."""
_LOWER: Final = OVAL[8:29]
"""The face's outline from ear to ear over the chin."""


@dataclass(frozen=True)
class Reenactment:
    """What came out; ``baseline`` is the PSNR of pasting the frame of nearest head pose."""

    psnr: float
    baseline: float
    distance: float
    sharpness: float
    frames: int


def reenacted(footage: Footage, spool: Spool, most: int = 1000) -> Reenactment:
    """Draw up to ``most`` frames of the second half from the first half's mouths."""
    usable = np.flatnonzero(footage.usable)
    half = int(usable[len(usable) // 2])
    rows = np.arange(len(footage.times))
    engine = FootageEngine([footage], spool, rows < half)
    wanted = footage.usable & (rows >= half) & (rows < half + most)
    for start, stop in stretches(wanted, footage.track.shots):
        part = np.arange(start, stop)
        shapes = engine.shapes.coefficients[engine.place[part]]
        nothing = np.zeros(len(part))
        engine.enact(part, Trajectory(shapes, nothing, nothing), np.ones(len(part)))

    noise: list[float] = []
    pasted: list[float] = []
    paste = _NearestPose(footage, spool, engine, usable[usable < half])

    def drawn() -> Iterator[Frame]:
        stop = min(half + most, len(rows))
        for frame in read_frames(footage.clip, footage.first + half, footage.first + stop):
            patch = engine.draw(frame)
            row = frame.index - footage.first
            if patch is None or not wanted[row]:
                yield frame
                continue
            new = lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)
            marks = footage.track.landmarks[row]
            margin = MARGIN * float(eye_distances(marks[None])[0])
            box = around(marks[LIPS_OUTER, :2], margin, frame.box)
            true = to_rgb8(frame, box)
            noise.append(figures.psnr(to_rgb8(new, box), true))
            pasted.append(figures.psnr(paste.on(frame, row, box), true))
            yield new

    like = np.full((footage.clip.frames, *footage.track.landmarks.shape[1:]), np.nan, np.float32)
    like[footage.first : footage.first + len(rows)][wanted] = footage.track.landmarks[wanted]
    mean = engine.shapes.mean
    clip = footage.clip
    result = measured(followed(drawn(), clip.rate, clip.rotation, like), mean)
    first = int(result.rows[0])
    source = measured(known(read_frames(clip, first), like), mean)
    both = source.only(np.isin(source.rows, result.rows))
    return Reenactment(
        float(np.mean(noise)),
        float(np.mean(pasted)),
        figures.lips_off(result.landmarks, both.landmarks),
        float(np.median(result.details / np.maximum(both.details, 1e-6))),
        len(noise),
    )


class _NearestPose:
    """The baseline: the library frame of nearest head pose, its whole lower face pasted."""

    def __init__(
        self,
        footage: Footage,
        spool: Spool,
        engine: FootageEngine,
        library: NDArray[np.int64],
    ) -> None:
        self._footage, self._spool, self._engine = footage, spool, engine
        self._library = library
        self._rotations = engine.shapes.pose.rotation[engine.place[library]]

    def on(self, frame: Frame, row: int, box: Box) -> NDArray[np.uint8]:
        """RGB of the frame with the paste, ``box`` of it."""
        pose = self._engine.shapes.pose.rotation[self._engine.place[row]]
        nearest = int(self._library[angles(pose[None], self._rotations)[0].argmin()])
        marks = self._footage.track.landmarks
        target, given = marks[row].astype(float), marks[nearest].astype(float)
        move = similarity(target[STABLE, :2], given[STABLE, :2])
        crop = self._spool.get(int(self._footage.crops[nearest]))
        ys, xs = np.mgrid[box.y0 : box.y1, box.x0 : box.x1]
        x = move[0, 0] * xs + move[0, 1] * ys + move[0, 2] - crop.box.x0
        y = move[1, 0] * xs + move[1, 1] * ys + move[1, 2] - crop.box.y0
        mouth = cv2.remap(
            to_rgb(crop), x.astype(np.float32), y.astype(np.float32), cv2.INTER_LANCZOS4
        )
        face = np.vstack([target[_LOWER, :2], target[NOSE_BASE, :2]])
        hull = cv2.convexHull(face.astype(np.float32))[:, 0].astype(float)
        feather = 0.05 * float(eye_distances(marks[row][None])[0])
        mask = cv2.GaussianBlur(warp.fill(hull, box), (0, 0), max(feather, 1.0))[..., None]
        original = to_rgb(frame, box)
        mixed = original + (mouth - original) * mask
        return np.clip(mixed * 255 + 0.5, 0, 255).astype(np.uint8)


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2-D similarity ``[2, 3]`` that lays ``source`` ``[p, 2]`` best over ``target``."""
    n = len(source)
    rows = np.zeros((2 * n, 4))
    rows[:n] = np.column_stack([source[:, 0], -source[:, 1], np.ones(n), np.zeros(n)])
    rows[n:] = np.column_stack([source[:, 1], source[:, 0], np.zeros(n), np.ones(n)])
    a, b, tx, ty = np.linalg.lstsq(rows, target.T.ravel(), rcond=None)[0]
    return np.array([[a, -b, tx], [b, a, ty]])
