"""Which shot each line of a dub is spoken in; without Blender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SHORTEST = 0.2
"""Seconds of a line in a shot below which they are the edge of what belongs to its neighbour."""


@dataclass(frozen=True)
class Stretch:
    """A strip in the frames ``[left, right)`` of a channel; ``footage`` is a movie strip."""

    number: str
    left: int
    right: int
    channel: int = 0
    footage: bool = True


def shots_under(line: Stretch, shots: Sequence[Stretch], rate: float) -> list[tuple[str, int]]:
    """The shots a line is spoken in, in the order of time, and for how many frames each.

    At any time that is the topmost one: what lies under it is not seen. Only where there is no
    movie strip, something else counts. A line across a cut belongs to every shot that it is
    spoken in for longer than an instant, and in any case to the one it overlaps most.
    """
    seen: dict[str, int] = {}
    edges = {line.left, line.right}
    for shot in shots:
        edges |= {edge for edge in (shot.left, shot.right) if line.left < edge < line.right}
    places = sorted(edges)
    for start, end in pairwise(places):
        here = [shot for shot in shots if shot.left <= start and end <= shot.right]
        if here:
            top = max(here, key=lambda shot: (shot.footage, shot.channel))
            seen[top.number] = seen.get(top.number, 0) + end - start
    if not seen:
        return []
    most = max(seen, key=lambda one: seen[one])
    return [
        (one, frames) for one, frames in seen.items() if one == most or frames >= SHORTEST * rate
    ]
