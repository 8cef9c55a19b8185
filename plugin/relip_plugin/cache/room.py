"""The room a cache takes: one limit for all it keeps; what was not used for longest goes first.

::

    FOLDER/results/3f/3f9a...json       what is known of a result
    FOLDER/results/3f/3f9a...media      a second name of its file
    FOLDER/results/3f/3f9a...sidecar
    FOLDER/analyses/3f/3f9a...npz       what was seen or heard
    FOLDER/limit.json                   bytes that all of it may take
    FOLDER/trimmed                      its time: when somebody last saw to that

Whatever else lies in the folder is none of its business: what is not called like an entry is never
removed. Files disappear and appear at any time, by other processes and other machines.
"""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from relip_host.whole_file import write_json
from relip_plugin.folders import data_folder

Kind = Literal["results", "analyses"]

LIMIT: Final = 20 << 30
"""Bytes it may take if nobody says otherwise."""
STALE: Final = 3600.0
"""Seconds after which nobody is still storing what is half stored."""
EVERY: Final = 60.0
"""Seconds between two looks at the room that everybody takes who keeps something."""
ENDINGS: Final[dict[Kind, tuple[str, ...]]] = {
    "results": (".json", ".media", ".sidecar"),
    "analyses": (".npz",),
}
"""Of an entry's files; the time of the first one is when it was last used."""
_ENTRY: Final = re.compile(r"([0-9a-f]{64})(\.[0-9a-z]+)(\..*)?")


def cache_folder() -> Path:
    """This user's cache; ``RELIP_CACHE`` names another."""
    return Path(os.environ.get("RELIP_CACHE") or data_folder() / "cache")


@dataclass(frozen=True)
class Taken:
    """``count`` entries; ``size`` bytes that would be free without them."""

    count: int
    size: int


@dataclass(frozen=True)
class _Entry:
    used: float
    kind: Kind
    size: int
    files: tuple[Path, ...]


class Room:
    """A folder for entries of every kind, shared by any number of processes."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()

    def path(self, kind: Kind, name: str, ending: str) -> Path:
        """Where a file of an entry lies; ``name`` is 64 hexadecimal digits."""
        return self.folder / kind / name[:2] / (name + ending)

    @property
    def limit(self) -> int:
        """Bytes it may take."""
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            found = json.loads((self.folder / "limit.json").read_text(encoding="utf-8"))["bytes"]
            if isinstance(found, int):
                return found
        return LIMIT

    def set_limit(self, size: int) -> None:
        """Remember how many bytes it may take, and make it so.

        Raises
        ------
        OutputError
            The folder cannot be written to.
        """
        write_json(self.folder / "limit.json", {"bytes": size})
        self.trim()

    def taken(self) -> dict[Kind, Taken]:
        """What it holds."""
        found = list(self._entries())
        return {
            kind: Taken(
                sum(one.kind == kind for one in found),
                sum(one.size for one in found if one.kind == kind),
            )
            for kind in get_args(Kind)
        }

    def trim(self, limit: int | None = None) -> int:
        """Forget what was not used for longest until the rest fits; how many were forgotten.

        Results that lie where they were written to take no room and are not forgotten.
        """
        limit = self.limit if limit is None else limit
        entries = sorted(self._entries(sweep=True), key=lambda one: one.used, reverse=True)
        total = forgotten = 0
        for one in entries:
            if one.size and total + one.size > limit:
                forgotten += _removed(one.files)
            else:
                total += one.size
        return forgotten

    def tidy(self) -> None:
        """:meth:`trim`, unless somebody did within the last minute."""
        stamp = self.folder / "trimmed"
        with suppress(OSError):
            if abs(time.time() - stamp.stat().st_mtime) < EVERY:
                return
        with suppress(OSError):
            stamp.touch()
            self.trim()

    def clear(self) -> dict[Kind, int]:
        """Forget everything, and how many that were; your results stay where they lie."""
        found = dict.fromkeys(ENDINGS, 0)
        for one in self._entries(sweep=True):
            found[one.kind] += _removed(one.files)
        return found

    def _entries(self, sweep: bool = False) -> Iterator[_Entry]:
        """Everything it keeps; ``sweep`` removes what killed processes left half stored."""
        for kind, endings in ENDINGS.items():
            for folder in _listed(self.folder / kind):
                names: dict[str, dict[str, Path]] = {}
                for path in _listed(folder):
                    found = _ENTRY.fullmatch(path.name)
                    if found is None or path.name[:2] != folder.name:
                        continue
                    if found[3] or found[2] not in endings:
                        if sweep:
                            _remove_stale(path)
                    else:
                        names.setdefault(found[1], {})[found[2]] = path
                for files in names.values():
                    entry = _entry(kind, files)
                    if entry is not None:
                        yield entry
                    elif sweep:
                        for path in files.values():
                            _remove_stale(path)


def is_plain(path: Path) -> bool:
    """Whether a file lies there: no link, and no pipe that would be waited for."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _entry(kind: Kind, files: dict[str, Path]) -> _Entry | None:
    """None if the file that stands for it is not there."""
    size = 0
    used: float | None = None
    for ending, path in files.items():
        with suppress(OSError):
            found = path.lstat()
            if ending == ENDINGS[kind][0]:
                used = found.st_mtime
            if ending != ".json" and found.st_nlink == 1:
                size += found.st_size
    return None if used is None else _Entry(used, kind, size, tuple(files.values()))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _removed(files: tuple[Path, ...]) -> bool:
    """Remove them; false if one stays."""
    left = False
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError:  # a folder that is only read, or on Windows a file that is
            left = True
    return not left


def _remove_stale(path: Path) -> None:
    with suppress(OSError):
        if time.time() - path.lstat().st_mtime > STALE:
            path.unlink()
