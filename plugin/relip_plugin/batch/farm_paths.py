"""Paths of shared storage, which each machine may see under a name of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Final

from relip_job.errors import JobError

VARIABLE: Final = "RELIP_MAP"
"""Of a worker's environment: ``FROM=TO``, several apart by ``;``.

The worker has it and not the batch, because what differs are the machines: each knows where it
has the storage, and no batch can know that of all of them.
"""
_WINDOWS: Final = re.compile(r"[A-Za-z]:[\\/]|[\\/]{2}[^\\/]")
_ENTRY: Final = re.compile(r"\s*([^=;]+?)\s*=\s*([^=;]+?)\s*")


@dataclass(frozen=True)
class Mapped:
    """A folder as others call it, and as this machine does; of either kind of system."""

    theirs: str
    ours: str


def pure(path: str) -> PurePath:
    """Windows' path or POSIX', whatever this machine is."""
    return PureWindowsPath(path) if _WINDOWS.match(path) else PurePosixPath(path)


def read_map(text: str) -> tuple[Mapped, ...]:
    r"""The folders of ``/Volumes/media=/mnt/media;M:\\media=/mnt/media``, the longest first.

    Raises
    ------
    JobError
        It does not read like that, or a folder is no full path.
    """
    found = []
    for entry in filter(str.strip, text.split(";")):
        parts = _ENTRY.fullmatch(entry)
        if parts is None or not all(pure(part).is_absolute() for part in parts.groups()):
            raise JobError(
                f"{entry.strip()!r} maps no folder to another",
                "write two full paths, as others see the folder and as this machine sees it: "
                "/Volumes/media=/mnt/media",
            )
        found.append(Mapped(*parts.groups()))
    return tuple(sorted(found, key=lambda one: len(pure(one.theirs).parts), reverse=True))


def own_map() -> tuple[Mapped, ...]:
    """The map of this process.

    Raises
    ------
    JobError
        It does not read like one.
    """
    return read_map(os.environ.get(VARIABLE, ""))


def here(path: str, folders: Iterable[Mapped]) -> str:
    """What this machine calls a path of another; the same where nothing is mapped."""
    named = pure(path)
    for folder in folders:
        under = pure(folder.theirs)
        if type(named) is type(under) and named.is_relative_to(under):
            return str(pure(folder.ours).joinpath(*named.relative_to(under).parts))
    return path


def renamed(page: object, names: Mapping[str, str]) -> object:
    """What JSON gave, with every text that is one of these names in its other form."""
    if isinstance(page, str):
        return names.get(page, page)
    if isinstance(page, list):
        return [renamed(one, names) for one in page]
    if isinstance(page, dict):
        return {key: renamed(one, names) for key, one in page.items()}
    return page
