"""Speaking mouths for tests: a portrait's landmarks that open and widen as they are told.

What was planted is known exactly, so what is learnt from it can be compared with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.faces.follow import Follower
from relip.mouth.shape import CHIN, CORNERS, NOSE_BASE, POINTS, STABLE
from relip.speech.articulation import RATE, VISEMES, Articulation, SpeechEvent, opened
from tests.faces_made import RATE as FRAME_RATE
from tests.faces_made import Picture, frame_of, portrait

Array = NDArray[np.float64]
SCALE: Final = 3.0
_LOWER_LIP: Final = np.array("95 88 178 87 14 317 402 318 324".split(), int)
_UPPER_LIP: Final = np.array("191 80 81 82 13 312 311 310 415".split(), int)
_LOWER_EDGE: Final = np.array("146 91 181 84 17 314 405 321 375".split(), int)
FILM_RATES: Final = (24000 / 1001, 24.0, 25.0, 30000 / 1001, 50.0, 60.0)

# How far the mouth is open and how wide it is for each viseme, in units of the planted motions.
PLANTED: Final[dict[str, tuple[float, float]]] = {
    "SIL": (0.0, 0.0),
    "PBM": (0.0, -0.1),
    "FV": (0.2, 0.1),
    "ROUND": (0.5, -0.9),
    "OPEN": (1.0, 0.0),
    "MID": (0.65, 0.1),
    "SPREAD": (0.45, 0.9),
    "TEETH": (0.35, 0.4),
    "SH": (0.4, -0.5),
    "BACK": (0.55, 0.0),
}


def large_portrait() -> Picture:
    """The portrait three times as large, RGB ``[864, 864, 3]``."""
    large = cv2.resize(portrait(), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


@cache
def portrait_landmarks() -> NDArray[np.float32]:
    """``[478, 3]`` px of :func:`large_portrait`."""
    follower = Follower(FRAME_RATE)
    follower.take(frame_of(portrait()))
    follower.flush()
    found = follower.tracks()[0].landmarks[0].astype(float) * SCALE
    found[:, :2] += (SCALE - 1) / 2
    return np.asarray(found, np.float32)


@cache
def closed_face() -> Array:
    """``[478, 3]``: the portrait's face, level, with lips together."""
    face = portrait_landmarks().astype(float)
    across = face[263, :2] - face[33, :2]
    cos, sin = across / np.linalg.norm(across)
    face[:, :2] = (face[:, :2] - face[4, :2]) @ np.array([[cos, -sin], [sin, cos]]) + face[4, :2]
    between = (face[_LOWER_LIP] + face[_UPPER_LIP]) / 2
    face[_LOWER_LIP], face[_UPPER_LIP] = between, between
    return face


@cache
def motions() -> Array:
    """``[2, 478, 3]`` px: what one unit of opening and one unit of width move."""
    face = closed_face()
    left, right = sorted(face[list(CORNERS), 0])
    middle, half = (left + right) / 2, (right - left) / 2
    line = face[list(CORNERS), 1].mean()
    aside = (face[:, 0] - middle) / half
    below = np.clip((face[:, 1] - line) / (face[CHIN, 1] - line), 0, 1)
    opening = np.sqrt(below) * np.clip(1 - (aside / 2.4) ** 2, 0, 1)
    lips = np.concatenate([_LOWER_LIP, _LOWER_EDGE])
    opening[lips] = np.clip(1 - aside[lips] ** 2, 0, 1)
    opening[[*_UPPER_LIP, *CORNERS]] = 0
    near_lips = np.exp(-(((face[:, 1] - line) / half) ** 2) - (aside / 1.6) ** 2)
    made = np.zeros((2, len(face), 3))
    made[0, :, 1] = 0.45 * half * opening
    made[1, :, 0] = 0.25 * half * aside * near_lips
    made[1, face[:, 1] < face[NOSE_BASE, 1]] = 0
    made[:, STABLE] = 0
    return made


def mouth_of(opening: float, width: float = 0.0) -> Array:
    """``[478, 3]`` px: the face with its mouth so."""
    return np.asarray(closed_face() + opening * motions()[0] + width * motions()[1])


def turned(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Array:
    """The rotation ``[3, 3]`` by angles in degrees."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z)


def posed(face: Array, rotation: Array, scale: float = 1.0, shift: Sequence[float] = (0,)) -> Array:
    """The face with the head held so; it turns about the tip of its nose."""
    return np.asarray(scale * (face - face[4]) @ rotation.T + face[4] + np.asarray(shift))


def swaying(faces: Sequence[Array], seed: int = 0, degrees: float = 8.0) -> NDArray[np.float32]:
    """The faces ``[n, 478, 3]`` on a head that is never still, landmarks a little unsure."""
    noise = np.random.default_rng(seed)
    made = []
    for number, face in enumerate(faces):
        phase = number / 9 + seed
        rotation = turned(degrees * np.sin(phase), degrees / 2 * np.cos(phase / 2), 3 * np.sin(2))
        shift = (6 * np.sin(phase / 3), 4 * np.cos(phase), 0)
        made.append(posed(face, rotation, 1 + 0.05 * np.sin(phase / 5), shift))
    return (np.stack(made) + noise.normal(0, 0.05, (len(made), 478, 3))).astype(np.float32)


def line_of(*sounds: tuple[str, float], seed: int = 0) -> Articulation:
    """What is heard of sounds ``(viseme, seconds)`` one after the other."""
    names = [name for name, length in sounds for _ in range(round(length * RATE))]
    rows = np.array([VISEMES.index(name) for name in names], int)
    visemes = np.full((len(rows), len(VISEMES)), 0.002, np.float32)
    visemes[np.arange(len(rows)), rows] = 1 - 0.002 * (len(VISEMES) - 1)
    voice = (rows != 0).astype(np.float32)
    mixing = np.random.default_rng(seed).normal(size=(len(VISEMES), 384)).astype(np.float32)
    start, events = 0.0, []
    for name, length in sounds:
        events.append((name, SpeechEvent(start, start + round(length * RATE) / RATE, 1.0)))
        start = events[-1][1].end
    return Articulation(
        visemes,
        voice,
        (visemes @ mixing * voice[:, None])[::2].astype(np.float16),
        opened(visemes),
        np.where(rows == 0, -60, 0).astype(np.float32),
        tuple(event for name, event in events if name == "PBM"),
        tuple(event for name, event in events if name == "FV"),
    )


def babble(count: int = 60, seed: int = 0) -> Articulation:
    """A long line of sounds in random order."""
    noise = np.random.default_rng(seed)
    names = noise.choice(VISEMES[1:], count)
    return line_of(*((str(name), float(noise.uniform(0.12, 0.25))) for name in names))


def planted_mouths(weights: Array) -> list[Array]:
    """A face for every row of viseme weights ``[n, 10]``."""
    table = np.array([PLANTED[name] for name in VISEMES])
    return [mouth_of(opening, width) for opening, width in weights @ table]


def wandering(count: int, seed: int = 0) -> list[Array]:
    """Faces whose mouths open, widen and close again and again, every tenth of them closed."""
    phase = np.arange(count) / 3.1 + seed
    opening = np.clip(np.sin(phase) * 0.7 + 0.35, 0, 1)
    width = np.sin(phase * 0.37) * 0.8
    return [mouth_of(float(one), float(wide)) for one, wide in zip(opening, width, strict=True)]


def grown(landmarks: NDArray[np.float32]) -> Array:
    """The points the mouth's shapes are made of, as float64."""
    return landmarks[..., :POINTS, :].astype(float)
