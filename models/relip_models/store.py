"""Models that a user added: in a folder of their own, whole or not there.

::

    models/
        musetalk/
            model.json                  what is installed; a part is there if it is in here
            unet-1f2e3d4c/unet.onnx     a part and the beginning of its checksum
            unet-1f2e3d4c/unet.data     weights beside it keep the name by which it asks for them
        trusted.json                    checksums of what was fetched, by address
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from relip_models.folder import data_folder
from relip_models.further import FURTHER, FurtherName
from relip_models.graph import Graph, read_graph

Trust = Literal["published", "first", "own"]
"""Whose checksum it is: published by others, of the first file fetched, of the user's own file."""
_RECORD: Final = "model.json"
_TRUSTED: Final = "trusted.json"


@dataclass(frozen=True)
class Kept:
    """A part that is installed.

    Attributes
    ----------
    file : of the model's folder; weights beside it belong to it.
    sha256 : of all of that.
    size : bytes of all of that.
    changed : when its files were written last, in nanoseconds: while that and their size are the
        same they are not read to be believed.
    origin : an address, or a path that the user named.
    """

    part: str
    file: str
    sha256: str
    size: int
    changed: int
    trust: Trust
    origin: str


@dataclass(frozen=True)
class Installed:
    """What is there of a model; ``when`` it was added last, in UTC."""

    name: FurtherName
    folder: Path
    parts: tuple[Kept, ...]
    when: str

    def path(self, part: str) -> Path | None:
        """Where the file of a part lies; None if it was not added."""
        return next((self.folder / kept.file for kept in self.parts if kept.part == part), None)

    def sound(self, kept: Kept, thorough: bool = False) -> bool:
        """Whether a part is what was added; ``thorough`` reads it even if it looks untouched."""
        try:
            graph = read_graph(self.folder / kept.file)
            size, changed = _look(graph)
            if not thorough and (size, changed) == (kept.size, kept.changed):
                return True
            return size == kept.size and graph.checksum() == kept.sha256
        except (OSError, ValueError):
            return False


class Store:
    """The user's models."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = data_folder() / "models" if folder is None else folder

    def find(self, name: FurtherName) -> Installed | None:
        """What is there of a model; None if nothing is."""
        try:
            page = json.loads((self.folder / name / _RECORD).read_text("utf-8"))
            parts = tuple(Kept(**kept) for kept in page["parts"])
            return Installed(name, self.folder / name, parts, page["when"]) if parts else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def newest(self, engine: str) -> Installed | None:
        """Of the models that an engine can draw with, the one added last."""
        found = (self.find(entry.name) for entry in FURTHER if entry.engine == engine)
        return max((one for one in found if one), key=lambda one: one.when, default=None)

    def identity(self, engine: str) -> str:
        """Which networks an engine would draw with now, for keys of what it makes.

        Empty for an engine without any.
        """
        found = self.newest(engine)
        if found is None:
            return ""
        return " ".join([found.name, *sorted(f"{kept.part}:{kept.sha256}" for kept in found.parts)])

    def keep(
        self,
        name: FurtherName,
        part: str,
        graph: Graph,
        trust: Trust,
        origin: str,
        spare: bool = False,
    ) -> Kept:
        """Copy a network in as a part; what was there for this part goes.

        ``spare`` says that the files are not needed where they are: then no second copy is made
        where the disk can do without.

        Raises
        ------
        OSError
            It cannot be read or written; then nothing has changed.
        """
        home = self.folder / name
        checksum = graph.checksum()
        place = home / f"{part}-{checksum[:8]}"
        copied = replace(graph, path=place / graph.path.name)
        if not _holds(copied, checksum):
            _copy(graph, home / f".{part}.partial", place, checksum, spare)
        size, changed = _look(copied)
        kept = Kept(part, f"{place.name}/{graph.path.name}", checksum, size, changed, trust, origin)
        before = self.find(name)
        others = tuple(one for one in before.parts if one.part != part) if before else ()
        now = datetime.now(UTC).isoformat()
        page = {"parts": [asdict(one) for one in (*others, kept)], "when": now}
        _write_json(home / _RECORD, page)
        self._sweep(name)
        return kept

    def remove(self, name: FurtherName) -> bool:
        """Delete all of a model; whether there was anything.

        Raises
        ------
        OSError
            It cannot be deleted.
        """
        home = self.folder / name
        (home / _RECORD).unlink(missing_ok=True)  # from here on it is not installed
        there = home.exists()
        if there:
            shutil.rmtree(home)
        return there

    def trusted(self, address: str) -> str | None:
        """Checksum of what was fetched from there before."""
        found = self._trusted().get(address)
        return found if isinstance(found, str) else None

    def trust(self, address: str, sha256: str) -> None:
        """Remember what was fetched from there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write_json(self.folder / _TRUSTED, {**self._trusted(), address: sha256})

    def _trusted(self) -> Mapping[str, object]:
        try:
            page = json.loads((self.folder / _TRUSTED).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return page if isinstance(page, dict) else {}

    def _sweep(self, name: FurtherName) -> None:
        """Delete what no part needs any more; what is in use on Windows stays until next time."""
        installed = self.find(name)
        used = {kept.file.split("/")[0] for kept in installed.parts} if installed else set()
        for path in (self.folder / name).iterdir():
            if path.is_dir() and path.name not in used:
                shutil.rmtree(path, ignore_errors=True)


def _holds(graph: Graph, checksum: str) -> bool:
    try:
        return graph.checksum() == checksum
    except OSError:
        return False


def _copy(graph: Graph, partial: Path, place: Path, checksum: str, spare: bool) -> None:
    """Copy a network's files to a folder that is there whole or not at all."""
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        for path in graph.files:
            if not (spare and _linked(path, partial / path.name)):
                shutil.copyfile(path, partial / path.name)
        if replace(graph, path=partial / graph.path.name).checksum() != checksum:
            raise OSError(f"{graph.path.name} changed while it was copied")
        shutil.rmtree(place, ignore_errors=True)
        partial.replace(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _linked(path: Path, other: Path) -> bool:
    try:
        other.hardlink_to(path)
    except OSError:
        return False
    return True


def _look(graph: Graph) -> tuple[int, int]:
    """Bytes of a network's files, and when they were written last."""
    stats = [path.stat() for path in graph.files]
    return sum(one.st_size for one in stats), max(one.st_mtime_ns for one in stats)


def _write_json(path: Path, page: object) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps(page, indent=1, ensure_ascii=False), "utf-8")
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
