"""The loop of a batch: what is known is kept, the rest is made, nothing stops the others."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from relip.media.identity import media_identity
from relip_host.executor import RESTARTED, Executor
from relip_host.pace import Piece, pace
from relip_job import Event, Failed, Finished, Notice, Progress, RelipError, Voiced
from relip_job.errors import MediaError
from relip_plugin.batch import outcome
from relip_plugin.batch.names import Names
from relip_plugin.batch.plan import Line, Take
from relip_plugin.batch.result import Batch, Result
from relip_plugin.cache.asked import Asked, as_it_is, discard
from relip_plugin.cache.results import Known, ResultCache

PATIENCE: Final = 0.2
"""Seconds between two looks at who is at work."""


@dataclass
class _Work:
    """A take on its way, and the numbers of its lines."""

    take: Take
    lines: list[int] = field(default_factory=list)
    asked: Asked | None = None
    told: list[Event] = field(default_factory=list)
    begun: float | None = None
    left: float | None = None
    seconds: float | None = None
    over: bool = False
    kept: bool = False

    @property
    def piece(self) -> Piece:
        """How far it is."""
        worked = self.seconds
        if not self.over and self.begun is not None:
            worked = time.monotonic() - self.begun
        return Piece(self.take.frames, self.over, worked, None if self.over else self.left)


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
    _works: dict[int, _Work] = field(default_factory=dict)
    _waiting: deque[int] = field(default_factory=deque)
    _remember: bool = True

    def __post_init__(self) -> None:
        self._names = Names(self.folder)

    def run(self) -> Generator[Batch, None, tuple[Result, ...]]:
        """Yield how far it is, again and again; return what became of every line.

        Closing it cancels: nothing is left running or half written, and what is finished is
        known to the next run.
        """
        self._begin()
        stopping = False
        try:
            self._sweep()
            while not all(work.over for work in self._works.values()):
                if self.cancelled() and not stopping:
                    stopping = True
                    self.executor.cancel()
                    self._drop_waiting()
                self._hand_out()
                for number, event in self.executor.poll(PATIENCE):
                    if not self._works[number].over:
                        self._heard(self._works[number], event)
                yield self._batch()
        finally:
            self.executor.close()
            self._hear_out()
            self.cache.room.trim()
            for work in self._works.values():
                if not work.over:
                    self._cancel(work)
        return self.results

    @property
    def results(self) -> tuple[Result, ...]:
        """What became of every line so far."""
        return tuple(self._results.values())

    def _begin(self) -> None:
        """Gather lines that are made in one take."""
        works: dict[Take, _Work] = {}
        for line in self.lines:
            self._results[line.number] = outcome.begun(Result(line))
            if line.take is not None:
                works.setdefault(line.take, _Work(line.take)).lines.append(line.number)
        self._works = {work.lines[0]: work for work in works.values()}
        self._waiting.extend(self._works)

    def _sweep(self) -> None:
        """Remove what a run that was killed had begun to write."""
        for partial in self.folder.glob("*_relip_v[0-9]*partial"):
            with suppress(OSError):
                partial.unlink()

    def _hand_out(self) -> None:
        """Ask for what waits and can be begun, for no longer than others may wait for an answer.

        Not before: a file that is replaced by then counts as what it is then.
        """
        until = time.monotonic() + PATIENCE
        while self._waiting and time.monotonic() < until:
            read = [
                work.take.job.picture
                for work in self._works.values()
                if work.asked is not None and not work.over
            ]
            if len(read) >= self.executor.workers:
                return
            number = self._next(set(read))
            work = self._works[number]
            try:
                self._ask(number, work)
            except RelipError as error:
                self._fail(work, error)

    def _next(self, read: set[str]) -> int:
        """Take the first out of the queue whose clip nobody reads just now, if there is one.

        Who comes to a clip later finds in the memory who is seen in it; side by side, both look.
        """
        free = (one for one in self._waiting if self._works[one].take.job.picture not in read)
        number = next(free, self._waiting[0])
        self._waiting.remove(number)
        return number

    def _ask(self, number: int, work: _Work) -> None:
        """Keep the take's result, or have it made."""
        output = self._names.free(work.take.job.picture, work.take.job.codec)
        asked = as_it_is(replace(work.take.job, output=str(output)), self.engine)
        work.asked = asked
        known = self.cache.find(asked.key) if self.resume else None
        kept = self._fetched(asked, known) if known is not None else None
        if kept is not None:
            work.kept = True
            self._end(work, lambda result: outcome.done(result, kept, "kept"))
            return
        self._names.take(output)
        self.executor.submit(number, asked.job)

    def _fetched(self, asked: Asked, known: Known) -> Known | None:
        """The result in this folder: where it lies, or under a new name; None if it is gone.

        Takes that say the same in the same pictures have one file.
        """
        job = asked.job
        if self._may_lie(known):
            job = replace(job, output=known.output)
        kept = self.cache.fetch(asked.key, known, job)
        if kept is not None:
            self._names.take(Path(kept.output))
            if kept.output != known.output:
                self._store(asked.key, kept)
        return kept

    def _may_lie(self, known: Known) -> bool:
        """Whether it lies in this folder, or lay there, and nothing else has its name now."""
        lies = Path(known.output)
        if lies.parent != self.folder:
            return False
        try:
            return media_identity(lies) == known.identity
        except MediaError:
            return not (lies.exists() or lies.is_symlink() or self._names.is_taken(lies))

    def _heard(self, work: _Work, event: Event) -> None:
        if isinstance(event, Progress):
            self._progress(work, event)
        elif isinstance(event, Notice) and event.code == RESTARTED:
            work.told.clear()  # it will be told again
            self._note(work.lines, event.message)
        elif isinstance(event, Notice | Voiced):
            work.told.append(event)
        elif isinstance(event, Failed):
            self._end(work, lambda result: outcome.failed(result, event, work.told))
        elif isinstance(event, Finished):
            try:
                self._finished(work, event)
            except RelipError as error:
                discard(event)
                self._fail(work, error)

    def _hear_out(self) -> None:
        """Believe in what was finished before its engine heard that it was to stop."""
        for number, event in self.executor.poll(0.0):
            work = self._works[number]
            if not work.over and not isinstance(event, Failed):
                self._heard(work, event)

    def _progress(self, work: _Work, event: Progress) -> None:
        share = event.done / event.total if event.total > 0 else 0.0
        work.begun = work.begun or time.monotonic()
        work.left = event.left
        for number in work.lines:
            self._results[number] = replace(
                self._results[number],
                state="running",
                stage=event.stage,
                share=share,
                left=event.left,
            )

    def _finished(self, work: _Work, event: Finished) -> None:
        """Believe in a result only if it is there, whole, and of what was asked for."""
        assert work.asked is not None
        seconds = time.monotonic() - (work.begun or time.monotonic())
        known = work.asked.believed(event, work.told, seconds)
        if event.frames != work.take.frames:
            raise MediaError(
                f"the result has {event.frames} frames, not the {work.take.frames} that were "
                "asked for; it was removed",
                "see that the clip plays at one steady rate, or convert it",
            )
        self._store(work.asked.key, known)
        work.seconds = seconds
        self._end(work, lambda result: outcome.done(result, known, "made"))

    def _end(self, work: _Work, became: Callable[[Result], Result]) -> None:
        work.over, work.left = True, None
        for number in work.lines:
            self._results[number] = became(self._results[number])

    def _fail(self, work: _Work, error: RelipError) -> None:
        event = Failed(error.code, error.message, error.remedy)
        self._end(work, lambda result: outcome.failed(result, event))

    def _cancel(self, work: _Work) -> None:
        event = Failed("Cancelled", "the batch was cancelled")
        self._end(work, lambda result: outcome.failed(result, event))

    def _store(self, key: str, known: Known) -> None:
        """A cache that cannot be written costs time later, and no result now."""
        if not self._remember:
            return
        try:
            self.cache.store(key, known)
        except RelipError as error:
            self._remember = False
            told = f"{error}; results of this run cannot be kept for the next"
            self._note([next(iter(self._results))], told)

    def _note(self, numbers: Sequence[int], message: str) -> None:
        for number in numbers:
            result = self._results[number]
            if message not in result.notes:
                self._results[number] = replace(result, notes=(*result.notes, message))

    def _drop_waiting(self) -> None:
        while self._waiting:
            self._cancel(self._works[self._waiting.popleft()])

    def _batch(self) -> Batch:
        """How far all is; what was kept took no time, and says nothing of the rest."""
        new = [work.piece for work in self._works.values() if not work.kept]
        done, left = pace(new, self.executor.workers)
        return Batch(self.results, done if new else 1.0, left)
