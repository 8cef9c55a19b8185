"""Everything that was measured, as text for a terminal, as a page, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from tests.bench.cells import Cells, aligned, markdown_table
from tests.bench_batch.film import Farm, Film
from tests.bench_batch.film_part import OnPaper, assumed, cost_cells, film_cells
from tests.bench_batch.frames import OnFrames, frame_cells
from tests.bench_batch.stages import Staged
from tests.bench_batch.timing import Timed, timed_cells

ON_FRAMES: Final = """\
A reel of 60 lines over 20 shots, cuts and gaps, two speakers, 24000/1001 frames a second, is
written as OTIO, Final Cut Pro 7 XML and FCPXML and goes through `relip batch`. Every picture of
its cameras and every frame of its sound carries a number. *copier* is an engine that copies the
pictures it is asked for and writes into each the numbers it hears: what the new track of the
result shows at a frame of the timeline, and what is heard with it, is read back from the files and
compared with the reel's own list. *footage* is relip's engine on the reel's first shots, whose
mouths are below the numbers. Documents are read back here without relip's readers. *Nodes as
before* counts those of the user's document, the new track taken out, but for the timeline's name;
then the result is the document, goes through a second batch, and all its lines have to be known."""
OVERHEAD: Final = """\
Lines with a clip and a sound of their own each, 512 x 512, so that nothing is known twice. A batch
of one worker runs between the two halves of as many `relip sync`, all with one thread and a cold
cache of their own. `time` is on the wall, `work` on all cores, both beside the row before the
batch. Every run is a process of its own; nothing is warmed up but the disk."""
WORKERS: Final = """\
The same lines, cold. Threads of a worker are those of BLAS, OpenCV and onnxruntime; the decoder's
are left alone. relip gives its workers one thread whatever the environment says: this bench starts
the engine with another number itself. Beside the first row."""
WARM: Final = """\
One worker; beside the first run. Again: nothing has changed. Another language: the same pictures,
every sound another one, results to another folder; what is known of the pictures may be used."""
COSTS: Final = """\
One `relip sync` with one thread, by the times of its events. Start is the process, its libraries,
opening files, planning and the end. Of a real clip far more is followed than is drawn. Known
already: another line over the same pictures, whose frames are still read."""
FILM: Final = """\
**On paper:** nobody ran this. A worker takes the next line when it is done with one; what a line
costs is the table above, all else is assumed below. *Who knows an analysis* that was made for
another line of the take or another language: no one, the machine that made it, or all of them
through a cache on a disk that they share. *Faster* than one machine of the same kind."""


@dataclass(frozen=True)
class Results:
    """Everything that was measured.

    Attributes
    ----------
    slower : how much slower a worker was while two were at work, and how that is known.
    failed : parts that came to no end, and why.
    """

    frames: Sequence[OnFrames] = ()
    timed: Sequence[Timed] = ()
    staged: Sequence[Staged] = ()
    films: Sequence[OnPaper] = ()
    film: Film = field(default_factory=Film)
    farm: Farm = field(default_factory=Farm)
    slower: tuple[float, str] = (1.0, "not measured")
    failed: Sequence[tuple[str, str]] = ()

    @property
    def short(self) -> bool:
        """Whether a bar is missed."""
        verdicts = [row.short for row in self.frames] + [row.short for row in self.timed]
        return bool(self.failed) or any(verdicts)


Section = tuple[str, str, Cells]
"""Title, what is to be known about it, and the table."""


def sections(results: Results) -> Iterator[Section]:
    """Everything that was measured."""
    if results.failed:
        cells = [["part", "why"], *map(list, results.failed)]
        yield "Not measured", "These parts came to no end; what they had measured is shown.", cells
    if results.frames:
        yield "Lines on their frames", ON_FRAMES, frame_cells(results.frames)
    for part, title, about in (
        ("overhead", "A batch beside single runs", OVERHEAD),
        ("workers", "Workers and threads", WORKERS),
        ("warm", "What is known already", WARM),
    ):
        rows = [row for row in results.timed if row.part == part]
        if rows:
            yield title, about, timed_cells(rows)
    if results.staged:
        yield "What a line costs", COSTS, cost_cells(results.staged)
    if results.films:
        yield "A film", FILM, film_cells(results.films)
        yield (
            "What the film takes for granted",
            "",
            assumed(results.film, results.farm, *results.slower),
        )


def printed(results: Results) -> str:
    """For a terminal."""
    lines = []
    for title, _, cells in sections(results):
        lines += ["", title, *aligned(cells)]
    lines += ["", "something falls short" if results.short else "all ok"]
    return "\n".join(lines)


def as_markdown(results: Results, command: str, circumstances: Mapping[str, str]) -> str:
    """The page: what was run on what, then every table."""
    about = [["", ""], *([name, said] for name, said in circumstances.items())]
    lines = ["# Whole timelines, measured", ""]
    lines += ["Written by this command, not by hand; run it again to renew it:", ""]
    lines += [f"    {command}", "", *markdown_table(about)]
    for title, said, cells in sections(results):
        lines += ["", f"## {title}", "", *([said, ""] if said else []), *markdown_table(cells)]
    return "\n".join(lines) + "\n"


def as_json(results: Results, circumstances: Mapping[str, str]) -> str:
    """One object for programs."""
    found = {
        "about": dict(circumstances),
        "frames": [{**asdict(row), "short": row.short} for row in results.frames],
        "timed": [{**asdict(row), "short": row.short} for row in results.timed],
        "staged": [asdict(row) for row in results.staged],
        "film": asdict(results.film),
        "slower": results.slower[0],
        "films": [
            {
                "pictures": page.name,
                "cost": asdict(page.cost),
                "farms": [{**asdict(farm), **asdict(outcome)} for farm, outcome in page.outcomes],
            }
            for page in results.films
        ],
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
