"""How the cost of ``relip sync`` grows with the clip's length, its size and its faces."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from tests.bench import cost
from tests.bench.cost import Cost
from tests.bench.crowd import RATE, crowd
from tests.bench.lines import sample_line
from tests.bench.table import Row


@dataclass(frozen=True)
class Setting:
    """A clip to measure on: its length in seconds, its height in pixels, how many faces."""

    seconds: int
    height: int
    faces: int

    @property
    def frames(self) -> int:
        """Pictures in it."""
        return self.seconds * RATE

    def __str__(self) -> str:
        faces = "1 face" if self.faces == 1 else f"{self.faces} faces"
        return f"{self.seconds} s, {self.height}p, {faces}"


@dataclass(frozen=True)
class Plan:
    """What is varied, one thing at a time.

    Attributes
    ----------
    base : what other ways to make a frame are compared on, and whose length is varied.
    short : whose size and number of faces are varied; all else of it is as in ``base``.
    times : runs of the base; the median counts. Everything else is run once.
    """

    base: Setting
    short: Setting
    lengths: tuple[int, ...]
    heights: tuple[int, ...]
    faces: tuple[int, ...]
    times: int

    def series(self) -> Iterator[tuple[str, Setting]]:
        """Each setting with the name of its row."""
        for seconds in self.lengths:
            yield f"length: {seconds} s", replace(self.base, seconds=seconds)
        for height in self.heights:
            yield f"size: {height * 16 // 9}x{height}", replace(self.short, height=height)
        for faces in self.faces:
            yield f"faces: {faces}", replace(self.short, faces=faces)


FULL: Final = Plan(
    base=Setting(15, 1080, 1),
    short=Setting(5, 1080, 1),
    lengths=(5, 15, 60),
    heights=(540, 1080, 2160),
    faces=(1, 2, 3),
    times=3,
)
QUICK: Final = Plan(
    base=Setting(2, 1080, 1),
    short=Setting(2, 1080, 1),
    lengths=(2, 4),
    heights=(540, 1080),
    faces=(1, 2),
    times=1,
)


@dataclass(frozen=True)
class Pair:
    """The whole command, and only decode and encode, on the same clip one after the other."""

    frames: int
    whole: Cost
    bare: Cost

    @property
    def ratio(self) -> float:
        """Time of the one over that of the other."""
        return self.whole.seconds / self.bare.seconds

    @property
    def work(self) -> float:
        """Time on all cores of the one over that of the other; others at work change it little."""
        return self.whole.worked / self.bare.worked


@dataclass(frozen=True)
class Grid:
    """Pairs measured so far; nothing is measured twice."""

    folder: Path
    plan: Plan
    _found: dict[Setting, Pair] = field(default_factory=dict)

    def base(self) -> Pair:
        """What everything else is compared with."""
        return self.pair(self.plan.base)

    def pair(self, setting: Setting) -> Pair:
        """The run with the median ratio.

        Raises
        ------
        RuntimeError
            One of the two commands failed.
        """
        if setting not in self._found:
            times = self.plan.times if setting == self.plan.base else 1
            pairs = sorted((self._measured(setting) for _ in range(times)), key=lambda p: p.ratio)
            self._found[setting] = pairs[len(pairs) // 2]
        return self._found[setting]

    def _measured(self, setting: Setting) -> Pair:
        picture = crowd(self.folder, setting.seconds, setting.height, setting.faces)
        line = sample_line(self.folder, Fraction(setting.seconds)).path
        output = self.folder / "cost.mov"
        whole, bare = cost.sync(picture, line, output), cost.reencode(picture, output)
        print(f"{setting}: {whole.seconds:.1f} s / {bare.seconds:.1f} s", file=sys.stderr)
        return Pair(setting.frames, whole, bare)


def growth(grid: Grid) -> Iterator[Row]:
    """A row for every setting: time over that of decode and encode alone, and what it is made of.

    A setting that fails has NaN and the reason.
    """
    for name, setting in grid.plan.series():
        try:
            pair = grid.pair(setting)
        except RuntimeError as error:
            yield Row("growth", name, float("nan"), str(error))
            continue
        yield Row("growth", name, pair.ratio, "", {
            "s": pair.whole.seconds,
            "frames/s": pair.frames / pair.whole.seconds,
            "x work": pair.work,
            "cores busy": pair.whole.cores,
            "MiB": pair.whole.memory,
            "s floor": pair.bare.seconds,
            "MiB floor": pair.bare.memory,
        })  # fmt: skip
