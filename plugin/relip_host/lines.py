"""A process that is talked to in lines, without ever waiting for it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, List, Mapping, Optional, Union

from relip_host.environment import cleaned

LONGEST = 1 << 20
"""Bytes of a line; what is longer comes in pieces."""
LAST_WORDS = 300
"""Characters of a line that is shown."""
NICE = 10
"""How far a process that lets others go first is behind them, of 19."""
GRACE = 5.0
"""Seconds that a process which has closed its mouth may go on living."""


@dataclass(frozen=True)
class Ended:
    """The process is gone.

    ``code`` is negative if a signal ended it; ``said`` is the last line on its standard error.
    """

    code: int
    said: str = ""


class LineProcess:
    """A process of its own that survives this one, in the engine's environment.

    Parameters
    ----------
    words : file its standard error is added to: nobody has to read it for the process to go on.
        None is a temporary one.
    environment : variables it gets besides this process's own.
    behind : let everything else on the machine go first.

    Raises
    ------
    OSError
        It does not start.
    """

    def __init__(
        self,
        command: List[str],
        words: Optional[Path] = None,
        environment: Optional[Mapping[str, str]] = None,
        behind: bool = False,
    ) -> None:
        self._heard: queue.Queue[Union[bytes, Ended]] = queue.Queue()
        self._to_say: queue.Queue[Optional[str]] = queue.Queue()
        self._words = _words_file(words)
        try:
            self._process = self._spawn(command, environment or {}, behind)
        except OSError:
            self._words.close()
            raise
        except ValueError as error:  # a NUL in a path
            self._words.close()
            raise OSError(str(error)) from error
        self.pid = self._process.pid
        for work in (self._write, self._read):
            threading.Thread(target=work, daemon=True).start()

    def say(self, line: str) -> None:
        """Send a line, soon."""
        self._to_say.put(line)

    def hang_up(self) -> None:
        """Close its standard input after what has been said."""
        self._to_say.put(None)

    def hear(self, timeout: float) -> Union[bytes, Ended, None]:
        """The next line without its end, or that it has ended; None if there is nothing yet."""
        try:
            return self._heard.get(timeout > 0, max(timeout, 0.0))
        except queue.Empty:
            return None

    @property
    def more(self) -> bool:
        """Whether something is there to hear."""
        return not self._heard.empty()

    def terminate(self) -> None:
        """Ask the operating system to end it and what it started."""
        self._signal("SIGTERM")

    def kill(self) -> None:
        """End it and what it started, now."""
        self._signal("SIGKILL")

    def gone(self, timeout: float) -> bool:
        """Whether it has ended within ``timeout`` seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        return self._process.returncode is not None

    def _spawn(
        self, command: List[str], environment: Mapping[str, str], behind: bool
    ) -> subprocess.Popen[bytes]:
        flags = 0
        if sys.platform == "win32":
            # A console of its own, unseen: what happens to the host's does not reach it, and what
            # it starts opens no window.
            flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
            if behind:
                flags |= subprocess.BELOW_NORMAL_PRIORITY_CLASS
        started = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env={**cleaned(os.environ), **environment},
            creationflags=flags,
            start_new_session=sys.platform != "win32",
        )
        if behind and sys.platform != "win32":
            # From here, not between fork and exec: the host has threads. What the process starts
            # from now on inherits it.
            with suppress(OSError):  # it went first
                os.setpriority(os.PRIO_PROCESS, started.pid, NICE)
        return started

    def _signal(self, name: str) -> None:
        if self._process.returncode is not None:
            return
        with suppress(OSError):  # it went first
            if sys.platform == "win32":
                self._process.terminate()
            else:
                # It leads a group of its own, which holds what it started.
                os.killpg(self.pid, getattr(signal, name))

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        with suppress(OSError):  # it is gone, which the reader tells
            while True:
                line = self._to_say.get()
                if line is None:
                    break
                rest = memoryview((line + "\n").encode("utf-8"))
                while rest:
                    rest = rest[pipe.write(rest) :]
        with suppress(OSError):
            pipe.close()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        begun = b""
        while True:
            some = pipe.read(1 << 16)
            if not some:
                break
            *lines, begun = (begun + some).split(b"\n")
            if len(begun) > LONGEST:
                lines, begun = [*lines, begun], b""
            for line in lines:
                self._heard.put(line)
        if begun:
            self._heard.put(begun)
        pipe.close()
        self.hang_up()
        if not self.gone(GRACE):
            self.kill()
        code = self._process.wait()
        with self._words:
            said = _last_line(self._words)
        self._heard.put(Ended(code, said))


def _words_file(path: Optional[Path]) -> IO[bytes]:
    return path.open("a+b") if path else tempfile.TemporaryFile()


def _last_line(words: IO[bytes]) -> str:
    """The last line that is not empty, shortened."""
    words.seek(0, os.SEEK_END)
    words.seek(max(0, words.tell() - 4096))
    lines = words.read().decode("utf-8", "replace").splitlines()
    said = [line.strip() for line in lines if line.strip()]
    return said[-1][:LAST_WORDS] if said else ""
