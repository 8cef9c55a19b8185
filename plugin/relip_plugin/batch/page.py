"""The table at the end of a batch as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import relip
from relip_host.mouths import doubt
from relip_job.errors import OutputError
from relip_plugin.batch.plan import AUTOMATIC
from relip_plugin.batch.result import Result, counted
from relip_plugin.batch.table import as_csv, as_text, reasons
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
_MARKS: Final = {"earned": "✓", "lost": "✕", "open": "\N{EN DASH}"}
_SHOWN: Final = (("all", "All"), ("missing", "Not done"), ("look", "To look at"))
_NAMED: Final = 12
"""Lines that are named under one reason."""
_STYLE: Final = """
#lines td.know { white-space: normal; min-width: 15rem; max-width: 26rem; }
#lines td.line { white-space: normal; min-width: 9rem; }
#lines td small { display: block; line-height: 1.4; margin-top: .15rem; }
#lines td.know small:first-child { margin-top: 0; }
#lines .doubt { color: var(--wanted); }
#lines tr.again th, #lines tr.again td { border-top-style: dotted; }
#lines tbody tr:hover { background: var(--shade); }
#lines td.told { padding-right: 1rem; }
.shown { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; }
.shown { margin: .9rem 0 0; padding: 0; border: 0; font-size: .9375rem; }
.shown label { cursor: pointer; }
.warnings.quiet { background: none; border: 1px solid var(--rule); }
.warnings li + li { margin-top: .6rem; }
.warnings .where { display: block; font-size: .8125rem; color: var(--muted); }
body:has(#show-missing:checked) #lines tbody tr:not(.missing),
body:has(#show-look:checked) #lines tbody tr:not(.look) { display: none; }
@media print { .shown { display: none; } }
"""


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
    failed = [result for result in missing if result.state != "skipped"]
    state = ("lost", "not all of it is done") if failed else ("earned", "all that can be is done")
    if not missing:
        state = ("earned", "all done")
    head = [
        tag("p", "Batch of lines", class_="kind"),
        tag("h1", counted(tuple(results)), " ",
            tag("span", f"\N{EN DASH} {state[1]}", class_=f"state {state[0]}")),
        tag("dl", [tag("div", tag("dt", name), tag("dd", says))
            for name, says in _facts(title, results, seconds)], class_="facts"),
        _reasons("Not done, and what to do", reasons(results, "failed", "cancelled"), ""),
        _reasons("Skipped: nobody on the screen to say it", reasons(results, "skipped"), "quiet"),
    ]  # fmt: skip
    heads = [tag("th", name, scope="col") for name in ("No.", *_HEADS)]
    rows = [_row(one, before) for one, before in zip(results, (None, *results), strict=False)]
    table = tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows))
    lines = tag(
        "section",
        tag("h2", "Line by line"),
        _filter(results),
        tag("div", table, class_="scroll"),
        id="lines",
    )
    foot = tag("footer", tag("p", f"relip {relip.__version__}"))
    return document(
        f"{title}: {counted(tuple(results))}",
        SIGN,
        [tag("style", Html(_STYLE)), tag("header", head), lines, foot],
    )


def _facts(title: str, results: Sequence[Result], seconds: float) -> Iterator[tuple[str, str]]:
    yield "Timeline", title
    yield "Lines", str(len(results))
    yield "Shots", str(len({one.line.shot.id for one in results if one.line.shot}))
    how = Counter(_chosen(one) for one in results if one.there)
    if how:
        told = ("by name", "by sound", "by size", "the only one there")
        yield "Speakers", ", ".join(f"{how[name]} {name}" for name in told if how[name])
    folders = {str(Path(one.output).parent) for one in results if one.output}
    if len(folders) == 1:
        yield "Results", folders.pop()
    yield "Took", clock(seconds)


def _chosen(result: Result) -> str:
    """How a line came to its mouth."""
    voiced = result.voiced
    if voiced is None or result.line.speaker != AUTOMATIC:
        return "by name" if result.line.speaker != AUTOMATIC else ""
    return {"sound": "by sound", "size": "by size", "only": "the only one there"}.get(
        voiced.how, "by name"
    )


def _reasons(heading: str, found: Mapping[tuple[str, str], Sequence[Result]], kind: str) -> Html:
    """What was not done: each reason once, with its remedy and the lines it is true of."""
    if not found:
        return Html()
    told = []
    for (message, remedy), lines in found.items():
        places = [f"{one.line.number} ({one.line.when})".removesuffix(" ()") for one in lines]
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        one = "Line" if len(places) == 1 else "Lines"
        where = f"{one} {', '.join(places[:_NAMED])}{more}: {_named(lines)}"
        about = tag("span", where, class_="where")
        what = tag("span", f" {_sentence(remedy)}", class_="remedy") if remedy else Html()
        told.append(tag("li", about, tag("span", _sentence(message)), what))
    return tag("div", tag("h2", heading), tag("ul", told), class_=f"warnings {kind}".strip())


def _named(lines: Sequence[Result]) -> str:
    names = list(dict.fromkeys(one.line.name for one in lines))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _filter(results: Sequence[Result]) -> Html:
    """Which rows are shown; nothing to choose where all are alike."""
    counts = {
        "all": len(results),
        "missing": sum(not one.there for one in results),
        "look": sum(_is_worth_a_look(one) for one in results),
    }
    if not counts["missing"] and not counts["look"]:
        return Html()
    choices = [
        tag("label", tag("input", type="radio", name="shown", id=f"show-{name}",
            checked=name == "all"), f" {told} ({counts[name]})")
        for name, told in _SHOWN
        if counts[name]
    ]  # fmt: skip
    return tag("fieldset", choices, class_="shown")


def _is_worth_a_look(result: Result) -> bool:
    """Whether an editor should see the result for themselves."""
    return result.there and bool(result.notes)


def _row(result: Result, before: Result | None) -> Html:
    line = result.line
    state = _STATES.get(result.state, "open")
    sign = tag("span", _MARKS[state], class_=f"mark {state}", role="img", aria_label=result.state)
    again = before is not None and line.take is not None and before.line.take is line.take
    unsure = result.voiced is not None and bool(doubt(result.voiced))
    notes = [*filter(None, [result.message, result.remedy]), *result.notes]
    kinds = {
        state: True,
        "missing": not result.there,
        "look": _is_worth_a_look(result),
        "again": again,
    }
    shot = tag("small", line.shot.name) if line.shot else Html()
    cells = [
        tag("th", str(line.number), scope="row"),
        tag("td", tag("span", line.when, class_="tc")),
        tag("td", line.name, shot, class_="line"),
        tag("td", _speaker(result), class_="doubt" if unsure else None),
        tag("td", sign, result.state, class_="told"),
        tag("td", result.score or "\N{EN DASH}"),
        tag("td", [tag("small", _sentence(note)) for note in notes], class_="know"),
        tag("td", tag("span", Path(result.output).name, title=result.output))
        if result.output
        else tag("td", "\N{EN DASH}"),
    ]
    return tag("tr", cells, class_=" ".join(kind for kind, true in kinds.items() if true))


def _speaker(result: Result) -> Sequence[Html | str]:
    """``2 of 3``, and how it was chosen under it."""
    whose, _, how = result.speaker.partition(", ")
    return [whose, tag("small", how)] if how else [whose]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _is_table(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(5).startswith((b"line,", b"line "))
    except OSError:
        return False
