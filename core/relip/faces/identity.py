"""Who is who: joining the sightings of one person, without a recognition network.

A face is described by the colours at its landmarks and in its hair, so that pose and size are
out of it; log colours, less their mean and over their spread, so that most of the light is too.
Measured on 17 people: pieces of one shot differ by up to .10, one man seen by two cameras by
.07 to .14, different people by .22 and more. It does not recognise the same person in another
light or in profile; those stay two persons, which an editor can name, while joined strangers
could not be told apart again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.texture import MESH, Glimpse

ALIKE: Final = 0.16
"""Largest difference of two sightings of one person in different shots."""
STILL_THERE: Final = 0.35
"""The same within a shot, where the face is found again where it was lost."""
SOON: Final = 2
"""Seconds within which a lost face is expected back where it was."""
EXEMPLARS: Final = 8
"""Moments of a sighting that are compared; faces turn, and the nearest pair counts."""
BRIEF: Final = Fraction(3, 10)
"""Seconds; what is seen for less, in all, is nobody."""


@dataclass(eq=False)
class Sighting:
    """One unbroken run of one face.

    Attributes
    ----------
    first : position of its first frame in the clip.
    shot : number of the shot.
    landmarks : per frame, float32 ``[478, 3]`` px.
    presence : per frame, 0 to 1.
    glimpses : per frame.
    """

    first: int
    shot: int
    landmarks: list[NDArray[np.float32]] = field(default_factory=list)
    presence: list[float] = field(default_factory=list)
    glimpses: list[Glimpse] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Position after its last frame."""
        return self.first + len(self.landmarks)

    def add(self, landmarks: NDArray[np.float32], presence: float, glimpse: Glimpse) -> None:
        """One more frame."""
        self.landmarks.append(landmarks)
        self.presence.append(presence)
        self.glimpses.append(glimpse)


def number_persons(sightings: dict[int, Sighting], count: int, rate: Fraction) -> dict[int, int]:
    """Person's number by sighting's name; without those seen too briefly to be anybody.

    Numbers are given by first appearance, to the larger face first where two appear at once.
    ``count`` is the number of frames of the clip: in a very short one everybody is brief.
    """
    least = min(float(BRIEF * rate), count / 3)
    groups = [
        group
        for group in joined(sightings, rate)
        if sum(len(sightings[name].landmarks) for name in group) >= least
    ]

    def order(group: list[int]) -> tuple[int, float]:
        earliest = min((sightings[name] for name in group), key=lambda one: one.first)
        return earliest.first, -_size(earliest.landmarks[0])

    groups.sort(key=order)
    return {name: number for number, group in enumerate(groups, 1) for name in group}


def joined(sightings: dict[int, Sighting], rate: Fraction) -> list[list[int]]:
    """Names grouped by person: the likest first, never two faces seen at once."""
    names = sorted(sightings)
    looks = {name: _Looks(sightings[name]) for name in names}
    pairs = []
    for place, a in enumerate(names):
        for b in names[place + 1 :]:
            if _at_once(sightings[a], sightings[b]):
                continue
            difference = looks[a].difference(looks[b])
            limit = STILL_THERE if _came_back(sightings[a], sightings[b], rate) else ALIKE
            if difference < limit:
                pairs.append((difference / limit, a, b))
    group_of = {name: [name] for name in names}
    for _, a, b in sorted(pairs):
        one, other = group_of[a], group_of[b]
        if one is other or any(_at_once(sightings[x], sightings[y]) for x in one for y in other):
            continue
        one.extend(other)
        for name in other:
            group_of[name] = one
    return [group for name, group in group_of.items() if group[0] == name]


class _Looks:
    """The exemplars of a sighting: unit vectors of texture, and mean colours."""

    def __init__(self, sighting: Sighting) -> None:
        count = len(sighting.glimpses)
        middles = np.unique(np.linspace(0, count - 1, 2 * EXEMPLARS + 1).astype(int)[1::2])
        texture, colour = [], []
        for middle in middles:
            few = sighting.glimpses[max(0, middle - 2) : middle + 3]
            seen = np.median([glimpse.looks for glimpse in few], axis=0)
            # Added to the code value, 8 keeps the noise of near black from counting as texture.
            logs = np.log(seen + 8)
            face = logs[:MESH].mean(0)
            colour.append(face - face.mean())
            logs = logs - logs.mean(0)
            logs /= np.maximum(logs.std(0), 0.04)
            texture.append(logs.ravel() / np.sqrt(logs.size))
        self.texture: NDArray[np.float64] = np.array(texture)
        self.colour: NDArray[np.float64] = np.array(colour)

    def difference(self, other: _Looks) -> float:
        """0 for the same picture; about 1 for pictures that have nothing in common."""
        texture = 1 - self.texture @ other.texture.T
        colour = np.abs(self.colour[:, None] - other.colour[None]).mean(-1)
        return float((texture + colour).min())


def _at_once(a: Sighting, b: Sighting) -> bool:
    return a.first < b.end and b.first < a.end


def _came_back(a: Sighting, b: Sighting, rate: Fraction) -> bool:
    """Whether the later one begins, in the same shot and soon, about where the other ended."""
    before, after = (a, b) if a.first < b.first else (b, a)
    if before.shot != after.shot or after.first - before.end > SOON * rate:
        return False
    old, new = before.landmarks[-1], after.landmarks[0]
    moved = np.linalg.norm(old[:, :2].mean(0) - new[:, :2].mean(0))
    ratio = _size(new) / _size(old)
    return bool(moved < _size(old) and 0.6 < ratio < 1.6)


def _size(landmarks: NDArray[np.float32]) -> float:
    """Longer side of the face's box in px, however the head lies; at least 1."""
    return max(1.0, float(np.ptp(landmarks[:, :2], axis=0).max()))
