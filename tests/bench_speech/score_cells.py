"""What was heard of labelled speech, as tables of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan
from typing import Final

import numpy as np

from tests.bench_speech.bars import BARS, BIAS, ERROR, LOWER, WITH_TRANSCRIPT, Bars
from tests.bench_speech.conditions import HARD
from tests.bench_speech.measure import Row
from tests.bench_speech.scoring import Score, Tally, wilson
from tests.bench_speech.systems import OURS

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


def share(value: float) -> str:
    """Three digits, no zero before the point."""
    return "-" if isnan(value) else f"{value:.3f}".removeprefix("0")


def asked_of(condition: str) -> str:
    """The bars of a condition, in words."""

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
        f"{said(WITH_TRANSCRIPT)}; error {ERROR:g} ms, bias {BIAS:g} ms. With the true phones "
        "the labels' own phones are aligned, not what a text spells: an oracle."
    )


def score_cells(rows: Iterable[Row]) -> Cells:
    """A row for every set and system."""
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
    return [
        counted(closures.found, closures.there),
        counted(closures.found, closures.reported),
        counted(dentals.found, dentals.there),
        counted(dentals.found, dentals.reported),
        share(score.accuracy),
        times(closures),
    ]


def times(tally: Tally) -> str:
    """Error and bias, ms."""
    return f"{tally.error:.1f}, {tally.bias:+.1f}" if tally.errors else "-"


def counted(hits: int, of: int) -> str:
    """A share with its counts and its interval."""
    if not of:
        return "-"
    low, high = wilson(hits, of)
    return f"{share(hits / of)} ({hits}/{of}, {low:.2f} to {high:.2f})"


def hard_cells(rows: Sequence[Row]) -> Cells:
    """A row for every set and hard sound, clean speech first."""
    shown = [row for row in rows if row.system == OURS and row.condition in ("clean", *HARD)]
    order = ("clean", *HARD)
    cells = [["set", "sound", *HEAD[:-1]]]
    for name in dict.fromkeys(row.spoken.name for row in shown):
        part = [row for row in shown if row.spoken.name == name and row.score.utterances]
        part.sort(key=lambda row: order.index(row.condition))
        cells += [[name, row.condition, *_figures(row.score)] for row in part]
    return cells


def mean_cells(rows: Sequence[Row]) -> Cells:
    """The mean over sets for every system and condition."""
    cells = [
        ["condition", "system", "sets", *HEAD[:-1], "bars met"],
    ]
    for condition, system in dict.fromkeys((row.condition, row.system) for row in rows):
        part = [row for row in rows if (row.condition, row.system) == (condition, system)]
        done = [row for row in part if row.score.utterances]
        if not done:
            cells.append([condition, system, "0", *["-"] * 6, part[0].note])
            continue
        scores = [row.score for row in done]
        figures = [
            mean(score.closures.recall for score in scores),
            mean(score.closures.precision for score in scores),
            mean(score.dentals.recall for score in scores),
            mean(score.dentals.precision for score in scores),
            mean(score.accuracy for score in scores),
        ]
        error = mean(score.closures.error for score in scores)
        bias = mean(score.closures.bias for score in scores)
        judged = [row.verdict for row in done if row.verdict]
        met = f"{judged.count('met')} of {len(judged)}" if judged else ""
        cells.append(
            [condition, system, str(len(done)), *map(share, figures), f"{error:.1f}, {bias:+.1f}",
             met]
        )  # fmt: skip
    return cells


def mean(values: Iterable[float]) -> float:
    """Of those that are known."""
    known = [value for value in values if not isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def set_cells(rows: Iterable[Row]) -> Cells:
    """A row for every set: how much there is of it, and what training never heard of it."""
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
