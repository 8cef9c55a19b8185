"""Lines on the farm: handed out to fit machines, followed, and done again where one is lost."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from relip_host.executor import ATTEMPTS, CRASHES
from relip_host.worker import Engine
from relip_job import Event, Failed, Finished, Notice, Progress, ResyncJob
from relip_job.errors import OutputError
from relip_job.events import from_json
from relip_plugin.batch.farm_attempts import place
from relip_plugin.batch.farm_machines import Machines
from relip_plugin.batch.farm_worker import Page, do

if TYPE_CHECKING:
    from distributed import Client, Future

LOOK: Final = 1.0
"""Seconds between two looks at who is there."""
ALONE: Final = 60.0
"""Seconds to wait for a machine when there is none; one whose worker was ended starts it again."""
LOSSES: Final = 4
"""Machines that may be lost over a line before it is to blame."""
SILENT: Final = 30.0
"""Seconds after which a machine that says nothing of its line is given up; Dask takes minutes."""
STOPS_WITHIN: Final = 12.0
"""Seconds; an engine that does not listen is ended after 10."""
OWN: Final = ("EngineMissing", "EngineSilent", "MissingMedia", "ModelError", "OutputError")
"""What may be true of one machine only, so that it is named."""
CANCELLED: Final = Failed("Cancelled", "the batch was cancelled")


@dataclass(frozen=True)
class Order:
    """A line as it was asked for; ``paths`` are the files that it reads."""

    index: int
    job: ResyncJob
    page: Page
    paths: tuple[str, ...]


@dataclass(eq=False)
class _Line:
    """An order on the farm, and what is known of the attempt that counts."""

    order: Order
    tries: int = 1
    losses: int = 0
    shunned: set[str] = field(default_factory=set)
    key: str = ""
    future: Future[Any] | None = None
    offered: set[str] = field(default_factory=set)
    attempt: str = ""
    machine: str = ""
    address: str = ""
    heard: int = 0
    heard_at: float = 0.0
    moving: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Lines:
    """All lines of a batch that are on the farm; lives in one event loop.

    Only as many are handed out as there is room for, so that machines that come later get some.

    Parameters
    ----------
    folder : where attempts are written to.
    engine : what machines start; None is the engine of each.
    tell : hears every event.
    address : of the scheduler.

    Attributes
    ----------
    room : lines at a time, as of the last look at who is there.
    """

    def __init__(
        self,
        client: Client,
        machines: Machines,
        folder: Path,
        engine: Engine | None,
        tell: Callable[[int, Event], None],
        address: str,
    ) -> None:
        self._client, self._machines, self._tell = client, machines, tell
        self._folder, self._engine = folder, engine
        self._lost = Failed(
            "FarmLost",
            f"the scheduler at {address} went away",
            "start it and its workers again, then run the same again: what is done stays",
        )
        self._waiting: deque[Order] = deque()
        self._at_work: dict[asyncio.Task[None], _Line] = {}
        self._by_key: dict[str, _Line] = {}
        self.room = machines.room
        self._verdict: Failed | None = None
        self._ending: asyncio.Task[None] | None = None
        self._seen = time.monotonic()
        # Dask keeps what is told under a client's own name as long as the client, not for ever.
        client.subscribe_topic(client.id, self._hear)

    def add(self, order: Order) -> None:
        """Have a line done."""
        self._waiting.append(order)
        self._hand_out()

    async def end(self, verdict: Failed = CANCELLED) -> None:
        """Stop all that is not done, for this reason; come back when it has stopped."""
        if self._verdict is None:
            self._verdict = verdict
            while self._waiting:
                self._tell(self._waiting.popleft().index, verdict)
            futures = [line.future for line in self._at_work.values() if line.future]
            if futures and self._client.status == "running":
                with suppress(OSError):
                    await self._client.cancel(futures)
        if self._at_work:
            await asyncio.wait([*self._at_work])

    async def watch(self) -> None:
        """See who is there, as long as nobody stops this."""
        while self._verdict is None:
            with suppress(OSError):  # the client says what became of the scheduler
                await self._machines.look(LOOK)
            if self._client.status != "running":
                await self.end(self._lost)
                return
            self.room = self._machines.room
            if self._machines.fit:
                self._seen = time.monotonic()
            elif time.monotonic() - self._seen > ALONE:
                await self.end(self._nobody())
                return
            await self._rearrange()
            self._hand_out()
            await asyncio.sleep(LOOK)

    def _nobody(self) -> Failed:
        why = "; ".join(sorted(set(self._machines.objections.values())))
        told = f"no machine of the farm does lines any more{': ' if why else ''}{why}"
        return Failed("FarmEmpty", told, "start a worker, then run the same again")

    def _hand_out(self) -> None:
        if self._verdict is not None:
            while self._waiting:
                self._tell(self._waiting.popleft().index, self._verdict)
        while self._waiting and len(self._at_work) < self._machines.room:
            line = _Line(self._waiting.popleft())
            task = asyncio.create_task(self._do(line))
            self._at_work[task] = line
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        line = self._at_work.pop(task)
        self._by_key.pop(line.key, None)
        self._hand_out()

    async def _rearrange(self) -> None:
        """Offer lines whose machine is lost, or that nobody has begun, to those who came since.

        Dask gives them to another machine by itself, but only to one that was there when it got
        them, and only if the connection is gone.
        """
        for line in self._at_work.values():
            if line.address and time.monotonic() - line.heard_at > SILENT:
                self._machines.doubt(line.address)
        fit = set(self._machines.fit)
        moved = []
        for line in self._at_work.values():
            offer = fit - line.shunned or fit
            if line.future is None or line.address in fit or not offer or line.offered == offer:
                continue
            line.moving = True
            moved.append(line.future)
        if moved:
            with suppress(OSError):
                await self._client.cancel(moved)

    async def _do(self, line: _Line) -> None:
        try:
            event = await self._made(line)
        except Exception as error:  # a fault of ours must not leave a line without an end
            event = Failed("Internal", f"{type(error).__name__}: {error}", "run it again")
        self._tell(line.order.index, event)

    async def _made(self, line: _Line) -> Event:
        """What came of a line in the end."""
        from distributed import CancelledError, KilledWorker

        while True:
            if not await self._submit(line):
                assert self._verdict is not None
                return self._verdict
            assert line.future is not None
            try:
                answer: Page | None = await line.future
            except CancelledError:
                if line.moving:
                    continue
                return await self._stopped(line)
            except OSError:  # the answer comes by way of the scheduler
                return await self._stopped(line)
            except KilledWorker:
                return _to_blame(line)
            if answer is None:  # its machine was told to stop
                if line.losses + 1 >= LOSSES:  # counted when it is begun again
                    return _to_blame(line)
                continue
            event = await self._answered(line, answer)
            if event is not None:
                return event

    async def _submit(self, line: _Line) -> bool:
        """Hand a line out as soon as somebody is there; False if it is not to be done any more."""
        while self._verdict is None and not self._machines.fit:
            await asyncio.sleep(LOOK / 10)
        if self._verdict is not None:
            return False
        fit = set(self._machines.fit)
        self._by_key.pop(line.key, None)
        line.key, line.address = f"relip-{uuid.uuid4().hex}", ""
        line.moving = False
        line.offered = fit - line.shunned or fit
        self._by_key[line.key] = line
        page = {
            "topic": self._client.id,
            "key": line.key,
            "job": line.order.page,
            "paths": list(line.order.paths),
            "folder": str(self._folder),
            "engine": self._engine,
        }
        line.future = self._client.submit(
            do, page, key=line.key, workers=sorted(line.offered), pure=False
        )
        return True

    async def _stopped(self, line: _Line) -> Failed:
        """The reason, when the line's engine has stopped as well."""
        if self._verdict is None:
            # Nobody but a scheduler that is gone drops a line of ours.
            self._ending = asyncio.create_task(self.end(self._lost))
            return self._lost
        if line.attempt and self._client.status == "running":
            with suppress(TimeoutError):  # its machine is lost, or about to be
                await asyncio.wait_for(line.over.wait(), STOPS_WITHIN)
        return self._verdict

    async def _answered(self, line: _Line, answer: Page) -> Event | None:
        """The last event, with the result in its place; None if the line is to be done again."""
        index, job = line.order.index, line.order.job
        heard = line.heard if answer["attempt"] == line.attempt else 0
        for told in answer["told"][heard:]:
            self._tell(index, from_json(told))
        last, machine = from_json(answer["last"]), answer["machine"]
        if isinstance(last, Failed):
            if last.code in CRASHES and line.tries < ATTEMPTS:
                line.tries += 1
                line.shunned.add(line.address)
                line.attempt = ""
                told = f"{last.message} (on {machine}); it was started again"
                self._tell(index, Notice("restarted", told))
                return None
            if last.code in (*CRASHES, *OWN):
                return replace(last, message=f"{last.message} (on {machine})")
            return last
        assert isinstance(last, Finished)
        output = Path(str(job.output))
        files = [(name, size) for name, size in answer["files"]]
        try:
            await asyncio.to_thread(place, self._folder / answer["attempt"], files, output.parent)
        except OutputError as error:
            return Failed(error.code, f"{error.message} (from {machine})", error.remedy)
        return replace(last, output=str(output), sidecar=str(output.with_name(files[0][0])))

    def _hear(self, event: tuple[float, Any]) -> None:
        """What a machine says of a line."""
        said = event[1]
        line = self._by_key.get(said.get("key", "")) if isinstance(said, dict) else None
        if line is None:
            return
        line.heard_at = time.monotonic()
        if "began" in said:
            if line.attempt:
                told = f"{line.machine} was lost; the line was begun again on {said['began']}"
                self._tell(line.order.index, Notice("restarted", told))
                line.losses += 1
            line.attempt, line.machine = said["attempt"], said["began"]
            line.address, line.heard = said["address"], 0
            line.over.clear()
        elif said["attempt"] != line.attempt:
            return
        elif "over" in said:
            line.over.set()
        elif "event" in said:
            told_event = from_json(said["event"])
            line.heard += not isinstance(told_event, Progress)
            self._tell(line.order.index, told_event)


def _to_blame(line: _Line) -> Failed:
    return Failed(
        "EngineKilled",
        f"every machine that did this line was lost, the last of them {line.machine}",
        "most often the memory is full then: start workers with fewer --nthreads; run it again",
    )
