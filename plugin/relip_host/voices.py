"""Who says what in a shot: its part of the dub as voices, each for a mouth of its own.

Items for which the same face is named are one voice. What nobody is named for is one voice as well,
unless several tracks of it are heard over each other: then each track has a mouth of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Callable, Optional, Sequence, Tuple, Union

from relip_host.choice import Choice
from relip_host.host import DubItem, Obstacle, Shot
from relip_host.jobs import Cut, cut, heard_items, speech_part, unreadable
from relip_host.pairing import SHORTEST
from relip_job import Speaker, Voice

TOGETHER = Fraction(1, 2)
"""Seconds that two tracks may overlap and still be one voice: ends of sentences, of crossfades."""

Span = Tuple[Fraction, Fraction]
"""Record time, half-open."""


@dataclass(frozen=True)
class Mouth:
    """Whose items are one voice: those of a face, or those of a track that has one of its own."""

    face: str = ""
    track: Optional[int] = None


@dataclass(frozen=True)
class Said:
    """What one mouth says in a shot.

    Attributes
    ----------
    items : its own, by their start; at least one.
    near : of the same mouth: what only reaches into the shot, or lies beside it.
    crowd : the tracks that have no face, this one among them, if there are several.
    """

    mouth: Mouth
    items: Tuple[DubItem, ...]
    near: Tuple[DubItem, ...] = ()
    crowd: Tuple[int, ...] = ()

    @property
    def tracks(self) -> Tuple[int, ...]:
        """Where its own items lie."""
        return tuple(sorted({item.track for item in self.items}))

    def lips(self, whole: Span) -> Span:
        """When its mouth is changed: who is silent in the dub has silent lips.

        A mouth that nobody named is looked for where it speaks, and only changed there.
        """
        if self.mouth.track is None:
            return whole
        start, end = self.items[0].start, max(item.end for item in self.items)
        return max(whole[0], start), min(whole[1], end)

    def crowded(self, called: str = "A") -> str:
        """A sentence if what lies on several tracks has mouths that nobody named."""
        if not self.crowd:
            return ""
        how = "in this shot, with one mouth"
        if self.mouth.track is not None:
            how = "at once, with a mouth each"
        return f"{track_names(self.crowd, called)} speak {how}"


@dataclass(frozen=True)
class Heard:
    """What is listened to of a voice, and the part of the shot in which its mouth is changed."""

    cut: Cut
    items: Tuple[DubItem, ...]

    @property
    def blocked(self) -> Optional[Obstacle]:
        """Why an item cannot be read from its file, if so."""
        return next(filter(None, map(unreadable, self.items)), None)


def track_names(tracks: Sequence[int], called: str = "A") -> str:
    """``A3 and A4``, or as the host calls them."""
    return " and ".join(f"{called}{number}" for number in tracks)


def spoken_in(span: Span, items: Sequence[DubItem]) -> Tuple[DubItem, ...]:
    """The items that are said in a span, by their start; not those whose edges reach into it."""
    start, end = span
    lengths = [min(item.end, end) - max(item.start, start) for item in items]
    least = min(max(lengths, default=Fraction(0)), SHORTEST)
    said = (item for item, length in zip(items, lengths) if length > 0 and length >= least)
    return tuple(sorted(said, key=lambda item: item.start))


def split(
    span: Span,
    spoken: Sequence[DubItem],
    items: Sequence[DubItem],
    face: Callable[[DubItem], str],
) -> Tuple[Said, ...]:
    """The voices of a shot, in the order in which they begin.

    Parameters
    ----------
    span : when the shot is seen.
    spoken : what is said in it, by its start.
    items : all that is heard near it.
    face : whose mouth an item is said with, empty if nobody is named.
    """
    mouths = {item: Mouth(face(item)) for item in spoken}
    unnamed = [item for item in spoken if not mouths[item].face]
    if _at_once(unnamed, span):
        mouths.update({item: Mouth(track=item.track) for item in unnamed})
    tracks = tuple(sorted({item.track for item in unnamed}))
    crowd = tracks if len(tracks) > 1 else ()
    others = [item for item in items if item not in mouths]
    return tuple(
        Said(
            mouth,
            tuple(item for item in spoken if mouths[item] == mouth),
            tuple(
                item
                for item in others
                if face(item) == mouth.face and mouth.track in (None, item.track)
            ),
            () if mouth.face else crowd,
        )
        for mouth in dict.fromkeys(mouths.values())
    )


def heard(shot: Shot, choice: Choice, said: Said, lips: Span) -> Union[Heard, Obstacle]:
    """What to listen to for a voice whose mouth is changed in ``lips``; or why there is nothing."""
    found = cut(shot, replace(choice, marks_only=True), lips)
    if isinstance(found, Obstacle):
        return found
    near = sorted((*said.items, *said.near), key=lambda item: item.start)
    items = heard_items(found, near)
    if isinstance(items, Obstacle):
        return items
    return Heard(found, items)


def voice(found: Heard, speaker: Speaker) -> Voice:
    """The voice of items that are all read from their files."""
    parts = tuple(speech_part(found.cut, item) for item in found.items)
    return Voice(parts, speaker, (found.cut.lips,))


def _at_once(spoken: Sequence[DubItem], span: Span) -> bool:
    """Whether items of several tracks are heard over each other: one mouth cannot say both."""
    return any(
        min(one.end, other.end, span[1]) - max(one.start, other.start, span[0]) > TOGETHER
        for place, one in enumerate(spoken)
        for other in spoken[place + 1 :]
        if one.track != other.track
    )
