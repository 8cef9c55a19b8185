"""The tables, as text for a terminal and as a page to be kept, and the same for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isnan
from typing import Final

import numpy as np

from tests.bench_speech.bars import BARS, BIAS, COST, ERROR, LOWER, WITH_TRANSCRIPT, Bars
from tests.bench_speech.measure import Cost, Row
from tests.bench_speech.mouth import Foretold
from tests.bench_speech.scoring import Score, Tally, wilson
from tests.bench_speech.stillness import Still

Cells = list[list[str]]
"""Head first, then rows."""

HEAD: Final = (
    "p/b/m recall",
    "p/b/m precision",
    "f/v recall",
    "f/v precision",
    "accuracy",
    "error, bias",
    "bars",
)
ABOUT: Final = """\
A hit is an event whose centre is within 40 ms of the true one's, one to one. Accuracy is over rows
of 10 ms, seven classes. Brackets hold the counts and the 95 % interval (Wilson). Error is the
median distance of found closures' centres from the true ones, bias their median lateness, ms.
The threshold of closures was fitted on every second utterance of the folders (`--half 1` leaves
those out), that of f and v on all of them and on other voices: its figures flatter it a little.
Processor seconds of a row are in the JSON; they include loading networks per utterance."""
TITLES: Final = {
    "clean": "Clean speech",
    "noise": "Pink noise, 15 dB below the speech",
    "reverb": "Reverberation of 0.4 s",
    "codec": "Opus at 16 kbit/s",
}


@dataclass(frozen=True)
class Results:
    """Everything that was measured."""

    rows: Sequence[Row] = field(default_factory=tuple)
    costs: Sequence[Cost] = field(default_factory=tuple)
    stills: Sequence[Still] = field(default_factory=tuple)
    mouths: Sequence[Foretold] = field(default_factory=tuple)


def sections(results: Results) -> list[tuple[str, str, Cells]]:
    """Title, a line about it, and the table, for everything that was measured."""
    found: list[tuple[str, str, Cells]] = []
    rows = results.rows
    if rows:
        found.append(("Means over the sets", "Each set counts the same.", _means(rows)))
        found.append(("The sets", "", _sets(rows)))
    for condition, title in TITLES.items():
        part = [row for row in rows if row.condition == condition]
        if part:
            found.append((title, _asked(condition), _scores(part)))
    if results.costs:
        asked = f"Loading the networks included where it is done each time; bar: {COST:g}."
        found.append(("Processor seconds per second of a long recording", asked, _costs(results)))
    if results.stills:
        asked = "Nobody speaks: every share and count has to be 0."
        found.append(("Sounds that move no lips", asked, _stills(results.stills)))
    if results.mouths:
        asked = (
            "Real clips: style and lag learnt in the first half, the inner-lip gap foretold in the "
            "second from its own sound, and correlated with the real one. The mean is over clips."
        )
        found.append(("One person's mouth", asked, _mouths(results.mouths)))
    return found


def printed(results: Results) -> str:
    """For a terminal."""
    lines = []
    for title, about, cells in sections(results):
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines += ["", f"{title}. {about}".rstrip()]
        for row in cells:
            padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            lines.append(("  " + "  ".join(padded)).rstrip())
    return "\n".join(lines)


def as_markdown(results: Results, command: str, note: str, circumstances: Mapping[str, str]) -> str:
    """The page: what was run on what, then every table; ``note`` is said first."""
    about = [["", ""], *([name, said] for name, said in circumstances.items())]
    lines = ["# Listening, measured", ""]
    lines += [f"**{note}**", ""] if note else []
    lines += ["Written by this command, not by hand; run it again to renew it:", ""]
    lines += [f"    {command}", "", *_markdown(about), "", ABOUT]
    for title, asked, cells in sections(results):
        lines += ["", f"## {title}", "", *([asked, ""] if asked else []), *_markdown(cells)]
    return "\n".join(lines) + "\n"


def as_json(results: Results, circumstances: Mapping[str, str], note: str) -> str:
    """One object for programs; what could not be measured is null."""
    speech = [
        {
            "set": row.spoken.name,
            "kind": row.spoken.kind,
            "system": row.system,
            "condition": row.condition,
            "utterances": row.score.utterances,
            "refused": row.score.refused,
            "seconds": row.score.seconds,
            "closures": _tally(row.score.closures),
            "dentals": _tally(row.score.dentals),
            "accuracy": row.score.accuracy,
            "rows": row.score.known,
            "cost": row.score.cost,
            "verdict": row.verdict,
        }
        for row in results.rows
    ]
    found = {
        "note": note,
        "about": dict(circumstances),
        "speech": speech,
        "cost": [asdict(cost) for cost in results.costs],
        "stillness": [asdict(each) for each in results.stills],
        "mouth": [asdict(each) for each in results.mouths],
    }
    return json.dumps(_finite(found), indent=1, ensure_ascii=False) + "\n"


def share(value: float) -> str:
    """Three digits, no zero before the point."""
    return "-" if isnan(value) else f"{value:.3f}".removeprefix("0")


def _asked(condition: str) -> str:
    def said(asked: Bars) -> str:
        wanted = (
            f"{share(asked.closure_recall)}/{share(asked.closure_precision)}, "
            f"{share(asked.dental_recall)}/{share(asked.dental_precision)}"
        )
        return wanted + ("" if isnan(asked.accuracy) else f", {share(asked.accuracy)}")

    if condition != "clean":
        return (
            f"Bars: those of clean speech, {share(LOWER[0])} lower for p/b/m and "
            f"{share(LOWER[1])} for f/v; none for accuracy."
        )
    return (
        f"Bars (recall/precision of p/b/m, of f/v, accuracy): real English and Russian "
        f"{said(BARS['real'])}; all others {said(BARS['unseen'])}; with the transcript "
        f"{said(WITH_TRANSCRIPT)}; error {ERROR:g} ms, bias {BIAS:g} ms."
    )


def _scores(rows: Iterable[Row]) -> Cells:
    cells = [["set", "system", *HEAD]]
    for row in rows:
        score = row.score
        if not score.utterances:
            continue  # the means say why
        refused = f" ({score.refused} refused)" if score.refused else ""
        cells.append([row.spoken.name, row.system + refused, *_figures(score), row.verdict])
    return cells


def _figures(score: Score) -> list[str]:
    """All of :data:`HEAD` but the last."""
    closures, dentals = score.closures, score.dentals
    times = f"{closures.error:.1f}, {closures.bias:+.1f}" if closures.errors else "-"
    return [
        _counted(closures.found, closures.there),
        _counted(closures.found, closures.reported),
        _counted(dentals.found, dentals.there),
        _counted(dentals.found, dentals.reported),
        share(score.accuracy),
        times,
    ]


def _counted(hits: int, of: int) -> str:
    if not of:
        return "-"
    low, high = wilson(hits, of)
    return f"{share(hits / of)} ({hits}/{of}, {low:.2f} to {high:.2f})"


def _means(rows: Sequence[Row]) -> Cells:
    """The mean over sets for every system and condition."""
    cells = [
        ["condition", "system", "sets", *HEAD[:5], "error, bias", "bars met"],
    ]
    for condition, system in dict.fromkeys((row.condition, row.system) for row in rows):
        part = [row for row in rows if (row.condition, row.system) == (condition, system)]
        done = [row for row in part if row.score.utterances]
        if not done:
            cells.append([condition, system, "0", *["-"] * 6, part[0].note])
            continue
        scores = [row.score for row in done]
        figures = [
            _mean(score.closures.recall for score in scores),
            _mean(score.closures.precision for score in scores),
            _mean(score.dentals.recall for score in scores),
            _mean(score.dentals.precision for score in scores),
            _mean(score.accuracy for score in scores),
        ]
        error = _mean(score.closures.error for score in scores)
        bias = _mean(score.closures.bias for score in scores)
        judged = [row.verdict for row in done if row.verdict]
        met = f"{judged.count('met')} of {len(judged)}" if judged else ""
        cells.append(
            [condition, system, str(len(done)), *map(share, figures), f"{error:.1f}, {bias:+.1f}",
             met]
        )  # fmt: skip
    return cells


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _sets(rows: Iterable[Row]) -> Cells:
    cells = [["set", "bars of", "utterances", "minutes", "p/b/m", "f/v", "never heard in training"]]
    seen: dict[str, Row] = {}
    for row in rows:
        if row.score.utterances:
            seen.setdefault(row.spoken.name, row)
    for name, row in seen.items():
        score, spoken = row.score, row.spoken
        counts = [str(score.utterances), f"{score.seconds / 60:.1f}"]
        counts += [str(score.closures.there), str(score.dentals.there)]
        cells.append([name, spoken.kind, *counts, spoken.held_out])
    return cells


def _costs(results: Results) -> Cells:
    cells = [["system", "sound", "s per s", "bar"]]
    for cost in results.costs:
        if cost.note:
            cells.append([cost.system, "-", "-", cost.note])
            continue
        judged = ""
        if cost.system.startswith("ours"):
            judged = "met" if round(cost.spent, 4) <= COST else "short"
        cells.append([cost.system, f"{cost.seconds:.0f} s", f"{cost.spent:.4f}", judged])
    return cells


def _stills(stills: Iterable[Still]) -> Cells:
    cells = [["sound", "rows not silent", "p/b/m", "f/v", "bar"]]
    for each in stills:
        judged = "short" if each.short else "met"
        counts = [str(each.closures), str(each.dentals)]
        cells.append([each.sound, share(each.moving), *counts, judged])
    return cells


def _mouths(mouths: Sequence[Foretold]) -> Cells:
    cells = [["clip", "correlation", "amplitude", "frames", "picture late", "note"]]
    cells += [
        [each.clip, share(each.correlation), share(each.amplitude), str(each.frames),
         f"{each.delay * 1000:+.0f} ms", each.note]
        for each in mouths
    ]  # fmt: skip
    means = (_mean(each.correlation for each in mouths), _mean(each.amplitude for each in mouths))
    count = sum(not isnan(each.correlation) for each in mouths)
    cells.append(["mean", *map(share, means), "", "", f"{count} clips"])
    return cells


def _markdown(cells: Cells) -> list[str]:
    rows = [cells[0], ["---"] * len(cells[0]), *cells[1:]]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


def _tally(tally: Tally) -> dict[str, object]:
    return {
        "there": tally.there,
        "reported": tally.reported,
        "found": tally.found,
        "recall": tally.recall,
        "precision": tally.precision,
        "recall_interval": wilson(tally.found, tally.there),
        "precision_interval": wilson(tally.found, tally.reported),
        "error_ms": tally.error,
        "bias_ms": tally.bias,
    }


def _finite(value: object) -> object:
    """The same without NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and isnan(value) else value
