"""What a batch works on: the lines of a table, or the dub of a timeline document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from relip.media.clip import Clip
from relip_host.host import DubItem, Obstacle, Shot, Track
from relip_job.errors import JobError
from relip_job.timecode import Timecode
from relip_plugin.batch.linked import Linked, linked
from relip_plugin.timeline.model import Document, Line

_NUMBERED = re.compile(r"[AaVv]?(\d+)")


@dataclass(frozen=True)
class DocumentScene:
    """The chosen tracks of a document."""

    document: Document
    shots: tuple[Shot, ...]
    items: tuple[DubItem, ...]
    names: dict[int, str] = field(default_factory=dict)

    def when(self, record: Fraction) -> str:
        """The timeline's timecode."""
        timeline = self.document.timeline
        frames = timeline.start + round(record * timeline.rate)
        return str(Timecode(frames, timeline.rate, timeline.drop))

    def role(self, item: DubItem) -> str:
        """The item's role, else the name of its track."""
        role = item.role if isinstance(item, Line) else ""
        return role or self.names.get(item.track, "")

    def lips(self, shot: Shot, spoken: Sequence[DubItem]) -> tuple[Fraction, Fraction]:
        """The whole shot: who is silent in the dub has silent lips."""
        return shot.start, shot.end

    def linked(self, shot: Shot, clip: Clip) -> Linked | Obstacle:
        """The shot as far as document and file agree."""
        rate = self.document.timeline.rate
        return linked(shot, clip, rate if self.document.counts_alike else None)


def scene_of(
    document: Document, dialogue: str | None, roles: Iterable[str], picture: str | None
) -> DocumentScene:
    """The part of a document that is to be dubbed.

    Parameters
    ----------
    dialogue : sound tracks by number or name, separated by commas; None is all there are, if
        no role is named either and there is only one that holds anything.
    picture : the picture track; None is all of them, of which the topmost is seen.

    Raises
    ------
    JobError
        There is no such track or role, or nothing on it.
    """
    tracks = _chosen(dialogue, document.sound_tracks, "--dialogue") if dialogue else ()
    roles = tuple(roles)
    for role in roles:
        if not any(one == role or one.startswith(role + ".") for one in document.roles):
            known = ", ".join(document.roles) or "none"
            raise JobError(f"no sound has the role {role}", f"the document's roles: {known}")
    if not tracks and not roles:
        full = [track for track in document.sound_tracks if track.items]
        if len(full) != 1:
            told = ", ".join(f"A{track.number} {track.name}".strip() for track in full)
            raise JobError(
                "the dub may be on any of several sound tracks" if full else "there is no sound",
                f"choose with --dialogue, for example --dialogue A{full[-1].number}: {told}"
                if full
                else "export the timeline with its sound",
            )
        tracks = (full[0].number,)
    if picture is None:
        shots = document.shots()
    else:
        numbers = _chosen(picture, document.picture_tracks, "--picture")
        shots = tuple(shot for number in numbers for shot in document.shots(number))
    items = document.dub_items(tracks, roles)
    if not items:
        raise JobError("nothing lies on the chosen sound tracks", "choose others, or enable them")
    names = {track.number: track.name for track in document.sound_tracks}
    return DocumentScene(document, shots, items, names)


def _chosen(text: str, tracks: tuple[Track, ...], option: str) -> tuple[int, ...]:
    """Numbers of tracks that are named: by their name, or as ``A3`` or ``3``."""
    found = []
    for wanted in (one.strip() for one in text.split(",")):
        named = [track.number for track in tracks if track.name == wanted]
        counted = _NUMBERED.fullmatch(wanted)
        number = int(counted[1]) if counted else 0
        if not named and number in {track.number for track in tracks}:
            named = [number]
        if not named:
            known = ", ".join(f"{track.number} {track.name}".strip() for track in tracks)
            raise JobError(f"{option}: there is no track {wanted!r}", f"the tracks: {known}")
        found += named
    return tuple(dict.fromkeys(found))
