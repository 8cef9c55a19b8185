"""Results that are known already, found by what they depend on.

::

    FOLDER/results/3f/3f9a...json       what is known of a result, and where it was written to
    FOLDER/results/3f/3f9a...media      a second name of its file, where the disk can do that
    FOLDER/results/3f/3f9a...sidecar
    FOLDER/limit.json                   bytes that it may take

A second name is a hard link: it takes no room as long as the result lies where it was written to,
and keeps it if it is deleted there. Nothing is ever copied into the cache. Entries appear whole,
under names of their own until then, so any number of processes may read, add and clean up.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from relip.media.identity import media_identity
from relip_host.plain import from_plain, to_plain
from relip_host.whole_file import write_json
from relip_job import Notice, Voiced
from relip_job.errors import MissingMedia, OutputError
from relip_plugin.folders import data_folder

STALE: Final = 3600.0
"""Seconds after which nobody is still storing what is half stored."""
LIMIT: Final = 20 << 30
"""Bytes it may take if nobody says otherwise."""


def cache_folder() -> Path:
    """This user's cache; ``RELIP_CACHE`` names another."""
    return Path(os.environ.get("RELIP_CACHE") or data_folder() / "cache")


@dataclass(frozen=True)
class Known:
    """A finished result.

    Attributes
    ----------
    output, sidecar : where they were written to.
    identity : of the file as it was then (:func:`~relip.media.identity.media_identity`).
    frames, changed, score, scores : as the engine told; no score is empty.
    notices, voiced : what else it told.
    seconds : how long it took.
    """

    output: str
    sidecar: str
    identity: str
    frames: int
    changed: int
    score: str = ""
    scores: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    voiced: tuple[Voiced, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Taken:
    """What the cache holds: ``count`` results; ``size`` bytes that only the cache still names."""

    count: int
    size: int
    limit: int


class ResultCache:
    """Results by key, in a folder that several processes may share."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()

    def find(self, key: str) -> Known | None:
        """What is known, if the result is still what it was, there or under its second name."""
        path = self._path(key, ".json")
        try:
            known = from_plain(Known, json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            return None
        if self._whole(key, known) is None:
            return None
        with suppress(OSError):
            os.utime(path)  # the one not used for longest goes first
        return known

    def fetch(self, key: str, known: Known, output: Path) -> Known | None:
        """The result at ``output``: where it lies already, else linked or copied; None if gone.

        Raises
        ------
        OutputError
            It cannot be written there.
        """
        found = self._whole(key, known)
        if found is None:
            return None
        media, sidecar = found
        if media == output:
            return known
        beside = output.with_name(output.name + ".relip.json")
        _again(sidecar, beside)
        _again(media, output)
        return replace(known, output=str(output), sidecar=str(beside))

    def store(self, key: str, known: Known) -> None:
        """Remember a result; :meth:`trim` makes room, once for many.

        Raises
        ------
        OutputError
            The cache cannot be written.
        """
        try:
            self._path(key, ".json").parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"the cache {self.folder} cannot be written ({error.strerror})",
                "make room on that disk, or name another folder in RELIP_CACHE",
            ) from error
        for source, ending in ((known.output, ".media"), (known.sidecar, ".sidecar")):
            with suppress(OSError):  # another disk, or one that knows no links
                _link(Path(source), self._path(key, ending))
        unique = self._path(key, f".{uuid.uuid4().hex}")
        try:
            write_json(unique, to_plain(known))
            unique.replace(self._path(key, ".json"))
        except OSError as error:
            raise OutputError(
                f"the cache {self.folder} cannot be written ({error.strerror})",
                "see that the folder may be written to",
            ) from error
        finally:
            for left in (unique, unique.with_name(f"{unique.name}.partial")):
                left.unlink(missing_ok=True)

    def taken(self) -> Taken:
        """How much it holds."""
        entries = list(self._entries())
        return Taken(len(entries), sum(size for _, size, _ in entries), self.limit)

    @property
    def limit(self) -> int:
        """Bytes it may take."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            return int(json.loads((self.folder / "limit.json").read_text())["bytes"])
        return LIMIT

    def set_limit(self, size: int) -> None:
        """Remember how many bytes it may take, and make it so."""
        write_json(self.folder / "limit.json", {"bytes": size})
        self.trim()

    def trim(self, limit: int | None = None) -> int:
        """Forget what was not used for longest until the rest fits; how many were forgotten."""
        limit = self.limit if limit is None else limit
        self._sweep()
        entries = sorted(self._entries(), reverse=True)
        total = forgotten = 0
        for _, size, entry in entries:
            total += size
            if total > limit and size:
                total -= size
                self._forget(entry.stem)
                forgotten += 1
        return forgotten

    def clear(self) -> int:
        """Forget everything; results that lie where they were written to stay there."""
        entries = list(self._entries())
        for _, _, entry in entries:
            self._forget(entry.stem)
        return len(entries)

    def _sweep(self) -> None:
        """Remove what processes left that were killed while they stored something."""
        for path in (self.folder / "results").glob("*/*"):
            entry = path.suffix in (".json", ".media", ".sidecar")
            if entry and path.with_suffix(".json").exists():
                continue
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > STALE:
                    path.unlink()

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """When each was last used, bytes that would be free without it, and its path."""
        for path in (self.folder / "results").glob("*/*.json"):
            size = 0
            with suppress(OSError):
                for ending in (".media", ".sidecar"):
                    with suppress(FileNotFoundError):
                        found = path.with_suffix(ending).stat()
                        size += found.st_size if found.st_nlink == 1 else 0
                yield path.stat().st_mtime, size, path

    def _forget(self, key: str) -> None:
        for ending in (".json", ".media", ".sidecar"):
            with suppress(OSError):
                self._path(key, ending).unlink()

    def _whole(self, key: str, known: Known) -> tuple[Path, Path] | None:
        """Its file and its sidecar, where both are and the file is unchanged."""
        places = (
            (Path(known.output), Path(known.sidecar)),
            (self._path(key, ".media"), self._path(key, ".sidecar")),
        )
        for media, sidecar in places:
            with suppress(MissingMedia):
                if sidecar.is_file() and media_identity(media) == known.identity:
                    return media, sidecar
        return None

    def _path(self, key: str, ending: str) -> Path:
        return self.folder / "results" / key[:2] / (key + ending)


def _link(source: Path, name: Path) -> None:
    """Give a file a second name, in the place of what had it."""
    unique = name.with_name(f"{name.name}.{uuid.uuid4().hex}")
    os.link(source, unique)
    unique.replace(name)
    # Two names of one file are no move: the system leaves the first one behind.
    unique.unlink(missing_ok=True)


def _again(source: Path, target: Path) -> None:
    """The file under another name: linked where that can be, else copied, whole or not at all."""
    partial = target.with_name(f"{target.name}.{uuid.uuid4().hex}.partial")
    try:
        try:
            os.link(source, partial)
        except OSError:
            shutil.copy2(source, partial)
        partial.replace(target)
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror})",
            "make room on that disk, or choose another folder",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
