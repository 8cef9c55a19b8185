"""From what is selected to results on the timeline; the same for every editing program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Callable, Dict, Generator, Optional, Tuple, Union

from relip_host.asking import ask
from relip_host.choice import Choice
from relip_host.executor import LocalExecutor, default_workers
from relip_host.finished import apply_finished, revert_last
from relip_host.host import Host, HostError, Selection
from relip_host.journal import Journal, begin
from relip_host.making import Maker
from relip_host.placing import Placer
from relip_host.steps import Outcome, Step
from relip_host.worker import Engine
from relip_job import ResyncJob

__all__ = ["apply_finished", "resync_selection", "revert_last"]

CANCELLED = "the run was cancelled"


def resync_selection(
    host: Host,
    choice: Choice,
    engine: Engine,
    folder: Union[str, Path],
    *,
    selection: Optional[Selection] = None,
    cancelled: Callable[[], bool] = lambda: False,
    patience: float = 0.1,
    at_once: bool = False,
) -> Generator[Step, None, Outcome]:
    """Re-sync the selected shots and place the results; yields how far it is.

    All jobs are computed, then all are run, several at a time, and the results are placed: all
    at the end, or each as soon as it is made. A shot that cannot be done does not stop the others.

    Parameters
    ----------
    folder : where relip keeps its state; the run's journal is in there.
    selection : the shots, if they were asked for already.
    cancelled : looked at with every step; once it is true, the engine is told to stop, nothing
        more is placed, and the outcome says so. Closing the generator cancels, too, and waits a
        few seconds at most for the engine to go.
    patience : seconds a step may wait for the engine; 0 for a host that calls from a timer.
    at_once : place each result as soon as it is made; ``over`` of the step that comes then tells
        of it.

    Raises
    ------
    HostError
        The host cannot say what is selected, or nothing is.
    OutputError
        The journal cannot be written.
    """
    found = selection or host.selection()
    if not found.shots:
        raise HostError("no shot is selected", "select the shots to re-sync")
    timeline, project = host.timeline(), host.project()
    journal = begin(Path(folder), host.name, project, timeline, choice, found)

    placer = Placer(host, journal, cancelled)

    def place(job: str) -> None:
        for _ in placer.place((job,)):
            pass

    maker = Maker(
        journal,
        _executor(engine, choice, len(found.shots)),
        cancelled,
        patience,
        place if at_once else lambda job: None,
    )
    try:
        jobs = yield from _asked(host, journal, Path(folder), maker)
        yield from maker.make(jobs)
        for entry in placer.place(() if at_once else None):
            yield maker.step(f"placing {entry.shot.name}", done=1.0)
    finally:
        for entry in journal.record.entries:
            if entry.state in ("asked", "running"):
                journal.change(entry.job, state="cancelled", message=CANCELLED)
        journal.write(replace(journal.record, ended=True))
    rows = tuple(entry.row for entry in journal.record.entries)
    return Outcome(rows, journal.record.id, _notes(journal, cancelled()))


def _executor(engine: Engine, choice: Choice, jobs: int) -> LocalExecutor:
    """Who makes it: processes that let the editing program go first."""
    workers = min(choice.workers or default_workers(spare=1), jobs)
    return LocalExecutor(replace(engine, behind=True, reuse=choice.reuse), workers)


def _asked(
    host: Host, journal: Journal, folder: Path, maker: Maker
) -> Generator[Step, None, Dict[str, ResyncJob]]:
    """The jobs, with a step for everything that takes time."""
    work = ask(host, journal, folder, maker.cancelled)
    while True:
        try:
            text = next(work)
        except StopIteration as end:
            jobs: Dict[str, ResyncJob] = end.value
            return jobs
        yield maker.step(text)


def _notes(journal: Journal, cancelled: bool) -> Tuple[str, ...]:
    kept = sum(entry.state == "done" for entry in journal.record.entries)
    if not kept:
        return ()
    what = "the result that is finished" if kept == 1 else f"the {kept} results that are finished"
    why = "the run was cancelled; " if cancelled else ""
    return (f"{why}Apply Finished places {what}",)
