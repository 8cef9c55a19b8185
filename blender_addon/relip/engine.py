"""Where the engine is, and what it says of itself. Knows nothing of bpy.

The engine is a Python that has relip, in an environment of its own. It is looked for in this order:
what the preferences name, the variable ``RELIP_ENGINE``, the settings that relip's installer left
in the user's own folder, and ``relip`` on the PATH. What somebody named counts even where it is
wrong: they are told, and nothing else is taken silently.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from relip_host.host import HostError
from relip_host.worker import Engine

VARIABLE = "RELIP_ENGINE"
SETTINGS = "settings.json"
REMEDY = "press Set Up Engine, or name an engine you have in relip's preferences"
WINDOWS = os.name == "nt"
LONGEST_SCRIPT = 64 << 10
"""Bytes; what is larger is no script that an installer wrote."""


@dataclass(frozen=True)
class Found:
    """An engine that has not been asked yet; ``where`` says in words who named it."""

    command: tuple[str, ...]
    where: str

    @property
    def engine(self) -> Engine:
        """To start jobs with."""
        return Engine(self.command)


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """This user's folder for relip, the one its installer uses."""
    home = Path.home()
    if WINDOWS:
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "relip"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "relip"
    shared = environment.get("XDG_DATA_HOME")
    return (Path(shared) if shared else home / ".local" / "share") / "relip"


def find_engine(preferred: str = "", environment: Mapping[str, str] = os.environ) -> Found:
    """The engine to use.

    Parameters
    ----------
    preferred : what the preferences name: a Python, the ``relip`` program, or the folder of an
        environment. Empty if nothing.

    Raises
    ------
    HostError
        There is none, or what was named is none.
    """
    for named, where in (
        (preferred, "relip's preferences"),
        (environment.get(VARIABLE, ""), f"the variable {VARIABLE}"),
    ):
        if named.strip():
            return Found((str(python_at(Path(named.strip()).expanduser(), where)),), where)
    installed = installed_engine(environment)
    if installed and Path(installed.command[0]).is_file():
        return installed
    program = shutil.which("relip", path=environment.get("PATH"))
    if program:
        return Found((str(python_at(Path(program), "the PATH")),), "the PATH")
    if installed:
        raise HostError(f"the engine is not at {installed.command[0]} any more", REMEDY)
    raise HostError("relip's engine is not set up on this machine", REMEDY)


def installed_engine(environment: Mapping[str, str] = os.environ) -> Found | None:
    """What the installer left in its settings, which may be gone; None if that cannot be read."""
    path = data_folder(environment) / SETTINGS
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        command = tuple(str(word) for word in told["engine"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Found(command, str(path)) if command else None


def python_at(place: Path, where: str) -> Path:
    """The Python that a Python, a ``relip`` program or an environment's folder leads to.

    Raises
    ------
    HostError
        There is none; ``where`` is who named the place.
    """
    if not place.exists():
        raise HostError(f"{place}, named by {where}, is not there", REMEDY)
    if place.is_dir():
        found = _beside(place) or _beside(place / "env") or _beside(place / ".venv")
        if found is None:
            raise HostError(f"{place}, named by {where}, is no environment of Python", REMEDY)
        return found
    name = place.name.lower()
    if name.startswith("blender"):
        raise HostError(
            f"{place}, named by {where}, is Blender itself and not relip's engine", REMEDY
        )
    if name.startswith("python"):
        return place.absolute()
    behind = _behind(place)
    if behind is None:
        raise HostError(f"{place}, named by {where}, leads to no Python with relip", REMEDY)
    return behind


def _beside(environment: Path) -> Path | None:
    """The Python of an environment, by its folder."""
    names = ("Scripts/python.exe", "bin/python", "bin/python3")
    found = next((path for name in names if (path := environment / name).is_file()), None)
    return found and found.absolute()


def _behind(program: Path) -> Path | None:
    """The Python that a program runs with: beside it, or named in its first lines."""
    real = program.resolve()
    if real.parent.name in ("bin", "Scripts") and (real.parents[1] / "pyvenv.cfg").is_file():
        return _beside(real.parents[1])
    try:
        with real.open("rb") as file:
            text = file.read(LONGEST_SCRIPT).decode("utf-8", "ignore")
    except OSError:
        return None
    if text.startswith("#!"):  # pipx and the like
        named = Path(text[2:].partition("\n")[0].strip())
        return named if named.name.startswith("python") and named.is_file() else None
    if real.suffix.lower() == ".cmd":  # the launcher of relip's installer on Windows
        quoted = text.split('"')
        target = Path(quoted[1]) if len(quoted) > 2 else None
        return _beside(target.parents[1]) if target and target.is_file() else None
    return None
