"""Jobs done by many machines: a Dask cluster behind :class:`relip_host.executor.Executor`.

The scheduler knows the machines; each job runs in a worker as a fresh engine process of that
machine (:mod:`~relip_plugin.batch.farm_worker`). This process asks every machine whether it is fit
(:mod:`~relip_plugin.batch.farm_machines`), hands lines out and does them again where a machine is
lost (:mod:`~relip_plugin.batch.farm_lines`), and moves what it accepts into place
(:mod:`~relip_plugin.batch.farm_attempts`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from relip.identity import engine_identity
from relip_host.worker import Engine
from relip_job import Event, Failed, Finished, RelipError, ResyncJob, job_to_json
from relip_job.errors import JobError
from relip_job.events import to_json
from relip_plugin.batch.farm_attempts import new_batch, remove_batch
from relip_plugin.batch.farm_lines import Lines, Order
from relip_plugin.batch.farm_machines import ANSWERS_WITHIN, Ask, Machines
from relip_plugin.batch.farm_worker import networks, versions
from relip_plugin.cache.keys import files_of

ADDRESS: Final = re.compile(r"(tcp|tls)://[^\s/]+:\d+")
CONNECTS_WITHIN: Final = 10.0
"""Seconds for the scheduler to answer, and for a first machine to be there."""
CLOSES_WITHIN: Final = 30.0
"""Seconds; much longer than engines take to stop."""
LOGGERS: Final = ("distributed", "distributed.client", "tornado", "tornado.application")
MISSING: Final = (
    "relip can not use many machines yet: the package distributed is missing",
    "run relip's installer again on every machine: python install.py --with farm",
)


def require_distributed(silent: bool = True) -> None:
    """See that Dask is there; ``silent`` keeps it from talking to the user.

    Raises
    ------
    RelipError
        It is not installed.
    """
    try:
        import distributed  # noqa: F401  # that it is there, and its loggers are set up
    except ImportError as error:
        raise RelipError(*MISSING) from error
    for name in LOGGERS if silent else ():
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class FarmExecutor:
    """The machines of a scheduler. They are asked first, and left out if they are not fit.

    A job goes on only as long as this process does, with a log or without.

    Parameters
    ----------
    address : of the scheduler, ``tcp://farm:8786``.
    results : folder where results go; seen by every machine, and held by who asks.
    files : what the jobs read, which every machine must see, too.
    engines : those that the jobs name, for which every machine must have the same networks.
    engine : what machines start; None is the engine of each.
    tell : hears sentences on machines that are left out, within :meth:`poll`.

    Raises
    ------
    RelipError
        Dask is not installed, nobody answers at that address, or no machine is fit.
    """

    def __init__(
        self,
        address: str,
        results: Path,
        files: Iterable[str] = (),
        engine: Engine | None = None,
        tell: Callable[[str], None] = lambda _: None,
        engines: Iterable[str] = (),
    ) -> None:
        if not ADDRESS.fullmatch(address):
            raise JobError(
                f"{address!r} is no address of a scheduler",
                "name it as the scheduler does when it starts: tcp://farm:8786",
            )
        require_distributed()
        self.workers = 1
        self._address, self._results, self._engine = address, results, engine
        self._files = _sizes(files)
        found = networks()
        self._networks = {name: found[name] for name in engines}
        self._tell = tell
        self._happened: queue.SimpleQueue[tuple[int, Event] | str] = queue.SimpleQueue()
        self._logs: dict[int, Path] = {}
        self._open: set[int] = set()
        self._closing = asyncio.Event()
        self._lines: Lines | None = None
        self._loop = asyncio.new_event_loop()
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._serve, name="relip-farm", daemon=True)
        self._thread.start()
        try:
            self._ready.result()
        except BaseException:
            self.close()
            raise

    def submit(self, index: int, job: ResyncJob, log: Path | None = None) -> None:
        """Have a job done, soon; its ``output`` must be named, free, and lie in the results."""
        self._open.add(index)
        if log is not None:
            self._logs[index] = log
        order = Order(index, job, json.loads(job_to_json(job)), files_of(job))
        self._ask(lambda lines: lines.add(order))

    def poll(self, patience: float) -> list[tuple[int, Event]]:
        """What has happened, waiting for ``patience`` seconds at most if it is nothing yet."""
        found: list[tuple[int, Event]] = []
        if self._lines is not None:
            self.workers = max(1, self._lines.room)
        with suppress(queue.Empty):
            happened = self._happened.get(timeout=max(patience, 0.001))
            while True:
                if isinstance(happened, str):
                    self._tell(happened)
                elif happened[0] in self._open:
                    found.append(happened)
                    self._note(*happened)
                happened = self._happened.get_nowait()
        if not found and not self._thread.is_alive():
            found = [(index, _GONE) for index in sorted(self._open)]
            self._open.clear()
        return found

    def cancel(self) -> None:
        """Ask all to stop; :meth:`poll` tells of each when it has."""
        self._ask(lambda lines: self._keep(lines.end()))

    def close(self) -> None:
        """Leave nothing running and nothing half written; waits a few seconds at most."""
        with suppress(RuntimeError):  # it is closed
            self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(CLOSES_WITHIN)

    def _ask(self, what: Callable[[Lines], None]) -> None:
        def ask() -> None:
            if self._lines is not None:
                what(self._lines)

        with suppress(RuntimeError):  # it is closed; poll tells
            self._loop.call_soon_threadsafe(ask)

    def _keep(self, work: Any) -> None:
        self._stopping = self._loop.create_task(work)

    def _note(self, index: int, event: Event) -> None:
        log = self._logs.get(index)
        if log is not None:
            with suppress(OSError), log.open("a", encoding="utf-8") as file:
                file.write(to_json(event) + "\n")
        if isinstance(event, (Finished, Failed)):
            self._open.discard(index)

    def _serve(self) -> None:
        """The thread with the event loop, from the first word to the scheduler to the last."""
        try:
            self._loop.run_until_complete(self._work())
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
        finally:
            self._loop.close()

    async def _work(self) -> None:
        from distributed import Client

        try:
            with warnings.catch_warnings():
                # Whether versions differ is asked machine by machine.
                warnings.simplefilter("ignore")
                client = await Client(
                    self._address, asynchronous=True, timeout=CONNECTS_WITHIN, set_as_default=False
                )
        except (OSError, ValueError) as error:
            raise RelipError(
                f"no scheduler answers at {self._address}",
                "see that it runs and that the address is the one it told; start it with "
                "relip farm scheduler",
            ) from error
        folder = new_batch(self._results)
        try:
            machines = await self._fit(client, folder)
            lines = Lines(client, machines, folder, self._engine, self._heard, self._address)
            watch = asyncio.create_task(lines.watch())
            self._lines = lines
            self._ready.set_result(None)
            await self._closing.wait()
            await lines.end()
            watch.cancel()
        finally:
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(client.close(), CONNECTS_WITHIN)
            await asyncio.to_thread(remove_batch, folder)

    async def _fit(self, client: Any, folder: Path) -> Machines:
        """The machines, of which at least one is fit."""
        ask = Ask(self._files, str(folder), versions(), engine_identity(), self._networks)
        machines = Machines(client, ask, self._happened.put)
        begun = time.monotonic()
        while not machines.all_asked and not self._closing.is_set():
            await machines.look(0.2)
            waited = time.monotonic() - begun
            if waited > ANSWERS_WITHIN or (waited > CONNECTS_WITHIN and not machines.count):
                break
            await asyncio.sleep(0.05)
        if machines.fit:
            self.workers = machines.room
            return machines
        if machines.objections:
            raise RelipError(
                "no machine of the farm may do these lines: "
                + "; ".join(sorted(set(machines.objections.values())))
            )
        raise RelipError(
            f"no worker has come to the scheduler at {self._address}",
            f"start one on each machine: relip farm worker {self._address}",
        )

    def _heard(self, index: int, event: Event) -> None:
        self._happened.put((index, event))


_GONE: Final = Failed("Internal", "the farm's side of this process ended", "run it again")


def _sizes(files: Iterable[str]) -> dict[str, int]:
    """Bytes of those that can be read here; of the others, their own line tells."""
    found = {}
    for path in files:
        with suppress(OSError):
            found[path] = Path(path).stat().st_size
    return found
