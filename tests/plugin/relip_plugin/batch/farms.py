"""Farms on this machine: a scheduler and workers, started as a user starts them."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import psutil

from relip_host.executor import Executor
from relip_job import Event, Failed, Finished, ResyncJob, TimeRange

HOUSE = Path(__file__).resolve().parents[4]
STARTS_WITHIN = 60.0


class Part:
    """A scheduler or a worker, in a process of its own."""

    def __init__(self, folder: Path, name: str, words: list[str], **environment: str) -> None:
        self.said = folder / f"{name}.txt"
        roots = os.pathsep.join(str(HOUSE / one) for one in ("core", "models", "plugin"))
        with self.said.open("wb") as said:
            self.process = psutil.Popen(
                [sys.executable, "-m", "relip_plugin.cli", "farm", *words, "--host", "127.0.0.1"],
                stderr=said,
                stdout=said,
                cwd=folder,
                env={**os.environ, "PYTHONPATH": roots, "TMPDIR": str(folder), **environment},
            )

    def wait_for(self, pattern: str) -> str:
        """The first group of what it said."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            found = re.search(pattern, self.said.read_text(errors="replace"))
            if found:
                return found[found.re.groups and 1]
            time.sleep(0.05)
        raise AssertionError(self.said.read_text(errors="replace"))

    def children(self) -> list[psutil.Process]:
        """What it started: a worker's process, and engines under that."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return list(self.process.children(recursive=True))
        return []

    def engines(self) -> list[psutil.Process]:
        """The engines at work."""
        return [one for one in self.children() if "stub_engine.py" in " ".join(_words(one))]

    def worker(self) -> psutil.Process:
        """The process that does lines, under its nanny."""
        return next(one for one in self.children() if "spawn_main" in " ".join(_words(one)))

    def end(self) -> None:
        """Leave nothing of it."""
        for one in [*self.children(), self.process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()


class Farm:
    """A scheduler with workers of one line at a time."""

    def __init__(self, folder: Path, workers: int = 2, **environment: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = environment
        self.workers: list[Part] = []
        self.scheduler = Part(folder, "scheduler", ["scheduler", "--port", "0"], **environment)
        self.address = self.scheduler.wait_for(r"Scheduler at:\s+(tcp://\S+)")
        self.mend(workers)

    def add(self, *options: str, **environment: str) -> Part:
        """Start a worker more; it comes when it comes."""
        words = ["worker", self.address, "--nthreads", "1", *options]
        name = f"worker{len(list(self.folder.glob('worker*')))}"
        self.workers.append(Part(self.folder, name, words, **{**self.environment, **environment}))
        return self.workers[-1]

    def mend(self, workers: int) -> None:
        """See that so many workers are there."""
        for gone in [one for one in self.workers if not alive(one.process)]:
            gone.end()
            self.workers.remove(gone)
        while len(self.workers) < workers:
            self.add()
        for worker in self.workers:
            worker.wait_for("Registered to")

    def engines(self) -> list[psutil.Process]:
        """The engines at work."""
        return [engine for worker in self.workers for engine in worker.engines()]

    def end(self) -> None:
        """Leave nothing of it."""
        for part in [*self.workers, self.scheduler]:
            part.end()


def jobs(folder: Path, count: int) -> list[ResyncJob]:
    """Lines of a second, and the folder for their results."""
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    for name in ("take.mov", "dub.wav"):
        (folder / name).write_bytes(name.encode() * 100)
    return [
        ResyncJob(
            str(folder / "take.mov"),
            str(folder / "dub.wav"),
            str(results / f"take_relip_v{number + 1:03d}.mov"),
            cut=TimeRange(Fraction(number), Fraction(number + 1)),
        )
        for number in range(count)
    ]


def drive(
    executor: Executor,
    asked: list[ResyncJob],
    each: Callable[[int, Event], None] = lambda *_: None,
    patience: float = 90.0,
) -> dict[int, list[Event]]:
    """What was told of every job, to the last word of each."""
    told: dict[int, list[Event]] = {index: [] for index in range(len(asked))}
    for index, job in enumerate(asked):
        executor.submit(index, job)
    until = time.monotonic() + patience
    while not all(over(events) for events in told.values()):
        assert time.monotonic() < until, told
        for index, event in executor.poll(0.1):
            told[index].append(event)
            each(index, event)
    return told


def alive(process: psutil.Process) -> bool:
    """Whether it runs, or at least could."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def over(events: list[Event]) -> bool:
    """Whether the last word was said."""
    return bool(events) and isinstance(events[-1], (Finished, Failed))


def eventually(true: Callable[[], bool], within: float) -> float:
    """Seconds until it was true; never longer than that."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < within
        time.sleep(0.02)
    return time.monotonic() - begun


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return list(process.cmdline())
    return []
