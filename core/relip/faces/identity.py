"""Who is who: joining the sightings of one person, without a recognition network."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from relip.faces.texture import Glimpse


@dataclass(eq=False)
class Sighting:
    """One unbroken run of one face.

    Attributes
    ----------
    first : position of its first frame in the clip.
    shot : number of the shot.
    landmarks : per frame, float32 ``[478, 3]``.
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
    """Person's number by sighting's name."""
    return {name: number for number, name in enumerate(sorted(sightings), 1)}
