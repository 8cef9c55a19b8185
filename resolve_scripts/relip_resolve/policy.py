"""What on a timeline relip leaves alone, and the sentence that says so.

A result is written frame for frame from the file. Where the timeline shows something else than
the file's own frames one after the other, there is nothing to put it on.
"""

from __future__ import annotations

from typing import Dict, Tuple

from relip_host.host import Obstacle

IN_PLACE = "use Render in Place on it, then re-sync the rendered clip"

SENTENCES: Dict[str, Tuple[str, str]] = {
    "retimed": ("{name} is retimed: it plays at {speed} % speed", IN_PLACE),
    "reversed": ("{name} plays backwards", IN_PLACE),
    "unknown": (
        "Resolve does not say which part of its file {name} shows; items of imported timelines "
        "can be like that",
        "put the clip onto the timeline again from the media pool, or use Render in Place on it",
    ),
    "compound": (
        "{name} is a compound clip or a nested timeline",
        "open it in its own timeline and re-sync the shot there, or decompose it in place",
    ),
    "multicam": (
        "{name} is a multicam clip",
        "right-click it and flatten it, then re-sync the camera's clip",
    ),
    "fusion": (
        "{name} carries a Fusion composition, which another take would not go through unseen",
        IN_PLACE,
    ),
    "title": ("{name} is a title, a generator or a Fusion composition, not footage", ""),
    "transition": ("{name} is a transition, not a shot", "select the shot beside it"),
    "offline": ("the media of {name} is offline: {path}", "relink it in the media pool"),
    "proxy": (
        "only the proxy of {name} is here; its original is offline: {path}",
        "relink the original: what is made from a proxy would end up in the finished film",
    ),
    "still": ("{name} is a still picture", "choose footage in which somebody speaks"),
    "sequence": (
        "{name} is a sequence of images",
        "render it as a movie, then re-sync that",
    ),
    "subclip": (
        "{name} is a subclip, and Resolve does not say where in its file it begins",
        "use the clip it was made from",
    ),
    "audio": ("{name} has no picture", "select the shot in which the line is spoken"),
    "effects": (
        "{name} is heard through {effect}, which is not in its file",
        "bounce it to a file, or let Resolve render the track",
    ),
}


def obstacle(code: str, name: str, **facts: object) -> Obstacle:
    """The obstacle of this kind, about ``name``."""
    message, remedy = SENTENCES[code]
    return Obstacle(code, message.format(name=name, **facts), remedy)
