"""Offers to choose from, and the command that shows one from this checkout."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip_host.choice import Choice
from relip_host.host import Obstacle, Selection, Shot, Timeline, Track
from relip_host.page import Offer

FILM: Final = Fraction(24000, 1001)
ROOTS: Final = [
    str(Path(__file__).resolve().parents[4] / folder) for folder in ("core", "models", "plugin")
]
RUN: Final = "runpy.run_module('relip_plugin.choices', run_name='__main__')"
RAMP: Final = Obstacle("retimed", "this clip runs at 150 % speed", "set it to 100 % first")


def command(*options: str) -> list[str]:
    """What starts the page: the engine's environment has no PYTHONPATH."""
    start = f"import runpy, sys; sys.path[:0] = {ROOTS!r}; {RUN}"
    return [sys.executable, "-c", start, *options]


def shot(number: int, name: str, obstacle: Obstacle | None = None) -> Shot:
    """Two seconds and twelve frames, one after the other from 10 s on."""
    start = Fraction(10) + 3 * number
    return Shot(
        f"shot-{number}", name, 1, start, start + 60 / FILM, f"/media/{name}", obstacle=obstacle
    )


def offer(
    *,
    shots: tuple[Shot, ...] = (shot(0, "anna_cu.mov"), shot(1, "two_shot.mov")),
    tracks: tuple[Track, ...] = (Track(1, "Production", 9), Track(2, "Dub DE", 3)),
    marks: tuple[Fraction, Fraction] | None = None,
    choice: Choice = Choice(),  # noqa: B008  # it is frozen
    notes: tuple[str, ...] = (),
    host: str = "resolve",
) -> Offer:
    """Two shots and two tracks at 23.976 fps, from 01:00:00:00 on."""
    return Offer(
        host,
        "Feature",
        Timeline("t1", "Reel 3", FILM, 86400),
        Selection(shots, "2 clips are selected"),
        tracks,
        marks,
        choice,
        notes,
    )
