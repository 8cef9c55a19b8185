"""Everything the points are judged by, for one line or for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.select import angles
from relip.mouth.shape import Array
from relip.quality.card import Moment
from relip.quality.performance import Performance
from relip.quality.region import Regions
from relip.speech.articulation import RATE, Articulation

Bits = NDArray[np.bool_]

LEAST: Final = 10
"""Frames without which nothing is said about speech or silence."""
HANDOVER: Final = 4
"""Frames on either side of a line's ends in which the original's mouth takes over."""
CLOSED: Final = 0.05
OPEN: Final = 0.9
"""Quantiles of this person's own gaps that count as closed and as open."""
LEAST_RANGE: Final = 0.01
"""Eye distances: landmarks do not tell a smaller movement of the lips from noise."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was heard and seen in ``n`` consecutive frames from ``first``.

    Attributes
    ----------
    first : number in the clip of row 0.
    step : seconds a frame lasts.
    original, result : the mouth before and after; their ``rows`` are frames of the clip, at most
        those of this evidence.
    regions : what changed.
    heard : the line.
    times : ``[n]`` seconds of each frame from the clip's first.
    seconds : ``[n]`` the same on the line's clock.
    own : what the original's sound says, or None.
    own_seconds : ``[n]`` time of each frame on that sound's clock, the clip's own delay taken off.
    wanted : ``[n]`` the opening that the line asks of this mouth, eye distances.
    inside : ``[n]`` frames that belong to the line.
    same : seconds by which the line comes later than the same words in the original's own sound,
        NaN if they are not in it.
    """

    first: int
    step: float
    original: Performance
    result: Performance
    regions: Regions
    heard: Articulation
    times: Array
    seconds: Array
    own: Articulation | None
    own_seconds: Array
    wanted: Array
    inside: Bits
    same: float = float("nan")

    def at(self, performance: Performance, values: Array) -> Array:
        """Values ``[m]`` of a performance on all frames ``[n]``, NaN where there is none."""
        found = np.full(len(self.seconds), np.nan)
        found[performance.rows - self.first] = values
        return found

    def before(self) -> Array:
        """The original's gaps ``[n]``."""
        return self.at(self.original, self.original.gaps)

    def after(self) -> Array:
        """The result's gaps ``[n]``, NaN outside the line."""
        gaps = self.at(self.result, self.result.gaps)
        gaps[~self.inside] = np.nan
        return gaps

    def voiced(self) -> Bits:
        """``[n]``: frames in which the line is spoken."""
        return self.inside & (loud(self.heard, self.seconds) > 0.5)

    def quiet(self, late: float = 0.0) -> Bits:
        """``[n]``: frames of the line with nobody speaking within a fifth of a second.

        For a mouth that is ``late`` by some frames, nor that much earlier: its own time is meant.

        Where the original goes on next to the line, the first and last frames are its: there one
        mouth is handed over to the other.
        """
        edge = np.diff(self.inside.astype(np.int8), prepend=self.inside[0], append=self.inside[-1])
        near = np.convolve(edge != 0, np.ones(2 * HANDOVER + 1), "full")
        clear = near[HANDOVER : HANDOVER + len(self.inside)] == 0
        hushed = silent(self.heard, self.seconds)
        if late:
            hushed &= silent(self.heard, self.seconds - late * self.step)
        return np.asarray(self.inside & hushed & clear)

    def own_voiced(self) -> Bits:
        """``[n]``: frames in which the original's sound speaks; all, if nothing is heard there."""
        everything = np.ones(len(self.seconds), bool)
        if self.own is None:
            return everything
        spoken = loud(self.own, self.own_seconds) > 0.5
        return spoken if spoken.sum() >= LEAST else everything

    def own_quiet(self) -> Bits:
        """``[n]``: frames in which the original's sound is silent."""
        if self.own is None:
            return np.zeros(len(self.seconds), bool)
        within = (self.own_seconds > 0.2) & (self.own_seconds < len(self.own.voice) / RATE - 0.2)
        return within & silent(self.own, self.own_seconds)

    @property
    def clip_offset(self) -> float:
        """Seconds from the clip's first frame to the line's first sample."""
        return float(self.times[0] - self.seconds[0])

    @property
    def closed(self) -> float:
        """The gap of this person's closed lips."""
        return float(np.quantile(self.original.gaps, CLOSED))

    @property
    def reach(self) -> float:
        """How far this person's lips go from closed to wide open."""
        return max(float(np.quantile(self.original.gaps, OPEN)) - self.closed, LEAST_RANGE)

    def rows_of(self, performance: Performance, state: Bits) -> Bits:
        """``[m]``: frames of a performance that are in ``state`` ``[n]``."""
        return np.asarray(state[performance.rows - self.first])


def loud(heard: Articulation, seconds: Array) -> Array:
    """Voice 0 to 1 at each time; 0 before and after the sound."""
    place = np.clip((seconds * RATE).astype(int), 0, len(heard.voice) - 1)
    voice = heard.voice[place].astype(float)
    voice[(seconds < 0) | (seconds >= len(heard.voice) / RATE)] = 0
    return np.asarray(voice)


def silent(heard: Articulation, seconds: Array) -> Bits:
    """Whether nobody speaks within a fifth of a second of each time."""
    near = [loud(heard, seconds + by) for by in np.linspace(-0.2, 0.2, 9)]
    return np.asarray(np.max(near, axis=0) < 0.2)


def alike(result: Performance, source: Performance, few: int = 5) -> NDArray[np.int64]:
    """For each frame of the result the ``few`` source frames most like it, ``[n, few]``.

    Alike in opening (.02 eye distances count as much as 4 degrees of head pose). Comparing like
    with like matters: an open mouth has the finer detail of the teeth.
    """
    apart = ((result.gaps[:, None] - source.gaps[None]) / 0.02) ** 2
    turned = (angles(result.rotations, source.rotations) / 4) ** 2
    return np.asarray(np.argsort(apart + turned, axis=1, kind="stable")[:, :few])


def runs(flags: Bits, bridge: int = 2) -> Iterator[tuple[int, int]]:
    """Half-open runs of true, gaps of up to ``bridge`` frames closed."""
    places = np.flatnonzero(flags)
    if not len(places):
        return
    breaks = np.flatnonzero(np.diff(places) > bridge + 1)
    for start, stop in zip(
        np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(places) - 1]]), strict=True
    ):
        yield int(places[start]), int(places[stop]) + 1


def worst(excess: Array, first: int, why: str, most: int = 5) -> tuple[Moment, ...]:
    """Where ``excess`` ``[n]`` is above 0: the runs with the most of it, the worst first.

    NaN is no excess. ``first`` is the number of the first frame.
    """
    cost = np.nan_to_num(excess, nan=0.0)
    found = [(float(cost[start:stop].sum()), start, stop) for start, stop in runs(cost > 0)]
    found.sort(key=lambda item: (-item[0], item[1]))
    top = found[0][0] if found else 1.0
    return tuple(
        Moment(first + start, first + stop, why, round(total / top, 3))
        for total, start, stop in found[:most]
    )
