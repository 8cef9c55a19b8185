"""The card, and the table of the lines, as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from relip.media.clip import Clip
from relip.quality.card import Assessment, Card, Measure, Moment, Point, PointName, State
from relip.quality.page import frames_in
from relip_plugin.report.html import Html, tag

_DASH: Final = "\N{EN DASH}"
MARKS: Final[dict[State, str]] = {"earned": "✓", "lost": "✕", "open": _DASH}
WORDS: Final[dict[State, str]] = {"earned": "earned", "lost": "lost", "open": "not judged"}
ASKS: Final[dict[PointName, str]] = {
    "closures": "Lips closed when p, b or m is heard; lower lip on the teeth for f and v.",
    "sharpness": "The mouth as sharp as the rest of this face, in fast speech too.",
    "seam": "No step of light or colour where the new mouth ends, no flicker along it.",
    "articulation": "The mouth moves as this person's does: not gaping, not mumbling, "
    "and still where nobody speaks.",
    "sync": "Picture and sound together; the head moves, the eyes blink, nothing flickers.",
}
_LISTED: Final = 4
_COLUMNS: Final = ("Number", "Value", "Bar")
_TIMES: Final = re.compile(r"(?<=\d )x\b")
_MINUS: Final = re.compile(r"(?<![\w.])-(?=\d)")


def card_section(card: Card, clip: Clip) -> Html:
    """Five points with their numbers and bars."""
    items = [_point(point, clip) for point in card.points]
    return tag("section", tag("ol", items, class_="points"), id="card", aria_label="Scorecard")


def _point(point: Point, clip: Clip) -> Html:
    head = tag(
        "div",
        tag("h3", mark(point.state), point.title),
        tag("p", ASKS[point.name], class_="asks"),
        class_="head",
    )
    body: list[Html] = []
    if point.open_because:
        body.append(tag("p", f"Not judged: {point.open_because}.", class_="why"))
    if point.measures:
        rows = [_measure(measure) for measure in point.measures]
        columns = [tag("col", class_=name or None) for name in ("", "value", "bar")]
        body.append(
            tag(
                "table",
                tag("colgroup", columns),
                tag("thead", tag("tr", _heads(_COLUMNS))),
                tag("tbody", rows),
                class_="measures",
            )
        )
    if point.state == "lost" and point.moments:
        worst = sorted(point.moments, key=lambda one: -one.severity)
        told = [tag("li", _moment(moment, clip)) for moment in worst[:_LISTED]]
        if len(worst) > _LISTED:
            told.append(tag("li", f"and {len(worst) - _LISTED} more", class_="more"))
        body.append(tag("ul", told, class_="moments"))
    return tag("li", head, tag("div", body, class_="body"), class_=f"point {point.state}")


def mark(state: State) -> Html:
    """A sign, with its word for those who cannot see it."""
    return tag("span", MARKS[state], class_=f"mark {state}", role="img", aria_label=WORDS[state])


def _measure(measure: Measure) -> Html:
    says: list[str] = [measure.says]
    if measure.note:
        says.append(tag("small", measure.note))
    state = measure.state if measure.judged else "told"
    return tag(
        "tr",
        tag("th", says, scope="row"),
        tag("td", set_type(measure.shown), class_="value"),
        tag("td", set_type(measure.bar), class_="bar"),
        class_=state,
    )


def set_type(number: str) -> str:
    """With the signs for minus and times, and a dash for nothing."""
    if number == "-":
        return _DASH
    return _TIMES.sub("\N{MULTIPLICATION SIGN}", _MINUS.sub("\N{MINUS SIGN}", number))


def _moment(moment: Moment, clip: Clip) -> Iterator[str]:
    yield seek(clip, sum(frames_in(moment, clip)) // 2, span(moment, clip))
    yield " "
    yield moment.why


def span(moment: Moment, clip: Clip) -> str:
    """First and last frame of a moment in timecode."""
    first, last = frames_in(moment, clip)
    start, end = str(clip.timecode(first)), str(clip.timecode(last))
    return start if first == last else f"{start}\u2009\N{EN DASH}\u2009{end}"


def seek(clip: Clip, frame: int, children: str | Iterable[str], **attributes: str) -> Html:
    """A link to a frame in the playable clip; without a script, to the clip."""
    frame = min(max(frame, 0), clip.frames - 1)
    seconds = f"{float(clip.time(frame)):.4f}"
    return tag("a", children, href="#clip", class_="tc", data_seek=seconds, **attributes)


def lines_section(assessment: Assessment, clip: Clip) -> Html:
    """The lines, one row each, with their points."""
    titles = [point.title for point in assessment.card.points]
    heads = ["In", "Out", *titles, "Card"]
    rows = []
    for number, line in enumerate(assessment.lines, start=1):
        cells = [
            tag("th", str(number), scope="row"),
            tag("td", seek(clip, line.first, line.start)),
            tag("td", seek(clip, line.stop - 1, line.end)),
            *(tag("td", _cell(point), class_="cell") for point in line.card.points),
            tag("td", line.card.told, class_="told"),
        ]
        rows.append(tag("tr", cells, class_="earned" if line.card.publishable else "lost"))
    table = tag(
        "table",
        tag("thead", tag("tr", tag("th", "Line", scope="col"), _heads(heads))),
        tag("tbody", rows),
    )
    return tag("section", tag("h2", "Line by line"), tag("div", table, class_="scroll"), id="lines")


def _heads(names: Iterable[str]) -> list[Html]:
    return [tag("th", name, scope="col") for name in names]


def _cell(point: Point) -> Iterator[Html]:
    yield mark(point.state)
    lost = [measure for measure in point.measures if measure.judged and measure.state == "lost"]
    if point.state == "lost" and lost:
        yield tag("small", set_type(lost[0].shown), title=f"{lost[0].says}: {lost[0].bar}")
