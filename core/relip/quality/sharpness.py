"""Point 2: a mouth as sharp as this face, in fast speech too."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

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
    focus = result.rest / np.maximum(np.median(own.rest[similar], 1), 1e-6)
    detail = result.details / np.maximum(np.median(own.details[similar], 1), 1e-6)
    detail /= np.maximum(focus, 1e-6)
    blurs = result.blurs / np.maximum(np.median(own.blurs[similar], 1), 1e-6)
    fast = _fast(evidence, result.rows)
    measures = (
        Measure(
            "detail",
            "detail of the mouth in fast speech, of this face's own",
            float(np.median(detail[fast])),
            *DETAIL,
            unit=" x",
            note=f"{np.median(detail):.2f} x in all of the line",
        ),
        Measure(
            "blur",
            "perceived blur in fast speech, of this face's own",
            float(np.nanmedian(blurs[fast])),
            high=BLURRED,
            unit=" x",
        ),
    )
    excess = np.full(len(evidence.seconds), np.nan)
    off = np.maximum(DETAIL[0] / np.maximum(detail, 1e-6), detail / DETAIL[1]) - 1
    excess[result.rows - evidence.first] = np.maximum(off, (blurs / BLURRED - 1) * 3)
    lost = any(measure.state == "lost" for measure in measures)
    moments = worst(excess, evidence.first, "the mouth is not as sharp as this face")
    return Point("sharpness", measures, moments if lost else ())


def _fast(evidence: Evidence, rows: NDArray[np.int64]) -> Bits:
    """``[m]`` bool: frames in which the lips move fast."""
    gaps = evidence.after()
    speed = np.abs(np.gradient(gaps))[rows - evidence.first]
    known = np.isfinite(speed)
    if known.sum() < LEAST:
        return np.ones(len(rows), bool)
    return np.asarray(known & (speed >= np.quantile(speed[known], FAST)))
