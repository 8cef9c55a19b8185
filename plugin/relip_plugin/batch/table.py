"""The table at the end of a batch, as text and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from relip_plugin.batch.result import Result, State, counted
from relip_plugin.progress import clock

HEADS: Final = ("line", "timecode", "name", "speaker", "state", "score", "warnings", "file")
_WIDEST: Final = 32
"""Characters of a column on a terminal; only the last one, the file, is never cut."""
_NAMED: Final = 6
"""Lines that are named by number under one note."""


def row(result: Result) -> tuple[str, ...]:
    """The cells of a line, in the order of ``HEADS``."""
    line = result.line
    return (
        str(line.number),
        line.when,
        line.name,
        result.speaker,
        result.state,
        result.score,
        "; ".join(result.notes),
        result.output,
    )


def as_text(results: Sequence[Result], seconds: float) -> str:
    """The table, then what was not done and what to do about it, then a summary."""
    rows = []
    for result in results:
        cells = list(row(result))
        cells[6] = str(len(result.notes)) if result.notes else "-"
        cells[7] = Path(result.output).name or "-"
        rows.append([_short(cell) for cell in cells[:-1]] + cells[-1:])
    widths = [max(len(cell) for cell in column) for column in zip(HEADS, *rows, strict=True)]
    told = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in (list(HEADS), *rows)
    ]
    told += [f"note: {_lines(of)}: {note}" for note, of in _notes(results).items()]
    for state in ("failed", "skipped", "cancelled"):
        for (message, remedy), of in reasons(results, state).items():
            told.append(f"{state}: {_lines(of)}: {message}")
            if remedy:
                told.append(f"  what to do: {remedy}")
    told.append(f"{counted(tuple(results))} in {clock(seconds)}")
    return "\n".join(told)


def reasons(results: Sequence[Result], *states: State) -> dict[tuple[str, str], list[Result]]:
    """Why lines in some states were not done, and what to do: each once, with its lines."""
    found: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        if result.state in states:
            found.setdefault((result.message, result.remedy), []).append(result)
    return found


def as_csv(results: Sequence[Result]) -> str:
    """The table with all it knows, a row a line."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow((*HEADS, "frames", "seconds", "message", "remedy"))
    for result in results:
        cells = (
            *row(result),
            str(result.line.take.frames) if result.line.take else "",
            f"{result.seconds:.1f}" if result.there else "",
            result.message,
            result.remedy,
        )
        writer.writerow([_harmless(cell) for cell in cells])
    return page.getvalue()


def as_json(results: Sequence[Result], seconds: float) -> str:
    """All it knows, for programs."""
    page = [
        {
            **dict(zip(HEADS, row(result), strict=True)),
            "mouth": asdict(result.voiced) if result.voiced else None,
            "notes": list(result.notes),
            "message": result.message,
            "remedy": result.remedy,
        }
        for result in results
    ]
    return json.dumps({"lines": page, "seconds": round(seconds, 1)}, ensure_ascii=False)


def _notes(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Every note once, with the lines it is true of."""
    found: dict[str, list[Result]] = {}
    for result in results:
        for note in result.notes:
            found.setdefault(note, []).append(result)
    return found


def _lines(results: Sequence[Result]) -> str:
    """``line 3 (01:00:12:04, Anna 7)``, ``lines 3, 4, 7``, ``lines 3, 4, 7 and 4 more``."""
    if len(results) == 1:
        line = results[0].line
        return f"line {line.number} ({', '.join(filter(None, (line.when, line.name)))})"
    numbers = [str(result.line.number) for result in results]
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"lines {', '.join(numbers[:_NAMED])}{more}"


def _short(cell: str) -> str:
    plain = " ".join(cell.split()) or "-"
    return plain if len(plain) <= _WIDEST else plain[: _WIDEST - 3] + "..."


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins like this for a formula, and a name may be anything."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
