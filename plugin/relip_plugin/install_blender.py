"""The extension put where each Blender of this user looks for extensions.

What lies in ``extensions/user_default`` of a Blender's own folder is listed under Preferences >
Add-ons when that Blender starts next. Whether it is enabled is kept in a file that only Blender
can write, so that is left to the user.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relip_job.errors import OutputError
from relip_plugin.package_blender import MANIFEST, package

OLDEST: Final = (4, 2)
"""The first Blender with extensions."""
REPOSITORY: Final = Path("extensions") / "user_default"
ID: Final = "relip"


@dataclass(frozen=True)
class Blender:
    """The folder of one version: ``~/.config/blender/4.5``."""

    version: tuple[int, int]
    folder: Path

    @property
    def name(self) -> str:
        """``Blender 4.5``."""
        return "Blender {}.{}".format(*self.version)

    @property
    def extension(self) -> Path:
        """Where relip's extension lies, or would."""
        return self.folder / REPOSITORY / ID


def blenders(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> tuple[Blender, ...]:
    """Every version this user has started, that has extensions; the newest first."""
    found = {
        Blender((int(told[1]), int(told[2])), folder)
        for parent in _parents(environment, platform)
        if parent.is_dir()
        for folder in parent.iterdir()
        if (told := re.fullmatch(r"(\d+)\.(\d+)", folder.name)) and folder.is_dir()
    }
    with_extensions = (one for one in found if one.version >= OLDEST)
    return tuple(sorted(with_extensions, key=lambda one: (one.version, one.folder), reverse=True))


def install(found: tuple[Blender, ...], folder: Path, *, dry_run: bool = False) -> Iterator[str]:
    """Package the extension into ``folder`` and put it into every Blender; a sentence each.

    Raises
    ------
    OutputError
        A folder cannot be written to; what was there is as it was.
    """
    if not found:
        if not dry_run:
            yield f"{package(folder)} is the extension"
        yield "no Blender from 4.2 on was found here; drag the extension onto Blender's window"
        return
    with tempfile.TemporaryDirectory() as scratch:
        made = package(Path(scratch))
        for blender in found:
            if dry_run:
                yield f"{blender.name}: would put the extension into {blender.extension}"
            else:
                _put(made, blender.extension)
                yield f"{blender.name}: the extension is in {blender.extension}"
    if not dry_run:
        yield "in Blender, started anew: Edit > Preferences > Add-ons, tick relip"


def uninstall(found: tuple[Blender, ...], *, dry_run: bool = False) -> Iterator[str]:
    """Take the extension out of every Blender; a sentence each.

    Raises
    ------
    OutputError
        A folder cannot be removed.
    """
    there = [blender for blender in found if blender.extension.exists()]
    if not there:
        yield "the extension is in no Blender here"
    for blender in there:
        if not _is_ours(blender.extension):
            yield f"{blender.name}: {blender.extension} is somebody else's and stays"
        elif dry_run:
            yield f"{blender.name}: would remove {blender.extension}"
        else:
            _remove(blender.extension)
            yield f"{blender.name}: removed {blender.extension}"


def _parents(environment: Mapping[str, str], platform: str) -> Iterator[Path]:
    """Folders with one folder for every version of Blender."""
    home = Path.home()
    if platform == "win32":
        roaming = environment.get("APPDATA")
        yield (Path(roaming) if roaming else home / "AppData" / "Roaming") / (
            "Blender Foundation/Blender"
        )
    elif platform == "darwin":
        yield home / "Library" / "Application Support" / "Blender"
    else:
        config = environment.get("XDG_CONFIG_HOME")
        yield (Path(config) if config else home / ".config") / "blender"
        yield home / ".var" / "app" / "org.blender.Blender" / "config" / "blender"  # Flatpak


def _put(made: Path, place: Path) -> None:
    """Unpack beside the place, then take it."""
    if place.exists() and not _is_ours(place):
        raise OutputError(f"{place} is somebody else's", "remove it, and install relip again")
    # Blender takes what begins with a dot for no extension.
    new, old = (place.with_name(f".{place.name}.{what}") for what in ("partial", "old"))
    try:
        if old.exists() and not place.exists():
            old.rename(place)  # the last time was cut off between the two
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        new.mkdir(parents=True)
        with zipfile.ZipFile(made) as archive:
            archive.extractall(new)
        if place.exists():
            place.rename(old)
        try:
            new.rename(place)
        except OSError:
            if old.exists():
                old.rename(place)
            raise
    except OSError as error:
        raise OutputError(
            f"{place} cannot be written ({error.strerror})",
            "close Blender, see that the folder may be written to, and run this again",
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _remove(place: Path) -> None:
    try:
        # In one step out of Blender's sight: half an extension is worse than a whole one.
        gone = place.with_name(f".{place.name}.old")
        shutil.rmtree(gone, ignore_errors=True)
        place.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"{place} cannot be removed ({error.strerror})", "close Blender and run this again"
        ) from error


def _is_ours(place: Path) -> bool:
    try:
        told = tomllib.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return told.get("id") == ID and told.get("maintainer") == "the relip authors"
