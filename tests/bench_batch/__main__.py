"""``python -m tests.bench_batch``: whole timelines, every figure beside its bar.

Runs ``relip batch`` and ``relip sync`` as processes on media that it makes itself; of the clips in
``RELIP_CLIPS`` one is measured, too, if that folder is named.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from relip_job.errors import RelipError
from tests.bench import machine
from tests.bench_batch.film import Farm, Film
from tests.bench_batch.film_part import measured, on_paper
from tests.bench_batch.frames import OnFrames, frames
from tests.bench_batch.stages import Staged
from tests.bench_batch.table import Results, as_json, as_markdown, printed
from tests.bench_batch.timing import SETTINGS, Bench, Timed
from tests.plugin.relip_plugin.timeline.reel_made import FORMATS, Format

PARTS: Final = ("frames", "overhead", "workers", "warm", "film")
LINES: Final = 8
SECONDS: Final = 2
FEW: Final = 8
ROUNDS: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print; 0 if every bar is met, 1 if something falls short."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = _parser().parse_args(words)
    only = given.only.split(",") if given.only else list(PARTS)
    named = given.formats.split(",") if given.formats else FORMATS
    formats = [format_ for format_ in FORMATS if format_ in named]
    for what, asked, there in (("part", only, PARTS), ("format", named, FORMATS)):
        unknown = sorted(set(asked) - set(there))
        if unknown:
            return _refused(f"no {what} is called {unknown[0]!r}; there are {', '.join(there)}")
    for path in (given.json, given.markdown):
        if path and not path.parent.is_dir():
            return _refused(f"there is no folder {path.parent} for {path.name}; make it first")
    if min(given.lines, given.seconds, given.few, given.rounds) < 1 or given.lines < 2:
        return _refused("give at least two lines, and one of everything else")
    start, circumstances = time.monotonic(), machine.described()
    with tempfile.TemporaryDirectory(prefix="relip-bench-") as name:
        results = _measured(only, formats, given, Path(name))
    circumstances["took"] = f"{(time.monotonic() - start) / 60:.1f} minutes"
    print(printed(results))
    if given.json:
        given.json.write_text(as_json(results, circumstances), encoding="utf-8")
    if given.markdown:
        command = shlex.join(["python", "-m", "tests.bench_batch", *words])
        page = as_markdown(results, command, circumstances)
        given.markdown.write_text(page, encoding="utf-8")
    return int(results.short)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench_batch",
        description=__doc__,
        epilog=f"parts: {', '.join(PARTS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    film, farm = Film(), Farm()
    add = parser.add_argument
    add("--only", metavar="PART,PART", help="measure only these")
    add("--formats", metavar="NAME,NAME", help=f"of the reel; default: {','.join(FORMATS)}")
    add("--lines", type=int, default=LINES, metavar="N",
        help=f"in a timed batch; default {LINES}")  # fmt: skip
    add("--seconds", type=int, default=SECONDS, metavar="S", help="of each of them; default 2")
    add("--few", type=int, default=FEW, metavar="N",
        help=f"lines to compare workers and threads on; default {FEW}")  # fmt: skip
    add("--rounds", type=int, default=ROUNDS, metavar="N",
        help=f"of single runs around a batch; default {ROUNDS}")  # fmt: skip
    add("--take", type=float, default=film.take, metavar="S", help="on paper: seconds of a take")
    add("--sharing", type=int, default=film.sharing, metavar="N",
        help="on paper: lines in each take")  # fmt: skip
    add("--latency", type=float, default=farm.latency, metavar="S",
        help="on paper: seconds for handing out a job")  # fmt: skip
    add("--failures", type=float, default=farm.failures, metavar="0..1",
        help="on paper: share of attempts that die")  # fmt: skip
    add("--markdown", type=Path, metavar="FILE", help="write the tables as a page")
    add("--json", type=Path, metavar="FILE", help="write the figures for programs")
    return parser


def _refused(why: str) -> int:
    print(why)
    return 2


def _measured(
    only: Sequence[str], formats: Sequence[Format], given: argparse.Namespace, folder: Path
) -> Results:
    """Everything that is asked for; a part that fails takes no other with it."""
    start = time.monotonic()
    lines, reels, films = (folder / name for name in ("lines", "frames", "film"))
    for place in (lines, reels, films):
        place.mkdir()
    bench = Bench(lines, given.lines, given.seconds, min(given.few, given.lines), given.rounds)
    on_frames: list[OnFrames] = []
    timed: list[Timed] = []
    staged: list[Staged] = []
    failed: list[tuple[str, str]] = []
    parts: dict[str, Callable[[], None]] = {
        "frames": lambda: on_frames.extend(frames(reels, formats)),
        "overhead": lambda: timed.extend(bench.overhead()),
        "workers": lambda: timed.extend(bench.workers()),
        "warm": lambda: timed.extend(bench.warm()),
        "film": lambda: staged.extend(measured(films)),
    }
    for part, measure in parts.items():
        if part not in only:
            continue
        try:
            measure()
        except (RuntimeError, RelipError, OSError, ET.ParseError, ValueError, LookupError) as error:
            failed.append((part, f"{type(error).__name__}: {error}"))
        told = "failed" if failed and failed[-1][0] == part else "done"
        print(f"{time.monotonic() - start:6.0f} s  {part} {told}", file=sys.stderr, flush=True)
    film = replace(Film(), take=given.take, sharing=max(1, given.sharing))
    farm = replace(Farm(), latency=given.latency, failures=given.failures)
    slow = slower(timed)
    pages = on_paper(staged, film, farm, slow[0])
    return Results(on_frames, timed, staged, pages, film, farm, slow, failed)


def slower(timed: Sequence[Timed]) -> tuple[float, str]:
    """How much slower a worker is beside another one, and how that is known."""
    rows = [row for row in timed if row.part == "workers"][: len(SETTINGS)]
    ratios = {setting: row.ratio for setting, row in zip(SETTINGS, rows, strict=False)}
    ratio = ratios.get((2, 1))
    if ratio is None:
        return 1.0, "not measured in this run"
    return max(1.0, 2 * ratio), "as two workers were in this run"


if __name__ == "__main__":
    sys.exit(main())
