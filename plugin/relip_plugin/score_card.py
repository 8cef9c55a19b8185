"""A scorecard for a terminal, and for a program."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Final

from relip.media.clip import Clip
from relip.quality.card import Assessment, Card, Measure, Moment, Point, State
from relip_plugin.progress import can_write

WORST: Final = 3
"""Moments listed for a lost point."""
_WIDE: Final = 110
_PRETTY: Final[dict[State, str]] = {"earned": "✓", "lost": "✕", "open": "·"}
_PLAIN: Final[dict[State, str]] = {"earned": "+", "lost": "x", "open": "."}
Page = dict[str, object]


def verdict(card: Card) -> str:
    """The card in two words."""
    if card.publishable:
        return "publishable"
    lost = any(point.state == "lost" for point in card.points)
    return "not publishable" if lost else "not judged"


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


def frames_in(moment: Moment, clip: Clip) -> tuple[int, int]:
    """First and last frame of a moment, both within the clip."""
    first = min(max(moment.first, 0), clip.frames - 1)
    return first, min(max(moment.stop - 1, first), clip.frames - 1)


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


def as_page(assessment: Assessment, clip: Clip) -> Page:
    """All numbers, for JSON: what is not finite is None."""
    return {
        **_card(assessment.card, clip),
        "lines": [
            {"start": line.start, "end": line.end, "first": line.first, "stop": line.stop}
            | _card(line.card, clip)
            for line in assessment.lines
        ],
        "warnings": list(assessment.warnings),
    }


def _card(card: Card, clip: Clip) -> Page:
    return {
        "verdict": verdict(card),
        "publishable": card.publishable,
        "earned": card.earned,
        "judged": sum(point.state != "open" for point in card.points),
        "points": [
            {
                "name": point.name,
                "title": point.title,
                "state": point.state,
                "open_because": point.open_because,
                "measures": [_measure(measure) for measure in point.measures],
                "moments": _moments(point.moments, clip),
            }
            for point in card.points
        ],
    }


def _measure(measure: Measure) -> Page:
    numbers = {"value": measure.value, "low": measure.low, "high": measure.high}
    finite = {key: value if isfinite(value) else None for key, value in numbers.items()}
    state = measure.state if measure.judged else None
    return {**asdict(measure), **finite, "state": state}


def _moments(moments: Sequence[Moment], clip: Clip) -> list[Page]:
    found = []
    for moment in moments:
        first, last = frames_in(moment, clip)
        codes = {"start": str(clip.timecode(first)), "end": str(clip.timecode(last))}
        found.append({**asdict(moment), **codes})
    return found
