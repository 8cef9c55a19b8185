"""Networks and tasks for tests of what is drawn, on the shipped sample."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from relip.engines.base import Task
from relip.engines.footage import EASE
from relip.engines.neural.crop import face_placement, take_crop
from relip.engines.neural.engine import NeuralEngine, prepare
from relip.faces.landmarks import LandmarkNetwork, region_of_landmarks, take_patch
from relip.footage import Footage
from relip.media.frame import Frame
from relip.mouth.shape import EYES, LOWER_INNER, UPPER_INNER, Array, learn_shapes
from relip.render.lay import lay
from relip.speech.articulation import Articulation
from tests.core.relip.sample_followed import Followed
from tests.mouths_made import line_of

SIDE = 96
TALK = line_of(("OPEN", 4.0))


@dataclass
class Shows:
    """A network that gives faces back, or always shows the same ``face``."""

    face: NDArray[np.float32] | None = None
    side: int = SIDE
    batch: int = 8
    asked: list[Array] = field(default_factory=list)

    def draw(self, faces: NDArray[np.float32], seconds: Array) -> NDArray[np.float32]:
        self.asked.append(seconds)
        return faces if self.face is None else np.repeat(self.face[None], len(faces), 0)


def task_of(
    followed: Followed,
    dub: Articulation = TALK,
    wanted: NDArray[np.bool_] | None = None,
    footage: Footage | None = None,
    strength: float = 1.0,
) -> Task:
    """All of the sample's part, the line beginning with its first row."""
    footage = footage or followed.footage
    count = len(footage.times)
    wanted = np.ones(count, bool) if wanted is None else wanted
    seconds = np.arange(count) / 25 + 0.5
    sound = np.zeros(16_000, np.float32)
    return Task([footage], followed.spool, wanted, seconds, dub, sound, strength)


def engine_of(task: Task, network: Shows) -> NeuralEngine:
    return finished(prepare(task, network, {}))


def finished(work: Generator[int, None, NeuralEngine]) -> NeuralEngine:
    """What it returns in the end."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            engine: NeuralEngine = done.value
            return engine


def face_at(followed: Followed, row: int, side: int = SIDE) -> NDArray[np.float32]:
    """The crop of a row's face."""
    shapes = learn_shapes(followed.footage.track.landmarks)
    placement = face_placement(shapes.pose.image(row, shapes.mean), side)
    return take_crop(followed.frames[row], placement, side)


def gaps_of(footage: Footage) -> Array:
    """Inner-lip gap of every row in eye distances."""
    shapes = learn_shapes(footage.track.landmarks)
    return shapes.gaps(shapes.coefficients)


def result(engine: NeuralEngine, frame: Frame) -> Frame:
    patch = engine.draw(frame)
    assert patch is not None
    return lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)


def gap_in(frame: Frame, landmarks: NDArray[np.float32]) -> float:
    """Inner-lip gap in eye distances, read anew from a picture in which a face is there."""
    region = region_of_landmarks(landmarks)
    crop = take_patch(frame, region).crop(region)
    marks = LandmarkNetwork().read(crop, region).landmarks
    gap = float(np.linalg.norm(marks[LOWER_INNER] - marks[UPPER_INNER], axis=1).mean())
    return gap / float(np.linalg.norm(marks[EYES[0]] - marks[EYES[1]]))


def around(*rows: int) -> NDArray[np.bool_]:
    """Of the sample's rows these, and on either side as many as the original is eased into."""
    wanted = np.zeros(60, bool)
    for row in rows:
        wanted[max(row - EASE, 0) : row + EASE + 1] = True
    return wanted
