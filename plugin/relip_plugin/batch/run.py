"""The loop of a batch: what is known is kept, the rest is made, nothing stops the others."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from relip_host.executor import Executor
from relip_job import Event, Failed, Finished, Notice, Progress, RelipError, Voiced
from relip_job.errors import MediaError
from relip_plugin.batch.names import Names
from relip_plugin.batch.plan import Line, based
from relip_plugin.batch.result import Batch, Result, State
from relip_plugin.cache.asked import Asked, as_it_is, discard
from relip_plugin.cache.results import Known, ResultCache

PATIENCE: Final = 0.2
"""Seconds between two looks at who is at work."""

NOBODY: Final = frozenset({"no-shot", "title", "still"})
"""Obstacles that mean that nobody is on the screen; a line that meets another one failed."""


@dataclass
class BatchRun:
    """Lines on their way to results.

    Attributes
    ----------
    folder : where results go; held by this run alone
        (:func:`~relip_plugin.batch.folder_lock.locked`).
    engine : what :func:`~relip.identity.engine_identity` gave.
    resume : whether results of earlier runs are kept.
    cancelled : looked at all the time; once it is true, who is at work is told to stop.
    """

    lines: Sequence[Line]
    executor: Executor
    cache: ResultCache
    folder: Path
    engine: str
    resume: bool = True
    cancelled: Callable[[], bool] = lambda: False
    _results: dict[int, Result] = field(default_factory=dict)
    _asked: dict[int, Asked] = field(default_factory=dict)
    _begun: dict[int, float] = field(default_factory=dict)
    _told: defaultdict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    _remember: bool = True

    def __post_init__(self) -> None:
        self._names = Names(self.folder)

    def run(self) -> Generator[Batch, None, tuple[Result, ...]]:
        """Yield how far it is, again and again; return what became of every line.

        Closing it cancels: nothing is left running or half written, and what is finished is
        known to the next run.
        """
        for line in self.lines:
            self._results[line.number] = _begin(line)
        stopping = False
        try:
            self._sweep()
            self._hand_out()
            while not all(result.over for result in self._results.values()):
                if self.cancelled() and not stopping:
                    stopping = True
                    self.executor.cancel()
                    self._drop_waiting()
                for number, event in self.executor.poll(PATIENCE):
                    self._heard(number, event)
                if not stopping:
                    self._hand_out()
                yield self._batch()
        finally:
            self.executor.close()
            self.cache.room.trim()
            for number, result in self._results.items():
                if not result.over:
                    self._results[number] = _cancelled(result)
        return self.results

    @property
    def results(self) -> tuple[Result, ...]:
        """What became of every line so far."""
        return tuple(self._results.values())

    def _sweep(self) -> None:
        """Remove what a run that was killed had begun to write."""
        for partial in self.folder.glob("*_relip_v[0-9]*partial"):
            with suppress(OSError):
                partial.unlink()

    def _hand_out(self) -> None:
        """Ask for what can begin: lines that go on from another's result wait for that."""
        for line in self.lines:
            if self._results[line.number].state != "waiting" or line.number in self._asked:
                continue
            base = self._results[line.base] if line.base else None
            if base is None or base.over:
                try:
                    self._ask(line, base)
                except RelipError as error:
                    self._fail(line.number, error.message, error.remedy)

    def _ask(self, line: Line, base: Result | None) -> None:
        """Keep the line's result, or have it made."""
        assert line.job is not None
        output = self._names.free(line.job.picture, line.job.codec)
        job = replace(line.job, output=str(output))
        if base is not None and base.there:
            job = based(line, base.line, base.output, str(output))
        elif base is not None:
            self._note(line.number, f"line {base.line.number} is not in this result: it failed")
        now = self._asked[line.number] = as_it_is(job, self.engine)
        known = self.cache.find(now.key) if self.resume else None
        if known is not None:
            kept = self._kept(now, known)
            if kept is not None:
                self._settle(line.number, kept, "kept")
                return
        self._names.take(output)
        self.executor.submit(line.number, job)

    def _kept(self, asked: Asked, known: Known) -> Known | None:
        """The result in this folder: where it lies, or under a new name; None if it is gone."""
        job, lies = asked.job, Path(known.output)
        if lies.parent == self.folder and not self._names.is_taken(lies):
            job = replace(job, output=str(lies))
        kept = self.cache.fetch(asked.key, known, job)
        if kept is not None:
            self._names.take(Path(kept.output))
            if kept.output != known.output:
                self._store(asked.key, kept)
        return kept

    def _heard(self, number: int, event: Event) -> None:
        result = self._results[number]
        if result.over:
            return
        if isinstance(event, Progress):
            share = event.done / event.total if event.total > 0 else 0.0
            self._begun.setdefault(number, time.monotonic())
            self._results[number] = replace(
                result, state="running", stage=event.stage, share=share, left=event.left
            )
        elif isinstance(event, Notice):
            if event.code == "restarted":
                self._told[number].clear()  # it will be told again
            else:
                self._told[number].append(event)
            self._note(number, event.message)
        elif isinstance(event, Voiced):
            self._told[number].append(event)
        elif isinstance(event, Failed):
            self._failed(number, event)
        elif isinstance(event, Finished):
            try:
                self._finished(number, event)
            except RelipError as error:
                discard(event)
                self._fail(number, error.message, error.remedy)

    def _finished(self, number: int, event: Finished) -> None:
        """Believe in a result only if it is there, whole, and of what was asked for."""
        result = self._results[number]
        seconds = time.monotonic() - self._begun.get(number, time.monotonic())
        known = self._asked[number].believed(event, self._told[number], seconds)
        if event.frames != result.line.frames:
            raise MediaError(
                f"the result has {event.frames} frames, not the {result.line.frames} that were "
                "asked for; it was removed",
                "see that the clip plays at one steady rate, or convert it",
            )
        self._store(self._asked[number].key, known)
        self._settle(number, known, "made")

    def _settle(self, number: int, known: Known, state: State) -> None:
        result = self._results[number]
        self._results[number] = replace(
            result,
            state=state,
            output=known.output,
            sidecar=known.sidecar,
            score=known.score,
            notes=tuple(dict.fromkeys((*result.notes, *(one.message for one in known.notices)))),
            seconds=known.seconds,
            left=None,
        )

    def _store(self, key: str, known: Known) -> None:
        """A cache that cannot be written costs time later, and no result now."""
        if not self._remember:
            return
        try:
            self.cache.store(key, known)
        except RelipError as error:
            self._remember = False
            number = next(iter(self._results))
            self._note(number, f"{error}; results of this run cannot be kept for the next")

    def _failed(self, number: int, event: Failed) -> None:
        state: State
        if event.code == "Cancelled":
            state = "cancelled"
        elif event.code == "FaceError" and self._results[number].line.speaker == "automatic":
            state = "skipped"  # nobody is on the screen
        else:
            state = "failed"
        result = self._results[number]
        self._results[number] = replace(
            result,
            state=state,
            message=event.message,
            remedy=event.remedy,
            left=None,
        )

    def _fail(self, number: int, message: str, remedy: str) -> None:
        self._failed(number, Failed("RelipError", message, remedy))

    def _note(self, number: int, message: str) -> None:
        result = self._results[number]
        if message not in result.notes:
            self._results[number] = replace(result, notes=(*result.notes, message))

    def _drop_waiting(self) -> None:
        for number, result in self._results.items():
            if result.state == "waiting" and number not in self._asked:
                self._results[number] = _cancelled(result)

    def _batch(self) -> Batch:
        """How far all is, in frames; time left at the pace of what was made."""
        now = time.monotonic()
        total = done = made = 0.0
        spent = at_work = 0.0
        for number, result in self._results.items():
            frames = result.line.frames if result.line.job else 0
            if result.state == "kept":
                continue
            total += frames
            if result.over:
                done += frames
                if result.state == "made":
                    made, spent = made + frames, spent + result.seconds
            elif result.state == "running" and result.left is not None:
                worked = now - self._begun[number]
                share = worked / max(worked + result.left, 1e-6)
                done += frames * share
                made, spent = made + frames * share, spent + worked
                at_work = max(at_work, result.left)
        left = None
        if made > 0:
            left = max(at_work, (total - done) * spent / made / self.executor.workers)
        return Batch(self.results, min(1.0, done / total) if total else 1.0, left)


def _begin(line: Line) -> Result:
    if line.job is not None:
        return Result(line, notes=line.notes)
    why = line.obstacle
    assert why is not None
    nobody = why.code in NOBODY
    return Result(line, "skipped" if nobody else "failed", message=why.message, remedy=why.remedy)


def _cancelled(result: Result) -> Result:
    told = "the batch was cancelled"
    return replace(result, state="cancelled", message=told, remedy="run it again", left=None)
