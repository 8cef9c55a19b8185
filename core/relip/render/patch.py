"""What an engine draws and the lay puts into the picture."""

from __future__ import annotations

from collections.abc import Sequence
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


def together(patches: Sequence[MouthPatch]) -> MouthPatch:
    """One patch that shows what all show, laid in their order; of none, a transparent one."""
    if len(patches) == 1:
        return patches[0]
    if not patches:
        return MouthPatch(np.zeros((1, 1, 3), np.float32), np.zeros((1, 1), np.float32), 0, 0)
    x0, y0 = min(one.x0 for one in patches), min(one.y0 for one in patches)
    x1 = max(one.x0 + one.alpha.shape[1] for one in patches)
    y1 = max(one.y0 + one.alpha.shape[0] for one in patches)
    alpha = np.zeros((y1 - y0, x1 - x0), np.float32)
    rgb = np.zeros((*alpha.shape, 3), np.float32)
    for one in patches:
        height, width = one.alpha.shape
        part = (
            slice(one.y0 - y0, one.y0 - y0 + height),
            slice(one.x0 - x0, one.x0 - x0 + width),
        )
        both = one.alpha + alpha[part] * (1 - one.alpha)
        share = one.alpha / np.maximum(both, np.float32(1e-6))
        shown = np.where(one.alpha[..., None] > 0, one.rgb, rgb[part])
        rgb[part] += (shown - rgb[part]) * share[..., None]
        alpha[part] = both
    return MouthPatch(rgb, alpha, x0, y0)
