"""``python -m tests.bench``: every figure beside its bar, in one table.

Measures the shipped sample, and the clips in ``RELIP_CLIPS`` if that folder is named.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from relip_job.errors import RelipError
from tests.bench import clips, cost, exact, machine
from tests.bench.dubbed import DUBBED, REENACTED, on_clip
from tests.bench.growth import FULL, QUICK, Grid, growth
from tests.bench.markdown import as_markdown
from tests.bench.peers import peers
from tests.bench.table import FIGURES, Row, as_json, printed

QUICK_CLIP = 5
"""Seconds of each clip with ``--quick``."""
QUICK_REENACTED = 40
"""Frames re-enacted with ``--quick``."""


@dataclass(frozen=True)
class Options:
    """What is asked on the command line."""

    only: frozenset[str]
    clips: tuple[str, ...]
    sheets: Path | None
    quick: bool
    jobs: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print; 0 if all is ok, 1 if something falls short."""
    given = _parser().parse_args(arguments)
    known = clips.names()
    chosen = tuple(given.clips.split(",")) if given.clips else tuple(known)
    only = frozenset(given.only.split(",")) if given.only else frozenset(FIGURES)
    for what, asked, there in (("figure", only, FIGURES), ("clip", chosen, known)):
        unknown = sorted(set(asked) - set(there))
        if unknown:
            print(f"no {what} is called {unknown[0]!r}; there are {', '.join(there)}")
            return 2
    for path in (given.json, given.markdown):
        if path and not path.parent.is_dir():
            print(f"there is no folder {path.parent} for {path.name}; make it first")
            return 2
    if given.quick and not given.clips:
        chosen = ("sample",)
    options = Options(only, chosen, given.sheets, given.quick, given.jobs)
    start, circumstances = time.monotonic(), machine.described()
    rows = []
    with tempfile.TemporaryDirectory(prefix="relip-bench-") as name:
        for row in measured(options, Path(name)):
            rows.append(row)
            print(f"{time.monotonic() - start:6.0f} s  {row.figure} {row.clip}", file=sys.stderr)
    print(printed(rows))
    if given.json:
        given.json.write_text(as_json(rows), encoding="utf-8")
    if given.markdown:
        command = ["python -m tests.bench", *(sys.argv[1:] if arguments is None else arguments)]
        circumstances["took"] = f"{(time.monotonic() - start) / 60:.0f} minutes"
        page = as_markdown(rows, " ".join(command), circumstances)
        given.markdown.write_text(page, encoding="utf-8")
    if given.sheets:
        print(f"contact sheets are in {given.sheets}")
    return int(any(row.short for row in rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        epilog=f"figures: {', '.join(FIGURES)}; clips: {', '.join(clips.names())}",
    )
    add = parser.add_argument
    add("--only", metavar="FIGURE,FIGURE", help="measure only these")
    add("--clips", metavar="NAME,NAME", help="on these clips only")
    add("--sheets", type=Path, metavar="DIR", help="write a contact sheet for every clip")
    add("--json", type=Path, metavar="FILE", help="write the table for programs, too")
    add("--markdown", type=Path, metavar="FILE",
        help="write a page with the tables, the machine and the versions")  # fmt: skip
    add("--quick", action="store_true",
        help="a short look at the sample: less frames, fewer formats, one run")  # fmt: skip
    add("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="clips at a time")
    return parser


def measured(options: Options, folder: Path) -> Iterator[Row]:
    """All rows asked for."""
    on_clips = options.only & (REENACTED | DUBBED)
    if on_clips or options.sheets:
        yield from _on_clips(options, on_clips, folder)
    if "outside" in options.only:
        layouts = ("yuv420p", "yuv422p10le", "bgr0") if options.quick else exact.LAYOUTS
        yield from exact.outside(folder, layouts)
    if "timing" in options.only:
        yield from exact.timing(folder, quick=options.quick)
    # These want the machine for themselves.
    if "speed" in options.only:
        yield from cost.speed(folder, 1 if options.quick else cost.TIMES)
    if "memory" in options.only:
        yield from cost.memory(folder, 15 if options.quick else 60)
    grid = Grid(folder, QUICK if options.quick else FULL)
    if "peers" in options.only:
        yield from peers(grid, options.quick)
    if "growth" in options.only:
        yield from growth(grid)


def _on_clips(options: Options, only: Iterable[str], folder: Path) -> Iterator[Row]:
    tasks = [(name, frozenset(only), folder, options) for name in options.clips]
    if options.jobs <= 1 or len(tasks) == 1:
        for task in tasks:
            yield from _on_clip(*task)
        return
    with ProcessPoolExecutor(options.jobs) as pool:
        for rows in pool.map(_on_clip, *zip(*tasks, strict=True)):
            yield from rows


def _on_clip(name: str, only: frozenset[str], folder: Path, options: Options) -> list[Row]:
    quick = options.quick
    place = folder / name
    place.mkdir()
    try:
        subject = clips.subject(name, place, QUICK_CLIP if quick else clips.LONGEST)
        most = QUICK_REENACTED if quick else 10**6
        return on_clip(subject, only, place, options.sheets, most)
    except RelipError as error:
        return [Row(figure, name, float("nan"), f"refused: {error}") for figure in sorted(only)]


if __name__ == "__main__":
    sys.exit(main())
