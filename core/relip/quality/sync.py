"""Point 5: the mouth is in time with the speech, and the picture lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import EYES, Array
from relip.quality.card import Measure, Moment, Point
from relip.quality.evidence import LEAST, Evidence, loud, worst
from relip.quality.performance import Performance, eye_distances
from relip.speech.lag import Lag, lag

AROUND: Final = 0.3
"""Seconds around speech in which the mouth is held against it: what it does in long silence is
point 4."""
FARTHEST: Final = 15
"""Frames either way in which two mouths are held against each other."""
SPARE: Final = 0.6
"""Frames by which a mouth may be late or early."""
DOUBT: Final = 1.2
"""Standard deviations of the measurement that are allowed on top."""
MOST: Final = 1.0
"""Frames that are too much whatever the measurement's doubt."""
FOLLOWS: Final = 60
"""Percent: below it the mouth does something else than is heard."""
SLIP: Final = 0.5
"""Frames by which the mouth may be later than the original's for the same words."""
LEAST_SPEECH: Final = 1.25
"""Seconds of speech below which nothing is said about its timing."""
FLICKER: Final = 1.25
ALIKE: Final = 0.02
"""Eye distances by which openings, or their jerks, may differ and still be alike."""
ALIVE: Final = 0.5
"""Bar of head motion and blinks, of the original's. Landmarks fit the whole face at once: a frozen
mouth alone takes up to .42 of the measured turning away."""
TURNS: Final = 3.0
"""Degrees a second below which a head is held still."""


@dataclass(frozen=True)
class Timing:
    """What is known about time.

    Attributes
    ----------
    heard : the mouth against the speech.
    slip : frames by which the mouth is later than the original's for the same words; NaN if the
        line is not the original's own sound.
    picture : frames by which the whole picture is late.
    """

    heard: Lag
    slip: float
    picture: int


def timing(evidence: Evidence) -> Timing:
    """How late the mouth and the picture are."""
    gaps = evidence.after()
    reach = round(AROUND / evidence.step)
    spoken = loud(evidence.heard, evidence.seconds) > 0.5
    near = np.convolve(spoken, np.ones(2 * reach + 1), "full")[reach : reach + len(spoken)]
    heard = lag(evidence.heard, np.where(near > 0, gaps, np.nan), evidence.seconds)
    slip = float("nan")
    if not np.isnan(evidence.same):
        wanted = evidence.same / evidence.step
        slip = shift(evidence.before(), gaps, wanted) - wanted
    return Timing(heard, slip, picture_late(evidence))


def late(evidence: Evidence, found: Timing) -> float:
    """Frames by which the mouth is late enough to cost this point, else 0."""
    if not np.isnan(found.slip) and abs(found.slip) > SLIP:
        return found.slip
    frames = found.heard.seconds / evidence.step
    sure = found.heard.confidence * 100 >= FOLLOWS
    return frames if sure and abs(frames) > tolerance(evidence, found.heard) else 0.0


def tolerance(evidence: Evidence, found: Lag) -> float:
    """Frames by which a mouth may be off: some, and what the measurement leaves open."""
    return min(SPARE + DOUBT * found.deviation / evidence.step, MOST)


def shift(before: Array, after: Array, around: float = 0.0) -> float:
    """Frames by which ``after`` ``[n]`` is later than ``before``, to a quarter of a frame.

    It is sought on either side of ``around``, which it is if they have too little in common. NaN
    in either is left out.
    """
    known_before, known_after = np.isfinite(before), np.isfinite(after)
    if min(known_before.sum(), known_after.sum()) < 2 * LEAST:
        return around
    place = np.arange(len(before), dtype=float)
    curve = np.interp(place, place[known_before], before[known_before])
    best, least = around, np.inf
    for off in sorted(np.arange(-FARTHEST, FARTHEST + 0.1, 0.25), key=abs):
        by = around + off
        at = place - by
        both = known_after & (at >= 0) & (at <= len(before) - 1)
        if both.sum() < 2 * LEAST:
            continue
        apart = np.interp(at[both], place, curve) - after[both]
        error = float(np.var(apart)) / max(float(np.var(after[both])), 1e-12)
        if error < least - 1e-9:
            best, least = float(by), error
    return best


def picture_late(evidence: Evidence) -> int:
    """Frames by which the head in the result is later than in the original.

    0 unless it moves enough to tell.
    """
    places = [_head(evidence, each) for each in (evidence.original, evidence.result)]
    before, after = places
    errors = {}
    for by in range(-3, 4):
        moved = np.roll(before, by, axis=0)
        moved[: max(by, 0)] = np.nan
        moved[len(moved) + min(by, 0) :] = np.nan
        apart = np.linalg.norm(moved - after, axis=1)
        if np.isfinite(apart).sum() >= LEAST:
            errors[by] = float(np.nanmean(apart))
    if 0 not in errors:
        return 0
    best = min(errors, key=lambda by: (errors[by], abs(by)))
    # The landmark network alone trembles by about a 500th of the eyes' distance.
    return best if errors[best] < 0.5 * errors[0] and errors[0] > 0.002 else 0


def _head(evidence: Evidence, performance: Performance) -> Array:
    """Middle of the eyes in eye distances ``[n, 2]``."""
    eyes = performance.landmarks[:, list(EYES), :2].mean(1)
    unit = float(np.median(eye_distances(performance.landmarks)))
    found = np.full((len(evidence.seconds), 2), np.nan)
    found[performance.rows - evidence.first] = eyes / unit
    return found


def point(evidence: Evidence, found: Timing, moves: bool, missing: int) -> Point:
    """Lag, agreement, frames, flicker, head and blinks.

    ``moves`` says whether the mouth moves enough for its timing to be judged; ``missing`` is the
    number of frames of the original that the result lacks.
    """
    heard = found.heard
    allowed = tolerance(evidence, heard)
    spoken = float(evidence.voiced().sum()) * evidence.step
    unclear = ""
    if not moves:
        unclear = "the mouth hardly moves: see Articulation"
    elif spoken < LEAST_SPEECH:
        unclear = f"only {spoken:.1f} s of speech"
    frames = heard.seconds / evidence.step
    flicker, restless = _flicker(evidence)
    measures = (
        Measure(
            "follows",
            "how surely the mouth says what is heard",
            float("nan") if unclear else 100 * heard.confidence,
            low=FOLLOWS,
            unit=" %",
            digits=0,
            note=unclear or f"explains {np.sqrt(max(heard.explained, 0)):.2f} of the opening (r)",
        ),
        Measure(
            "lag",
            "mouth later than the speech",
            float("nan") if unclear or heard.confidence * 100 < FOLLOWS else frames,
            -round(allowed, 1),
            round(allowed, 1),
            " frames",
            1,
            note=unclear or f"sure to {heard.deviation / evidence.step:.2f} frames",
        ),
        Measure(
            "slip",
            "mouth later than the original's",
            float("nan") if unclear else found.slip,
            -SLIP,
            SLIP,
            " frames",
            note="the speech is the original's own sound"
            if not np.isnan(found.slip)
            else "told only where the speech is the original's own sound",
        ),
        Measure("picture", "whole picture late", found.picture, 0, 0, " frames", 0),
        Measure("missing", "frames missing or doubled", missing, 0, 0, digits=0),
        Measure("flicker", "flicker in the mouth, of own speech", flicker, high=FLICKER, unit=" x"),
        Measure("head", "head motion kept", _head_motion(evidence), low=ALIVE),
        Measure("blinks", "blinks kept", _blinks(evidence), low=ALIVE),
    )
    moments: list[Moment] = []
    if measures[5].state == "lost":
        moments += worst(restless, evidence.first, "the mouth flickers")
    if any(measure.state == "lost" for measure in measures[:3]):
        off = np.abs(np.diff(np.nan_to_num(evidence.wanted - evidence.after()), prepend=0))
        off[~evidence.voiced()] = 0
        level = float(np.quantile(off, 0.9))
        moments += worst(np.where(off > level, off, 0), evidence.first, "out of time")
    return Point("sync", measures, tuple(moments))


def _flicker(evidence: Evidence) -> tuple[float, Array]:
    """Flicker while speaking over that of own speech; by how much each frame exceeds, ``[n]``."""
    excess = np.full(len(evidence.seconds), np.nan)
    inside = evidence.rows_of(evidence.result, evidence.inside)
    result, jerks = _fluttering(evidence.result, inside)
    own, own_jerks = _fluttering(evidence.original, np.ones(len(evidence.original), bool))
    if min(len(result), len(own)) < LEAST:
        return float("nan"), excess
    apart = ((result.gaps[:, None] - own.gaps[None]) / ALIKE) ** 2
    apart += ((jerks[:, None] - own_jerks[None]) / ALIKE) ** 2
    typical = own.flutter[np.argsort(apart, axis=1, kind="stable")[:, :5]].mean(1)
    # What trembles less than half as much as this mouth usually does is not seen to flicker.
    typical = np.maximum(typical, 0.5 * float(own.flutter.mean()))
    ratio = result.flutter / np.maximum(typical, 1e-6)
    excess[result.rows - evidence.first] = ratio / FLICKER - 1
    return float(result.flutter.sum() / max(float(typical.sum()), 1e-6)), excess


def _fluttering(performance: Performance, state: NDArray[np.bool_]) -> tuple[Performance, Array]:
    """Frames in ``state`` whose flutter is known, and the jerk of their opening.

    Teeth come and go with every word, faster in fast speech. Frames are compared with those of the
    original alike in opening and in its second difference over time: only what flickers more than
    lips that move like that has to is flicker.
    """
    gaps = performance.gaps
    jerks = np.zeros(len(gaps))
    jerks[1:-1] = np.abs(gaps[:-2] - 2 * gaps[1:-1] + gaps[2:])
    # Where flutter is known, both neighbours were measured.
    known = state & np.isfinite(performance.flutter)
    return performance.only(known), jerks[known]


def _shared(evidence: Evidence) -> tuple[Performance, Performance]:
    """Original and result in the frames of the line in which both were seen."""
    common = np.intersect1d(
        evidence.original.rows,
        evidence.result.rows[evidence.rows_of(evidence.result, evidence.inside)],
    )
    return (
        evidence.original.only(np.isin(evidence.original.rows, common)),
        evidence.result.only(np.isin(evidence.result.rows, common)),
    )


def _head_motion(evidence: Evidence) -> float:
    """Turning of the head, result over original; NaN if the original's is held still."""
    before, after = _shared(evidence)
    if len(before) < LEAST:
        return float("nan")
    turned = [_turning(each, evidence.step) for each in (before, after)]
    return turned[1] / turned[0] if turned[0] >= TURNS else float("nan")


def _turning(performance: Performance, step: float) -> float:
    """Mean degrees a second."""
    one, other = performance.rotations[:-1], performance.rotations[1:]
    near = np.diff(performance.rows) == 1
    trace = np.einsum("nij,nij->n", one, other)[near]
    if not len(trace):
        return 0.0
    return float(np.rad2deg(np.arccos(np.clip((trace - 1) / 2, -1, 1))).mean() / step)


def _blinks(evidence: Evidence) -> float:
    """Share of the original's blinks that the result has; NaN if nobody blinks."""
    before, after = _shared(evidence)
    if len(before) < LEAST:
        return float("nan")
    shut = blinks(before.lids)
    if not shut.any():
        return float("nan")
    kept = after.lids < float(np.median(before.lids)) * 0.6
    begins = np.flatnonzero(shut & ~np.concatenate([[False], shut[:-1]]))
    ends = np.flatnonzero(shut & ~np.concatenate([shut[1:], [False]])) + 1
    met = [kept[start:stop].any() for start, stop in zip(begins, ends, strict=True)]
    return float(np.mean(met))


def blinks(lids: Array) -> NDArray[np.bool_]:
    """``[n]``: frames in which the eyes, usually open, are shut."""
    return np.asarray(lids < 0.5 * float(np.median(lids)))
