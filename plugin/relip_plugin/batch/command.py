"""``relip batch``: from words on the command line to results, a table and a new timeline."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip.identity import engine_identity
from relip_host import times
from relip_host.choice import Choice
from relip_host.engines import draws_with_networks
from relip_host.executor import Executor, LocalExecutor
from relip_job.errors import JobError
from relip_plugin.batch.cast import Cast, read_cast
from relip_plugin.batch.csv_lines import read_lines
from relip_plugin.batch.display import BatchDisplay
from relip_plugin.batch.farm import FarmExecutor
from relip_plugin.batch.farm_attempts import sweep
from relip_plugin.batch.folder_lock import locked
from relip_plugin.batch.linked import Files
from relip_plugin.batch.new_timeline import made_of, output_for, write_timeline
from relip_plugin.batch.page import refuse_report, write_report
from relip_plugin.batch.plan import Line, plan
from relip_plugin.batch.result import Result
from relip_plugin.batch.run import BatchRun
from relip_plugin.batch.table import as_json, as_text
from relip_plugin.cache.keys import files_of
from relip_plugin.cache.results import ResultCache
from relip_plugin.own_engine import own_engine
from relip_plugin.timeline.model import Document

UNFINISHED: Final = 1
CANCELLED: Final = 130


def run(options: argparse.Namespace, executor: Executor | None = None) -> int:
    """Do the batch; the exit code. ``executor`` is who does it instead of this machine.

    Raises
    ------
    RelipError
        The timeline cannot be read, an option makes no sense, nothing can be written, or the
        engine lacks its networks.
    """
    begun = time.monotonic()
    if draws_with_networks(options.engine):
        from relip.onnx.installed import check_installed  # loads what only such engines need

        check_installed(options.engine)
    document, lines = planned(options)
    folder = results_folder(options)
    output = output_for(options.timeline, options.output, folder) if document else None
    for report in options.report:
        refuse_report(report)
    if options.workers is not None and options.workers < 1:
        raise JobError(f"{options.workers} workers do nothing", "name 1 or more")
    if options.scheduler and options.workers is not None:
        raise JobError(
            "the machines of a farm tell themselves how many lines they do at a time",
            "leave out --workers, and start their workers with --nthreads",
        )
    with locked(folder):
        sweep(folder)
        doing = executor or _executor(options, lines, folder)
        batch = BatchRun(
            lines, doing, ResultCache(), folder, engine_identity(), resume=options.resume
        )
        display = BatchDisplay(sys.stderr)
        try:
            with closing(batch.run()) as steps:
                for step in steps:
                    if not options.json:
                        display.show(step)
        except KeyboardInterrupt:
            display.end()
            _tell(options, batch.results, time.monotonic() - begun)
            print("cancelled; what is finished stays, run it again to go on", file=sys.stderr)
            return CANCELLED
        display.end()
        _tell(options, batch.results, time.monotonic() - begun)
        if document is not None and output is not None:
            made = made_of(batch.results)
            if made:
                write_timeline(output, document, made, folder, options.in_place)
                told = f"{output} (timeline {output.stem}, {len(made)} new shots)"
            else:
                told = f"{output} was not written: no line is done"
            print(told, file=sys.stderr if options.json else sys.stdout)
    return UNFINISHED if any(one.state == "failed" for one in batch.results) else 0


def _executor(options: argparse.Namespace, lines: Sequence[Line], folder: Path) -> Executor:
    """Who does the lines: this machine, or those of a farm."""
    if not options.scheduler:
        return LocalExecutor(own_engine(), options.workers)
    asked = [line.take.job for line in lines if line.take]
    files = {path for job in asked for path in files_of(job)}
    return FarmExecutor(
        options.scheduler,
        folder,
        sorted(files),
        tell=lambda told: print(told, file=sys.stderr),
        engines={job.engine for job in asked},
    )


def planned(options: argparse.Namespace) -> tuple[Document | None, list[Line]]:
    """The lines of the timeline or table; a table is no document.

    Raises
    ------
    RelipError
        It cannot be read, or an option does not fit it.
    """
    cast = read_cast(options.speakers) if options.speakers else Cast()
    nudge = Fraction(0)
    if options.nudge:
        if options.nudge.endswith("f"):
            raise JobError("a nudge of many clips is no number of frames", "write -20ms or 0.04s")
        nudge = times.amount(options.nudge, Fraction(25))
    choice = Choice(
        handles=options.handles,
        engine=options.engine,
        provider=options.provider,
        strength=options.strength,
        nudge=nudge,
        codec=options.codec,
        score=options.score,
    )
    if options.timeline.suffix.lower() in (".csv", ".tsv"):
        if options.output or options.in_place or options.dialogue or options.dialogue_role:
            raise JobError(
                "a table of lines has no tracks, and no timeline comes of it",
                "leave out -o, --in-place and --dialogue; --report writes a table",
            )
        files = Files()
        table = read_lines(options.timeline, files, cast)
        faces = Cast({**cast.speakers, **table.faces.speakers}, cast.clips)
        return None, plan(table, table.shots, table.items, choice, faces, files)
    from relip_plugin.batch.scene import scene_of
    from relip_plugin.timeline.read import read_timeline

    document = read_timeline(options.timeline)
    scene = scene_of(document, options.dialogue, options.dialogue_role, options.picture)
    return document, plan(scene, scene.shots, scene.items, choice, cast)


def results_folder(options: argparse.Namespace) -> Path:
    """Where results go, as a full path: programs read it from elsewhere."""
    beside = options.output or options.timeline
    chosen: Path = options.folder or beside.with_name(f"{beside.stem}_relip")
    return chosen.expanduser().resolve()


def _tell(options: argparse.Namespace, results: Sequence[Result], seconds: float) -> None:
    """The table, wherever it was asked for."""
    if options.json:
        print(as_json(results, seconds))
    else:
        print(as_text(results, seconds))
    for report in options.report:
        write_report(report, options.timeline.name, results, seconds)
