"""What was measured beside labelled speech, as tables of words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan

from tests.bench_speech.bars import COST, judged, mistimed
from tests.bench_speech.clock import Clock
from tests.bench_speech.measure import Cost
from tests.bench_speech.mouth import Foretold
from tests.bench_speech.openings import Opened
from tests.bench_speech.rates import Read
from tests.bench_speech.score_cells import Cells, counted, mean, share, times
from tests.bench_speech.stillness import Still


def cost_cells(costs: Iterable[Cost]) -> Cells:
    """A row for every system."""
    cells = [["system", "sound", "s per s", "bar"]]
    for cost in costs:
        if cost.note:
            cells.append([cost.system, "-", "-", cost.note])
            continue
        met = ""
        if cost.system.startswith("ours"):
            met = "met" if round(cost.spent, 4) <= COST else "short"
        cells.append([cost.system, f"{cost.seconds:.0f} s", f"{cost.spent:.4f}", met])
    return cells


def still_cells(stills: Iterable[Still]) -> Cells:
    """A row for every sound in which nobody speaks."""
    cells = [["sound", "rows not silent", "p/b/m", "f/v", "bar"]]
    for each in stills:
        met = "short" if each.short else "met"
        counts = [str(each.closures), str(each.dentals)]
        cells.append([each.sound, share(each.moving), *counts, met])
    return cells


def opening_cells(openings: Iterable[Opened]) -> Cells:
    """A row for every laugh and effort."""
    cells = [["sound", "mean opening", "widest", "rows not silent", "p/b/m", "f/v", "note"]]
    cells += [
        [each.sound, share(each.opening), share(each.widest), share(each.moving),
         str(each.closures), str(each.dentals), each.note]
        for each in openings
    ]  # fmt: skip
    return cells


def mouth_cells(mouths: Sequence[Foretold]) -> Cells:
    """A row for every clip, and their mean."""
    cells = [["clip", "correlation", "amplitude", "frames", "picture late", "note"]]
    cells += [
        [each.clip, share(each.correlation), share(each.amplitude), str(each.frames),
         f"{each.delay * 1000:+.0f} ms", each.note]
        for each in mouths
    ]  # fmt: skip
    means = (mean(each.correlation for each in mouths), mean(each.amplitude for each in mouths))
    count = sum(not isnan(each.correlation) for each in mouths)
    cells.append(["mean", *map(share, means), "", "", f"{count} clips"])
    return cells


def timing_cells(clock: Clock) -> Cells:
    """A row for every language."""
    cells = [["language", "utterances", "p/b/m found", "error, bias", "f/v found", "error, bias",
              "bars of p/b/m"]]  # fmt: skip
    for each in clock.timings:
        closures, dentals = each.closures, each.dentals
        cells.append(
            [each.language, str(each.utterances), counted(closures.found, closures.there),
             times(closures), counted(dentals.found, dentals.there), times(dentals),
             judged(mistimed(closures)) if closures.errors else ""]
        )  # fmt: skip
    return cells


def block_cells(clock: Clock) -> Cells:
    """A row for every block of the hour."""
    cells = [["minutes", "p/b/m recall", "p/b/m precision", "error, bias", "later than alone, mean",
              "bar"]]  # fmt: skip
    for block in clock.blocks:
        found = block.closures
        cells.append(
            [f"{block.first:.0f} to {block.stop:.0f}", counted(found.found, found.there),
             counted(found.found, found.reported), times(found), f"{block.drift:+.2f} ms",
             block.verdict]
        )  # fmt: skip
    return cells


def agreement_cells(clock: Clock) -> Cells:
    """A row for the seams and one for what lies between them."""
    cells = [["where", "events alone", "at the same time", "moved", "by at most", "only alone",
              "only in the hour"]]  # fmt: skip
    cells += [
        [each.where, str(each.alone), counted(each.same, each.alone), str(each.moved),
         f"{each.farthest:.0f} ms", str(each.lost), str(each.extra)]
        for each in clock.agreements
    ]  # fmt: skip
    return cells


def rate_cells(reads: Iterable[Read]) -> Cells:
    """A row for every rate of a file."""
    cells = [["rate", "late at the start", "at the end", "longer", "differs by", "events",
              "not in both", "moved, at most", "bar"]]  # fmt: skip
    cells += [
        [f"{each.rate} Hz", f"{_zero(each.early)} samples", f"{_zero(each.late)} samples",
         f"{each.longer} samples", f"{each.residue:.0f} dB", str(each.events), str(each.lost),
         f"{each.moved:.2f}, {each.farthest:.1f} ms", each.verdict]
        for each in reads
    ]  # fmt: skip
    return cells


def _zero(value: float) -> str:
    """Two digits, never minus nothing."""
    return f"{round(value, 2) + 0.0:+.2f}"
