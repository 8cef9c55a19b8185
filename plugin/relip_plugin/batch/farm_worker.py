"""What a machine of the farm does: says what it is, and does one line as a fresh engine process.

It runs in a Dask worker, called by :mod:`relip_plugin.batch.farm`. What travels are texts,
numbers, lists and objects of such, so that another version of relip can at least answer.
"""

from __future__ import annotations

import asyncio
import json
import platform
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import relip
from relip.identity import LIBRARIES, engine_identity
from relip_host.executor import ONE_THREAD
from relip_host.naming import writable
from relip_host.worker import Engine, Run
from relip_job import Event, Failed, Finished, Progress
from relip_job.errors import RelipError
from relip_job.events import to_json
from relip_job.job import ENGINES
from relip_models import Store
from relip_plugin.batch.farm_paths import here, own_map, pure, renamed
from relip_plugin.job_file import job_of
from relip_plugin.own_engine import own_engine

Page = dict[str, Any]
LOOK: Final = 0.1
"""Seconds between two looks at the engine, and at whether it is still wanted."""
ALIVE: Final = 3.0
"""Seconds after which a line that has nothing to tell tells that it is there."""
BETWEEN: Final = 0.5
"""Seconds between two words on how far a line is."""


def versions() -> dict[str, str]:
    """What decides how a result comes out, and how machines understand each other."""
    found = {"relip": relip.__version__}
    for name in (*LIBRARIES, "distributed"):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def networks() -> dict[str, str]:
    """By engine, the user's own networks that this machine would draw with; empty for none."""
    store = Store()
    return {engine: store.identity(engine) for engine in ENGINES}


async def about(files: dict[str, int], folder: str) -> Page:
    """What this machine is, and what it cannot do with these files and this folder.

    Parameters
    ----------
    files : sizes in bytes by path, as who asks sees them.
    folder : where attempts are written to, likewise.
    """
    return await asyncio.to_thread(_about, files, folder)


def _about(files: dict[str, int], folder: str) -> Page:
    told: Page = {
        "machine": platform.node(),
        "versions": versions(),
        "engine": engine_identity(),
        "networks": networks(),
        "problem": "",
        "remedy": "",
    }
    try:
        told["problem"], told["remedy"] = _problem(files, folder)
    except RelipError as error:
        told["problem"], told["remedy"] = error.message, error.remedy
    return told


def _problem(files: dict[str, int], folder: str) -> tuple[str, str]:
    """What is in the way, and a remedy; both empty if nothing is."""
    folders = own_map()
    mount = "mount the same storage there, or start its worker with --map FROM=TO"
    own = here(folder, folders)
    if not Path(own).is_dir():
        return f"does not see the folder of the results, {own}", mount
    if not writable(Path(own)):
        return f"may not write to {own}", "give its user the right to, or name another --folder"
    for path, size in files.items():
        own = here(path, folders)
        try:
            with Path(own).open("rb") as file:
                found = file.seek(0, 2)
        except OSError as error:
            return f"cannot read {own} ({error.strerror})", mount
        if found != size:
            return f"sees another file as {own}, of {found} bytes instead of {size}", mount
    return "", ""


def do(line: Page) -> Page | None:
    """Do a line; what came of it, or None if it is no longer wanted.

    ``line`` has the ``topic`` that events go to, its ``key``, the ``job``, the ``paths`` in it,
    the ``folder`` of the batch, and an ``engine`` if it is not this machine's own.
    """
    from distributed import get_worker

    worker = get_worker()
    attempt = uuid.uuid4().hex
    said = {"key": line["key"], "attempt": attempt}

    def say(**more: object) -> None:
        # Who asked may be gone, and then so is the way to them.
        with suppress(Exception):
            worker.log_event(line["topic"], {**said, **more})

    def wanted() -> bool:
        # Cancelled by who asked, who asked is gone, the scheduler is gone: each shows here.
        task = worker.state.tasks.get(line["key"])
        alive = worker.status.name in ("running", "paused")
        return alive and task is not None and task.state in ("executing", "long-running")

    say(began=platform.node(), address=worker.address)
    try:
        return _Attempt(line, attempt, wanted, say).do()
    finally:
        say(over=True)


@dataclass
class _Attempt:
    """One engine at work for a line."""

    line: Page
    name: str
    wanted: Callable[[], bool]
    say: Callable[..., None]
    _told: list[str] = field(default_factory=list)
    _progressed: float = float("-inf")
    _said: float = float("-inf")

    def do(self) -> Page | None:
        """What came of it; nothing is left behind if that is no result, or nobody wants it."""
        folder: Path | None = None
        last: Finished | Failed
        try:
            folders = own_map()
            own = Path(here(self.line["folder"], folders)) / self.name
            own.mkdir()
            folder = own
            last = self._run(folder, {path: here(path, folders) for path in self.line["paths"]})
        except RelipError as error:
            last = Failed(error.code, error.message, error.remedy)
        except OSError as error:
            last = Failed(
                "OutputError",
                f"{error.filename} cannot be written ({error.strerror})",
                "see that the folder may be written to",
            )
        files: list[tuple[str, int]] = []
        if isinstance(last, Finished):
            last, files = _counted(last)
        wanted = self.wanted()
        if folder is not None and not (wanted and files):
            shutil.rmtree(folder, ignore_errors=True)
        if not wanted:
            return None
        return {
            "attempt": self.name,
            "machine": platform.node(),
            "last": to_json(last),
            "told": self._told,
            "files": files,
        }

    def _run(self, folder: Path, names: dict[str, str]) -> Finished | Failed:
        """Run the engine to its end, telling what it tells.

        Parameters
        ----------
        names : what this machine calls the files of the job.
        """
        page = self.line["job"]
        output = str(folder / pure(page["output"]).name)
        job = replace(job_of(json.dumps(renamed(page, names))), output=output)
        engine: Engine = self.line["engine"] or own_engine()
        run = replace(engine, environment={**ONE_THREAD, **engine.environment}).start(job)
        try:
            last = self._follow(run)
        finally:
            run.close()
        if isinstance(last, Finished):
            back = {own: theirs for theirs, own in names.items()}
            _name_back(Path(last.sidecar), {**back, output: page["output"]})
        return last

    def _follow(self, run: Run) -> Finished | Failed:
        while True:
            for event in run.poll(LOOK):
                if isinstance(event, (Finished, Failed)):
                    return event
                self._tell(event)
            if not self.wanted():
                run.cancel()
            if time.monotonic() - self._said > ALIVE:
                self._say(alive=True)

    def _tell(self, event: Event) -> None:
        if not isinstance(event, Progress):
            self._told.append(to_json(event))
        elif time.monotonic() - self._progressed < BETWEEN:
            return
        else:
            self._progressed = time.monotonic()
        self._say(event=to_json(event))

    def _say(self, **more: object) -> None:
        self._said = time.monotonic()
        self.say(**more)


def _name_back(sidecar: Path, names: dict[str, str]) -> None:
    """Let a sidecar name files as who asked does.

    Raises
    ------
    OSError
        It cannot be written.
    """
    try:
        page = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # whoever looks for it finds out
    partial = sidecar.with_name(sidecar.name + ".partial")
    text = json.dumps(renamed(page, names), indent=2, ensure_ascii=False) + "\n"
    partial.write_text(text, encoding="utf-8")
    partial.replace(sidecar)


def _counted(last: Finished) -> tuple[Finished | Failed, list[tuple[str, int]]]:
    """The sidecar, then the result, with their sizes in bytes; a failure if one is not there."""
    paths = (Path(last.sidecar), Path(last.output))
    try:
        return last, [(path.name, path.stat().st_size) for path in paths]
    except OSError as error:
        told = f"the engine says it made {error.filename}, which is not there"
        return Failed(
            "OutputError", told, "run it again; if it happens again, run relip doctor"
        ), []
