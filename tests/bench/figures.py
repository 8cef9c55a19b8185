"""The figures as plain arithmetic on measured mouths.

They follow what lip-sync studies report without a learned judge, as learned judges rate some
models above real video: closure recall, contrast, motion under silence ("leak"), landmark
distance in self re-enactment, sharpness, seam and flicker, each against the same person's own
footage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import Array
from relip.quality.articulation import LIPS, pairs, spread
from relip.quality.evidence import alike
from relip.quality.performance import Performance, eye_distances

LEAST_GAP: Final = 0.01
"""Eye distances: closed lips are not measured more finely than this."""


def closed_below(own: Array) -> float:
    """The inner-lip gap below which this person's lips count as closed.

    1.5 times their own closed gap: the 5th percentile of ``own`` ``[n]``, at least
    :data:`LEAST_GAP`.
    """
    return 1.5 * max(float(np.quantile(own, 0.05)), LEAST_GAP)


def closures_met(
    gaps: Array, seconds: Array, events: Sequence[tuple[float, float]], below: float, step: float
) -> tuple[int, int]:
    """How many closures are seen, of how many that could be.

    A closure ``[start, end)`` is seen if the gap is below ``below`` in a frame not more than one
    frame (``step`` seconds) before its start or after its end. It could be seen if some
    measured frame lies there.

    Parameters
    ----------
    gaps, seconds : ``[n]``, of the result's frames, ``seconds`` on the line's clock.
    """
    met = possible = 0
    for start, end in events:
        near = (seconds >= start - step) & (seconds <= end + step)
        if near.any():
            possible += 1
            met += bool(gaps[near].min() < below)
    return met, possible


def contrast(gaps: Array, own: Array) -> float:
    """Spread of the opening (90th less 10th percentile) of the result over that of ``own``."""
    return spread(gaps) / max(spread(own), 1e-6)


def flicker(seen: Performance, state: NDArray[np.bool_]) -> float:
    """Mean flutter of the frames that lie between two others of ``state`` ``[n]``, as they do."""
    steps = pairs(seen, state)
    between = np.flatnonzero(steps[1:] & steps[:-1]) + 1
    return float(seen.flutter[between].mean()) if len(between) else float("nan")


def sharpness(result: Performance, source: Performance) -> float:
    """Detail of the result's mouths over that of source frames alike, median over frames."""
    similar = alike(result, source)
    own = np.median(source.details[similar], axis=1)
    return float(np.median(result.details / np.maximum(own, 1e-6)))


def lips_off(drawn: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Mean distance of the 40 lip points ``[n, 478, 3]`` over the eye distance."""
    off = np.linalg.norm(drawn[:, LIPS, :2] - true[:, LIPS, :2], axis=2).mean(1)
    return float((off / eye_distances(true)).mean())


def psnr(drawn: NDArray[np.uint8], true: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB of 8-bit pictures, at most 60."""
    error = float(((drawn.astype(np.float64) - true) ** 2).mean())
    return float(10 * np.log10(255**2 / max(error, 255**2 / 1e6)))
