"""Following every face through a clip, once, while the frames go by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces import steady
from relip.faces.cuts import CutFinder
from relip.faces.detect import Detection, FaceDetector, shared
from relip.faces.identity import Sighting, number_persons
from relip.faces.landmarks import (
    Face,
    LandmarkNetwork,
    Patch,
    Region,
    region_of_detection,
    region_of_landmarks,
    take_patch,
)
from relip.faces.texture import Glimpse, glimpse
from relip.faces.track import FaceTrack
from relip.media.frame import Frame

LEAST_PRESENCE: Final = 0.5
AT_FIRST: Final = 0.05
"""The same in a detection's rough region: folds of a flag that the detector took for a face had
.01 and less there, but .9 where landmarks that settled on them were read again."""
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


@dataclass(frozen=True, eq=False)
class _Reading:
    """One face in one frame.

    Attributes
    ----------
    face : as the network sees it.
    patch : the picture around it.
    drift : :func:`relip.faces.steady.drift`, summed up since the face was found.
    glimpse : the thumbnails to keep.
    """

    face: Face
    patch: Patch
    drift: NDArray[np.float64]
    glimpse: Glimpse


@dataclass(frozen=True, eq=False)
class _Slot:
    """A frame that waits for its neighbours."""

    frame: Frame
    shot: int
    readings: dict[int, _Reading]


class Follower:
    """Gives frames back in order, a few frames late, with the landmarks of every face.

    Each face's crop goes along with it: optical flow says where the face of the last frame has
    gone, the landmarks are read there, and :mod:`relip.faces.steady` takes their trembling away.
    The detector looks only at a shot's first frame, after a loss, and for newcomers. Nothing is
    carried over a cut. Where nobody is upright it looks for people who lie on their side. Of a
    frame that is through, only landmarks and thumbnails are kept.

    Attributes
    ----------
    rate : frames per second.
    rotation : of the clip, as :attr:`relip.media.clip.Clip.rotation`; landmarks stay in coded px.
    """

    def __init__(self, rate: Fraction, rotation: int = 0) -> None:
        self.rate = rate
        self.rotation = rotation
        self._detector = FaceDetector()
        self._network = LandmarkNetwork()
        self._cuts = CutFinder()
        self._undecided: deque[Frame] = deque()
        self._window: deque[_Slot] = deque()
        self._past: deque[dict[int, _Reading]] = deque(maxlen=steady.REACH)
        self._followed: dict[int, _Reading] = {}
        self._sightings: dict[int, Sighting] = {}
        self._shots: list[int] = []
        self._shot = 0
        self._read = 0
        self._next_name = 0
        self._look_at = 0
        self._look_closely_at = 0
        self._rotations = [rotation]
        self._pause = 1
        self._numbers: dict[int, int] = {}

    def take(self, frame: Frame) -> list[SeenFrame]:
        """The frames that are through, in order; the frame itself comes some calls later."""
        self._undecided.append(frame)
        return list(self._advance(self._cuts.take(frame), steady.REACH))

    def flush(self) -> list[SeenFrame]:
        """The rest of the frames, after the last was taken."""
        return list(self._advance(self._cuts.flush(), 0))

    @property
    def numbers(self) -> dict[int, int]:
        """Person's number by provisional number, once :meth:`tracks` was asked.

        A provisional number that is missing was nobody: a fold or a shadow that looked like a
        face for a few frames.
        """
        return dict(self._numbers)

    @property
    def shots(self) -> NDArray[np.int32]:
        """Number of the shot each frame that is through belongs to, from 0."""
        return np.array(self._shots, np.int32)

    def tracks(self) -> tuple[FaceTrack, ...]:
        """Everybody seen in the frames that are through, by number."""
        self._numbers = number_persons(self._sightings, len(self._shots), self.rate)
        shots = self.shots
        tracks = []
        for number in sorted(set(self._numbers.values())):
            landmarks = np.full((len(shots), 478, 3), np.nan, np.float32)
            presence = np.zeros(len(shots), np.float32)
            for sighting in self._sightings_of(number):
                landmarks[sighting.first : sighting.end] = sighting.landmarks
                presence[sighting.first : sighting.end] = sighting.presence
            tracks.append(FaceTrack(number, landmarks, presence, shots))
        return tuple(tracks)

    def glimpses(self, number: int) -> list[Glimpse | None]:
        """Thumbnails of one person's lower face per frame; None where not seen."""
        found: list[Glimpse | None] = [None] * len(self._shots)
        for sighting in self._sightings_of(number):
            found[sighting.first : sighting.end] = sighting.glimpses
        return found

    def _sightings_of(self, number: int) -> Iterator[Sighting]:
        for name, sighting in self._sightings.items():
            if self._numbers.get(name) == number:
                yield sighting

    def _advance(self, cuts: list[bool], keep: int) -> Iterator[SeenFrame]:
        for cut in cuts:
            self._window.append(self._slot(self._undecided.popleft(), cut))
            if len(self._window) > keep:
                yield self._release()
        while len(self._window) > keep:
            yield self._release()

    def _slot(self, frame: Frame, cut: bool) -> _Slot:
        at, self._read = self._read, self._read + 1
        if cut:
            self._shot += 1
            self._followed = {}
            self._look_at = self._look_closely_at = at
            self._pause = 1
            self._rotations = [self.rotation]
        readings = {}
        for name, last in self._followed.items():
            reading = self._follow(frame, last)
            if reading is not None:
                readings[name] = reading
        if len(readings) < len(self._followed) or at >= self._look_at:
            self._look(frame, at, readings)
        self._followed = _distinct(readings)
        return _Slot(frame, self._shot, self._followed)

    def _follow(self, frame: Frame, last: _Reading) -> _Reading | None:
        """The face of the last frame in this one, or None if it is lost."""
        before = last.face.landmarks
        region = region_of_landmarks(before)
        patch = take_patch(frame, region)
        firm = before[steady.FIRM, :2].astype(np.float64)
        went = steady.flow(last.patch, patch, region, firm)
        motion = steady.fitted_motion(went - firm, firm, steady.eye_distance(before))
        if motion is not None:
            region = region_of_landmarks(steady.moved(before, motion))
            patch = patch if patch.covers(region) else take_patch(frame, region)
        reading = self._read_face(frame, region, patch)
        if reading is None:
            return None
        drift = last.drift + steady.drift(before, reading.face.landmarks, went)
        return replace(reading, drift=drift)

    def _look(self, frame: Frame, at: int, readings: dict[int, _Reading]) -> None:
        """Add to ``readings`` the faces nobody follows, among them those just lost."""
        closely = not readings and at >= self._look_closely_at
        lost = {name: one.face for name, one in self._followed.items() if name not in readings}
        for rotation in self._rotations:
            self._find(frame, self._detector.search(frame, closely, rotation), readings, lost)
        for rotation in ((self.rotation + 90) % 360, (self.rotation + 270) % 360):
            if closely and not readings and rotation not in self._rotations:
                self._find(frame, self._detector.search(frame, False, rotation), readings, lost)
                if readings:
                    self._rotations.append(rotation)
        interval = max(1, round(self.rate * AGAIN))
        # Somebody lost comes back soon or not at all, and an empty picture may fill any moment.
        self._look_at = at + (interval if readings and not lost else max(1, interval // 3))
        if closely:
            # In 4K that takes as long as forty followed frames; nobody there, ever less often.
            self._pause = 1 if readings else min(2 * self._pause, 8)
            self._look_closely_at = at + 2 * interval * self._pause

    def _find(
        self,
        frame: Frame,
        detections: list[Detection],
        readings: dict[int, _Reading],
        lost: dict[int, Face],
    ) -> None:
        """Read the faces detected; those nobody follows go to ``readings``, out of ``lost``."""
        for detection in detections:
            if any(_same_place(detection, one.face) for one in readings.values()):
                continue
            # A detection's region is rough; what is read there only says where to read.
            rough = region_of_detection(detection)
            patch = take_patch(frame, rough)
            face = self._network.read(patch.crop(rough), rough)
            if face.presence < AT_FIRST:
                continue
            reading = self._read_face(frame, region_of_landmarks(face.landmarks), patch)
            if reading is None:
                continue
            name = next((one for one, face in lost.items() if _same_place(detection, face)), None)
            if name is None:
                name, self._next_name = self._next_name, self._next_name + 1
            else:
                drift = self._followed[name].drift
                reading = replace(reading, drift=drift)
                del lost[name]
            readings[name] = reading

    def _read_face(self, frame: Frame, region: Region, patch: Patch) -> _Reading | None:
        """What is in the region; None if it is no face, or not where the region expects it."""
        if not patch.covers(region):
            patch = take_patch(frame, region)
        crop = patch.crop(region)
        face = self._network.read(crop, region)
        if face.presence < LEAST_PRESENCE:
            return None
        found = region_of_landmarks(face.landmarks)
        moved = np.hypot(found.x - region.x, found.y - region.y)
        if moved > 0.4 * region.side or not 0.5 < found.side / region.side < 2.0:
            return None
        return _Reading(face, patch, np.zeros(4), glimpse(crop, region, face.landmarks))

    def _release(self) -> SeenFrame:
        slot, at = self._window.popleft(), len(self._shots)
        self._shots.append(slot.shot)
        faces = {}
        for name, reading in slot.readings.items():
            landmarks = steady.moved(reading.face.landmarks, -self._trembling(name, reading))
            if name not in self._sightings:
                self._sightings[name] = Sighting(at, slot.shot)
            self._sightings[name].add(landmarks, reading.face.presence, reading.glimpse)
            faces[name] = landmarks
        self._past.append(slot.readings)
        return SeenFrame(slot.frame, slot.shot, faces)

    def _trembling(self, name: int, now: _Reading) -> NDArray[np.float64]:
        around = [(0, now.drift)]
        around += [
            (ahead, slot.readings[name].drift)
            for ahead, slot in enumerate(self._window, 1)
            if ahead <= steady.REACH and name in slot.readings
        ]
        around += [
            (-behind, readings[name].drift)
            for behind, readings in enumerate(reversed(self._past), 1)
            if name in readings
        ]
        return steady.trembling(around)


def _face_box(face: Face) -> NDArray[np.float32]:
    points = face.landmarks[:, :2]
    return np.stack([points.min(0), points.max(0)])


def _same_place(detection: Detection, face: Face) -> bool:
    return shared(detection.box, _face_box(face)) > 0.4


def _distinct(readings: dict[int, _Reading]) -> dict[int, _Reading]:
    """Without those that ran onto somebody else's face; the elder keeps it."""
    kept: dict[int, _Reading] = {}
    for name, reading in sorted(readings.items()):
        box = _face_box(reading.face)
        if all(shared(box, _face_box(other.face)) < 0.6 for other in kept.values()):
            kept[name] = reading
    return kept
