"""Which shots a line of a dub is spoken in; the same for every editing program."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from typing import Dict, Generic, List, Sequence, Tuple, TypeVar, Union

from relip_host.host import DubItem, Shot

SHORTEST = Fraction(1, 5)
"""Seconds of a line in a shot below which they are the edge of what belongs to its neighbour."""

P = TypeVar("P", Shot, DubItem)


class Near(Generic[P]):
    """Finds what overlaps a stretch of time among thousands."""

    def __init__(self, pieces: Sequence[P]) -> None:
        self._pieces: List[P] = sorted(pieces, key=_start)
        self._starts = [_start(piece) for piece in self._pieces]
        self._longest = max((piece.end - piece.start for piece in pieces), default=Fraction(0))

    def to(self, start: Fraction, end: Fraction) -> List[P]:
        """What overlaps ``[start, end)``, by its start."""
        first = bisect_left(self._starts, start - self._longest)
        stop = bisect_left(self._starts, end)
        return [piece for piece in self._pieces[first:stop] if piece.end > start]


def _start(piece: Union[Shot, DubItem]) -> Fraction:
    return piece.start


def shots_under(item: DubItem, shots: Sequence[Shot]) -> Tuple[Shot, ...]:
    """The shots a line is spoken in, in the order of time.

    A line across a cut belongs to every shot it is spoken in for longer than an instant, and in
    any case to the one it overlaps most.
    """
    found = seen(item.start, item.end, shots)
    most = max((seconds for _, seconds in found), default=Fraction(0))
    return tuple(shot for shot, seconds in found if seconds >= min(most, SHORTEST))


def seen(start: Fraction, end: Fraction, shots: Sequence[Shot]) -> List[Tuple[Shot, Fraction]]:
    """What can be seen in ``[start, end)`` of record time, and for how many seconds each.

    In the order of time. At any time that is the topmost shot, what lies under it is hidden; but
    a title or a still picture hides no footage, and counts only where there is none.
    """
    near = [shot for shot in shots if shot.start < end and start < shot.end]
    edges = {start, end}
    for shot in near:
        edges |= {edge for edge in (shot.start, shot.end) if start < edge < end}
    places = sorted(edges)
    order: List[Shot] = []
    lengths: Dict[str, Fraction] = {}
    for left, right in zip(places, places[1:]):
        here = [shot for shot in near if shot.start <= left and right <= shot.end]
        if not here:
            continue
        top = max(here, key=lambda shot: (shot.footage, shot.track))
        if top.id not in lengths:
            order.append(top)
        lengths[top.id] = lengths.get(top.id, Fraction(0)) + right - left
    return [(shot, lengths[shot.id]) for shot in order]
