"""Point 4: neither gaping nor mumbling, open vowels open, and still where nobody speaks."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import LIPS_INNER, LIPS_OUTER, Array
from relip.mouth.style import WINDOW, at
from relip.quality.card import Contact, Measure, Moment, Point
from relip.quality.evidence import LEAST, Bits, Evidence, worst
from relip.quality.performance import Performance
from relip.speech.articulation import VISEMES

LIPS: Final = np.concatenate([LIPS_OUTER, LIPS_INNER])
RIGID: Final = np.array([33, 133, 362, 263, 168, 6, 197])
"""Eye corners and nose bridge: they do not move, so what moves there is landmark noise."""
RANGE: Final = (0.6, 1.8)
ASKED: Final = (0.65, 1.8)
"""Real speech had .92 to 1.39 of what its own sound asks for, on eight clips."""
SPEED: Final = (0.55, 1.9)
LEAK: Final = 0.1
"""Energy of the lips in silence, of that in speech; what people do themselves is allowed."""
UNKNOWN_LEAK: Final = 0.2
"""Where their own silence is not known; real mouths had up to .15."""
MOST_LEAK: Final = 0.3
"""What is too much whatever they do: silence that was heard wrong is no allowance."""
CONTRAST: Final = 0.25
"""How much wider open vowels are than closures, of this person's reach."""
HARDLY: Final = 0.3
"""Of the own range, below which a mouth hardly moves."""
VOWELS: Final = [VISEMES.index("OPEN"), VISEMES.index("MID")]


def spread(gaps: Array) -> float:
    """90th less 10th percentile."""
    low, high = np.quantile(gaps, [0.1, 0.9])
    return float(high - low)


def moves(evidence: Evidence) -> bool:
    """Whether the mouth moves enough for its timing to be judged."""
    ratio = reach(evidence)
    return bool(np.isnan(ratio) or ratio >= HARDLY)


def reach(evidence: Evidence) -> float:
    """Range of the opening in the line over that in the person's own speech."""
    new, old = _spoken(evidence)
    if min(len(new), len(old)) < LEAST:
        return float("nan")
    return spread(new) / max(spread(old), 1e-6)


def pairs(performance: Performance, state: Bits) -> Bits:
    """``[m - 1]``: neighbouring frames of the clip, both in ``state`` ``[m]``."""
    return np.asarray((np.diff(performance.rows) == 1) & state[1:] & state[:-1])


def energy(performance: Performance, state: Bits) -> float:
    """Mean squared change of the lips from frame to frame in ``state`` ``[m]``.

    In squared eye distances, head pose taken off, less the same of points that cannot move:
    what trembles there is the landmark network. It is the change that is measured and not the
    spread, because a viewer sees a mouth move, while a smile that slowly fades is no motion.
    NaN without two neighbouring frames.
    """
    steps = pairs(performance, state)
    if not steps.any():
        return float("nan")
    lips, rigid = (_change(performance, points, steps) for points in (LIPS, RIGID))
    return max(float(lips.mean() - rigid.mean()), 0.0)


def _change(performance: Performance, points: NDArray[np.int64], steps: Bits) -> Array:
    change = np.diff(performance.faces[:, points, :2], axis=0)[steps]
    return np.asarray((change**2).sum(-1).mean(-1), float)


def leak(performance: Performance, silent: Bits, reference: float) -> float:
    """Motion energy in ``silent`` ``[m]`` over that in speech; NaN if too few frames."""
    if pairs(performance, silent).sum() < LEAST or not reference > 0:
        return float("nan")
    return energy(performance, silent) / reference


def point(evidence: Evidence, found: tuple[Contact, ...], late: float = 0.0) -> Point:
    """Range, speed, contrast and leak, always together: a still mouth must not win.

    What a mouth that is ``late`` by some frames does then is not motion in silence.
    """
    range_ = reach(evidence)
    allowed, leaked, told = _leak(evidence, late)
    measures = (
        Measure(
            "range", "range of opening, of this person's own speech", range_, *RANGE, unit=" x"
        ),
        Measure(
            "asked",
            "range of opening, of what the line asks of this mouth",
            _asked(evidence),
            *ASKED,
            unit=" x",
        ),
        Measure("speed", "speed of opening, of own speech", _speed(evidence), *SPEED, unit=" x"),
        Measure(
            "contrast",
            "open vowels less closures, of this person's reach",
            _contrast(evidence, found),
            low=CONTRAST,
        ),
        Measure(
            "leak",
            "lip motion where nobody speaks, of that in speech",
            leaked,
            high=allowed,
            digits=3,
            note=told,
        ),
    )
    moments: list[Moment] = []
    states = {measure.key: measure.state for measure in measures}
    if states["leak"] == "lost":
        moments += worst(_restless(evidence, late), evidence.first, "the mouth moves in silence")
    if "lost" in (states["range"], states["asked"], states["speed"]):
        gaping = range_ > RANGE[1]
        why = "the mouth gapes" if gaping else "the mouth hardly opens"
        moments += worst(_off(evidence, gaping), evidence.first, why)
    few = np.isnan(range_) and np.isnan(leaked)
    reason = "too few frames in which the line is spoken" if few else ""
    return Point("articulation", measures, tuple(moments), reason)


def _spoken(evidence: Evidence) -> tuple[Array, Array]:
    """Gaps of the result while the line is spoken, and of the original while its own is."""
    new, old = evidence.after()[evidence.voiced()], evidence.before()[evidence.own_voiced()]
    return new[np.isfinite(new)], old[np.isfinite(old)]


def _asked(evidence: Evidence) -> float:
    """Range of the opening in the line over that of what it asks for.

    NaN without own speech: how far this person opens for which sound is not known then.
    """
    if evidence.own is None:
        return float("nan")
    gaps, spoken = evidence.after(), evidence.voiced()
    both = spoken & np.isfinite(gaps) & np.isfinite(evidence.wanted)
    if both.sum() < LEAST:
        return float("nan")
    return spread(gaps[both]) / max(spread(evidence.wanted[both]), 1e-6)


def _speed(evidence: Evidence) -> float:
    """90th percentile of the lips' speed in the line over that in own speech."""
    speeds = []
    for gaps, state in (
        (evidence.after(), evidence.voiced()),
        (evidence.before(), evidence.own_voiced()),
    ):
        change = np.abs(np.diff(gaps))[state[1:] & state[:-1]]
        change = change[np.isfinite(change)]
        if len(change) < LEAST:
            return float("nan")
        speeds.append(float(np.quantile(change, 0.9)))
    return speeds[0] / max(speeds[1], 1e-6)


def _contrast(evidence: Evidence, found: tuple[Contact, ...]) -> float:
    gaps = evidence.after()
    vowels = at(evidence.heard.visemes, evidence.seconds, WINDOW)[:, VOWELS].sum(1) > 0.6
    wide = gaps[vowels & np.isfinite(gaps)]
    narrow = np.array(
        [
            gaps[contact.frame - evidence.first]
            for contact in found
            if contact.kind == "pbm" and contact.met is not None and contact.frame >= 0
        ]
    )
    if len(wide) < 3 or not len(narrow):
        return float("nan")
    return float((np.median(wide) - np.median(narrow)) / evidence.reach)


def _leak(evidence: Evidence, late: float) -> tuple[float, float, str]:
    """The bar, the leak, and what to know about it."""
    result, original = evidence.result, evidence.original
    own_speech = evidence.rows_of(original, evidence.own_voiced())
    reference = energy(original, own_speech)
    own = leak(original, evidence.rows_of(original, evidence.own_quiet()), reference)
    quiet = evidence.rows_of(result, evidence.quiet(late))
    leaked = leak(result, quiet, reference)
    told = f"{int(quiet.sum())} silent frames"
    if not np.isnan(own):
        told += f"; {own:.3f} in this person's own silence"
    allowed = UNKNOWN_LEAK if np.isnan(own) else min(max(LEAK, own), MOST_LEAK)
    return allowed, leaked, told


def _restless(evidence: Evidence, late: float) -> Array:
    """How much the lips change in each silent frame, 0 elsewhere, ``[n]``."""
    result = evidence.result
    quiet = evidence.rows_of(result, evidence.quiet(late))
    steps = pairs(result, quiet)
    found = np.zeros(len(evidence.seconds))
    change = _change(result, LIPS, steps)
    found[result.rows[1:][steps] - evidence.first] = change
    level = float(np.quantile(change, 0.5)) if len(change) else 0.0
    return np.where(found > level, found, 0)


def _off(evidence: Evidence, gaping: bool) -> Array:
    """How far the mouth is open, or short of what is wanted, ``[n]``."""
    gaps = evidence.after()
    if gaping:
        most = evidence.closed + 1.3 * evidence.reach
        return np.nan_to_num((gaps - most) / evidence.reach)
    return np.nan_to_num((evidence.wanted - gaps) / evidence.reach - 0.25)
