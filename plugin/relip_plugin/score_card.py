"""A scorecard for a terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import Final

from relip.media.clip import Clip
from relip.quality.card import Assessment, Measure, Moment, Point, State
from relip.quality.page import frames_in, verdict
from relip_plugin.progress import can_write

WORST: Final = 3
"""Moments listed for a lost point."""
_WIDE: Final = 110
_PRETTY: Final[dict[State, str]] = {"earned": "✓", "lost": "✕", "open": "·"}
_PLAIN: Final[dict[State, str]] = {"earned": "+", "lost": "x", "open": "."}


def as_text(assessment: Assessment, clip: Clip) -> str:
    """The card as lines: a point each, the worst moments of what is lost, the verdict."""
    marks = _PRETTY if can_write(sys.stdout, "".join(_PRETTY.values())) else _PLAIN
    columns = min(shutil.get_terminal_size((_WIDE, 24)).columns, _WIDE)
    lines: list[str] = []
    for point in assessment.card.points:
        lines += _point(point, clip, marks, columns)
    if len(assessment.lines) > 1:
        lines += ["", *_table(assessment, marks)]
    if assessment.warnings:
        lines.append("")
        lines += [
            textwrap.fill(f"note: {sentence}", columns, subsequent_indent="      ")
            for sentence in assessment.warnings
        ]
    return "\n".join([*lines, "", f"{assessment.card.told} - {verdict(assessment.card)}"])


def _point(point: Point, clip: Clip, marks: dict[State, str], columns: int) -> Iterator[str]:
    head = f"{marks[point.state]} {point.title:<14} "
    told = "; ".join(_number(one) for one in _mattering(point))
    if point.state == "open":
        told = "not judged" + (f": {point.open_because}" if point.open_because else "")
    indent = " " * len(head)
    yield textwrap.fill(told or "-", columns, initial_indent=head, subsequent_indent=indent)
    if point.state == "lost":
        worst = sorted(point.moments, key=lambda one: -one.severity)
        for moment in worst[:WORST]:
            yield f"{indent}{_where(moment, clip)}  {moment.why}"
        if len(worst) > WORST:
            yield f"{indent}and {len(worst) - WORST} more"


def _mattering(point: Point) -> list[Measure]:
    """What was lost, else all that was judged: a still mouth must not look well in one number."""
    judged = [one for one in point.measures if one.judged and one.state != "open"]
    return [one for one in judged if one.state == "lost"] or judged


def _number(measure: Measure) -> str:
    return f"{measure.says} {measure.shown} ({measure.bar})"


def _where(moment: Moment, clip: Clip) -> str:
    first, last = frames_in(moment, clip)
    start, end = str(clip.timecode(first)), str(clip.timecode(last))
    return start if first == last else f"{start} to {end}"


def _table(assessment: Assessment, marks: dict[State, str]) -> Iterator[str]:
    """The lines, a row each."""
    titles = [point.title for point in assessment.card.points]
    rows = [("line", "in", "out", *(title.lower() for title in titles), "card")]
    for number, line in enumerate(assessment.lines, start=1):
        points = (marks[point.state] for point in line.card.points)
        said = f"{line.card.told} - {verdict(line.card)}"
        rows.append((str(number), line.start, line.end, *points, said))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
