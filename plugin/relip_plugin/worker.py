"""The engine as a process of its own: a job comes in, events go out, as lines of JSON.

::

    python -m relip_plugin.worker [--log EVENTS.jsonl] [--reuse | --no-cache]

    stdin   {"protocol": 1, "job": {...}}        then, perhaps:  cancel
    stdout  {"event": "hello", "protocol": 1, "version": "..."}
            progress and notices, at last one "finished" or "failed"

With ``--log`` every event is also added to that file, and the work goes on to its end when the
host goes away; without it, the end of stdin cancels.

What is seen and heard is remembered in the cache, the folder that ``RELIP_CACHE`` names, unless
``--no-cache`` is given. With ``--reuse`` results are remembered, too: a job whose result is known
is done at once, with a notice ``kept``.

Exit codes: 0 finished, 2 failed, 3 cancelled, 4 what came in was no job, 5 a fault of relip's own.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

import relip
from relip_job import Event, Failed, Finished, Hello, RelipError, ResyncJob
from relip_job.events import PROTOCOL
from relip_plugin.interrupt import Stop, stoppable
from relip_plugin.worker_lines import Inlet, Outlet

FINISHED: Final = 0
FAILED: Final = 2
CANCELLED: Final = 3
NO_JOB: Final = 4
FAULT: Final = 5
LONGEST: Final = 1 << 20
"""Bytes of the line with the job; a longer one is no job."""
STOPPED: Final = Failed("Cancelled", "cancelled, nothing was written")


class NoJob(Exception):
    """What came in is no job; ``failed`` says why."""

    def __init__(self, message: str, remedy: str, code: str = "Protocol") -> None:
        super().__init__(message)
        self.failed = Failed(code, message, remedy)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the one job; the exit code."""
    outlet = Outlet()
    if sys.stderr is not None:
        faulthandler.enable()
    # How the work ended, as soon as that is known: no late signal unsays it.
    ends: list[tuple[Event, int]] = []
    with stoppable() as stop:
        try:
            try:
                _work(outlet, sys.argv[1:] if arguments is None else arguments, stop, ends)
            except Exception as error:
                # What a library raises when it is interrupted is its own affair.
                ends.append((STOPPED, CANCELLED) if stop.asked else _failure(error, outlet.beside))
            stop.asked = True
        except KeyboardInterrupt:
            ends.append((STOPPED, CANCELLED))
        event, code = ends[0]
        outlet.say(event)
        outlet.close()
    return code


def _work(
    outlet: Outlet, arguments: Sequence[str], stop: Stop, ends: list[tuple[Event, int]]
) -> None:
    """Wait for the job and do it, telling what happens; how it ended comes into ``ends``."""
    try:
        options = _options(arguments)
        outlet.keep(options.log)
    except OSError as error:
        raise NoJob(
            f"the log {error.filename} cannot be written ({error.strerror})",
            "name a file in a folder that may be written to",
        ) from error
    finally:
        outlet.say(Hello(PROTOCOL, relip.__version__))
    inlet = Inlet(LONGEST, patient=outlet.beside is not None)
    outlet.on_gone(inlet.host_gone)
    job = _job(inlet.first())
    if not inlet.begin():
        raise KeyboardInterrupt
    with closing(_events(job, options)) as events:
        for event in events:
            if isinstance(event, Finished):
                ends.append((event, FINISHED))
            elif stop.asked or inlet.stopped:
                # An interruption can get lost in a library's callback, or be late.
                stop.asked = True
                raise KeyboardInterrupt
            else:
                outlet.say(event)


# What follows imports where it is needed: the engine takes a second to load, the host wants to know
# that we are there, and a result that is known needs no engine.


def _events(job: ResyncJob, options: argparse.Namespace) -> Generator[Event, None, object]:
    """What happens when the job is done, or was."""
    make = partial(_made, job, cache=options.cache)
    if not options.reuse:
        return make()
    from relip_plugin.cache.results import ResultCache
    from relip_plugin.cache.reuse import reusing

    return reusing(job, make, ResultCache())


def _made(job: ResyncJob, cache: bool) -> Generator[Event, None, object]:
    """What the engine says that does it; with the cache, it remembers what it saw and heard."""
    from relip.memory import FORGETFUL
    from relip.pipeline import resync
    from relip_plugin.cache.analyses import Analyses

    return resync(job, memory=Analyses() if cache else FORGETFUL)


def _job(line: bytes | None) -> ResyncJob:
    """The job of the first line.

    Raises
    ------
    NoJob
        It is too long, no JSON, of another protocol, or no job.
    """
    shape = f'write one line of JSON: {{"protocol": {PROTOCOL}, "job": {{...}}}}'
    if line is None:
        raise NoJob("no job came in", shape)
    if len(line) > LONGEST:
        raise NoJob(f"a line of more than {LONGEST} bytes is no job", shape)
    try:
        page = json.loads(line.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NoJob(f"the first line is no JSON in UTF-8 ({error})", shape) from error
    if not isinstance(page, dict) or set(page) != {"protocol", "job"}:
        raise NoJob("the first line holds no protocol and job", shape)
    if page["protocol"] != PROTOCOL:
        raise NoJob(
            f"this engine speaks protocol {PROTOCOL}, not {page['protocol']!r:.20}",
            "install the same version of relip for the editing program and the engine",
        )
    from relip_plugin.job_file import job_of

    try:
        return job_of(json.dumps(page["job"]))
    except RelipError as error:
        raise NoJob(error.message, error.remedy, error.code) from error


def _failure(error: Exception, log: Path | None) -> tuple[Failed, int]:
    """What to tell of an error; the traceback of a fault of ours is kept beside the log."""
    if isinstance(error, NoJob):
        return error.failed, NO_JOB
    if isinstance(error, RelipError):
        return Failed(error.code, error.message, error.remedy), FAILED
    remedy = "run it again; if it fails again, send us what stderr says"
    text = "".join(traceback.format_exception(error))
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
    with suppress(OSError):
        remedy = f"run it again; if it fails again, send us {_saved(text, log)}"
    return Failed("Internal", f"{type(error).__name__}: {error}", remedy), FAULT


def _saved(text: str, log: Path | None) -> Path:
    if log is None:
        handle, name = tempfile.mkstemp(prefix="relip-fault-", suffix=".txt")
        os.close(handle)
        path = Path(name)
    else:
        path = log.with_name(log.name.partition(".")[0] + ".fault.txt")
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise NoJob(message, "start it with nothing but --log FILE and --reuse or --no-cache")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="python -m relip_plugin.worker", description=__doc__, add_help=False)
    parser.add_argument("--log", type=Path)
    remembering = parser.add_mutually_exclusive_group()
    remembering.add_argument("--reuse", action="store_true")
    remembering.add_argument("--no-cache", action="store_false", dest="cache")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    # A thread still reads stdin, and drivers have been seen to hang when they are unloaded: all
    # is written and closed, so leave at once.
    os._exit(main())
