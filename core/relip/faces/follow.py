"""Following every face through a clip, once, while the frames go by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.cuts import CutFinder
from relip.faces.detect import Detection, FaceDetector, overlap
from relip.faces.landmarks import (
    Face,
    LandmarkNetwork,
    Patch,
    Region,
    region_of_detection,
    region_of_landmarks,
    take_patch,
)
from relip.faces.track import FaceTrack
from relip.media.frame import Frame

REACH: Final = 4
"""Frames to either side over which regions are smoothed. A 9-frame Hann window halved the
trembling of the landmarks on measured clips."""
LEAST_PRESENCE: Final = 0.5
AGAIN: Final = Fraction(1, 2)
"""Seconds between looks for newcomers."""


@dataclass(frozen=True, eq=False)
class SeenFrame:
    """A frame and who is in it.

    Attributes
    ----------
    frame : as it was taken.
    shot : number of the shot, from 0.
    faces : landmarks float32 ``[478, 3]`` px by provisional number; :attr:`Follower.numbers`
        tells whose they are once the clip is through.
    """

    frame: Frame
    shot: int
    faces: dict[int, NDArray[np.float32]]


@dataclass(eq=False)
class Sighting:
    """One unbroken run of one face.

    Attributes
    ----------
    first : position of its first frame among the frames taken.
    shot : number of the shot.
    landmarks : per frame, float32 ``[478, 3]``.
    presence : per frame, 0 to 1.
    """

    first: int
    shot: int
    landmarks: list[NDArray[np.float32]] = field(default_factory=list)
    presence: list[float] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Position after its last frame."""
        return self.first + len(self.landmarks)


@dataclass(frozen=True, eq=False)
class _Sketch:
    """What the first pass leaves for the second."""

    face: Face
    region: Region
    patch: Patch


@dataclass(frozen=True, eq=False)
class _Slot:
    frame: Frame
    shot: int
    sketches: dict[int, _Sketch]


class Follower:
    """Gives frames back in order, a few frames late, with the landmarks of every face.

    First pass: the region of each face comes from its landmarks in the frame before; the detector
    looks only at a shot's first frame, after a loss, and for newcomers. Second pass: the regions
    smoothed over time are read again. What is kept of a frame is its landmarks.

    Attributes
    ----------
    rate : frames per second.
    """

    def __init__(self, rate: Fraction) -> None:
        self.rate = rate
        self._detector = FaceDetector()
        self._network = LandmarkNetwork()
        self._cuts = CutFinder()
        self._undecided: deque[Frame] = deque()
        self._window: deque[_Slot] = deque()
        self._regions: dict[int, dict[int, Region]] = {}
        self._sightings: dict[int, Sighting] = {}
        self._shots: list[int] = []
        self._shot = 0
        self._tracked: dict[int, Region] = {}
        self._next = 0
        self._sketched = 0
        self._look_at = 0
        self._look_closely_at = 0
        self._numbers: dict[int, int] = {}

    def take(self, frame: Frame) -> list[SeenFrame]:
        """The frames that are through, in order; the frame itself comes some calls later."""
        self._undecided.append(frame)
        return list(self._advance(self._cuts.take(frame), REACH))

    def flush(self) -> list[SeenFrame]:
        """The rest of the frames, after the last was taken."""
        return list(self._advance(self._cuts.flush(), 0))

    @property
    def numbers(self) -> dict[int, int]:
        """Person's number by provisional number, once :meth:`tracks` was asked."""
        return dict(self._numbers)

    def tracks(self) -> tuple[FaceTrack, ...]:
        """Everybody seen so far, by number."""
        shots = np.array(self._shots, np.int32)
        count = len(shots)
        found = []
        self._numbers = {}
        for number, name in enumerate(sorted(self._sightings), 1):
            sighting = self._sightings[name]
            landmarks = np.full((count, 478, 3), np.nan, np.float32)
            presence = np.zeros(count, np.float32)
            landmarks[sighting.first : sighting.end] = sighting.landmarks
            presence[sighting.first : sighting.end] = sighting.presence
            self._numbers[name] = number
            found.append(FaceTrack(number, landmarks, presence, shots))
        return tuple(found)

    def _advance(self, cuts: list[bool], keep: int) -> Iterator[SeenFrame]:
        for cut in cuts:
            self._sketch(self._undecided.popleft(), cut)
            if len(self._window) > keep:
                yield self._release()
        while len(self._window) > keep:
            yield self._release()

    # First pass.

    def _sketch(self, frame: Frame, cut: bool) -> None:
        at = self._sketched
        if cut:
            self._shot += 1
            self._tracked = {}
            self._look_at = self._look_closely_at = at
        sketches, lost = {}, False
        for name, region in self._tracked.items():
            sketch = self._read(frame, region)
            if _holds(sketch):
                sketches[name] = sketch
            else:
                lost = True
        if lost or at >= self._look_at:
            self._look(frame, at, sketches)
        sketches = _distinct(sketches)
        self._tracked = {
            name: region_of_landmarks(sketch.face.landmarks) for name, sketch in sketches.items()
        }
        for name, region in self._tracked.items():
            self._regions.setdefault(name, {})[at] = region
        self._window.append(_Slot(frame, self._shot, sketches))
        self._sketched += 1

    def _look(self, frame: Frame, at: int, sketches: dict[int, _Sketch]) -> None:
        """Add to ``sketches`` the faces nobody follows, among them those just lost."""
        closely = not sketches and at >= self._look_closely_at
        faces = self._detector.search(frame, closely)
        lost = {name: region for name, region in self._tracked.items() if name not in sketches}
        for face in faces:
            if any(_same_place(face, sketch.region) for sketch in sketches.values()):
                continue
            name = next((one for one, region in lost.items() if _same_place(face, region)), None)
            sketch = self._first_read(frame, face)
            if not _holds(sketch):
                continue
            if name is None:
                name, self._next = self._next, self._next + 1
            lost.pop(name, None)
            sketches[name] = sketch
        interval = max(1, round(self.rate * AGAIN))
        # Somebody lost comes back soon or not at all; an empty picture is looked at oftener.
        self._look_at = at + (interval if sketches and not lost else max(1, interval // 3))
        if closely:
            self._look_closely_at = at + 2 * interval

    def _first_read(self, frame: Frame, face: Detection) -> _Sketch:
        """A detection's region is rough: read twice, the second time from the landmarks."""
        sketch = self._read(frame, region_of_detection(face))
        return self._read(frame, region_of_landmarks(sketch.face.landmarks))

    def _read(self, frame: Frame, region: Region) -> _Sketch:
        patch = take_patch(frame, region)
        return _Sketch(self._network.read(patch.crop(region), region), region, patch)

    # Second pass.

    def _release(self) -> SeenFrame:
        slot, at = self._window.popleft(), len(self._shots)
        self._shots.append(slot.shot)
        faces = {}
        for name, sketch in slot.sketches.items():
            face = self._reread(slot.frame, sketch, self._smoothed(name, at))
            sighting = self._sightings.setdefault(name, Sighting(at, slot.shot))
            sighting.landmarks.append(face.landmarks)
            sighting.presence.append(face.presence)
            faces[name] = face.landmarks
        self._regions = {
            name: kept
            for name, regions in self._regions.items()
            if (kept := {i: region for i, region in regions.items() if i > at - REACH})
        }
        return SeenFrame(slot.frame, slot.shot, faces)

    def _reread(self, frame: Frame, sketch: _Sketch, region: Region) -> Face:
        patch = sketch.patch if sketch.patch.covers(region) else take_patch(frame, region)
        face = self._network.read(patch.crop(region), region)
        return face if face.presence >= LEAST_PRESENCE else sketch.face

    def _smoothed(self, name: int, at: int) -> Region:
        near = self._regions[name]
        return smoothed_region([(i - at, region) for i, region in near.items()])


def smoothed_region(near: list[tuple[int, Region]]) -> Region:
    """The region at offset 0 of ``(offset in frames, region)``, by a Hann-weighted line.

    In the middle of a run the line is the weighted mean; at its ends it does not lag behind.
    """
    offsets = np.array([offset for offset, _ in near], np.float64)
    weights = np.cos(np.pi * offsets / (2 * (REACH + 1))) ** 2 * (np.abs(offsets) <= REACH)
    rows = np.array([[one.x, one.y, np.log(one.side), one.angle] for _, one in near])
    rows[:, 3] = np.unwrap(rows[:, 3])
    mean = weights @ offsets / weights.sum()
    spread = weights @ (offsets - mean) ** 2
    centre = weights @ rows / weights.sum()
    slope = (weights * (offsets - mean)) @ rows / spread if spread > 0 else 0.0
    x, y, size, angle = centre - mean * slope
    return Region(float(x), float(y), float(np.exp(size)), float(angle))


def _holds(sketch: _Sketch) -> bool:
    """Whether the crop shows a face, and the face is about where the crop expected it."""
    if sketch.face.presence < LEAST_PRESENCE:
        return False
    now = region_of_landmarks(sketch.face.landmarks)
    moved = np.hypot(now.x - sketch.region.x, now.y - sketch.region.y)
    return bool(moved < 0.4 * sketch.region.side and 0.5 < now.side / sketch.region.side < 2.0)


def _face_box(region: Region) -> NDArray[np.float32]:
    """The upright box of the face in the middle of its region."""
    x0, y0, x1, y1 = region.bounds(1 / 1.5)
    return np.array([[x0, y0], [x1, y1]], np.float32)


def _same_place(face: Detection, region: Region) -> bool:
    box = _face_box(region)
    centre = face.box.mean(0)
    inside = bool(np.all(centre > box[0]) and np.all(centre < box[1]))
    return inside or overlap(face.box, box) > 0.3


def _distinct(sketches: dict[int, _Sketch]) -> dict[int, _Sketch]:
    """Without the followers that ran onto somebody else's face; the elder keeps it."""
    kept: dict[int, _Sketch] = {}
    for name, sketch in sorted(sketches.items()):
        box = _face_box(region_of_landmarks(sketch.face.landmarks))
        others = [_face_box(region_of_landmarks(one.face.landmarks)) for one in kept.values()]
        if all(overlap(box, other) < 0.5 for other in others):
            kept[name] = sketch
    return kept
