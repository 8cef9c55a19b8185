"""The engine set up from inside Blender: an environment of its own, made by a process of its own.

What runs is relip's installer, which came along in this extension, on a Python of this machine. It
says what it does a line at a time, and nothing counts until the new engine has greeted. Knows no
bpy.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

from relip_host.host import HostError
from relip_host.lines import Ended, LineProcess

from .engine import SETTINGS, data_folder, installed_engine
from .engine_check import Check, Report, own_version
from .pythons import find_python

INSTALLERS = (
    Path(__file__).with_name("install_engine.py"),
    Path(__file__).resolve().parents[2] / "install.py",
)
"""relip's installer: beside this file in the extension, at the top of a checkout."""
SHOWN = 12
"""Lines that are kept to be shown."""
WRONG, REMEDY = "relip was not installed: ", "what to do: "
"""What the installer's last two lines begin with."""


class SetUp:
    """One attempt. Poll it from a timer until it has an answer.

    Parameters
    ----------
    source : a wheel of relip, a folder with one and perhaps others, or a checkout; empty is the
        package index.
    online : whether Blender may use the network.

    Raises
    ------
    HostError
        Without a network it cannot work.
    """

    def __init__(self, source: str, online: bool) -> None:
        self.lines: deque[str] = deque(maxlen=SHOWN)
        """What it has said so far, the last at the end."""
        self._answer: Report | HostError | None = None
        self._process: LineProcess | None = None
        self._check: Check | None = None
        self._words = data_folder() / "setup.said.txt"
        self._options = options(source, online)
        self._python: queue.Queue[Path | HostError] = queue.Queue()
        self.lines.append("looking for a Python that is new enough")
        threading.Thread(target=self._look, daemon=True).start()

    def poll(self) -> Report | HostError | None:
        """How it ended: what the new engine says of itself, or what went wrong; None if it goes on.

        A report may say that something is wrong with the engine.
        """
        if self._answer is None and self._process is None and self._check is None:
            with suppress(queue.Empty):
                self._begin(self._python.get_nowait())
        while self._answer is None and self._process is not None:
            heard = self._process.hear(0.0)
            if heard is None:
                break
            if isinstance(heard, Ended):
                self._ended(heard)
            elif heard.strip():
                self.lines.append(heard.decode("utf-8", "replace").strip())
        if self._answer is None and self._check is not None:
            self._answer = self._check.poll()
        return self._answer

    def cancel(self) -> None:
        """End it now. A half-made environment stays, and the next attempt makes it anew."""
        if self._answer is None:
            self._answer = HostError("the set-up was cancelled", "press Set Up Engine to go on")
        if self._process is not None:
            self._process.kill()
        if self._check is not None:
            self._check.close()

    def _look(self) -> None:
        try:
            self._python.put(find_python())
        except HostError as error:
            self._python.put(error)

    def _begin(self, python: Path | HostError) -> None:
        if isinstance(python, HostError):
            self._answer = python
            return
        self.lines.append(f"using {python}")
        installer = next((path for path in INSTALLERS if path.is_file()), None)
        if installer is None:
            self._answer = HostError(
                "this extension lacks its installer", "install the extension again"
            )
            return
        try:
            self._words.parent.mkdir(parents=True, exist_ok=True)
            self._words.write_bytes(b"")
            command = [str(python), "-I", "-u", str(installer), *self._options]
            self._process = LineProcess(command, self._words)
        except OSError as error:
            self._answer = HostError(
                f"{error.filename or python} cannot be used ({error.strerror or error})",
                f"see that {self._words.parent} may be written to, and try again",
            )

    def _ended(self, ended: Ended) -> None:
        self._process = None
        if ended.code:
            self._answer = self._why(ended)
            return
        installed = installed_engine()
        if installed is None:
            self._answer = HostError(
                f"{data_folder() / SETTINGS} cannot be read", "press Set Up Engine again"
            )
            return
        self.lines.append("asking the engine who it is")
        self._check = Check(installed)

    def _why(self, ended: Ended) -> HostError:
        """The installer's own two sentences, or the best there is."""
        told = ""
        with suppress(OSError):
            told = self._words.read_text(encoding="utf-8", errors="replace")
        lines = [line.strip() for line in told.splitlines()]
        wrong = [line.removeprefix(WRONG) for line in lines if line.startswith(WRONG)]
        remedy = [line.removeprefix(REMEDY) for line in lines if line.startswith(REMEDY)]
        more = f"all it said is in {self._words}"
        if wrong and remedy:
            return HostError(wrong[-1], f"{remedy[-1]} ({more})")
        said = ended.said or f"code {ended.code}"
        return HostError(f"the set-up ended early ({said})", f"press Set Up Engine again; {more}")


def options(source: str, online: bool) -> tuple[str, ...]:
    """What the installer is told.

    Raises
    ------
    HostError
        The network is needed and Blender may not use it, or the source is not there.
    """
    source = source.strip()
    if not source:
        if not online:
            raise HostError(
                "Blender may not use the network",
                "allow online access in Preferences > System, or name a folder with wheels",
            )
        return ("--engine", f"relip=={own_version()}")
    path = Path(source).expanduser()
    if not path.exists():
        raise HostError(f"{path} is not there", "name a wheel of relip, or a folder with one")
    if online:
        return ("--engine", str(path))
    wheels = path if path.is_dir() else path.parent
    if (wheels / "pyproject.toml").is_file() or len(list(wheels.glob("*.whl"))) < 2:
        raise HostError(
            f"{path} does not hold what relip needs, and Blender may not use the network",
            "allow online access in Preferences > System, or name a folder with all wheels",
        )
    return ("--engine", str(path), "--offline")
