"""Following faces through a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class FaceTrack:
    """One person through a clip of ``n`` frames.

    Attributes
    ----------
    number : 1 is the person who appears first (ties: the larger face).
    landmarks : float32 ``[n, 478, 3]`` px; x and y as in :mod:`relip.media.frame`, z in the
        same scale, smaller is nearer; NaN where the person is not seen.
    presence : float32 ``[n]``, 0 to 1, the landmark network's own confidence, 0 if not seen.
    shots : int32 ``[n]``, number of the shot each frame belongs to, from 0.
    """

    number: int
    landmarks: NDArray[np.float32]
    presence: NDArray[np.float32]
    shots: NDArray[np.int32]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """``[n]``: frames in which the person's face was found."""
        return self.presence > 0
