"""Why a strip cannot be re-synced as it is, in a sentence with its remedy; without Blender."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relip_host.host import Obstacle

from .strips import Footage

RENDER = "render it to a movie file, and re-sync a strip of that"
KINDS = {
    "META": ("compound", "is a meta strip", "open it with Tab, and select the shot in it"),
    "IMAGE": ("images", "is made of still images", RENDER),
    "SCENE": ("scene", "shows a scene", RENDER),
    "MOVIECLIP": ("clip", "shows a movie clip", "add its file as a movie strip, and re-sync that"),
    "MASK": ("title", "shows a mask", "select the shot itself"),
}
NO_FOOTAGE = ("title", "shows no footage", "select the shot itself")


@dataclass(frozen=True)
class Facts:
    """What Blender says of a strip that may be a shot.

    Attributes
    ----------
    kind : Blender's type: ``MOVIE``, ``META``...
    path : of its file as Blender keeps it, ``//take.mov``; ``file`` is where that leads, None if
        it leads nowhere while the .blend is not saved.
    locked : the strip, or its channel.
    stream : which video stream of the file.
    fed, sped : names of the effects it is an input of, and of the Speed Control among them.
    """

    kind: str
    name: str
    path: str = ""
    file: str | None = None
    locked: bool = False
    reverse: bool = False
    stereo: bool = False
    stream: int = 0
    fed: tuple[str, ...] = ()
    sped: tuple[str, ...] = ()


def obstacle_of(facts: Facts, above: bool) -> Obstacle | None:
    """What can be told without reading the file; ``above`` is where the result is to go."""
    return next(_obstacles(facts, above), None)


def kind_obstacle(kind: str, name: str) -> Obstacle | None:
    """Why a strip of this kind is no shot, if so."""
    if kind == "MOVIE":
        return None
    code, what, remedy = KINDS.get(kind, NO_FOOTAGE)
    return Obstacle(code, f"{name} {what}", remedy)


def beyond(footage: Footage, name: str) -> Obstacle | None:
    """A strip that is dragged out of its content shows its first or last frame there."""
    if footage.start <= footage.left and footage.right <= footage.start + footage.length:
        return None
    return Obstacle(
        "beyond",
        f"{name} is longer than its content, and stands still there",
        "drag its handles back to the content, or slip it",
    )


def unreadable(facts: Facts) -> Obstacle:
    """Blender does not find a picture in the file."""
    return Obstacle(
        "offline",
        f"Blender cannot read {Path(facts.file or facts.path).name}, which {facts.name} shows",
        "relink the strip, or convert the file",
    )


def sound_obstacle(name: str, path: str, file: str | None, packed: bool) -> Obstacle | None:
    """Why the engine cannot read a sound strip's file, if so."""
    if packed:
        return Obstacle(
            "packed",
            f"the sound of {name} is packed into the .blend",
            "unpack it (File > External Data)",
        )
    return _file_obstacle(name, path, file)


def _obstacles(facts: Facts, above: bool) -> Iterator[Obstacle]:
    name = facts.name
    kind = kind_obstacle(facts.kind, name)
    if kind is not None:
        yield kind
    missing = _file_obstacle(name, facts.path, facts.file)
    if missing is not None:
        yield missing
    if facts.locked:
        yield Obstacle("locked", f"{name} or its channel is locked", "unlock it")
    if facts.reverse:
        yield Obstacle("reversed", f"{name} plays backwards", RENDER)
    if facts.stereo:
        yield Obstacle("stereo", f"{name} shows two views", "turn Views off for it")
    if facts.stream:
        yield Obstacle(
            "stream", f"{name} shows another than the first picture stream of its file", RENDER
        )
    if facts.sped:
        yield Obstacle(
            "retimed",
            f"{name} is retimed by {facts.sped[0]}",
            "remove that effect, or render it to a movie file and re-sync a strip of that",
        )
    if above and facts.fed:
        yield Obstacle(
            "effects",
            f"{name} is an input of {facts.fed[0]}, which a result above it would hide",
            "place the result in place",
        )


def _file_obstacle(name: str, path: str, file: str | None) -> Obstacle | None:
    if file is None:
        return Obstacle(
            "unsaved",
            f"{name} is at {path}, beside a .blend that was never saved",
            "save the .blend, or make its paths absolute (File > External Data)",
        )
    if not Path(file).is_file():
        return Obstacle("offline", f"{name} is at {file}, and there is no such file", "relink it")
    return None
