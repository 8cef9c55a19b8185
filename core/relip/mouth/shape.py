"""This person's mouth as a handful of numbers, free of head pose.

Every frame's landmarks are laid over the person's mean face by a similarity on the points
that speech does not move (eyes, brow, nose, temples). What is left is expression; its lower
part, lips, cheeks and jaw together, has a principal-component basis of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.pose import similarity

Array = NDArray[np.float64]

POINTS: Final = 468
"""Landmarks used here; the 10 iris points after them say nothing about the mouth."""

# Landmark numbers of MediaPipe's canonical face mesh.
STABLE: Final = np.array(
    "33 133 362 263 168 6 197 195 5 4 1 10 151 9 8 67 297 103 332 127 356 234 454 130 359 27 "
    "257 70 300 105 334 19 94".split(),
    int,
)
LIPS_OUTER: Final = np.array(
    "61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185".split(), int
)
LIPS_INNER: Final = np.array(
    "78 95 88 178 87 14 317 402 318 324 308 415 310 311 312 13 82 81 80 191".split(), int
)
OVAL: Final = np.array(
    "10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 152 148 176 149 150 "
    "136 172 58 132 93 234 127 162 21 54 103 67 109".split(),
    int,
)
UPPER_INNER: Final = np.array([13, 82, 312])
LOWER_INNER: Final = np.array([14, 87, 317])
EYES: Final = (33, 263)
CORNERS: Final = (61, 291)
NOSE_BASE: Final = 2
CHIN: Final = 152
FOREHEAD: Final = 10
CHUNK: Final = 128
"""Frames turned at once."""
COMPONENTS: Final = 12
"""Principal components kept; 12 carried 99.1 to 99.8 % of lower-face motion on five clips."""


@dataclass(frozen=True, eq=False)
class Pose:
    """Where the head is: ``image = canonical @ rotation / scale + origin``, per frame.

    ``scale`` [n], ``rotation`` [n, 3, 3], ``shift`` [n, 3] map image to canonical:
    ``canonical = scale * image @ rotation.T + shift``.
    """

    scale: Array
    rotation: Array
    shift: Array

    def canonical(self, landmarks: NDArray[np.float32] | Array) -> NDArray[np.float32]:
        """Image landmarks ``[n, p, 3]`` in the mean face's frame."""
        turn = (self.scale[:, None, None] * self.rotation.transpose(0, 2, 1)).astype(np.float32)
        # Large pixel positions would cost float32 its last digits: turn about the face itself.
        centre = landmarks.mean(1, keepdims=True, dtype=float)
        placed = centre @ (self.scale[:, None, None] * self.rotation.transpose(0, 2, 1))
        placed += self.shift[:, None]
        around = (landmarks - centre).astype(np.float32, copy=False)
        return np.asarray(around @ turn + placed.astype(np.float32), np.float32)

    def image(self, at: int, points: Array) -> Array:
        """Canonical points ``[p, 3]`` as image points of frame ``at``."""
        return np.asarray((points - self.shift[at]) @ self.rotation[at] / self.scale[at])


def similarities(source: Array, target: Array) -> Pose:
    """The best similarity from each ``source[i]`` ``[p, 3]`` to ``target`` ``[p, 3]``."""
    return Pose(*similarity(source, target))


def smoothstep(value: Array) -> Array:
    """Hermite step from 0 at 0 to 1 at 1."""
    inside = np.clip(value, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside))


def freedom(mean: Array) -> Array:
    """How freely speech moves each landmark, ``[p]`` from 0 (fixed) to 1.

    It rises below the nose base and fades toward the ears, so that the jaw swings from its
    hinge and the outline beside the ears stays where it is.
    """
    down = (mean[:, 1] - mean[NOSE_BASE, 1]) / (mean[CHIN, 1] - mean[NOSE_BASE, 1])
    below_nose = smoothstep((down + 0.05) / 0.25)
    half_width = np.linalg.norm(mean[234, :2] - mean[454, :2]) / 2
    aside = np.abs(mean[:, 0] - mean[NOSE_BASE, 0]) / half_width
    near_ear = np.clip((aside - 0.45) / 0.3, 0, 1)
    low = smoothstep((down - 0.30) / 0.45)
    return np.asarray(below_nose * (1 - near_ear * (1 - low)))


def upright(face: Array) -> Array:
    """A face ``[p, 3]`` turned in the picture plane until its chin is below its forehead."""
    across, down = (face[CHIN] - face[FOREHEAD])[:2]
    length = np.hypot(across, down)
    turn = np.array([[down, -across, 0], [across, down, 0], [0, 0, length]]) / length
    return np.asarray(face @ turn.T)


@dataclass(frozen=True, eq=False)
class PersonShapes:
    """One person's canonical shapes over ``n`` frames and the basis they span.

    Attributes
    ----------
    mean : ``[468, 3]`` the person's mean face, in pixels of a typical frame.
    canonical : float32 ``[n, 468, 3]`` every frame's face without head pose.
    pose : head pose of every frame.
    weight : ``[468]`` :func:`freedom` of each landmark.
    moving : the landmarks the basis covers.
    basis : ``[k, 3 * len(moving)]`` orthonormal components.
    coefficients : ``[n, k]`` every frame's place in that basis.
    """

    mean: Array
    canonical: NDArray[np.float32]
    pose: Pose
    weight: Array
    moving: NDArray[np.int64]
    basis: Array
    coefficients: Array

    @property
    def eye_distance(self) -> float:
        """Distance of the outer eye corners of the mean face, px: the unit of all gaps."""
        return float(np.linalg.norm(self.mean[EYES[0]] - self.mean[EYES[1]]))

    def part(self, rows: slice) -> PersonShapes:
        """The same person with only these frames."""
        pose = self.pose
        return replace(
            self,
            canonical=self.canonical[rows],
            pose=Pose(pose.scale[rows], pose.rotation[rows], pose.shift[rows]),
            coefficients=self.coefficients[rows],
        )

    def points(self, coefficients: Array) -> Array:
        """Canonical positions ``[m, len(moving), 3]`` of the moving landmarks."""
        flat = self.mean[self.moving].ravel() + coefficients @ self.basis
        return np.asarray(flat.reshape(len(coefficients), -1, 3))

    def gaps(self, coefficients: Array) -> Array:
        """Inner-lip gap of shapes ``[m, k]``, in eye distances."""
        points = self.points(coefficients)
        upper = np.searchsorted(self.moving, UPPER_INNER)
        lower = np.searchsorted(self.moving, LOWER_INNER)
        gap = (points[:, lower, 1] - points[:, upper, 1]).mean(1)
        return np.asarray(gap / self.eye_distance)

    def on_face(self, at: int, coefficients: Array) -> Array:
        """Frame ``at`` with another lower face: image landmarks ``[468, 3]``."""
        face = self.canonical[at].astype(float)
        weight = self.weight[self.moving][:, None]
        target = self.points(coefficients[None])[0]
        face[self.moving] = face[self.moving] * (1 - weight) + target * weight
        return self.pose.image(at, face)


def learn_shapes(landmarks: NDArray[np.float32], components: int = COMPONENTS) -> PersonShapes:
    """The person's shapes from landmarks ``[n, 478, 3]`` px, all of them seen."""
    faces = landmarks[:, :POINTS]
    stable = faces[:, STABLE].astype(float)
    reference = upright(faces[len(faces) // 2].astype(float))
    for _ in range(3):
        pose = similarities(stable, reference[STABLE])
        canonical = np.empty(faces.shape, np.float32)
        for start in range(0, len(faces), CHUNK):
            part = slice(start, start + CHUNK)
            some = Pose(pose.scale[part], pose.rotation[part], pose.shift[part])
            canonical[part] = some.canonical(faces[part])
        reference = canonical.mean(0, dtype=float)
    weight = freedom(reference)
    moving = np.flatnonzero(weight > 0)
    motion = (canonical[:, moving] - reference[moving].astype(np.float32)).reshape(len(faces), -1)
    # The small side of the matrix decides which decomposition is cheap.
    if len(motion) < motion.shape[1]:
        _, _, rows = np.linalg.svd(motion.astype(float), full_matrices=False)
        basis = rows[:components]
    else:
        _, vectors = np.linalg.eigh((motion.T @ motion).astype(float))
        basis = vectors[:, ::-1][:, :components].T
    return PersonShapes(
        reference,
        canonical,
        pose,
        weight,
        moving,
        np.ascontiguousarray(basis),
        np.asarray(motion @ basis.T, float),
    )
