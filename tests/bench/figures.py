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

from relip.mouth.select import angles
from relip.mouth.shape import LIPS_INNER, LIPS_OUTER, Array
from tests.bench.mouths import Mouths, eye_distances

LIPS: Final = np.concatenate([LIPS_OUTER, LIPS_INNER])
RIGID: Final = np.array([33, 133, 362, 263, 168, 6, 197])
"""Eye corners and nose bridge: they do not move, so what moves there is landmark noise."""
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


def spread(gaps: Array) -> float:
    """90th less 10th percentile."""
    low, high = np.quantile(gaps, [0.1, 0.9])
    return float(high - low)


def pairs(mouths: Mouths, state: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """``[n - 1]``: neighbouring frames of the clip, both in ``state`` ``[n]``."""
    return np.asarray((np.diff(mouths.rows) == 1) & state[1:] & state[:-1])


def energy(faces: Array, points: NDArray[np.int64], steps: NDArray[np.bool_]) -> float:
    """Mean squared change of ``points`` over the frame steps chosen, squared eye distances."""
    change = np.diff(faces[:, points, :2], axis=0)[steps]
    return float((change**2).sum(-1).mean()) if steps.any() else float("nan")


def stillness(
    mouths: Mouths, silent: NDArray[np.bool_], speaking: NDArray[np.bool_]
) -> tuple[float, float]:
    """Lip motion in silence over lip motion in speech: of energies, and of raw amplitudes.

    Energy is the mean squared change of the 40 lip points from frame to frame, head pose taken
    off, less the same of points that cannot move in the same frames: what trembles there
    is the landmark network. It is the change that is measured and not the spread, because a
    viewer sees a mouth move, while a smile that slowly fades is no motion. The amplitude ratio
    is the root of the uncorrected energies' ratio.
    """
    in_silence, in_speech = pairs(mouths, silent), pairs(mouths, speaking)
    raw = [energy(mouths.faces, LIPS, steps) for steps in (in_silence, in_speech)]
    noise = [energy(mouths.faces, RIGID, steps) for steps in (in_silence, in_speech)]
    clean = [max(lips - rigid, 0.0) for lips, rigid in zip(raw, noise, strict=True)]
    if np.isnan(raw).any() or clean[1] <= 0:
        return float("nan"), float("nan")
    return clean[0] / clean[1], float(np.sqrt(raw[0] / raw[1]))


def flicker(mouths: Mouths, state: NDArray[np.bool_]) -> float:
    """Mean absolute second difference over time of the shape-free mouth.

    The texture is warped onto the mean face first, so the mouth's own movement drops out and
    what is left is teeth, tongue and light that jump.
    """
    steps = pairs(mouths, state)
    triples = np.flatnonzero(steps[1:] & steps[:-1]) + 1
    if len(triples) == 0:
        return float("nan")
    before, here, after = (mouths.textures[triples + by] for by in (-1, 0, 1))
    return float(np.abs(before - 2 * here + after).mean())


def alike(result: Mouths, source: Mouths, few: int = 5) -> NDArray[np.int64]:
    """For each frame of the result the ``few`` source frames most like it, ``[n, few]``.

    Alike in opening (.02 eye distances count as much as 4 degrees of head pose).
    """
    apart = ((result.gaps[:, None] - source.gaps[None]) / 0.02) ** 2
    turned = (angles(result.rotations, source.rotations) / 4) ** 2
    return np.asarray(np.argsort(apart + turned, axis=1)[:, :few])


def sharpness(result: Mouths, source: Mouths) -> float:
    """Detail of the result's mouths over that of source frames alike, median over frames.

    Comparing like with like matters: an open mouth has the finer detail of the teeth.
    """
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
