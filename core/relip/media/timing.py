"""When every picture is shown, and the exact rate behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

# Rates that exist in cameras and deliverables; a container's rounded guess is snapped to them.
STANDARD_RATES = tuple(
    Fraction(number, 1001) for number in (24000, 30000, 48000, 60000, 120000)
) + tuple(Fraction(number) for number in (24, 25, 30, 48, 50, 60, 100, 120, 15, 12, 10))
NEARLY = Fraction(1, 5000)  # 24 and 24000/1001 are five times further apart


@dataclass(frozen=True, eq=False)
class Timing:
    """``pts`` of all pictures and of ``keys``, both sorted; ``last`` is the last one's length.

    All in ticks; ``last`` is 0 where the container does not say.
    """

    pts: NDArray[np.int64]
    keys: NDArray[np.int64]
    last: int


def fit_rate(
    pts: NDArray[np.int64], time_base: Fraction, declared: Iterable[Fraction]
) -> tuple[Fraction, bool]:
    """Return the exact rate, and whether pictures lie off its grid.

    Parameters
    ----------
    pts : sorted, ``[n]`` ticks of ``time_base`` seconds.
    declared : what the container claims, most trusted first.
    """
    claims = [rate for rate in declared if rate > 0]
    if len(pts) < 2:
        return (claims[0] if claims else Fraction(25)), False
    steps = np.diff(pts)
    # A constant step of many ticks is exact; a step of one tick of a coarse clock is, too.
    step = int(steps[0])
    if step > 0 and bool(np.all(steps == step)):
        exact = 1 / (step * time_base)
        near = [rate for rate in claims if abs(rate - exact) <= exact * NEARLY]
        # Milliseconds cannot tell 30000/1001 in a clip of one frame step; the container can.
        return next((rate for rate in near if _on_grid(pts, time_base, rate)), exact), False
    mean = (len(pts) - 1) / (int(pts[-1] - pts[0]) * time_base) if pts[-1] > pts[0] else Fraction(0)
    for claim in [*claims, mean]:
        standard = [rate for rate in STANDARD_RATES if abs(rate - claim) <= rate * NEARLY]
        for rate in [claim, *standard]:
            if _on_grid(pts, time_base, rate):
                return rate, False
    return (claims[0] if claims else mean.limit_denominator(100_000)), True


def _on_grid(pts: NDArray[np.int64], time_base: Fraction, rate: Fraction) -> bool:
    """Whether every picture lies within the container's rounding of ``i / rate``."""
    if rate <= 0:
        return False
    interval = float(1 / (rate * time_base))
    ticks = (pts - pts[0]).astype(np.float64)
    error = np.abs(ticks - np.arange(len(pts)) * interval)
    # A container's own rounding moves a picture by less than a tick. Where a tick is a large
    # part of a frame, a tick is no rounding but a picture out of place.
    allowed = 1.0 if interval >= 8 else 0.01
    return bool(np.all(error <= allowed + 1e-6))
