"""How far sound and picture of a real clip are apart: up to a fifth of a second, clip by clip.

The opening of the lips is regressed on what is heard, once for every possible lag; the lag at which
hearing explains seeing best wins. The regression is this person's own (some say "o" with open
lips), held near what every mouth does; slow drifts of either side, a turning head or a smile, are
taken off first. As few seconds of speech leave room for chance, the result is the mean of a
posterior: without evidence it is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import OPENNESS, RATE, Articulation

FARTHEST: Final = 30
"""Rows: lags are sought up to 0.3 s either way."""

USUAL: Final = 0.08
"""Standard deviation in seconds of the lags that clips have, the width of the prior."""

INDEPENDENT: Final = 6.0
"""Independent looks at a mouth per second; a syllable lasts about a fifth of one."""

STIFFNESS: Final = 0.005
"""Ridge penalty per row, in units of the opening's variance."""

DRIFT: Final = 50
"""Standard deviation in rows of the Gaussian that tells drift from speech."""

SOFT: Final = 2.5
"""Standard deviation in rows by which what is heard is smoothed: lips have mass."""

CERTAIN: Final = 0.04
"""Seconds; confidence is about being within one frame at 25 frames/s."""


@dataclass(frozen=True)
class Lag:
    """By how much a mouth is late.

    Attributes
    ----------
    seconds : positive if the picture is late: what is heard at ``s`` is seen at ``s + seconds``.
    deviation : standard deviation of that, seconds.
    confidence : 0 if nothing was learnt from the clip, 1 if it is sure to be within 40 ms.
    explained : 0 to 1, how much of the lips' movement is explained by what is heard then.
    """

    seconds: float
    deviation: float
    confidence: float
    explained: float


UNKNOWN: Final = Lag(0.0, USUAL, 0.0, 0.0)


def lag(
    articulation: Articulation, opening: NDArray[np.float64], times: NDArray[np.float64]
) -> Lag:
    """By how much the mouth in the picture is later than the sound, and how surely.

    Parameters
    ----------
    articulation : what is heard in the clip's own sound
    opening : float64 ``[t]``, inner-lip gap in any unit, NaN where it is not known
    times : float64 ``[t]``, when each is seen, rising, in seconds from the first sample heard
    """
    seen, known = _on_rows(opening, times, len(articulation.voice))
    if known.sum() < RATE // 2 or not articulation.voice.any():
        return UNKNOWN
    mouth = _lively(seen[:, None], known)[:, 0]
    spread = 1.4826 * np.median(np.abs(mouth[known]))
    mouth = np.clip(mouth, -3 * spread, 3 * spread)
    power = float(np.mean(mouth[known] ** 2))
    if power <= 1e-12 * max(1.0, float(np.mean(seen[known] ** 2))):
        return UNKNOWN
    heard = _lively(_heard(articulation), np.ones(len(known), bool))
    unexplained = _unexplained(heard, mouth / np.sqrt(power), known)
    looks = known.sum() / RATE * INDEPENDENT
    seconds = np.arange(-FARTHEST, FARTHEST + 1) / RATE
    prior = -0.5 * (seconds / USUAL) ** 2
    posterior = _normalised(prior - 0.5 * looks * np.log(unexplained))
    mean = float(posterior @ seconds)
    near = np.abs(seconds - mean) <= CERTAIN
    before = float(_normalised(prior)[np.abs(seconds) <= CERTAIN].sum())
    sure = (float(posterior[near].sum()) - before) / (1 - before)
    deviation = float(np.sqrt(posterior @ (seconds - mean) ** 2))
    return Lag(mean, deviation, float(np.clip(sure, 0, 1)), float(1 - unexplained.min()))


def _on_rows(
    opening: NDArray[np.float64], times: NDArray[np.float64], rows: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The opening at every row of what is heard, and where it is known."""
    at = (np.arange(rows) + 0.5) / RATE
    valid = np.isfinite(opening)
    if valid.sum() < 2:
        return np.zeros(rows), np.zeros(rows, bool)
    there = times[valid]
    after = np.clip(np.searchsorted(there, at), 1, len(there) - 1)
    # Between frames farther apart than at 8 frames/s the mouth was not seen.
    known = (at >= there[0]) & (at <= there[-1]) & (there[after] - there[after - 1] < 0.125)
    return np.interp(at, there, opening[valid]), known


def _heard(articulation: Articulation) -> NDArray[np.float64]:
    """What an opening may depend on, ``[m, 11]``; the first column is every mouth's guess.

    That one is three times as large as the others: cheaper to use under the ridge penalty.
    """
    loud = np.clip(articulation.loudness / 40 + 1, 0, 1) * articulation.voice
    guess = 3 * (articulation.visemes @ OPENNESS) * (0.3 * articulation.voice + 0.7 * loud)
    columns = np.column_stack([guess, articulation.visemes[:, 1:], loud]).astype(np.float64)
    return _blurred(columns, SOFT)


def _lively(columns: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The columns ``[m, k]`` without their drift; 0 where not known."""
    weight = known[:, None].astype(np.float64)
    drift = _blurred(columns * weight, DRIFT) / np.maximum(_blurred(weight, DRIFT), 1e-9)
    lively: NDArray[np.float64] = (columns - drift) * weight
    return lively


def _blurred(columns: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """Each column under a Gaussian, zeros beyond the ends."""
    reach = int(3 * deviation)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    bell /= bell.sum()
    return np.stack(
        [np.convolve(column, bell, "full")[reach : reach + len(column)] for column in columns.T],
        axis=1,
    )


def _unexplained(
    heard: NDArray[np.float64], mouth: NDArray[np.float64], known: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """For every lag, the part of the mouth's variance that is not explained, penalty included."""
    rows = int(known.sum())
    penalty = STIFFNESS * rows
    padded = np.pad(heard, ((FARTHEST, FARTHEST), (0, 0)))
    left = np.empty(2 * FARTHEST + 1)
    for step in range(len(left)):
        # A late mouth shows at this row what was heard some rows before.
        start = 2 * FARTHEST - step
        part = padded[start : start + len(heard)][known]
        gram = part.T @ part + penalty * np.eye(part.shape[1])
        weights = np.linalg.solve(gram, part.T @ mouth[known])
        rest = mouth[known] - part @ weights
        left[step] = (rest @ rest + penalty * weights @ weights) / rows
    return left


def _normalised(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from log-probabilities up to a constant."""
    likely = np.exp(score - score.max())
    share: NDArray[np.float64] = likely / likely.sum()
    return share
