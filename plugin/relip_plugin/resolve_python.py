"""Which Python DaVinci Resolve runs scripts with: not the one on anybody's PATH.

macOS looks at ``PYTHON3HOME`` and then for ``/usr/local/bin/python3``, so that Homebrew's on
Apple silicon, pyenv's and conda's are not seen. Windows looks at ``FUSION_PYTHON3_HOME`` and then
in the registry. Studio from 21.1 on brings its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from relip_host.environment import cleaned
from relip_plugin.doctor import Finding

OLDEST: Final = (3, 8)
REMEDY: Final = "install Python 3.10 to 3.12 from python.org, for all users"
HOMES: Final = {
    "darwin": ("PYTHON3HOME",),
    "win32": ("FUSION_PYTHON3_HOME", "PYTHON3HOME"),
    "linux": (),
}
_PATIENCE: Final = 20
_ASK: Final = "import sys; print('.'.join(map(str, sys.version_info[:3])), sys.maxsize > 2**32)"


def resolve_python(
    program: Path | None,
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
) -> Finding:
    """The Python that Resolve will find; ``program`` is Resolve itself, if that is known."""
    bundled = _bundled(program)
    if bundled is not None:
        return Finding("resolve", "python", f"its own ({bundled})")
    for where, python in _candidates(platform, environment, root):
        told = _version(python)
        if told is None:
            continue
        version, wide = told
        remedy = "" if version >= OLDEST and wide else REMEDY
        bits = "" if wide else ", 32 bits"
        return Finding(
            "resolve", "python", f"{'.'.join(map(str, version))}{bits} ({where})", remedy
        )
    return Finding("resolve", "python", "none that Resolve looks for", REMEDY)


def _bundled(program: Path | None) -> Path | None:
    if program is None:
        return None
    # /opt/resolve/bin/resolve, ...\DaVinci Resolve\Resolve.exe, DaVinci Resolve.app
    folders = (program.parent, program.parent.parent, program / "Contents" / "Resources")
    return next((path for folder in folders if (path := folder / "ResolvePython").is_dir()), None)


def _candidates(
    platform: str, environment: Mapping[str, str], root: Path
) -> Iterator[tuple[str, Path]]:
    """In Resolve's order: who names it, and the program."""
    for variable in HOMES.get(platform, ()):
        home = environment.get(variable) or _of_the_desktop(variable, platform)
        if home:
            parts = ("python.exe",) if platform == "win32" else ("bin", "python3")
            yield variable, Path(home).joinpath(*parts)
    if platform == "win32":
        yield from _registered()
    elif platform == "darwin":
        yield "/usr/local/bin", root / "usr" / "local" / "bin" / "python3"
    else:
        for folder in ("usr/bin", "usr/local/bin"):
            yield f"/{folder}", root / folder / "python3"


def _of_the_desktop(variable: str, platform: str) -> str:
    """A variable as programs see it that are started from macOS's desktop."""
    if platform != "darwin":
        return ""
    try:
        command = ["launchctl", "getenv", variable]
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip()


def _registered() -> Iterator[tuple[str, Path]]:
    """Pythons in Windows' registry, this user's first, the newest first."""
    if sys.platform != "win32":
        return
    import winreg

    for hive, name in ((winreg.HKEY_CURRENT_USER, "HKCU"), (winreg.HKEY_LOCAL_MACHINE, "HKLM")):
        with suppress(OSError), winreg.OpenKey(hive, r"SOFTWARE\Python\PythonCore") as key:
            versions = [winreg.EnumKey(key, at) for at in range(winreg.QueryInfoKey(key)[0])]
            for version in sorted(versions, key=_order, reverse=True):
                with suppress(OSError):
                    folder = winreg.QueryValue(key, rf"{version}\InstallPath")
                    yield f"{name}, {version}", Path(folder) / "python.exe"


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-")[0].split(".") if part.isdigit())


def _version(python: Path) -> tuple[tuple[int, ...], bool] | None:
    """Its version and whether it has 64 bits; None if it does not run."""
    if not python.is_file():
        return None
    try:
        ran = subprocess.run(
            [str(python), "-I", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            env=cleaned(os.environ),
            check=False,
        )
        version, wide = ran.stdout.split()
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return tuple(map(int, version.split("."))), wide == "True"
