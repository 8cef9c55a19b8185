"""Point 3: no edge, no colour step, no flicker where pictures were joined, nothing else changed."""

from __future__ import annotations

from typing import Final

import numpy as np

from relip.mouth.shape import Array
from relip.quality.card import Measure, Moment, Point
from relip.quality.evidence import LEAST, Bits, Evidence, worst
from relip.quality.region import Regions

EDGE: Final = 1.04
"""Bar of the gradient on the ring, over the original's; nine soft blends had .94 to 1.00."""
COLOUR: Final = 0.5
"""Bar of the skin's change of colour, percent of full scale: a little more than one 8-bit level.
Nine drawn lines had .14 at most."""
FLUTTER: Final = 0.8
"""Bar of the same from frame to frame, percent of full scale."""
CODEC: Final = 2.0
"""How much more a codec changes faces than what lies around them, which has less detail."""
AROUND: Final = 0.5
"""Bar of the change around the mouth region beyond what the codec does, 8-bit levels."""
_FULL: Final = 255.0


def point(evidence: Evidence, picture_late: int) -> Point:
    """Gradient and colour on the ring, their flicker, and what changed outside the region."""
    if picture_late:
        way = "late" if picture_late > 0 else "early"
        frames = f"{abs(picture_late)} frame{'s' * (abs(picture_late) > 1)}"
        why = f"the whole picture is {frames} {way}: see Life and sync"
        return Point("seam", (), open_because=why)
    found = evidence.regions
    inside = evidence.inside[found.rows - evidence.first]
    touched = inside & (found.area > 0)
    before, after = found.ring[touched].T
    ringed = np.isfinite(before) & np.isfinite(after)
    edge = float("nan")
    if ringed.sum() >= LEAST:
        edge = float(after[ringed].sum() / max(float(before[ringed].sum()), 1e-6))
    colour = _colour(found, inside)
    flutter, jumps = _flutter(evidence, found, inside)
    # A frame that is equal to the last sample far from the face was coded without loss.
    exact = bool((found.far[inside] == 0).all() and np.isfinite(found.outside[inside]).all())
    outside = float(found.outside[inside].sum())
    beyond = _beyond(found, inside)
    measures = (
        Measure(
            "outside",
            "samples changed outside the mouth region",
            outside if exact else float("nan"),
            0,
            0,
            digits=0,
            note="" if exact else "the result's codec or layout changes every sample a little",
        ),
        Measure(
            "around",
            "change around the mouth region beyond the codec's",
            beyond,
            high=AROUND,
            unit=" of 255",
        ),
        Measure(
            "edge",
            "gradient on the blend ring, of the original's",
            edge,
            high=EDGE,
            unit=" x",
            note="" if touched.any() else "nothing of the face was changed",
        ),
        Measure("colour", "colour step of the skin", colour, high=COLOUR, unit=" %"),
        Measure("ring_flicker", "flicker of the skin", flutter, high=FLUTTER, unit=" %"),
    )
    return Point("seam", measures, _moments(evidence, measures, touched, inside, jumps))


def _beyond(found: Regions, inside: Bits) -> float:
    """Mean change near the face beyond what the codec does, 8-bit levels; NaN if unknown."""
    known = inside & np.isfinite(found.far)
    if known.sum() < LEAST:
        return float("nan")
    return float((found.near[known] - CODEC * found.far[known]).mean())


def _colour(found: Regions, inside: Bits) -> float:
    """Largest of the three channels' typical change, percent of full scale."""
    colour = found.colour[inside]
    colour = colour[np.isfinite(colour).all(1)]
    if len(colour) < LEAST:
        return float("nan")
    return float(np.abs(np.median(colour, 0)).max() / _FULL * 100)


def _flutter(evidence: Evidence, found: Regions, inside: Bits) -> tuple[float, Array]:
    """Mean second difference over time of the skin's change, percent; per frame ``[n]``."""
    colour = np.full((len(evidence.seconds), 3), np.nan)
    colour[found.rows[inside] - evidence.first] = found.colour[inside]
    second = np.abs(colour[:-2] - 2 * colour[1:-1] + colour[2:]).max(1) / _FULL * 100
    jumps = np.full(len(colour), np.nan)
    jumps[1:-1] = second
    known = jumps[np.isfinite(jumps)]
    return (float(known.mean()) if len(known) >= LEAST else float("nan")), jumps


def _moments(
    evidence: Evidence, measures: tuple[Measure, ...], touched: Bits, inside: Bits, jumps: Array
) -> tuple[Moment, ...]:
    found, size = evidence.regions, len(evidence.seconds)
    states = {measure.key: measure.state for measure in measures}
    moments: list[Moment] = []

    def look(values: Array, why: str) -> None:
        excess = np.zeros(size)
        excess[found.rows - evidence.first] = np.nan_to_num(values)
        moments.extend(worst(np.maximum(excess, 0), evidence.first, why))

    if states["outside"] == "lost":
        look(found.outside, "the picture is changed outside the mouth region")
    elif states["around"] == "lost":
        look(
            found.near - CODEC * found.far - AROUND,
            "the picture is changed around the mouth region",
        )
    if states["edge"] == "lost":
        ratio = found.ring[:, 1] / np.maximum(found.ring[:, 0], 1e-6)
        look(np.where(touched, ratio - EDGE, 0), "the edge of the new mouth shows")
    if states["colour"] == "lost":
        step = np.abs(found.colour).max(1) / _FULL * 100 - COLOUR
        look(np.where(inside, step, 0), "the skin around the mouth has another colour")
    if states["ring_flicker"] == "lost":
        moments += worst(jumps - FLUTTER, evidence.first, "the skin around the mouth flickers")
    return tuple(moments)
