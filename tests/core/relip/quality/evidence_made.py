"""Evidence without a picture: a mouth that says a line exactly, to which faults can be added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np

from relip.mouth.shape import EYES, LIPS_INNER, LIPS_OUTER, LOWER_INNER, POINTS, UPPER_INNER, Array
from relip.quality.card import Measure, Point
from relip.quality.evidence import Evidence
from relip.quality.performance import LIDS, Performance
from relip.quality.region import Regions
from relip.speech.articulation import RATE, VISEMES, Articulation
from tests.mouths_made import PLANTED, line_of, turned

FPS: Final = 25
STEP: Final = 1 / FPS
FIRST: Final = 50
"""Number in the clip of the first frame."""
BEGINS: Final = 1.8
"""Seconds from the clip's first frame to the line's first sample."""
WIDE: Final = 0.12
"""Gap of the widest mouth, eye distances."""
EYE: Final = 100.0
"""Px between the eyes."""
_OPENING: Final = np.array([PLANTED[name][0] for name in VISEMES])
_UPPER: Final = np.setdiff1d(np.concatenate([LIPS_OUTER, LIPS_INNER]), LOWER_INNER)
_PAUSE: Final = 1.0


@cache
def line(seed: int = 0, words: int = 2) -> Articulation:
    """Some words, each of 14 sounds, every other one a vowel; a second of silence around each."""
    noise = np.random.default_rng(seed)
    sounds: list[tuple[str, float]] = [("SIL", _PAUSE)]
    for _ in range(words):
        starts = noise.permutation(["PBM", "PBM", "PBM", "FV", "FV", "TEETH", "BACK"])
        for name in starts:
            vowel = str(noise.choice(["OPEN", "OPEN", "MID", "SPREAD", "ROUND"]))
            sounds += [(str(name), 0.12), (vowel, float(noise.uniform(0.16, 0.24)))]
        sounds += [("PBM", 0.12), ("SIL", _PAUSE)]
    return line_of(*sounds, seed=seed)


def opening(heard: Articulation, seconds: Array) -> Array:
    """The gap ``[n]`` of a mouth that says what is heard at ``seconds``."""
    wide = heard.visemes @ _OPENING
    soft = np.convolve(wide, np.full(5, 0.2), "same")
    rows = (np.arange(len(soft)) + 0.5) / RATE
    return np.asarray(0.004 + (WIDE - 0.004) * np.interp(seconds, rows, soft, 0, 0))


def performance(gaps: Array, first: int = FIRST, seed: int = 0) -> Performance:
    """A head that sways and blinks, its mouth as far open as told."""
    n = len(gaps)
    noise = np.random.default_rng(seed)
    phase = np.arange(n) / 9
    faces = np.zeros((n, POINTS, 3), np.float32)
    faces[:, _UPPER, 1] = -gaps[:, None] / 2
    faces[:, [*LOWER_INNER, 17, 84, 314], 1] = gaps[:, None] / 2
    lids = np.where(np.arange(n) % 60 // 4 == 5, 0.01, 0.07)
    for upper, lower in LIDS:
        faces[:, upper, 1], faces[:, lower, 1] = -lids / 2, lids / 2
    faces += noise.normal(0, 3e-4, faces.shape).astype(np.float32)
    landmarks = np.zeros((n, 478, 3), np.float32)
    landmarks[:, :POINTS] = 300 + EYE * faces
    landmarks[:, EYES[0], 0] -= EYE / 2
    landmarks[:, EYES[1], 0] += EYE / 2
    landmarks[:, :, 0] += (20 * np.sin(phase))[:, None]
    landmarks[:, :, 1] += (12 * np.cos(phase / 2))[:, None]
    flutter = 0.01 + 0.05 * gaps
    flutter[[0, -1]] = np.nan
    return Performance(
        first + np.arange(n),
        landmarks,
        faces,
        np.stack([turned(8 * np.sin(each), 4 * np.cos(each)) for each in phase]),
        faces[:, LOWER_INNER, 1].mean(1) - faces[:, UPPER_INNER, 1].mean(1).astype(float),
        flutter,
        100 + 2000 * gaps,
        0.3 + gaps,
        np.full(n, 80.0),
    )


def regions(n: int, first: int = FIRST) -> Regions:
    """A changed part that nobody sees: in every frame, without edge, colour or spill."""
    return Regions(
        first + np.arange(n),
        np.full(n, 0.8),
        np.full((n, 2), 3.0),
        np.zeros((n, 3)),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n),
    )


@cache
def dubbed() -> Evidence:
    """A flawless dub: the clip's own words, and exactly the new ones in the result."""
    heard, own = line(0), line(1)
    n = int((len(heard.voice) / RATE + 0.4) * FPS)
    times = (FIRST + np.arange(float(n))) * STEP
    seconds = times - BEGINS
    said = opening(heard, seconds)
    return Evidence(
        FIRST,
        STEP,
        performance(opening(own, seconds)),
        performance(said, seed=1),
        regions(n),
        heard,
        times,
        seconds,
        own,
        seconds,
        said,
        np.ones(n, bool),
    )


def untouched() -> Evidence:
    """The clip's own words, said by the clip itself."""
    made = dubbed()
    own = made.original
    assert made.own is not None
    return replace(
        made,
        heard=made.own,
        result=own,
        regions=replace(made.regions, area=np.zeros(len(made.times))),
        wanted=made.before(),
        same=0.0,
    )


def mouthing(evidence: Evidence, gaps: Array) -> Evidence:
    """The same with the result's mouth as far open as told, ``[n]``."""
    return replace(evidence, result=performance(gaps, seed=1))


def seen(evidence: Evidence, change: Callable[[Performance], Performance]) -> Evidence:
    """The same with what is seen in the result changed."""
    return replace(evidence, result=change(evidence.result))


def measure(point: Point, key: str) -> Measure:
    """One of a point's numbers."""
    return next(each for each in point.measures if each.key == key)


def states(point: Point) -> dict[str, str]:
    """Which of its numbers meet their bars."""
    return {each.key: each.state for each in point.measures if each.judged}
