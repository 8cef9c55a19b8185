"""A Python on this machine that can hold the engine: 3.11 or newer, 64 bits, with venv."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relip_host.environment import cleaned
from relip_host.host import HostError

OLDEST = (3, 11)
MINORS = (13, 12, 11, 14)
"""Of Python 3, the best first: every library of the engine has long had wheels for these."""
WINDOWS = os.name == "nt"
ANSWER = 20.0
"""Seconds a Python may take to say what it is."""
QUESTION = """
import sys
def has(name):
    try:
        __import__(name)
    except Exception:
        return 0
    return 1
print(*sys.version_info[:3], int(sys.maxsize > 2 ** 32), has("venv") * has("ensurepip"))
"""
FOLDERS = (
    "/usr/bin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/opt/local/bin",
    "~/.local/bin",
    "~/miniforge3/bin",
    "~/miniconda3/bin",
    "~/anaconda3/bin",
)
"""Where Pythons are on Linux and macOS; a program started from a desktop has a short PATH."""
FRAMEWORK = "/Library/Frameworks/Python.framework/Versions"
VERSIONS = ("~/.pyenv/versions", "~/.local/share/uv/python")
"""Folders with a folder for every Python."""


@dataclass(frozen=True)
class Answer:
    """What a Python is."""

    version: tuple[int, int, int]
    is_64_bit: bool
    makes_environments: bool

    @property
    def text(self) -> str:
        """``3.11.7``."""
        return ".".join(map(str, self.version))


def find_python() -> Path:
    """The best Python for the engine. Takes a second or some: call it from a thread.

    Raises
    ------
    HostError
        There is none; the remedy depends on what there is.
    """
    seen: set[Path] = set()
    lacking: Answer | None = None
    old: Answer | None = None
    for path in candidates():
        real = path.resolve()
        if real in seen or _is_blenders(path):
            continue
        seen.add(real)
        answer = ask(path)
        if answer is None or not answer.is_64_bit:
            continue
        if answer.version < OLDEST:
            old = max(filter(None, (old, answer)), key=lambda one: one.version)
        elif not answer.makes_environments:
            lacking = lacking or answer
        else:
            return path
    if lacking:
        name = "python{}.{}-venv".format(*lacking.version)
        raise HostError(
            f"Python {lacking.text} is here, but it cannot make environments",
            f"on Debian and Ubuntu: sudo apt install {name}; then press Set Up Engine again",
        )
    what = f"the newest Python here is {old.text}" if old else "there is no Python here"
    raise HostError(
        f"{what}, and the engine needs 3.11 or newer",
        "install one from https://www.python.org and press Set Up Engine again",
    )


def ask(python: Path) -> Answer | None:
    """What a Python says of itself; None if it does not run."""
    try:
        ran = subprocess.run(
            [str(python), "-I", "-c", QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER,
            env=cleaned(os.environ),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        major, minor, micro, wide, able = map(int, ran.stdout.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return Answer((major, minor, micro), bool(wide), bool(able))


def candidates() -> Iterator[Path]:
    """Files that may be a Python, the likeliest first."""
    if WINDOWS:
        yield from _launched()
    for minor in MINORS:
        found = shutil.which(f"python3.{minor}")
        if found:
            yield Path(found)
        yield from _installed(minor)
    for name in ("python3", "python"):
        found = shutil.which(name)
        if found:
            yield Path(found)


def _installed(minor: int) -> Iterator[Path]:
    """Python 3.``minor`` in the usual folders."""
    if WINDOWS:
        for parent in ("LOCALAPPDATA", "PROGRAMFILES"):
            folder = Path(os.environ.get(parent, "")) if os.environ.get(parent) else None
            for inside in ("Programs/Python", "."):
                path = folder and folder / inside / f"Python3{minor}" / "python.exe"
                if path and path.is_file():
                    yield path
        return
    places = [Path(folder).expanduser() / f"python3.{minor}" for folder in FOLDERS]
    places.append(Path(FRAMEWORK) / f"3.{minor}" / "bin" / f"python3.{minor}")
    for parent in VERSIONS:
        found = sorted(Path(parent).expanduser().glob(f"*3.{minor}.*/bin/python3.{minor}"))
        places += reversed(found)
    yield from (path for path in places if path.is_file())


def _launched() -> Iterator[Path]:
    """What the py launcher of Windows knows, which is everything python.org installed."""
    launcher = shutil.which("py")
    if launcher is None:
        return
    for minor in MINORS:
        try:
            ran = subprocess.run(
                [launcher, f"-3.{minor}", "-c", "import sys; print(sys.executable)"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=ANSWER,
                env=cleaned(os.environ),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        path = Path(ran.stdout.strip())
        if ran.returncode == 0 and path.is_file():
            yield path


def _is_blenders(python: Path) -> bool:
    """Whether it is the one in Blender's own folder: it goes away with Blender's next version."""
    house = Path(sys.prefix).absolute()
    own = house.name == "python" and re.fullmatch(r"\d+\.\d+", house.parent.name)
    return bool(own) and python.absolute().is_relative_to(house)
