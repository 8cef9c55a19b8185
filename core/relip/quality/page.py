"""A scorecard as plain values, for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite

from relip.media.clip import Clip
from relip.quality.card import Assessment, Card, Measure, Moment

Page = dict[str, object]


def verdict(card: Card) -> str:
    """The card in two words."""
    if card.publishable:
        return "publishable"
    lost = any(point.state == "lost" for point in card.points)
    return "not publishable" if lost else "not judged"


def frames_in(moment: Moment, clip: Clip) -> tuple[int, int]:
    """First and last frame of a moment, both within the clip."""
    first = min(max(moment.first, 0), clip.frames - 1)
    return first, min(max(moment.stop - 1, first), clip.frames - 1)


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
