"""The figures, their bars, and the one table they are printed in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import inf, isnan, nan
from typing import Final

from relip.quality.card import Measure


@dataclass(frozen=True)
class Figure:
    """What is measured.

    Attributes
    ----------
    key : the short name ``--only`` takes.
    says : what the table says.
    low, high : a value in ``[low, high]`` is ok.
    digits : after the point.
    unit : printed after value and bar.
    average_low : bar of the mean over all clips, where it has one of its own.
    """

    key: str
    says: str
    low: float = -inf
    high: float = inf
    digits: int = 2
    unit: str = ""
    average_low: float | None = None

    def at(self, value: float) -> Measure:
        """The figure with a value, as the scorecard judges and shows one."""
        return Measure(
            self.key, self.says, value, self.low, self.high, self.unit, digits=self.digits
        )

    @property
    def bar(self) -> str:
        """The bar in words."""
        return self.at(nan).bar


FIGURES: Final = {
    figure.key: figure
    for figure in (
        Figure("outside", "samples changed outside the alpha region", 0, 0, 0),
        Figure("timing", "frames, times, timecode or tags that differ", 0, 0, 0),
        Figure("closures", "lips closed on p, b, m (within 1 frame)", 95, digits=0, unit=" %"),
        Figure("contrast", "open/closed contrast, of own speech", 0.8),
        Figure("stillness", "mouth motion in silence / in speech", high=0.03, digits=3),
        Figure("psnr", "self re-enactment: PSNR of the mouth", 22, unit=" dB", average_low=26),
        Figure("distance", "self re-enactment: lips off / eye distance", high=0.01, digits=4),
        Figure("sharpness", "sharpness inside the mouth / source", 0.85, 1.15),
        Figure("seam", "gradient across the blend ring / source", high=1.10),
        Figure("flicker", "flicker in the mouth / own speech", high=1.20),
        Figure("speed", "whole command / decode + encode, 1080p", high=3, unit=" x"),
        Figure("memory", "peak memory, 60 s clip / 5 s clip", high=1.15, unit=" x"),
        Figure("peers", "time per frame / decode + encode, 1080p", unit=" x"),
        Figure("growth", "whole command / decode + encode of the same clip", unit=" x"),
    )
}


@dataclass(frozen=True)
class Row:
    """One measured value; ``note`` says what else is worth knowing, ``clip`` on what.

    ``measures`` are further numbers by what they count. A NaN ``value`` could not be measured;
    the note says why.
    """

    figure: str
    clip: str
    value: float
    note: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def short(self) -> bool:
        """Whether the bar is missed."""
        return FIGURES[self.figure].at(self.value).state == "lost"


def averages(rows: Iterable[Row]) -> list[Row]:
    """The mean over clips for every figure that has several rows."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if not isnan(row.value):
            found.setdefault(row.figure, []).append(row.value)
    return [
        Row(figure, "average", sum(values) / len(values), f"{len(values)} clips")
        for figure, values in found.items()
        if len(values) > 1 and FIGURES[figure].bar and FIGURES[figure].high != FIGURES[figure].low
    ]


def verdict(row: Row) -> str:
    """``ok``, ``SHORT`` or ``-``."""
    figure = FIGURES[row.figure]
    if isnan(row.value) or not figure.bar:
        return "-"
    if row.clip == "average" and figure.average_low is not None:
        return "ok" if row.value >= figure.average_low else "SHORT"
    return "SHORT" if row.short else "ok"


def value(row: Row) -> str:
    """The value with its unit."""
    return "n/a" if isnan(row.value) else FIGURES[row.figure].at(row.value).shown


def written(number: float) -> str:
    """A measure with three digits, or all before the point."""
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"


def printed(rows: Sequence[Row]) -> str:
    """The table: one block per figure, one line per clip, the average last."""
    everything = [*rows, *averages(rows)]
    lines = []
    for key, figure in FIGURES.items():
        block = [row for row in everything if row.figure == key]
        if not block:
            continue
        wide = max(len(row.clip) for row in block)
        bar = figure.bar
        if figure.average_low is not None:
            bar += f", {figure.average_low:.0f}{figure.unit} on average"
        lines += ["", f"{figure.says}   [{key}, bar: {bar or 'none'}]"]
        for row in block:
            said = [f"{written(number)} {what}" for what, number in row.measures.items()]
            rest = "; ".join(part for part in (", ".join(said), row.note) if part)
            line = f"  {row.clip:<{wide}}  {value(row):>9}  {verdict(row):<5}  {rest}"
            lines.append(line.rstrip())
    missed = sum(verdict(row) == "SHORT" for row in everything)
    lines += ["", f"{missed} of {len(everything)} values fall short" if missed else "all ok"]
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> str:
    """The same for programs."""
    found = [
        {**asdict(row), "value": None if isnan(row.value) else row.value, "verdict": verdict(row)}
        for row in [*rows, *averages(rows)]
    ]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
