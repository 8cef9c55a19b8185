"""The tables, as text for a terminal and as a page to be kept, and the same for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isnan
from typing import Final

from tests.bench.cells import Cells, aligned, markdown_table
from tests.bench_speech.bars import COST, DRIFT
from tests.bench_speech.clock import Clock
from tests.bench_speech.conditions import HARD
from tests.bench_speech.measure import Cost, Row
from tests.bench_speech.mouth import Foretold
from tests.bench_speech.openings import Opened
from tests.bench_speech.part_cells import (
    agreement_cells,
    block_cells,
    cost_cells,
    mouth_cells,
    opening_cells,
    rate_cells,
    still_cells,
    timing_cells,
)
from tests.bench_speech.rates import Read
from tests.bench_speech.score_cells import (
    asked_of,
    hard_cells,
    mean_cells,
    score_cells,
    set_cells,
)
from tests.bench_speech.scoring import Tally, wilson
from tests.bench_speech.stillness import Still

ABOUT: Final = """\
A hit is an event whose centre is within 40 ms of the true one's, one to one. Accuracy is over rows
of 10 ms, seven classes. Brackets hold the counts and the 95 % interval (Wilson). Error is the
median distance of found closures' centres from the true ones, bias their median lateness, ms.
Events amid a label that names no viseme are neither right nor wrong.
The threshold of closures was fitted on every second utterance of the folders (`--half 1` leaves
those out), that of f and v on all of them and on other voices: its figures flatter it a little.
Processor seconds of a row are in the JSON; they include loading networks per utterance."""
TITLES: Final = {
    "clean": "Clean speech",
    "noise": "Pink noise, 15 dB below the speech",
    "reverb": "Reverberation of 0.4 s",
    "codec": "Opus at 16 kbit/s",
}
HARDER: Final = (
    "Every set as it is and made harder, without bars. Music: a song without a singer, 10 dB below "
    "the speech. Whisper: noise through the tract that linear prediction finds, no voice bar. "
    "Shout: brighter, half the dynamics, clipped. Fast: 1.35 times. Child and low: formants and "
    "pitch of 1.25 and .82. Where times change, those of the labels do."
)
OPENNESS: Final = (
    "How far the lips part, 0 to 1, while something sounds, its pauses left out; widest is the "
    "95 % quantile. A laugh is no speech, but the mouth is open: nothing says how far, beside it "
    "stands a spoken line. Laughs and breaths are made by formula but where a file is named."
)


@dataclass(frozen=True)
class Results:
    """Everything that was measured."""

    rows: Sequence[Row] = field(default_factory=tuple)
    costs: Sequence[Cost] = field(default_factory=tuple)
    stills: Sequence[Still] = field(default_factory=tuple)
    openings: Sequence[Opened] = field(default_factory=tuple)
    clock: Clock | None = None
    reads: Sequence[Read] = field(default_factory=tuple)
    mouths: Sequence[Foretold] = field(default_factory=tuple)

    @property
    def short(self) -> bool:
        """Whether anything of ours misses its bar."""
        blocks = self.clock.blocks if self.clock else ()
        verdicts = [row.verdict for row in self.rows]
        verdicts += [block.verdict for block in blocks] + [read.verdict for read in self.reads]
        missed = any(verdict.startswith("short") for verdict in verdicts)
        return missed or any(each.short for each in self.stills)


Section = tuple[str, str, Cells]
"""Title, a line about it, and the table."""


def sections(results: Results) -> Iterator[Section]:
    """Everything that was measured."""
    rows = results.rows
    if rows:
        yield "Means over the sets", "Each set counts the same.", mean_cells(rows)
        yield "The sets", "", set_cells(rows)
    for condition, title in TITLES.items():
        part = [row for row in rows if row.condition == condition]
        if part:
            yield title, asked_of(condition), score_cells(part)
    if any(row.condition in HARD for row in rows):
        yield "Hard sound", HARDER, hard_cells(rows)
    if results.costs:
        asked = f"Loading the networks included where it is done each time; bar: {COST:g}."
        yield "Processor seconds per second of a long recording", asked, cost_cells(results.costs)
    if results.stills:
        asked = "Nobody speaks: every share and count has to be 0."
        yield "Sounds that move no lips", asked, still_cells(results.stills)
    if results.openings:
        yield "Laughs, shouts, whispers", OPENNESS, opening_cells(results.openings)
    if results.clock:
        yield from _clocked(results.clock)
    if results.reads:
        asked = (
            "Ten seconds of speech below 3.4 kHz, over and over for ten minutes, read from a file "
            f"of each rate. Bar: sound and events not {DRIFT:g} ms off, on the mean."
        )
        yield "Files of other rates", asked, rate_cells(results.reads)
    if results.mouths:
        asked = (
            "Real clips: style and lag learnt in the first half, the inner-lip gap foretold in the "
            "second from its own sound, and correlated with the real one. The mean is over clips."
        )
        yield "One person's mouth", asked, mouth_cells(results.mouths)


def _clocked(clock: Clock) -> Iterator[Section]:
    """The three tables of time."""
    yield (
        "Times of events by language",
        "Clean utterances listened to alone; error and bias as above, 10 ms and 5 ms asked.",
        timing_cells(clock),
    )
    yield (
        f"{clock.seconds / 60:.0f} minutes in one recording",
        "The same utterances over and over in random order, with pauses, listened to at once. "
        f"Bar: on the mean not {DRIFT:g} ms off what they were alone.",
        block_cells(clock),
    )
    yield (
        "Seams",
        "Closures, f and v of that recording beside those heard alone. Windows are blended where "
        "they overlap; elsewhere only neighbours and the place in the window differ.",
        agreement_cells(clock),
    )


def printed(results: Results) -> str:
    """For a terminal."""
    lines = []
    for title, about, cells in sections(results):
        lines += ["", f"{title}. {about}".rstrip(), *aligned(cells)]
    return "\n".join(lines)


def as_markdown(results: Results, command: str, note: str, circumstances: Mapping[str, str]) -> str:
    """The page: what was run on what, then every table; ``note`` is said first."""
    about = [["", ""], *([name, said] for name, said in circumstances.items())]
    lines = ["# Listening, measured", ""]
    lines += [f"**{note}**", ""] if note else []
    lines += ["Written by this command, not by hand; run it again to renew it:", ""]
    lines += [f"    {command}", "", *markdown_table(about), "", ABOUT]
    for title, asked, cells in sections(results):
        lines += ["", f"## {title}", "", *([asked, ""] if asked else []), *markdown_table(cells)]
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
        "openings": [asdict(each) for each in results.openings],
        "clock": _clock(results.clock),
        "rates": [{**asdict(each), "verdict": each.verdict} for each in results.reads],
        "mouth": [asdict(each) for each in results.mouths],
    }
    return json.dumps(_finite(found), indent=1, ensure_ascii=False) + "\n"


def _clock(clock: Clock | None) -> dict[str, object] | None:
    if clock is None:
        return None
    return {
        "seconds": clock.seconds,
        "languages": [
            {
                "language": each.language,
                "utterances": each.utterances,
                "closures": _tally(each.closures),
                "dentals": _tally(each.dentals),
            }
            for each in clock.timings
        ],
        "blocks": [
            {
                "minutes": (block.first, block.stop),
                "closures": _tally(block.closures),
                "later_than_alone_ms": block.drift,
                "verdict": block.verdict,
            }
            for block in clock.blocks
        ],
        "agreement": [asdict(each) for each in clock.agreements],
    }


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
