"""The worker's two ends: lines that come in and events that go out, whatever the host does."""

from __future__ import annotations

import _thread
import os
import queue
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from relip_job import Event
from relip_job.events import to_json

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_LAST_WORDS: Final = 5.0
"""Seconds to wait for a host that does not read."""


class Outlet:
    """Events to stdout and to the log; nobody waits for a host that does not listen.

    From now on, what others print to stdout goes to stderr.

    Attributes
    ----------
    beside : path of the log, if there is one.
    """

    def __init__(self) -> None:
        self.beside: Path | None = None
        self._log: BinaryIO | None = None
        self._gone = threading.Event()
        self._told: Callable[[], None] | None = None
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.dup(_STDOUT)
        _divert_stdout()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def keep(self, log: Path | None) -> None:
        """Add all events to this file, too, each at once.

        Raises
        ------
        OSError
            It cannot be written.
        """
        if log is not None:
            self._log = log.open("ab", buffering=0)
            self.beside = log

    def on_gone(self, told: Callable[[], None]) -> None:
        """Call this, from another thread, when the host can no longer be told anything."""
        self._told = told
        if self._gone.is_set():
            told()

    def say(self, event: Event) -> None:
        """Tell the host, and the log."""
        # A path that is no text is escaped, which JSON reads as what it was.
        line = to_json(event).encode("utf-8", "backslashreplace") + b"\n"
        self._lines.put(line)
        if self._log is not None:
            try:
                self._log.write(line)
            except OSError as error:
                self._log = None
                with suppress(OSError, ValueError):
                    print(f"relip: the log ends here ({error.strerror})", file=sys.stderr)

    def close(self) -> None:
        """Wait until all is said, but not for ever."""
        self._lines.put(None)
        self._writer.join(_LAST_WORDS)
        if self._log is not None:
            with suppress(OSError):
                self._log.close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            while line and not self._gone.is_set():
                try:
                    if self._file is None:
                        raise BrokenPipeError
                    line = line[os.write(self._file, line) :]
                except OSError:
                    self._gone.set()
                    if self._told is not None:
                        self._told()


def _divert_stdout() -> None:
    try:
        os.dup2(_STDERR, _STDOUT)
    except OSError:  # there is no stderr
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)


class Inlet:
    """Lines from stdin: the first one is the job, and ``cancel`` may follow.

    Parameters
    ----------
    longest : bytes; of a longer first line only its beginning is kept, one byte more than that.
    patient : whether the work goes on when the host goes away.

    Attributes
    ----------
    stopped : whether the work was to stop.
    """

    def __init__(self, longest: int, patient: bool) -> None:
        self.stopped = False
        self._begun = False
        self._deciding = threading.Lock()
        self._longest, self._patient = longest, patient
        self._first: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def first(self) -> bytes | None:
        """The first line, when it is there; None if the host went away before."""
        while True:
            # Some systems let no signal into a wait without an end.
            with suppress(queue.Empty):
                return self._first.get(timeout=0.2)

    def begin(self) -> bool:
        """From now on, whoever wants the work to stop interrupts the main thread.

        False, and nobody interrupts, if somebody wanted that before.
        """
        with self._deciding:
            self._begun = not self.stopped
            return self._begun

    def host_gone(self) -> None:
        """The host cannot be told, or has nothing more to say."""
        if not self._patient:
            self._stop()

    def _stop(self) -> None:
        with self._deciding:
            self.stopped = True
            if self._begun:
                _thread.interrupt_main()

    def _read(self) -> None:
        waiting, pending = True, b""
        while True:
            try:
                found = os.read(_STDIN, 1 << 16)
            except OSError:
                found = b""
            *lines, pending = (pending + found).split(b"\n")
            if not found:
                lines.append(pending)  # a last line may lack its end
            for line in lines:
                if waiting and line.strip():
                    waiting = False
                    self._first.put(line)
                elif line.strip() == b"cancel":
                    self._stop()
            if len(pending) > self._longest:
                if waiting:
                    self._first.put(pending[: self._longest + 1])
                waiting, pending = False, b""
            if not found:
                if waiting:
                    self._first.put(None)
                else:
                    self.host_gone()
                return
