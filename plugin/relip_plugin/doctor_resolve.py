"""Whether DaVinci Resolve can run relip's scripts here, as far as files tell.

Resolve itself is not asked: it may not be running, and the free edition answers some questions
with a dialog. Edition and version are what its log says of the last start.
"""

from __future__ import annotations

import plistlib
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import relip
from relip_job.errors import RelipError
from relip_plugin.doctor import Finding
from relip_plugin.folders import state_folder
from relip_plugin.hello import engine_version
from relip_plugin.install_resolve import Installed, look
from relip_plugin.resolve_places import NAME, ResolvePlaces, resolve_places, scripts_folder
from relip_plugin.resolve_python import resolve_python

OLDEST: Final = (19, 0)
"""Before, Resolve does not tell a script which frames of a file a clip shows."""
NO_FREE: Final = (21, 1)
"""From here on the free edition runs no Python."""
INSTALL: Final = "run: relip install resolve"
BATCH: Final = "export the timeline (OTIO or Final Cut Pro 7 XML) and run relip batch on that file"
SCRIPTING: Final = {
    "0": "off (only scripts from outside need it, the menu does not)",
    "1": "local",
    "2": "network",
}
_STARTED: Final = re.compile(rf"Running {NAME}( Studio)? v(\d+(?:\.\d+)+)")
_MODE: Final = re.compile(r"^\s*System\.Scripting\.Mode\s*=\s*(\d)", re.MULTILINE)
_LOG: Final = 64 << 20
"""Bytes of a log's end that are read."""


@dataclass(frozen=True)
class Edition:
    """What is known of a Resolve; ``studio`` is None if only its version is."""

    version: tuple[int, ...]
    studio: bool | None

    def __str__(self) -> str:
        """``Studio 21.0.4.5``."""
        named = {True: "Studio ", False: "free ", None: ""}[self.studio]
        return named + ".".join(map(str, self.version))


def diagnose(places: ResolvePlaces | None = None) -> Iterator[Finding]:
    """Look at everything, in the order it is printed."""
    places = places or resolve_places()
    found = places.found
    yield Finding(
        "resolve",
        "found",
        str(found or "no"),
        "" if found else f"install {NAME}, or start it once",
    )
    edition = edition_of(places)
    yield _edition(edition)
    yield resolve_python(found)
    yield Finding("resolve", "external scripting", scripting_of(places))
    installed = {whose: look(places.fusion(whose)) for whose in ("user", "system")}
    for whose, one in installed.items():
        yield _scripts(whose, one, any(installed.values()))
    yield _writable("scripts", "folder", scripts_folder(places.user))
    used = installed["user"] or installed["system"]
    yield _engine(used)
    yield _writable("state", "folder", used.state if used and used.engine else state_folder())


def edition_of(places: ResolvePlaces) -> Edition | None:
    """What Resolve's log says it is; of a program that has not been started, its version."""
    for log in places.logs:
        starts = _STARTED.findall(_end_of(log))
        if starts:
            studio, version = starts[-1]
            return Edition(tuple(map(int, version.split("."))), bool(studio))
    for program in places.programs:
        try:
            with (program / "Contents" / "Info.plist").open("rb") as file:
                told = str(plistlib.load(file)["CFBundleShortVersionString"])
            return Edition(tuple(map(int, re.findall(r"\d+", told))), None)
        except (OSError, KeyError, ValueError, plistlib.InvalidFileException):
            continue
    return None


def scripting_of(places: ResolvePlaces) -> str:
    """What External scripting using is set to."""
    try:
        text = places.preferences.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown"
    found = _MODE.search(text)
    return SCRIPTING.get(found[1], "unknown") if found else "unknown"


def _edition(edition: Edition | None) -> Finding:
    if edition is None:
        return Finding("resolve", "edition", "unknown until it has been started once")
    remedy = ""
    if edition.version < OLDEST:
        remedy = f"update Resolve to 19.0 or later; or {BATCH}"
    elif edition.studio is False and edition.version >= NO_FREE:
        remedy = f"the free edition runs no Python from 21.1 on: {BATCH}; or use Studio"
    return Finding("resolve", "edition", str(edition), remedy)


def _scripts(whose: str, one: Installed | None, anywhere: bool) -> Finding:
    name = f"for {'this user' if whose == 'user' else 'everybody'}"
    if one is None:
        needed = whose == "user" and not anywhere
        return Finding("scripts", name, "not installed", INSTALL if needed else "")
    again = INSTALL if whose == "user" else f"{INSTALL} --system"
    if one.wrong:
        return Finding("scripts", name, f"{one.wrong[0]} is missing or differs", again)
    return Finding("scripts", name, one.version, "" if one.version == relip.__version__ else again)


def _engine(installed: Installed | None) -> Finding:
    engine = installed.engine if installed and installed.engine else (sys.executable,)
    try:
        version = engine_version(engine)
    except RelipError as error:
        return Finding("engine", "runs", error.message, error.remedy)
    return Finding("engine", "runs", f"{version} ({engine[0]})")


def _writable(subject: str, name: str, folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(subject, name, str(folder))
    except OSError as error:
        why = error.strerror or str(error)
        return Finding(subject, name, f"{there}: {why}", f"make {there} writable for you")


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOG))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
