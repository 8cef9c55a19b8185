"""What an engine draws and the lay puts into the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class MouthPatch:
    """A drawn mouth.

    Attributes
    ----------
    rgb : float32 ``[h, w, 3]``, encoded R, G, B, 0 to 1 (see :mod:`relip.media.colour`).
    alpha : float32 ``[h, w]``, 0 keeps the original sample, 1 replaces it.
    x0, y0 : picture position of the first pixel.
    """

    rgb: NDArray[np.float32]
    alpha: NDArray[np.float32]
    x0: int
    y0: int
