"""Who speaks with which mouth: a small file the editor writes.

::

    [speakers]              # a track, a role, or an item by name; a number from 'relip probe'
    A3 = 1
    Anna = 2
    "dub.de.narrator" = "640,360@2s"

    [clips."take_03.mov"]   # where people are counted differently in a clip
    Anna = 1
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from relip_host.host import DubItem, Shot
from relip_job.errors import JobError

SHAPE: Final = (
    "write a [speakers] table: a track, role or item name = a number from 'relip probe', or a "
    'pixel and a time as text, "640,360@2s"'
)


@dataclass(frozen=True)
class Cast:
    """Faces by name: numbers as text, or a pixel and a time; ``clips`` by their file's name."""

    speakers: Mapping[str, str] = field(default_factory=dict)
    clips: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def face(self, shot: Shot, item: DubItem, role: str = "") -> str:
        """Whose mouth an item is said with; empty leaves it to relip.

        What is said of the clip counts before what is said in general, an item's name before
        its role, that before the roles it belongs to (``dub.de`` to ``dub``), and all before
        its track.
        """
        names = (item.name, *_roles(role), f"A{item.track}", str(item.track))
        for table in self._tables(Path(shot.media or "").name):
            for name in names:
                if name in table:
                    return table[name]
        return ""

    def knows(self, role: str, clip: str) -> bool:
        """Whether a role has a face in the clip of that name."""
        return any(name in table for table in self._tables(clip) for name in _roles(role))

    def _tables(self, clip: str) -> tuple[Mapping[str, str], ...]:
        return self.clips.get(clip, {}), self.speakers


def read_cast(path: Path) -> Cast:
    """The cast in a file.

    Raises
    ------
    JobError
        It cannot be read, or is no cast.
    """
    try:
        page = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise JobError(
            f"{path} cannot be read ({error.strerror})", "check the path after --speakers"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise JobError(f"{path} is no TOML ({error})", SHAPE) from error
    strange = set(page) - {"speakers", "clips"}
    if strange or not page:
        told = f"has no place for {', '.join(sorted(strange))}" if strange else "is empty"
        raise JobError(f"{path} {told}", SHAPE)
    clips = page.get("clips", {})
    if not isinstance(clips, dict):
        raise JobError(f"{path}: clips is no table", 'write [clips."take.mov"]')
    return Cast(
        _faces(page.get("speakers", {}), f"{path}: speakers"),
        {name: _faces(table, f"{path}: clips.{name}") for name, table in clips.items()},
    )


def _roles(role: str) -> list[str]:
    """A role and those it belongs to."""
    parts = role.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _faces(table: object, where: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise JobError(f"{where} is no table", SHAPE)
    found = {}
    for name, face in table.items():
        number = isinstance(face, int) and not isinstance(face, bool) and face > 0
        if not number and not (isinstance(face, str) and face):
            raise JobError(f"{where}: {name} = {face!r} names no face", SHAPE)
        found[name] = str(face)
    return found
