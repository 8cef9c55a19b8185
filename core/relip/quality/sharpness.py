"""Point 2: a mouth as sharp as this face, in fast speech too."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import Array
from relip.quality.card import Measure, Point
from relip.quality.evidence import LEAST, Bits, Evidence, alike, worst

FAST: Final = 0.5
"""Quantile of the lips' speed from which speech is fast."""
DETAIL: Final = (0.75, 1.35)
"""Bar of the detail, as a ratio."""
BLURRED: Final = 1.12
"""Bar of the perceptual blur, as a ratio."""


def point(evidence: Evidence) -> Point:
    """Detail and blur of the result's mouths against the same person's real ones.

    Each frame is compared with the original's frames most like it in opening and head pose. How
    sharp the eyes are there and here is taken off: that is focus and motion blur.
    """
    rows = evidence.rows_of(evidence.result, evidence.voiced())
    result = evidence.result.only(rows)
    if len(result) < LEAST:
        return Point("sharpness", (), open_because="too few frames in which the line is spoken")
    similar = alike(result, evidence.original)
    own = evidence.original
    focus = _ratio(result.rest, own.rest[similar])
    detail = _ratio(result.details, own.details[similar]) / np.maximum(focus, 1e-6)
    blurs = _ratio(result.blurs, own.blurs[similar])
    fast = _fast(evidence, result.rows)
    measures = (
        Measure(
            "detail",
            "detail of the mouth in fast speech, of this face's own",
            _median(detail[fast]),
            *DETAIL,
            unit=" x",
            note=f"{_median(detail):.2f} x in all of the line",
        ),
        Measure(
            "blur",
            "perceived blur in fast speech, of this face's own",
            _median(blurs[fast]),
            high=BLURRED,
            unit=" x",
        ),
    )
    excess = np.full(len(evidence.seconds), np.nan)
    off = np.maximum(DETAIL[0] / np.maximum(detail, 1e-6), detail / DETAIL[1]) - 1
    excess[result.rows - evidence.first] = np.fmax(off, (blurs / BLURRED - 1) * 3)
    lost = any(measure.state == "lost" for measure in measures)
    moments = worst(excess, evidence.first, "the mouth is not as sharp as this face")
    small = all(measure.state == "open" for measure in measures)
    reason = "the mouth is too small to be sharp or blurred" if small else ""
    return Point("sharpness", measures, moments if lost else (), reason)


def _ratio(values: Array, own: Array) -> Array:
    """Each of ``[m]`` over the median of its likes ``[m, few]``; NaN where that is nothing."""
    typical = np.median(own, 1)
    return np.where(typical > 0, values / np.maximum(typical, 1e-6), np.nan)


def _median(values: Array) -> float:
    """The median of what is known; NaN if that is too little."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) >= LEAST // 2 else float("nan")


def _fast(evidence: Evidence, rows: NDArray[np.int64]) -> Bits:
    """``[m]`` bool: frames in which the lips move fast."""
    gaps = evidence.after()
    speed = np.abs(np.gradient(gaps))[rows - evidence.first]
    known = np.isfinite(speed)
    if known.sum() < LEAST:
        return np.ones(len(rows), bool)
    return np.asarray(known & (speed >= np.quantile(speed[known], FAST)))
