"""The table at the end of a batch as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import relip
from relip_job.errors import OutputError
from relip_plugin.batch.result import Result, counted
from relip_plugin.batch.table import as_csv, as_text
from relip_plugin.progress import clock
from relip_plugin.report.document import document, publish, refuse_page
from relip_plugin.report.html import Html, tag

SIGN: Final = "<!-- a batch report by relip -->"
"""By which such a page is known; nothing else is ever written over."""
_HEADS: Final = ("Timecode", "Line", "Speaker", "Result", "Score", "What to know", "File")
_STATES: Final[dict[str, Literal["earned", "lost", "open"]]] = {
    "made": "earned",
    "kept": "earned",
    "failed": "lost",
}
_WRAPPED: Final = "white-space: normal; min-width: 16rem"
_MARKS: Final = {"earned": "✓", "lost": "✕", "open": "\N{EN DASH}"}


def refuse_report(path: Path) -> None:
    """Refuse a report that could not be written, before any work is done.

    Raises
    ------
    OutputError
        Its ending is of no kind we write, its folder is not there, or it is another file's.
    """
    ending = path.suffix.lower()
    if ending not in (".html", ".csv", ".txt"):
        raise OutputError(f"no report is written as {path.name}", "name it .html, .csv or .txt")
    if ending == ".html":
        refuse_page(path, SIGN, "reel.html")
    elif not path.parent.is_dir():
        raise OutputError(f"there is no folder {path.parent}", "make it first")
    elif path.exists() and not _is_table(path):
        raise OutputError(f"{path} exists and is no report of relip's", "choose another name")


def write_report(path: Path, title: str, results: Sequence[Result], seconds: float) -> None:
    """Write the table in the kind its ending names; whole or not at all.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    refuse_report(path)
    ending = path.suffix.lower()
    if ending == ".csv":
        publish(path, as_csv(results))
    elif ending == ".txt":
        publish(path, as_text(results, seconds) + "\n")
    else:
        publish(path, as_page(title, results, seconds))


def as_page(title: str, results: Sequence[Result], seconds: float) -> str:
    """The page: what came of the batch, what is not done and why, every line."""
    missing = [result for result in results if not result.there]
    state = ("lost", "not all of it is done") if missing else ("earned", "all done")
    facts = [
        ("Lines", str(len(results))),
        ("Shots", str(len({one.line.shot.id for one in results if one.line.shot}))),
        ("Took", clock(seconds)),
    ]
    head = [
        tag("p", "Batch of lines", class_="kind"),
        tag("h1", counted(tuple(results)), " ",
            tag("span", f"\N{EN DASH} {state[1]}", class_=f"state {state[0]}")),
        tag("dl", [tag("div", tag("dt", name), tag("dd", says)) for name, says in
            [("Timeline", title), *facts]], class_="facts"),
    ]  # fmt: skip
    if missing:
        told = [
            tag("li", f"Line {one.line.number}, {one.line.name}: {one.message}", _remedy(one))
            for one in missing
        ]
        about = tag("h2", "What was not done, and what to do")
        head.append(tag("div", about, tag("ul", told), class_="warnings"))
    heads = [tag("th", name, scope="col") for name in ("No.", *_HEADS)]
    table = tag(
        "table", tag("thead", tag("tr", heads)), tag("tbody", [_row(one) for one in results])
    )
    lines = tag(
        "section", tag("h2", "Line by line"), tag("div", table, class_="scroll"), id="lines"
    )
    foot = tag("footer", tag("p", f"relip {relip.__version__}"))
    return document(f"{title}: {counted(tuple(results))}", SIGN, [tag("header", head), lines, foot])


def _remedy(result: Result) -> Html:
    return tag("span", f" {_sentence(result.remedy)}", class_="remedy") if result.remedy else Html()


def _row(result: Result) -> Html:
    state = _STATES.get(result.state, "open")
    sign = tag("span", _MARKS[state], class_=f"mark {state}", role="img", aria_label=result.state)
    notes = [*result.notes, *filter(None, [result.message])]
    where = tag("span", Path(result.output).name, title=result.output)
    cells = [
        tag("th", str(result.line.number), scope="row"),
        tag("td", tag("span", result.line.when, class_="tc")),
        tag("td", result.line.name),
        tag("td", result.speaker),
        tag("td", sign, result.state, class_="told"),
        tag("td", result.score or "\N{EN DASH}"),
        tag("td", [tag("small", _sentence(note), " ") for note in notes], style=_WRAPPED),
        tag("td", where if result.output else "\N{EN DASH}"),
    ]
    return tag("tr", cells, class_=state)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _is_table(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(5).startswith((b"line,", b"line "))
    except OSError:
        return False
