"""A screen that nobody sees, with Blender's real window on it, looked at and worked by a hand."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TOOLS = ("Xvfb", "xdotool", "import")
WINDOWED = Path(__file__).with_name("windowed.py")


class NoWindow(Exception):
    """Why there can be no window here."""


class Screen:
    """A screen of its own, drawn by software. Needs Xvfb, xdotool and ImageMagick."""

    def __init__(self, width: int = 1280, height: int = 800) -> None:
        missing = [tool for tool in TOOLS if shutil.which(tool) is None]
        if missing:
            raise NoWindow(f"{' and '.join(missing)} would be needed")
        number, says = os.pipe()
        size = f"{width}x{height}x24"
        command = ["Xvfb", "-displayfd", str(says), "-screen", "0", size, "+extension", "GLX"]
        self._process = subprocess.Popen(
            command, pass_fds=(says,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(says)
        with os.fdopen(number) as told:
            self.display = f":{told.readline().strip()}"
        if self.display == ":":
            raise NoWindow("Xvfb does not start")

    @property
    def environment(self) -> dict[str, str]:
        """For programs that are to appear here."""
        kept = {name: value for name, value in os.environ.items() if "WAYLAND" not in name}
        return {**kept, "DISPLAY": self.display, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def hand(self, *words: str | int) -> None:
        """Move and press, in xdotool's words."""
        command = ["xdotool", *map(str, words)]
        subprocess.run(command, env=self.environment, check=True, timeout=30)

    def press(self, x: int, y: int) -> None:
        """Come from beside, wait until Blender has seen it, and press."""
        for step in (200, 4, 0):
            self.hand("mousemove", x, y + step)
            time.sleep(0.3)
        self.hand("click", 1)

    def picture(self, path: Path) -> Path:
        """What is on the screen."""
        command = ["import", "-window", "root", str(path)]
        subprocess.run(command, env=self.environment, check=True, timeout=30)
        return path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(10)


class Window:
    """Blender's window on a screen. ``ask`` runs Python inside it."""

    def __init__(self, screen: Screen, profile: Path, patience: float = 120.0) -> None:
        self._patience = patience
        # Blender looks for a Wayland where it must not find one.
        environment = {
            **screen.environment,
            "BLENDER_USER_RESOURCES": str(profile),
            "XDG_RUNTIME_DIR": str(profile),
        }
        with (profile / "stderr.txt").open("wb") as words:
            self._process = subprocess.Popen(
                [sys.executable, str(WINDOWED)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                env=environment,
            )
        self._waiting = b""
        self.version: str = self._answer()

    def ask(self, code: str) -> Any:
        """The value of the last expression in ``code``."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(code).encode() + b"\n")
        self._process.stdin.flush()
        return self._answer()

    def wait_for(self, condition: str, patience: float = 60.0) -> None:
        """Until an expression is true in there."""
        until = time.monotonic() + patience
        while not self.ask(condition):
            assert time.monotonic() < until, f"still not: {condition}"
            time.sleep(0.2)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> Any:
        until = time.monotonic() + self._patience
        while True:
            kind, _, rest = self._line(until).partition(" ")
            if kind == "NO":
                raise NoWindow(rest.removeprefix("WINDOW: "))
            if kind == "WRONG":
                raise AssertionError(json.loads(rest))
            if kind == "TOLD":
                return json.loads(rest)

    def _line(self, until: float) -> str:
        """The next line, which may be Blender's own."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        while b"\n" not in self._waiting:
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise TimeoutError("Blender does not answer")
            read = os.read(pipe, 1 << 16)
            if not read:
                raise ConnectionError("Blender is gone")
            self._waiting += read
        line, _, self._waiting = self._waiting.partition(b"\n")
        return line.decode("utf-8", "replace")
