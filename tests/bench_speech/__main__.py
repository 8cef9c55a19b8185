"""``python -m tests.bench_speech``: how well speech is heard, every figure beside its bar.

Measures the labelled speech in ``RELIP_SPEECH`` (a folder per set: ``NNN.wav`` at any rate, and
``NNN.lab`` with lines ``start end viseme phone``) and in ``--corpus`` folders, as it is, degraded
and in hard ways, with its text and with its true phones; its times through an hour and from files
of other rates; sounds in which nobody speaks, laughs, and the mouths in the clips of
``RELIP_CLIPS``. Other systems are measured where they are installed:
``pip install hama==1.7.0 pocketsphinx``.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from relip_job.errors import RelipError
from tests.bench import machine
from tests.bench_speech import measure, mouth, stillness
from tests.bench_speech.clock import clock
from tests.bench_speech.conditions import DEGRADED, HARD
from tests.bench_speech.measure import Task
from tests.bench_speech.mouth import Foretold
from tests.bench_speech.openings import openings
from tests.bench_speech.rates import read_rates
from tests.bench_speech.systems import CANDIDATES, OURS, PHONES, TRANSCRIPT
from tests.bench_speech.table import Results, as_json, as_markdown, printed
from tests.bench_speech.utterances import LabelledSet, corpus, folders, speech_folder

PARTS: Final = ("clean", "degraded", "hard", "candidates", "stillness", "clock", "mouth")
MINUTES: Final = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print; 0 if all of ours meets its bars, 1 if something falls short."""
    given = _parser().parse_args(arguments)
    only = given.only.split(",") if given.only else list(PARTS)
    for path in (given.json, given.markdown):
        if path and not path.parent.is_dir():
            return _refused(f"there is no folder {path.parent} for {path.name}; make it first")
    for root in given.corpus:
        if not (root / "index.jsonl").is_file():
            return _refused(f"{root} has no index.jsonl; name the folder that holds it")
    sets = _sets(given)
    known = [spoken.name for spoken in sets]
    chosen = given.sets.split(",") if given.sets else known
    for what, asked, there in (("part", only, PARTS), ("set", chosen, known)):
        unknown = sorted(set(asked) - set(there))
        if unknown:
            return _refused(f"no {what} is called {unknown[0]!r}; there are {', '.join(there)}")
    sets = [spoken for spoken in sets if spoken.name in chosen]

    start, circumstances = time.monotonic(), machine.described()
    results = _measured(only, sets, given)
    circumstances["took"] = f"{(time.monotonic() - start) / 60:.0f} minutes"
    print(printed(results))
    if given.json:
        given.json.write_text(as_json(results, circumstances, given.note), encoding="utf-8")
    if given.markdown:
        said = ["python", "-m", "tests.bench_speech", *(arguments or sys.argv[1:])]
        page = as_markdown(results, shlex.join(said), given.note, circumstances)
        given.markdown.write_text(page, encoding="utf-8")
    return int(results.short)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench_speech",
        description=__doc__,
        epilog=f"parts: {', '.join(PARTS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", metavar="PART,PART", help="measure only these")
    add("--sets", metavar="NAME,NAME", help="on these sets only")
    add("--corpus", type=Path, action="append", default=[], metavar="DIR",
        help="also a folder of .npz with an index.jsonl; what it says is held out")  # fmt: skip
    add("--texts", type=Path, metavar="DIR",
        help="what is said: SET/NNN.txt, or SET/NNN.it.txt in a set of several languages, "
             "where that does not lie beside the sound")  # fmt: skip
    add("--laughs", type=Path, metavar="DIR", help="recorded laughs, whose openings are shown too")
    add("--minutes", type=float, default=MINUTES, help="of the recording that tells of drift")
    add("--utterances", type=int, metavar="N", help="the first N of every set")
    add("--half", type=int, choices=(0, 1),
        help="every second utterance: thresholds were fitted on half 0")  # fmt: skip
    add("--jobs", type=int, default=1, help="rows at a time")
    add("--note", default="", metavar="TEXT", help="what to say above the page")
    add("--markdown", type=Path, metavar="FILE", help="write the tables as a page")
    add("--json", type=Path, metavar="FILE", help="write the figures for programs")
    return parser


def _refused(why: str) -> int:
    print(why)
    return 2


def _sets(given: argparse.Namespace) -> list[LabelledSet]:
    root = speech_folder()
    sets = folders(root, given.texts) if root else []
    for folder in given.corpus:
        sets += corpus(folder)
    part = slice(given.half, None, 1 if given.half is None else 2)
    return [replace(spoken, sources=spoken.sources[part][: given.utterances]) for spoken in sets]


def _measured(
    only: Sequence[str], sets: Sequence[LabelledSet], given: argparse.Namespace
) -> Results:
    """Everything that is asked for and can be measured here."""
    todo = _todo(only, sets)
    if not sets and set(only) - {"stillness", "mouth"}:
        _say("no labelled speech: name its folder in RELIP_SPEECH or with --corpus")
    rows = []
    for row in measure.measured(todo, given.jobs):
        rows.append(row)
        _say(f"{row.condition} {row.spoken.name} {row.system}")
    costs = []
    if todo and {"clean", "candidates"} & set(only):
        systems = ([OURS] if "clean" in only else []) + (
            list(CANDIDATES) if "candidates" in only else []
        )
        costs = [measure.cost(system, sets) for system in systems]
    stills, opened = [], []
    if "stillness" in only:
        stills = [stillness.still(name) for name in stillness.SOUNDS]
        opened = list(openings(given.laughs))
        _say("stillness")
    timed = clock(sets, given.minutes * 60) if "clock" in only and sets else None
    reads = list(read_rates(sets)) if "clock" in only and sets else []
    mouths = []
    if "mouth" in only:
        for found in _mouths(given.jobs):
            mouths.append(found)
            _say(f"mouth {found.clip}")
    return Results(rows, costs, stills, opened, timed, reads, mouths)


def _todo(only: Sequence[str], sets: Sequence[LabelledSet]) -> list[Task]:
    """What to measure on labelled speech, in the order in which it is shown."""
    told = [OURS, TRANSCRIPT] if {"clean", "degraded"} & set(only) else []
    others = list(CANDIDATES) if "candidates" in only else []
    todo: list[Task] = []
    if "clean" in only:
        todo += measure.tasks([*told, PHONES, *others], ["clean"], sets)
    elif others and "degraded" not in only:
        todo += measure.tasks(others, ["clean"], sets)
    if "degraded" in only:
        todo += measure.tasks([*told, *others], DEGRADED, sets)
    if "hard" in only:
        todo += measure.tasks([OURS], HARD if "clean" in only else ["clean", *HARD], sets)
    return todo


def _mouths(jobs: int) -> Iterator[Foretold]:
    there = mouth.clips()
    if not there:
        _say("no clips: name their folder in RELIP_CLIPS")
    if jobs <= 1:
        yield from map(_mouth, there.items())
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_mouth, there.items())


def _mouth(clip: tuple[str, Path]) -> Foretold:
    try:
        return mouth.foretold(*clip)
    except RelipError as error:
        return Foretold(clip[0], float("nan"), note=f"refused: {error}")


def _say(what: str) -> None:
    print(f"{time.process_time():6.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
