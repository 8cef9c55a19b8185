"""How this person's mouth answers to speech, learnt from their own footage.

Two answers are learnt. The average shape per viseme is robust and carries over to any voice.
A ridge regression from the speech network's features moves as this person moves, but knows
only what it has seen. Both shrink toward what is known of mouths in general when the clip
says little: generic visemes are places in the person's own range of opening and width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import CORNERS, Array, PersonShapes
from relip.speech.articulation import FEATURE_RATE, RATE, VISEMES, Articulation, effort

GENERIC: Final[dict[str, tuple[float, float]]] = {
    # viseme: (opening, width) as quantiles of this person's own mouths
    "SIL": (0.06, 0.45),
    "PBM": (0.03, 0.45),
    "FV": (0.22, 0.50),
    "ROUND": (0.45, 0.06),
    "OPEN": (0.92, 0.50),
    "MID": (0.65, 0.50),
    "SPREAD": (0.50, 0.92),
    "TEETH": (0.45, 0.70),
    "SH": (0.45, 0.20),
    "BACK": (0.60, 0.45),
}
EVIDENCE: Final = 12.0
"""Frames of a viseme after which its own average counts as much as the generic shape."""
RIDGE: Final = 1000.0
"""Regularisation of standardised features; best mean of 100 to 10,000 on five clips."""
PERSONAL: Final = 0.6
"""Largest share of the regression in the answer; above it closures and vowels flatten."""
HEARD: Final = 0.2
"""Share of the opening heard in the answer's; the rest is what shapes say. On eleven clips more
foretells the second half's opening worse, less makes the mouth move less than it did."""
USUAL_OPENING: Final = 0.34
USUAL_RANGE: Final = 0.49
"""Mean of the opening heard in the speech of eleven clips, and the width of its middle 80 %."""
OWN_RANGE: Final = 1.0
"""Squared opening, about 40 frames of speech, after which a clip's own slope counts half."""
MOST_GAIN: Final = 2.0
"""Averages move less than mouths do, by up to this factor; more would be noise."""
LEAST_SPEECH: Final = 24
"""Speaking frames from which a style can be learnt at all."""
WINDOW: Final = 0.055
"""Half width in seconds of the Hann window that blends neighbouring visemes: each one rises
before and falls after its sound, as in Cohen and Massaro's dominance functions (1993)."""
CONTEXT: Final = 0.04
"""Half width in seconds for features, which carry context of their own."""


def at(rows: NDArray[np.float32], seconds: Array, half_width: float) -> Array:
    """100 Hz rows ``[m, d]`` averaged under a Hann window around each time, ``[t, d]``."""
    return averaged(rows, seconds * RATE - 0.5, round(half_width * RATE))


def features_at(speech: Articulation, seconds: Array) -> Array:
    """The speech network's features around each time, ``[t, 384]``."""
    return averaged(speech.features, seconds * FEATURE_RATE, round(CONTEXT * FEATURE_RATE))


def averaged(
    rows: NDArray[np.float32] | NDArray[np.float16], place: Array, half_width: int
) -> Array:
    """Rows ``[m, d]`` under a Hann window around places ``[t]`` between them, ``[t, d]``."""
    reach = max(1, half_width)
    window = np.hanning(2 * reach + 3)[1:-1]
    first = np.floor(place).astype(int)
    part = (place - first)[:, None]
    total = np.zeros((len(place), rows.shape[1]))
    weight = 0.0
    for offset, share in zip(range(-reach, reach + 1), window, strict=True):
        left = np.clip(first + offset, 0, len(rows) - 1)
        right = np.clip(first + offset + 1, 0, len(rows) - 1)
        total += share * (rows[left] * (1 - part) + rows[right] * part)
        weight += share
    return total / weight


@dataclass(frozen=True, eq=False)
class Ridge:
    """A linear map from standardised speech features to shapes."""

    mean: Array
    spread: Array
    weights: Array
    explained: float

    def __call__(self, features: NDArray[np.float32] | Array) -> Array:
        """Shapes ``[t, k]`` around zero for features ``[t, 384]``."""
        return np.asarray(((features - self.mean) / self.spread) @ self.weights)


@dataclass(frozen=True, eq=False)
class Spoken:
    """What is heard while each of ``t`` frames is seen.

    Attributes
    ----------
    heard : ``[t, 10]`` visemes under the coarticulation window.
    features : ``[t, 384]`` speech-network features.
    opening : ``[t]`` how far an average speaker's lips part, 0 to 1.
    effort : ``[t]`` how much farther than usual the mouth goes, see
        :func:`relip.speech.articulation.effort`.
    """

    heard: Array
    features: NDArray[np.float32]
    opening: Array
    effort: Array


@dataclass(frozen=True, eq=False)
class SpeakingStyle:
    """One person's way of speaking, in shape coefficients.

    Attributes
    ----------
    visemes : ``[10, k]`` the shape of each viseme.
    rest : ``[k]`` the mouth at rest.
    mean : ``[k]`` the average mouth while speaking.
    ridge : features to shapes, or None without usable own speech.
    share : of the ridge in the answer, 0 to ``PERSONAL``.
    gain : ``[k]`` what the answer must be stretched by to move as much as the person.
    cloud : ``[n, k]`` every shape the person was seen to make.
    closed : ``[c, k]`` those with the lips together.
    gaps : ``[n]`` inner-lip gaps of the cloud, in eye distances.
    shut, parting : gap of the average face, and ``[k]`` how much each coefficient adds.
    reach : how far the person's lips open and close in speech: the middle 80 % of their gaps.
    parted : the gap at no opening, and how much of it one unit of the opening heard adds.
    along : ``[k]`` how the whole shape changes when the lips part by one eye distance.
    """

    visemes: Array
    rest: Array
    mean: Array
    ridge: Ridge | None
    share: float
    gain: Array
    cloud: Array
    closed: Array
    gaps: Array
    shut: float
    parting: Array
    reach: float
    parted: tuple[float, float]
    along: Array

    def answer(self, spoken: Spoken) -> Array:
        """The mouth ``[t, k]`` for what is heard while each frame is seen.

        All answers are mixed while somebody speaks; silence is left to the plan.
        """
        return self.mean + (self._mixed(spoken) - self.mean) * self.gain

    def _mixed(self, spoken: Spoken) -> Array:
        shapes = self._shaped(spoken.heard, spoken.features)
        gap = self.parted[0] + self.parted[1] * spoken.opening
        lack = gap - self.gap(shapes)
        return np.asarray(shapes + HEARD * lack[:, None] * self.along)

    def gap(self, shapes: Array) -> Array:
        """Inner-lip gaps ``[t]`` of shapes ``[t, k]``, in eye distances."""
        return np.asarray(self.shut + shapes @ self.parting)

    def _shaped(self, heard: Array, features: NDArray[np.float32] | Array) -> Array:
        speaking = heard.copy()
        speaking[:, 0] = 0
        total = speaking.sum(1, keepdims=True)
        blend = (speaking @ self.visemes) / np.maximum(total, 0.05)
        shapes = np.where(total > 0.05, blend, self.mean)
        if self.ridge is None or self.share == 0:
            return np.asarray(shapes)
        own = self.mean + self.ridge(features)
        return np.asarray((1 - self.share) * shapes + self.share * own)

    def fitted(self, own: OwnSpeech) -> SpeakingStyle:
        """The same style, answering the person's own speech with as much motion as was seen."""
        talking = own.known & (own.heard[:, 0] < 0.5)
        seen = self.cloud[talking]
        answered = self._mixed(own.at(talking))
        gain = np.clip(seen.std(0) / (answered.std(0) + 1e-6), 1, MOST_GAIN)
        return replace(self, gain=gain)


def widths(shapes: PersonShapes) -> Array:
    """Distance of the mouth corners of every frame, in eye distances."""
    faces = shapes.canonical
    across = faces[:, CORNERS[0]] - faces[:, CORNERS[1]]
    return np.asarray(np.linalg.norm(across.astype(float), axis=1) / shapes.eye_distance)


def generic_visemes(cloud: Array, gaps: Array, width: Array) -> Array:
    """``[10, k]`` viseme shapes as places in the person's own range."""
    rank_gap = gaps.argsort().argsort() / max(len(gaps) - 1, 1)
    rank_width = width.argsort().argsort() / max(len(width) - 1, 1)
    found = []
    for viseme in VISEMES:
        opening, wide = GENERIC[viseme]
        # Opening matters more: a wrong width looks like a habit, a wrong gap like an error.
        off = ((rank_gap - opening) / 0.08) ** 2 + ((rank_width - wide) / 0.2) ** 2
        weight = np.exp(-0.5 * (off - off.min()))
        found.append(weight @ cloud / weight.sum())
    return np.stack(found)


def fit_ridge(features: NDArray[np.float32] | Array, shapes: Array) -> Ridge:
    """A ridge regression and the share of shape variance it explains on held-out thirds."""
    mean, spread = features.mean(0), features.std(0) + 1e-3
    given = ((features - mean) / spread).astype(np.float32)
    count = len(given)

    def weights(rows: NDArray[np.int64]) -> Array:
        centred = shapes[rows] - shapes[rows].mean(0)
        part = given[rows]
        # The small side of the matrix decides which of the two equal forms is cheap.
        if len(rows) < given.shape[1]:
            inner = part @ part.T + RIDGE * np.eye(len(rows))
            return np.asarray(part.T @ np.linalg.solve(inner, centred))
        inner = part.T @ part + RIDGE * np.eye(given.shape[1])
        return np.asarray(np.linalg.solve(inner, part.T @ centred))

    index = np.arange(count)
    missed, spent = 0.0, 1e-9
    for fold in range(3):
        held = index * 3 // count == fold
        if held.all() or not held.any():
            continue
        centre = shapes[~held].mean(0)
        predicted = given[held] @ weights(index[~held]) + centre
        missed += float(((shapes[held] - predicted) ** 2).sum())
        spent += float(((shapes[held] - centre) ** 2).sum())
    return Ridge(mean, spread, weights(index), 1 - missed / spent)


def resting(shapes: PersonShapes, gaps: Array) -> Array:
    """The person's stillest closed mouth: the average of what silence shows is not one."""
    motion = np.zeros(len(gaps))
    if len(gaps) > 2:
        step = np.linalg.norm(np.diff(shapes.coefficients, axis=0), axis=1)
        motion[1:] += step
        motion[:-1] += step
    closed = np.flatnonzero(gaps <= max(np.quantile(gaps, 0.05), gaps.min() + 0.01))
    still = closed[motion[closed] <= np.quantile(motion[closed], 0.6)]
    return np.asarray(np.median(shapes.coefficients[still], axis=0))


@dataclass(frozen=True, eq=False)
class OwnSpeech(Spoken):
    """What the person was heard to say; ``known`` ``[t]``: frames for which there is sound."""

    known: NDArray[np.bool_]

    def at(self, rows: NDArray[np.bool_]) -> Spoken:
        """Some frames of it."""
        return Spoken(self.heard[rows], self.features[rows], self.opening[rows], self.effort[rows])


def spoken_at(speech: Articulation, seconds: Array) -> Spoken:
    """What is heard around each time ``[t]`` in the speech."""
    return Spoken(
        at(speech.visemes, seconds, WINDOW),
        features_at(speech, seconds).astype(np.float32),
        at(speech.opening[:, None], seconds, WINDOW)[:, 0],
        at(effort(speech.loudness, speech.voice)[:, None], seconds, WINDOW)[:, 0],
    )


def overheard(own: Articulation, seconds: Array) -> OwnSpeech:
    """Own speech at each frame's time ``[n]`` in it; frames outside it are not known."""
    known = (seconds >= 0) & (seconds < len(own.visemes) / RATE)
    if len(own.visemes) == 0:
        return unheard(len(seconds))
    spoken = spoken_at(own, seconds)
    return OwnSpeech(spoken.heard, spoken.features, spoken.opening, spoken.effort, known)


def unheard(count: int) -> OwnSpeech:
    """Frames without any sound."""
    return OwnSpeech(
        np.zeros((count, len(VISEMES))),
        np.zeros((count, 384), np.float32),
        np.zeros(count),
        np.ones(count),
        np.zeros(count, bool),
    )


def together(parts: Sequence[OwnSpeech]) -> OwnSpeech:
    """The speech of several clips in a row."""
    return OwnSpeech(
        np.concatenate([part.heard for part in parts]),
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.opening for part in parts]),
        np.concatenate([part.effort for part in parts]),
        np.concatenate([part.known for part in parts]),
    )


def parted_by(opening: Array, gaps: Array, reach: float) -> tuple[float, float]:
    """Gap at no opening, and what a unit of opening adds, from both while speaking ``[n]``.

    The slope is between what a regression finds, too small for all that the opening does not
    explain, and what gives the person their ``reach`` over an average speaker's range.
    """
    usual = reach / USUAL_RANGE
    if len(opening) < LEAST_SPEECH:
        return float(np.median(gaps)) - usual * USUAL_OPENING, usual
    varied = opening - opening.mean()
    seen = float(varied @ (gaps - gaps.mean()))
    slope = (seen + OWN_RANGE * usual) / (float(varied @ varied) + OWN_RANGE)
    return float(gaps.mean() - slope * opening.mean()), slope


def learn_style(shapes: PersonShapes, own: OwnSpeech) -> SpeakingStyle:
    """The person's style from their shapes ``[n]`` and what they were heard to say."""
    cloud = shapes.coefficients
    gaps = shapes.gaps(cloud)
    generic = generic_visemes(cloud, gaps, widths(shapes))
    rest = resting(shapes, gaps)
    closed = cloud[gaps <= max(np.quantile(gaps, 0.04), gaps.min() + 0.006)]
    mean, visemes, ridge = cloud.mean(0), generic, None
    heard, seen = own.heard[own.known], cloud[own.known]
    talking = heard[:, 0] < 0.5
    if talking.sum() >= LEAST_SPEECH:
        evidence = heard.sum(0)[:, None]
        visemes = (heard.T @ seen + EVIDENCE * generic) / (evidence + EVIDENCE)
        # A regression separates visemes that always meet; averages blur them together.
        inner = heard.T @ heard + EVIDENCE * np.eye(len(VISEMES))
        visemes = visemes + np.linalg.solve(inner, heard.T @ (seen - heard @ visemes))
        mean = seen[talking].mean(0)
        ridge = fit_ridge(own.features[own.known], seen)
    visemes = visemes.copy()
    visemes[0] = rest
    share = PERSONAL * float(np.clip(ridge.explained / 0.35, 0, 1)) if ridge else 0.0
    gain = np.ones(cloud.shape[1])
    parting = shapes.gaps(np.eye(cloud.shape[1])) - shapes.gaps(np.zeros((1, cloud.shape[1])))
    spoken = gaps[own.known][talking] if ridge else gaps
    reach = float(np.quantile(spoken, 0.9) - np.quantile(spoken, 0.1))
    opening = own.opening[own.known][talking] if ridge else own.opening[:0]
    away = gaps - gaps.mean()
    style = SpeakingStyle(
        visemes=visemes,
        rest=rest,
        mean=mean,
        ridge=ridge,
        share=share,
        gain=gain,
        cloud=cloud,
        closed=closed,
        gaps=gaps,
        shut=float(shapes.gaps(np.zeros((1, cloud.shape[1])))[0]),
        parting=parting,
        reach=reach,
        parted=parted_by(opening, spoken, reach),
        along=away @ (cloud - cloud.mean(0)) / max(float(away @ away), 1e-9),
    )
    return style.fitted(own) if ridge else style
