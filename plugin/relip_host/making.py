"""The engine at work on the jobs of a run, one after the other."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Callable, Dict, Generator, Optional, Tuple, Union

from relip_host.journal import Entry, Journal
from relip_host.naming import remove_unfinished
from relip_host.page import Row
from relip_host.placing import give_up
from relip_host.steps import Step
from relip_host.worker import Engine
from relip_job import Failed, Finished, Notice, Progress, ResyncJob

DOING = {
    "probe": "looking at the clip",
    "listen": "listening",
    "track": "following the face",
    "plan": "planning",
    "draw": "drawing",
    "score": "scoring",
}
ATTEMPTS = 2
"""A driver that gives up once often does not do so twice."""


class Maker:
    """The engine at work on the jobs of a run."""

    def __init__(
        self,
        journal: Journal,
        engine: Engine,
        cancelled: Callable[[], bool],
        patience: float,
    ) -> None:
        self._journal = journal
        self._engine = engine
        self.cancelled = cancelled
        self._patience = patience
        self._spent = 0.0
        self._drawn = 0

    def step(self, text: str, done: float = 0.0) -> Step:
        """How far it is while no engine runs."""
        self._journal.beat()
        return Step(text, tuple(entry.row for entry in self._journal.record.entries), done)

    def make(self, jobs: Dict[str, ResyncJob]) -> Generator[Step, None, None]:
        """Run every job; what becomes of it is in the journal."""
        missing: Optional[Failed] = None
        for name, job in jobs.items():
            if self.cancelled():
                return
            if missing is not None:
                give_up(self._journal, name, "failed", missing.message, missing.remedy)
                continue
            last = yield from self._made(name, job)
            if isinstance(last, Failed) and last.code == "EngineMissing":
                missing = last

    def _made(self, name: str, job: ResyncJob) -> Generator[Step, None, Union[Finished, Failed]]:
        begun = time.monotonic()
        for attempt in range(ATTEMPTS):
            last = yield from self._run(name, job)
            if not (isinstance(last, Failed) and last.code == "EngineCrashed"):
                break
            if attempt + 1 < ATTEMPTS:
                text = f"{last.message}; it is started again"
                yield self.step(text, self._done(0.0))
        entry = self._journal.entry(name)
        if isinstance(last, Failed):
            state = "cancelled" if last.code == "Cancelled" else "failed"
            give_up(self._journal, name, state, last.message, last.remedy)
        else:
            accept(self._journal, entry, last)
            self._spent += time.monotonic() - begun
            self._drawn += entry.frames
        return last

    def _run(self, name: str, job: ResyncJob) -> Generator[Step, None, Union[Finished, Failed]]:
        """One attempt."""
        watch = _Watch(self._journal.entry(name))
        run = self._engine.start(job, self._journal.path(name, ".events.jsonl"))
        try:
            self._journal.change(name, state="running", pid=run.pid)
            while True:
                for event in run.poll(self._patience):
                    if isinstance(event, (Finished, Failed)):
                        notes = (*self._journal.entry(name).notes, *watch.notes)
                        self._journal.change(name, notes=notes)
                        return event
                    watch.see(event)
                if self.cancelled():
                    run.cancel()
                    watch.cancelling = True
                yield self._step(watch)
        finally:
            if not run.over:
                run.close()
                remove_unfinished(self._journal.entry(name).output)

    def _step(self, watch: _Watch) -> Step:
        """How far it is while an engine runs."""
        self._journal.beat()
        entries = self._journal.record.entries
        rows = tuple(
            watch.row(entry.row) if entry.job == watch.job else entry.row for entry in entries
        )
        number = 1 + next(n for n, entry in enumerate(entries) if entry.job == watch.job)
        frames = entries[number - 1].frames
        return Step(
            f"line {number} of {len(entries)}, {watch.text}",
            rows,
            self._done(watch.share * frames),
            self._left(watch, frames),
        )

    def _waiting(self) -> int:
        """Frames of jobs that have not begun."""
        entries = self._journal.record.entries
        return sum(entry.frames for entry in entries if entry.state == "asked")

    def _done(self, drawn: float) -> float:
        """How much of all jobs is done, with these frames of the current one."""
        entries = self._journal.record.entries
        current = sum(entry.frames for entry in entries if entry.state == "running")
        return min(1.0, (self._drawn + drawn) / max(1, self._drawn + current + self._waiting()))

    def _left(self, watch: _Watch, frames: int) -> Optional[float]:
        """Seconds left of all jobs, at the pace so far."""
        if watch.left is None:
            return None
        spent = self._spent + watch.spent + watch.left
        return watch.left + spent / max(1, self._drawn + frames) * self._waiting()


def accept(journal: Journal, entry: Entry, last: Finished) -> Entry:
    """Believe an engine that says it is done only if what was asked for is there."""
    if not Path(last.output).is_file():
        return give_up(
            journal,
            entry.job,
            "failed",
            f"the engine says that {last.output} is done, but it is not there",
            "run it again",
        )
    if last.frames != entry.frames:
        return give_up(
            journal,
            entry.job,
            "failed",
            f"{last.output} has {last.frames} frames, not the {entry.frames} that were asked for; "
            "it was not placed",
            "see that the clip plays at one steady rate, or convert it",
        )
    return journal.change(
        entry.job,
        state="done",
        output=last.output,
        sidecar=last.sidecar,
        score=last.score,
        message="",
        remedy="",
    )


class _Watch:
    """What is known of a job while it runs."""

    def __init__(self, entry: Entry) -> None:
        self.job = entry.job
        self.notes: Tuple[str, ...] = ()
        self.cancelling = False
        self._name = entry.shot.name
        self._progress: Optional[Progress] = None
        self._begun = self._told = time.monotonic()

    def see(self, event: object) -> None:
        if isinstance(event, Progress):
            self._progress, self._told = event, time.monotonic()
        elif isinstance(event, Notice):
            self.notes = (*self.notes, event.message)

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    @property
    def left(self) -> Optional[float]:
        """Seconds left of it."""
        if self._progress is None or self._progress.left is None:
            return None
        return max(0.0, self._progress.left - (time.monotonic() - self._told))

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return 0.0 if self.left is None else self.spent / max(1e-6, self.spent + self.left)

    @property
    def text(self) -> str:
        """``take_03: drawing, 40 %``."""
        if self.cancelling:
            return f"{self._name}: cancelling"
        return f"{self._name}: {doing(self._progress)}"

    def row(self, row: Row) -> Row:
        """The row of the journal with what is known only now."""
        now = self._progress or Progress("", 0, 0)
        notes = row.notes + self.notes
        return replace(
            row, stage=now.stage, done=now.done, total=now.total, left=self.left, notes=notes
        )


def doing(progress: Optional[Progress]) -> str:
    """``drawing, 40 %``."""
    if progress is None:
        return "starting the engine"
    what = DOING.get(progress.stage, progress.stage)
    if progress.total <= 1:
        return what
    return f"{what}, {100 * progress.done // progress.total} %"
