"""Jobs done by several processes on this machine, each a fresh engine with one thread."""

from __future__ import annotations

import os
import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Deque, Dict, Final, List, Optional, Protocol, Tuple

from relip_host.naming import remove_unfinished, remove_untold
from relip_host.worker import REMEDIES, Engine, Run
from relip_job import Event, Failed, Finished, Notice, Progress, ResyncJob

ATTEMPTS: Final = 3
"""A memory that was full once often is not so twice. A driver that ends the process is given up by
the engine after the second time (:mod:`relip.onnx.choice`), so that the third does without it."""
RESTARTED: Final = "restarted"
"""Code of the notice that a job has begun anew."""
CRASHES: Final = ("EngineCrashed", "EngineKilled")
ONE_THREAD: Final = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "OPENCV_FOR_THREADS_NUM",
    ),
    "1",
)
"""For NumPy's libraries and OpenCV; onnxruntime is told by the engine itself."""
WORKER_MEMORY: Final = 1 << 30
"""Bytes an engine is reckoned with. One on a clip of 512 x 512 was seen to take 195 MB at most;
frames of 4K are 64 times that size, and a few are held at a time."""
LOOK: Final = 0.02
"""Seconds between two looks at the processes."""


class Executor(Protocol):
    """Somebody who does jobs, in any order.

    For every job that is submitted any number of events come, the last of them one
    :class:`~relip_job.Finished` or :class:`~relip_job.Failed`, whatever happens to who does it.
    """

    workers: int
    """How many jobs are done at a time."""

    def submit(self, index: int, job: ResyncJob, log: Optional[Path] = None) -> None:
        """Have a job done, soon; its ``output`` must be named and free.

        With a ``log``, a file of this machine that every event is added to, one that runs goes on
        to its end even if this process ends.
        """

    def poll(self, patience: float) -> List[Tuple[int, Event]]:
        """What has happened, waiting for ``patience`` seconds at most if it is nothing yet."""

    def cancel(self) -> None:
        """Ask all to stop; :meth:`poll` tells of each when it has."""

    def close(self) -> None:
        """Leave nothing running and nothing half written; waits a few seconds at most.

        :meth:`poll` tells what had happened by then: who was asked to stop may have been done.
        """


@dataclass
class _Work:
    """A job at work: ``attempt`` counts from 1.

    Once its engine is ``drawing``, what lies at its output is its own: it has refused another's.
    """

    index: int
    job: ResyncJob
    attempt: int = 1
    log: Optional[Path] = None
    run: Optional[Run] = field(default=None)
    drawing: bool = False


class LocalExecutor:
    """Processes of this machine.

    Those without a log stop when this process ends, however it ends, and leave nothing half
    written.

    Parameters
    ----------
    engine : how one is started; it is given one thread for every library that takes more.
    workers : how many at a time; None is as many as cores and memory allow.
    """

    def __init__(self, engine: Engine, workers: Optional[int] = None) -> None:
        self.workers = workers or default_workers()
        self._engine = replace(engine, environment={**ONE_THREAD, **engine.environment})
        self._waiting: Deque[_Work] = deque()
        self._running: List[_Work] = []
        self._happened: List[Tuple[int, Event]] = []

    def submit(self, index: int, job: ResyncJob, log: Optional[Path] = None) -> None:
        """Put it at the end of the queue."""
        self._waiting.append(_Work(index, job, log=log))

    @property
    def at_work(self) -> Dict[int, int]:
        """The jobs that processes of this machine are at, and the numbers of these."""
        return {work.index: work.run.pid for work in self._running if work.run is not None}

    def poll(self, patience: float) -> List[Tuple[int, Event]]:
        """What has happened, waiting for ``patience`` seconds at most if it is nothing yet.

        Processes are only started at the beginning.
        """
        until = time.monotonic() + patience
        self._start()
        while True:
            for work in list(self._running):
                assert work.run is not None
                for event in work.run.poll():
                    self._heard(work, event)
            happened, self._happened = self._happened, []
            if happened or time.monotonic() >= until:
                return happened
            time.sleep(LOOK)

    def cancel(self) -> None:
        """Start nothing more, and ask what runs to stop."""
        while self._waiting:
            work = self._waiting.popleft()
            self._happened.append((work.index, _CANCELLED))
        for work in self._running:
            work.attempt = ATTEMPTS
            assert work.run is not None
            work.run.cancel()

    def close(self) -> None:
        """Leave nothing running and nothing half written; waits a few seconds at most."""
        self.cancel()
        for work in list(self._running):
            assert work.run is not None
            for event in work.run.close():
                self._heard(work, event)
            if work in self._running:
                self._running.remove(work)
                _remove(work)

    def _start(self) -> None:
        while self._waiting and len(self._running) < self.workers:
            work = self._waiting.popleft()
            work.run = self._engine.start(work.job, work.log)
            self._running.append(work)

    def _heard(self, work: _Work, event: Event) -> None:
        if isinstance(event, Progress):
            work.drawing = work.drawing or event.stage in ("draw", "score")
        elif isinstance(event, Failed):
            self._running.remove(work)
            if event.code in REMEDIES:  # it did not clean up behind itself
                _remove(work)
            else:
                remove_unfinished(work.job.output or "")
            if event.code in CRASHES and work.attempt < ATTEMPTS:
                self._waiting.appendleft(_Work(work.index, work.job, work.attempt + 1, work.log))
                event = Notice(RESTARTED, f"{event.message}; it was started again")
        elif isinstance(event, Finished):
            self._running.remove(work)
        self._happened.append((work.index, event))


def _remove(work: _Work) -> None:
    """Remove what an engine that was ended wrote, which may be whole: it is scored after that."""
    remove_unfinished(work.job.output or "")
    if work.drawing:
        remove_untold(work.job.output or "")


_CANCELLED: Final = Failed("Cancelled", "the run was cancelled")


def default_workers(spare: int = 0) -> int:
    """A process per core this one may use, as far as memory is free for them; at least one.

    ``spare`` cores are left to others.
    """
    return max(1, min(_cores() - spare, _free_memory() // WORKER_MEMORY))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_memory() -> int:
    """Bytes that are free; where the system does not tell, enough for four engines."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123  # no path, a kernel
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 4 * WORKER_MEMORY
