r"""Where DaVinci Resolve lies, and where it looks for scripts, on each system.

Its README prints ``%APPDATA%\Roaming`` for a user's scripts on Windows, which is the folder that
``%APPDATA%`` already is: followed to the letter, it makes a folder that is never read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Whose = Literal["user", "system"]
MAKER: Final = "Blackmagic Design"
NAME: Final = "DaVinci Resolve"


@dataclass(frozen=True)
class ResolvePlaces:
    """Of one system.

    Attributes
    ----------
    user, system : Fusion folders, below which Resolve looks for scripts: this user's, everyone's.
    programs : where Resolve's program may be.
    traces : folders that Resolve makes when it is installed or started, and relip does not.
    preferences : its settings, as text.
    logs : what it says of itself when it starts; the one in use now first.
    """

    user: Path
    system: Path
    programs: tuple[Path, ...]
    traces: tuple[Path, ...]
    preferences: Path
    logs: tuple[Path, ...]

    @property
    def found(self) -> Path | None:
        """Resolve, or a trace of it."""
        return next((path for path in (*self.programs, *self.traces) if path.exists()), None)

    def fusion(self, whose: Whose) -> Path:
        """The Fusion folder."""
        return self.user if whose == "user" else self.system


def scripts_folder(fusion: Path) -> Path:
    """What lies here is in Workspace > Scripts on every page."""
    return fusion / "Scripts" / "Utility"


def house(fusion: Path) -> Path:
    """relip's modules. Below ``Scripts`` each of them would be in the menu, too."""
    return fusion / "relip"


def resolve_places(
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
) -> ResolvePlaces:
    """The places on this system; ``root`` is where its absolute paths begin."""
    home = Path.home()
    if platform == "darwin":
        return _mac(home, root)
    if platform == "win32":
        return _windows(home, environment)
    return _linux(home, root)


def _mac(home: Path, root: Path) -> ResolvePlaces:
    ours, everyones = (
        folder / "Library" / "Application Support" / MAKER / NAME for folder in (home, root)
    )
    applications = root / "Applications"
    preferences = home / "Library" / "Preferences" / MAKER / NAME
    return ResolvePlaces(
        user=ours / "Fusion",
        system=everyones / "Fusion",
        # The second one is the App Store's.
        programs=(applications / NAME / f"{NAME}.app", applications / f"{NAME}.app"),
        traces=(everyones / "Developer", preferences),
        preferences=preferences / "config.dat",
        logs=tuple(_logs(ours / "logs")),
    )


def _windows(home: Path, environment: Mapping[str, str]) -> ResolvePlaces:
    roaming = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
    ours = roaming / MAKER / NAME
    everyones = Path(environment.get("PROGRAMDATA") or r"C:\ProgramData") / MAKER / NAME
    programs = Path(environment.get("PROGRAMFILES") or r"C:\Program Files") / MAKER / NAME
    return ResolvePlaces(
        user=ours / "Support" / "Fusion",
        system=everyones / "Fusion",
        programs=(programs / "Resolve.exe",),
        traces=(everyones / "Support" / "Developer", ours / "Preferences"),
        preferences=ours / "Preferences" / "config.dat",
        logs=tuple(_logs(ours / "Support" / "logs")),
    )


def _linux(home: Path, root: Path) -> ResolvePlaces:
    homes = (root / "opt" / "resolve", root / "home" / "resolve")
    there = next((folder for folder in homes if folder.is_dir()), homes[0])
    ours = home / ".local" / "share" / "DaVinciResolve"
    return ResolvePlaces(
        user=ours / "Fusion",
        system=there / "Fusion",
        programs=tuple(folder / "bin" / "resolve" for folder in homes),
        traces=(ours / "configs", ours / "logs"),
        preferences=ours / "configs" / "config.dat",
        logs=tuple(_logs(ours / "logs")),
    )


def _logs(folder: Path) -> Iterator[Path]:
    yield from (folder / name for name in ("ResolveDebug.txt", "davinci_resolve.log"))
