"""An engine asked who it is and whether it can work, without waiting for it. Knows no bpy."""

from __future__ import annotations

import json
import time
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from relip_host.host import HostError
from relip_host.lines import Ended, LineProcess
from relip_host.worker import Ear
from relip_job import Failed, Hello
from relip_job.events import from_json

from .engine import REMEDY, Found

HELLO = ("-m", "relip_plugin.worker")
DOCTOR = ("-m", "relip_plugin.cli", "doctor", "--json")
PATIENCE = 120.0
"""Seconds an answer may take: the first start after an installation reads a gigabyte."""


def own_version() -> str:
    """The version of this extension."""
    manifest = Path(__file__).with_name("blender_manifest.toml")
    return str(tomllib.loads(manifest.read_text(encoding="utf-8"))["version"])


@dataclass(frozen=True)
class Report:
    """What an engine said.

    Attributes
    ----------
    hello : its version and protocol, which is ours.
    lines : to show: versions of what it is made of, then what is wrong with it.
    fine : whether nothing is wrong.
    """

    hello: Hello
    lines: tuple[str, ...]
    fine: bool


class Check:
    """One question. Poll it from a timer until it has an answer; ``close`` if nobody waits."""

    def __init__(self, found: Found, patience: float = PATIENCE) -> None:
        self.found = found
        self._patience = patience
        self._hello: Hello | None = None
        self._ear = Ear()
        self._said: list[str] = []
        self._answer: Report | HostError | None = None
        self._process: LineProcess | None = None
        self._start(HELLO)

    def poll(self) -> Report | HostError | None:
        """The answer, or None if there is none yet."""
        while self._answer is None and self._process is not None:
            heard = self._process.hear(0.0)
            if heard is None:
                if time.monotonic() > self._until:
                    self._settle(self._error(f"does not answer within {self._patience:.0f} s"))
                break
            if self._hello is None:
                self._listen(heard)
            else:
                self._examine(self._hello, heard)
        return self._answer

    def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _start(self, program: tuple[str, ...]) -> None:
        self._until = time.monotonic() + self._patience
        try:
            self._process = LineProcess([*self.found.command, *program])
        except OSError as error:
            self._settle(self._error(f"does not start ({error.strerror or error})"))

    def _listen(self, heard: bytes | Ended) -> None:
        """Wait for the greeting."""
        if isinstance(heard, Ended):
            self._settle(self._gone(heard))
            return
        event = self._ear.event(heard)
        if isinstance(event, Failed):
            self._settle(HostError(event.message, event.remedy))
        elif self._ear.greeted:
            hello = from_json(heard.decode("utf-8", "replace"))
            assert isinstance(hello, Hello)
            self._hello = hello
            self.close()
            self._start(DOCTOR)

    def _examine(self, hello: Hello, heard: bytes | Ended) -> None:
        """Collect what the doctor says; it exits with 1 where something is wrong."""
        if not isinstance(heard, Ended):
            self._said.append(heard.decode("utf-8", "replace"))
            return
        lines, wrong = [f"relip {hello.version}, protocol {hello.protocol}"], []
        if hello.version != own_version():
            lines.append(f"this extension is of relip {own_version()}")
        try:
            for told in json.loads("".join(self._said))["findings"]:
                if told["subject"] in ("system", "library", "networks"):
                    lines.append(f"{told['name']} {told['value']}")
                if not told["fine"]:
                    wrong.append(f"{told['name']} {told['value']}: {told['remedy']}")
        except (ValueError, KeyError, TypeError):
            wrong.append(heard.said or f"relip doctor ended with code {heard.code}")
        self._settle(Report(hello, (*lines, *wrong), not wrong))

    def _gone(self, ended: Ended) -> HostError:
        if "No module named" in ended.said:
            return self._error("has no relip")
        return self._error(f"ended before it answered ({ended.said or f'code {ended.code}'})")

    def _error(self, what: str) -> HostError:
        return HostError(f"{self.found.command[0]}, named by {self.found.where}, {what}", REMEDY)

    def _settle(self, answer: Report | HostError) -> None:
        self._answer = answer
        with suppress(OSError):
            self.close()
