"""The engine at work on the jobs of a run, several at a time."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Callable, Dict, Generator, List, Optional, Sequence, Tuple, Union

from relip_host.executor import RESTARTED, LocalExecutor
from relip_host.journal import Entry, Journal
from relip_host.mouths import mouths, notes
from relip_host.pace import Piece, pace
from relip_host.page import Row
from relip_host.placing import give_up
from relip_host.steps import Step
from relip_job import Event, Failed, Finished, Notice, Progress, ResyncJob, Voiced

DOING = {
    "probe": "looking at the clip",
    "listen": "listening",
    "track": "following the face",
    "plan": "planning",
    "draw": "drawing",
    "score": "scoring",
}
KEPT = "kept"
"""Code of the notice that a result was not made again."""
OPEN = ("asked", "running", "placing")
"""States of entries that go on."""


class Maker:
    """The engine at work on the jobs of a run.

    Parameters
    ----------
    executor : who does them; closed at the end.
    made : called with a job whose result has just been made, before that is told.
    """

    def __init__(
        self,
        journal: Journal,
        executor: LocalExecutor,
        cancelled: Callable[[], bool],
        patience: float,
        made: Callable[[str], None] = lambda job: None,
    ) -> None:
        self._journal = journal
        self._executor = executor
        self.cancelled = cancelled
        self._patience = patience
        self._made = made
        self._watches: Dict[str, _Watch] = {}
        self._pieces: Dict[str, Piece] = {}
        self._told: Dict[str, str] = {}

    def step(self, text: str, done: float = 0.0, left: Optional[float] = None) -> Step:
        """How far it is."""
        self._journal.beat()
        rows, over = [], []
        for entry in self._journal.record.entries:
            watch = self._watches.get(entry.job)
            row = watch.row(entry.row) if watch else entry.row
            rows.append(row)
            if entry.state not in OPEN and self._told.get(entry.job) != entry.state:
                self._told[entry.job] = entry.state
                over.append(row)
        return Step(text, tuple(rows), done, left, tuple(over))

    def make(self, jobs: Dict[str, ResyncJob]) -> Generator[Step, None, None]:
        """Have every job done; what becomes of it is in the journal."""
        names = list(jobs)
        for number, name in enumerate(names):
            self._pieces[name] = Piece(self._journal.entry(name).frames)
            self._executor.submit(number, jobs[name], self._journal.path(name, ".events.jsonl"))
        cancelling = False
        try:
            while not all(piece.over for piece in self._pieces.values()):
                if self.cancelled() and not cancelling:
                    cancelling = True
                    self._executor.cancel()
                for happened in self._looks(names):
                    for number, event in happened:
                        if self._hear(names[number], event):
                            yield self._step()
                for watch in self._watches.values():
                    watch.cancelling = cancelling
                yield self._step()
        finally:
            self._executor.close()
            for number, event in self._executor.poll(0.0):
                if isinstance(event, Finished):  # before it heard that it was to stop
                    self._end(names[number], event)

    def _looks(self, names: Sequence[str]) -> Generator[List[Tuple[int, Event]], None, None]:
        """What has happened; who was started for it is in the journal before time is spent."""
        happened = self._executor.poll(0.0)
        for number, pid in self._executor.at_work.items():
            entry = self._journal.entry(names[number])
            if (entry.state, entry.pid) != ("running", pid):
                self._journal.change(entry.job, state="running", pid=pid)
                self._watches.setdefault(entry.job, _Watch(entry))
        yield happened
        if not happened:
            yield self._executor.poll(self._patience)

    def _hear(self, name: str, event: Event) -> bool:
        """Take an event in; whether it was the last of its job."""
        if isinstance(event, (Finished, Failed)):
            if self._end(name, event).state == "done":
                self._made(name)
            return True
        if name in self._watches:
            self._watches[name].see(event)
        return False

    def _end(self, name: str, last: Union[Finished, Failed]) -> Entry:
        """What became of a job."""
        watch = self._watches.pop(name, None)
        worked = None
        if watch is not None:
            self._journal.change(name, **watch.told(self._journal.entry(name)))
        if isinstance(last, Failed):
            state = "cancelled" if last.code == "Cancelled" else "failed"
            entry = give_up(self._journal, name, state, last.message, last.remedy)
        else:
            entry = accept(self._journal, self._journal.entry(name), last)
            if watch is not None and entry.state == "done" and not entry.kept:
                worked = watch.spent
        self._pieces[name] = Piece(entry.frames, True, worked)
        return entry

    def _step(self) -> Step:
        """How far it is while engines run."""
        for name, watch in self._watches.items():
            frames = self._pieces[name].frames
            self._pieces[name] = Piece(frames, False, watch.spent, watch.left)
        return self.step(self._text(), *pace(self._pieces.values(), self._executor.workers))

    def _text(self) -> str:
        """``line 2 of 5, take_03: drawing, 40 %``; of several what each is at."""
        entries = self._journal.record.entries
        at_work = [
            (number, self._watches[entry.job].text)
            for number, entry in enumerate(entries, 1)
            if entry.job in self._watches
        ]
        if not at_work:
            over = sum(piece.over for piece in self._pieces.values())
            return f"{over} of {len(self._pieces)} done"
        numbers = " and ".join(str(number) for number, _ in at_work)
        lines = "line" if len(at_work) == 1 else "lines"
        texts = "; ".join(text for _, text in at_work)
        return f"{lines} {numbers} of {len(entries)}, {texts}"


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
        self.cancelling = False
        self._voiced: Tuple[Voiced, ...] = ()
        self._notices: Tuple[Notice, ...] = ()
        self._kept = False
        self._name = entry.shot.name
        self._voices = entry.voices
        self._progress: Optional[Progress] = None
        self._begun = self._heard = time.monotonic()

    def see(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._progress, self._heard = event, time.monotonic()
        elif isinstance(event, Voiced):
            self._voiced = (*self._voiced, event)
        elif isinstance(event, Notice):
            self._kept = self._kept or event.code == KEPT
            if event.code == RESTARTED:
                self._voiced, self._notices = (), (event,)  # the others are told again
            elif event.code != KEPT:
                self._notices = (*self._notices, event)

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    @property
    def left(self) -> Optional[float]:
        """Seconds left of it."""
        if self._progress is None or self._progress.left is None:
            return None
        return max(0.0, self._progress.left - (time.monotonic() - self._heard))

    @property
    def text(self) -> str:
        """``take_03: drawing, 40 %``."""
        doing_now = "cancelling" if self.cancelling else doing(self._progress)
        return f"{self._name}: {doing_now}"

    @property
    def _notes(self) -> Tuple[str, ...]:
        return notes(self._voiced, self._notices, self._voices)

    def told(self, entry: Entry) -> Dict[str, object]:
        """What its entry is to know."""
        return {
            "notes": (*entry.notes, *self._notes),
            "mouth": mouths(self._voiced, self._voices),
            "kept": self._kept,
        }

    def row(self, row: Row) -> Row:
        """The row of the journal with what is known only now."""
        now = self._progress or Progress("", 0, 0)
        return replace(
            row,
            stage=now.stage,
            done=now.done,
            total=now.total,
            left=self.left,
            notes=row.notes + self._notes,
            mouth=mouths(self._voiced, self._voices),
        )


def doing(progress: Optional[Progress]) -> str:
    """``drawing, 40 %``."""
    if progress is None:
        return "starting the engine"
    what = DOING.get(progress.stage, progress.stage)
    if progress.total <= 1:
        return what
    return f"{what}, {100 * progress.done // progress.total} %"
