"""The engine as a process of its own: started, listened to, cancelled, ended.

Whatever goes wrong with the process becomes one last :class:`~relip_job.Failed`, with these codes
besides the engine's own: ``EngineMissing``, ``EngineProtocol``, ``EngineSilent``,
``EngineGarbage``, ``EngineCrashed``, ``EngineKilled``.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from relip_host.lines import GRACE, LAST_WORDS, Ended, LineProcess
from relip_job import Event, Failed, Finished, ResyncJob, job_to_json
from relip_job.events import KINDS, PROTOCOL, from_json

KNOWN = {kind.__name__.lower() for kind in KINDS}
STRAY = 20
"""Lines that are no events, after the first: a library that prints must not end a run."""
CLOSING = 2.0
"""Seconds that :meth:`Run.close` waits for the engine to stop by itself."""
LOOK = 1.0
"""Seconds; a longer pause between two looks was no listening, and is no silence of the engine."""
REMEDIES = {
    "EngineMissing": "install relip on this machine again",
    "EngineProtocol": "install the plug-in and the engine of the same version",
    "EngineSilent": "run it again; if it happens again, run relip doctor",
    "EngineGarbage": "see that the engine's path leads to relip's own Python; run relip doctor",
    "EngineCrashed": "run it again; if it happens again, run relip doctor",
    "EngineKilled": "most often the memory is full then: close other programs and run it again",
}


@dataclass(frozen=True)
class Engine:
    """How the engine is started.

    Attributes
    ----------
    command : the engine's Python, with its options: ``engine`` of ``settings.json``.
    program : what that Python runs.
    hello : seconds until it must have said that it is there.
    silence : seconds it may be silent for, after that.
    environment : variables it gets besides this process's own.
    behind : let everything else on the machine go first, such as the program somebody works in.
    reuse : take a result that is known instead of making it again, and keep what is made for
        that.
    """

    command: Sequence[str]
    program: Tuple[str, ...] = ("-m", "relip_plugin.worker")
    hello: float = 60.0
    silence: float = 600.0
    environment: Mapping[str, str] = field(default_factory=dict)
    behind: bool = False
    reuse: bool = False

    def start(self, job: ResyncJob, log: Optional[Path] = None) -> Run:
        """Start a process for one job; at once, whatever becomes of it.

        Parameters
        ----------
        log : file that every event is added to. With one, the work goes on to its end if this
            process ends; without, it stops then.
        """
        return Run(self, job, log)


class Run:
    """One process of the engine."""

    def __init__(self, engine: Engine, job: ResyncJob, log: Optional[Path]) -> None:
        self.over = False
        self._engine = engine
        self._ear = Ear()
        self._quiet = 0.0
        self._looked = time.monotonic()
        self._cancelled: Optional[float] = None
        self._pressed = 0
        self._words = log and log.with_name(log.name.partition(".")[0] + ".said.txt")
        command = [*engine.command, *engine.program]
        if log is not None:
            command += ["--log", str(log)]
        if engine.reuse:
            command.append("--reuse")
        self._process: Optional[LineProcess] = None
        self._missing: Optional[str] = None
        try:
            self._process = LineProcess(command, self._words, engine.environment, engine.behind)
        except OSError as error:
            what, why = error.filename or command[0], error.strerror or str(error)
            self._missing = f"the engine does not start: {what} ({why})"
        else:
            self._process.say(f'{{"protocol": {PROTOCOL}, "job": {job_to_json(job)}}}')

    @property
    def pid(self) -> int:
        """Of the process, 0 if it did not start."""
        return self._process.pid if self._process else 0

    def poll(self, timeout: float = 0.0) -> List[Event]:
        """What has been said, waiting for ``timeout`` seconds if it is nothing yet.

        The last event of all is one :class:`~relip_job.Finished` or :class:`~relip_job.Failed`;
        then ``over`` is true and nothing more comes.
        """
        found: List[Event] = []
        until = time.monotonic() + timeout
        while not self.over:
            event = self._next(0.0 if found else min(until - time.monotonic(), LOOK / 10))
            if event is not None:
                found.append(event)
            if isinstance(event, (Finished, Failed)):
                self._end()
            elif not (self._process and self._process.more) and (found or _past(until)):
                break
        return found

    def cancel(self) -> None:
        """Ask the engine to stop; it is ended if it does not. :meth:`poll` tells when it has."""
        if self._cancelled is None and self._process is not None and not self.over:
            self._cancelled = time.monotonic()
            self._process.say("cancel")

    def kill(self) -> None:
        """End the process and everything it started, now."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> List[Event]:
        """Leave nothing running, and wait for that a few seconds at most; what was still said."""
        self.cancel()
        said: List[Event] = []
        until = time.monotonic() + CLOSING
        while not self.over and time.monotonic() < until:
            said += self.poll(LOOK / 10)
        if self._process is not None and not self._process.gone(CLOSING if self.over else 0.0):
            self.kill()
            self._process.gone(CLOSING)
        self.over = True
        return said

    def _next(self, wait: float) -> Optional[Event]:
        """The next event, or what is wrong with there being none."""
        if self._process is None:
            return _failed("EngineMissing", self._missing or "")
        heard = self._process.hear(wait)
        now = time.monotonic()
        self._quiet = 0.0 if heard is not None else self._quiet + min(now - self._looked, LOOK)
        self._looked = now
        if isinstance(heard, Ended):
            return self._why_ended(heard)
        if self._cancelled is not None:
            self._press(self._process, now - self._cancelled)
        event = self._overdue() if heard is None else self._ear.event(heard)
        if isinstance(event, Failed) and event.code in REMEDIES:
            self.kill()
            if event.code != "EngineProtocol":
                return self._with_words(event)
        return event

    def _press(self, process: LineProcess, waited: float) -> None:
        """Get rougher with an engine that does not stop."""
        if waited > 2 * GRACE and self._pressed < 2:
            self._pressed = 2
            process.kill()
        elif waited > GRACE and self._pressed < 1:
            self._pressed = 1
            process.terminate()

    def _overdue(self) -> Optional[Failed]:
        if self._cancelled is not None:
            return None
        limit = self._engine.silence if self._ear.greeted else self._engine.hello
        if self._quiet <= limit:
            return None
        what = "has been silent for" if self._ear.greeted else "was started and said nothing for"
        return _failed("EngineSilent", f"the engine {what} {limit:.0f} s")

    def _why_ended(self, ended: Ended) -> Failed:
        """Why a process ended without a last event."""
        if self._cancelled is not None:
            return Failed("Cancelled", "the run was cancelled")
        said = ended.said or self._ear.stray
        message = f"the engine {_how(ended.code)} before it was done" + (said and f": {said}")
        killed = ended.code in (-9, 137)
        return self._with_words(_failed("EngineKilled" if killed else "EngineCrashed", message))

    def _with_words(self, failed: Failed) -> Failed:
        if self._words is None:
            return failed
        remedy = f"{failed.remedy}; what the engine said is in {self._words}"
        return replace(failed, remedy=remedy)

    def _end(self) -> None:
        """Nothing more is to come; see to it that the process goes."""
        self.over = True
        if self._process is not None:
            self._process.hang_up()
            threading.Thread(target=self._see_off, args=(self._process,), daemon=True).start()

    @staticmethod
    def _see_off(process: LineProcess) -> None:
        if not process.gone(GRACE):
            process.kill()
            process.gone(GRACE)


class Ear:
    """What the lines of an engine mean. ``greeted``: it has said that it is there."""

    def __init__(self) -> None:
        self.greeted = False
        self.stray = ""
        self._strays = 0

    def event(self, heard: bytes) -> Optional[Event]:
        """The event in a line; None for what may be passed over, a Failed for what may not."""
        line = heard.decode("utf-8", "replace").strip()
        if not line:
            return None
        try:
            said = json.loads(line)
            name = said["event"]
            if self.greeted and name not in KNOWN:
                return None  # a sign of life that we have no word for
            if name == "hello":
                return self._hello(said)
            if self.greeted:
                return from_json(line)
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        self.stray = line[:LAST_WORDS]
        self._strays += 1
        if self.greeted and self._strays <= STRAY:
            return None
        return _failed("EngineGarbage", f"the engine said what is no event: {_shown(line[:80])}")

    def _hello(self, said: Dict[str, object]) -> Optional[Failed]:
        self.greeted = True
        if said.get("protocol") == PROTOCOL:
            return None
        return _failed(
            "EngineProtocol",
            f"the engine, relip {said.get('version', 'of unknown version')}, speaks protocol "
            f"{said.get('protocol')}, this plug-in speaks {PROTOCOL}",
        )


def _failed(code: str, message: str) -> Failed:
    return Failed(code, message, REMEDIES[code])


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _past(until: float) -> bool:
    return time.monotonic() >= until


def _shown(line: str) -> str:
    return '"' + "".join(mark if mark.isprintable() else "?" for mark in line) + '"'
