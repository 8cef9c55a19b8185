"""Which shots a line of a dub is spoken in; the same for every editing program."""

from __future__ import annotations

from fractions import Fraction
from typing import Dict, List, Sequence, Tuple

from relip_host.host import DubItem, Shot

SHORTEST = Fraction(1, 5)
"""Seconds of a line in a shot below which they are the edge of what belongs to its neighbour."""


def shots_under(item: DubItem, shots: Sequence[Shot]) -> Tuple[Shot, ...]:
    """The shots a line is spoken in, in the order of time.

    At any time that is the topmost one: what lies under it is not seen. A line across a cut
    belongs to every shot it is spoken in for longer than an instant, and in any case to the one
    it overlaps most.
    """
    near = [shot for shot in shots if shot.start < item.end and item.start < shot.end]
    edges = {item.start, item.end}
    for shot in near:
        edges |= {edge for edge in (shot.start, shot.end) if item.start < edge < item.end}
    places = sorted(edges)
    order: List[Shot] = []
    seen: Dict[str, Fraction] = {}
    for start, end in zip(places, places[1:]):
        here = [shot for shot in near if shot.start <= start and end <= shot.end]
        if not here:
            continue
        top = max(here, key=lambda shot: shot.track)
        if top.id not in seen:
            order.append(top)
        seen[top.id] = seen.get(top.id, Fraction(0)) + end - start
    most = max(seen.values(), default=Fraction(0))
    return tuple(shot for shot in order if seen[shot.id] >= min(most, SHORTEST))
