"""From a timeline to the jobs of a batch: which line is spoken in which shot, by whom."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Generic, Protocol, TypeVar

from relip.media.probe import probe
from relip_host.choice import Choice
from relip_host.host import DubItem, Obstacle, Shot
from relip_host.jobs import CONTEXT, Cut, cut, heard_items, job, speech_part, unreadable
from relip_host.pairing import shots_under
from relip_job import RelipError, ResyncJob, Speaker
from relip_plugin.batch.cast import Cast
from relip_plugin.times import Clock, speaker

NO_SHOT: Final = "add a shot, or leave the line out"


class Scene(Protocol):
    """What a plan needs of a timeline."""

    def when(self, record: Fraction) -> str:
        """A record time as the editor reads it."""

    def role(self, item: DubItem) -> str:
        """The role or the name of the track that an item is found by in a cast; or nothing."""


@dataclass(frozen=True)
class Line:
    """What is said in one shot by one mouth, and the job for it or why there is none.

    Attributes
    ----------
    number : counts from 1 in the order of time.
    name : of the dub's items.
    when : where it begins on the timeline, as the editor reads it.
    speaker : ``automatic``, or whose mouth was asked for.
    shot : None if none is seen there.
    job : without an output.
    first, frames : source time of the result's first frame, and how many it has.
    base : number of the line whose result this one goes on from: another mouth of that shot.
    notes : what the editor should know before anything is made.
    """

    number: int
    name: str
    when: str
    speaker: str = "automatic"
    shot: Shot | None = None
    job: ResyncJob | None = None
    obstacle: Obstacle | None = None
    first: Fraction = Fraction(0)
    frames: int = 0
    base: int | None = None
    notes: tuple[str, ...] = ()


P = TypeVar("P", Shot, DubItem)


class Near(Generic[P]):
    """Finds what overlaps a stretch of time among thousands."""

    def __init__(self, pieces: Sequence[P]) -> None:
        self._pieces: list[P] = sorted(pieces, key=_start)
        self._starts: list[Fraction] = [piece.start for piece in self._pieces]
        self._longest = max((piece.end - piece.start for piece in pieces), default=Fraction(0))

    def to(self, start: Fraction, end: Fraction) -> list[P]:
        """What overlaps ``[start, end)``, by its start."""
        first = bisect_left(self._starts, start - self._longest)
        stop = bisect_left(self._starts, end)
        return [piece for piece in self._pieces[first:stop] if piece.end > start]


def _start(piece: Shot | DubItem) -> Fraction:
    return piece.start


def plan(
    scene: Scene, shots: Sequence[Shot], items: Sequence[DubItem], choice: Choice, cast: Cast
) -> list[Line]:
    """Every line of the dub: with a job, or with what stands in its way.

    A line belongs to the shots it is heard over; one across a cut is a line in each of them. What
    several people say in a shot is a job for each mouth, one going on from the other's result.
    """
    spoken: dict[str, list[DubItem]] = {}
    shots_near, items_near = Near(shots), Near(items)
    found: list[tuple[Fraction, Line]] = []
    for item in sorted(items, key=lambda item: item.start):
        under = shots_under(item, shots_near.to(item.start, item.end))
        if not under:
            why = Obstacle("no-shot", f"no shot lies over {item.name}", NO_SHOT)
            line = Line(0, item.name, scene.when(item.start), obstacle=why)
            found.append((item.start, line))
        for shot in under:
            spoken.setdefault(shot.id, []).append(item)
    clocks: dict[str, Clock] = {}
    for shot in shots:
        if shot.id in spoken:
            near = items_near.to(shot.start - CONTEXT, shot.end + CONTEXT)
            found += _in_shot(scene, shot, spoken[shot.id], near, choice, cast, clocks)
    return list(_numbered(found))


def _numbered(found: list[tuple[Fraction, Line]]) -> Iterator[Line]:
    """In the order of time; mouths of a shot stay one after the other, each on the one before."""
    last: dict[str, int] = {}
    for number, (_, line) in enumerate(sorted(found, key=lambda pair: pair[0]), 1):
        base = last.get(line.shot.id) if line.shot and line.job else None
        if line.shot and line.job:
            last[line.shot.id] = number
        yield replace(line, number=number, base=base)


def _in_shot(
    scene: Scene,
    shot: Shot,
    spoken: list[DubItem],
    items: Sequence[DubItem],
    choice: Choice,
    cast: Cast,
    clocks: dict[str, Clock],
) -> Iterator[tuple[Fraction, Line]]:
    """The lines of a shot, one for each mouth that speaks in it."""
    found = cut(shot, choice)
    faces = {item: cast.face(shot, item, scene.role(item)) for item in spoken}
    for face in dict.fromkeys(faces.values()):
        own = [item for item in spoken if faces[item] == face]
        start = max(own[0].start, shot.start)
        names = ", ".join(dict.fromkeys(item.name for item in own))
        line = Line(0, names, scene.when(start), face or "automatic", shot)
        if not isinstance(found, Cut):
            yield start, replace(line, obstacle=found)
            continue
        theirs = [
            item for item in items if item not in faces and _as(cast, scene, shot, item, face)
        ]
        heard = heard_items(found, [*own, *theirs])
        if not isinstance(heard, Obstacle):
            heard = next(filter(None, map(unreadable, heard)), None) or heard
        if isinstance(heard, Obstacle):
            yield start, replace(line, obstacle=heard)
            continue
        try:
            asked = job(found, choice, [speech_part(found, item) for item in heard], "")
            whose = _speaker(face, shot, clocks) if face else asked.speaker
        except RelipError as error:
            yield (
                start,
                replace(line, obstacle=Obstacle(error.code, error.message, error.remedy)),
            )
            continue
        yield (
            start,
            replace(
                line,
                job=replace(asked, speaker=whose, output=None),
                first=found.begins,
                frames=found.frames,
                notes=_crowded(own, face),
            ),
        )


def _crowded(spoken: Sequence[DubItem], face: str) -> tuple[str, ...]:
    """A sentence if what lies on several tracks goes to one mouth that nobody named."""
    tracks = sorted({item.track for item in spoken})
    if face or len(tracks) < 2:
        return ()
    told = " and ".join(f"A{number}" for number in tracks)
    return (f"{told} speak in this shot, with one mouth: name who has which with --speakers",)


def _as(cast: Cast, scene: Scene, shot: Shot, item: DubItem, face: str) -> bool:
    """Whether a line that only reaches into the shot by its end is said by that mouth."""
    return cast.face(shot, item, scene.role(item)) == face


def _speaker(face: str, shot: Shot, clocks: dict[str, Clock]) -> Speaker:
    """Whose mouth, of a number or a pixel and a time.

    Raises
    ------
    RelipError
        It is neither, or the clip cannot be read.
    """
    if face.isdecimal():
        return Speaker(int(face))
    assert shot.media is not None
    if shot.media not in clocks:
        clocks[shot.media] = Clock.of(probe(shot.media))
    return speaker(face, clocks[shot.media])


def based(line: Line, under: Line, picture: str, output: str) -> ResyncJob:
    """The job of a line that goes on from the finished result of another: on its clock.

    That result is the part of the clip that was cut out, so its first frame is time 0.
    """
    asked = line.job
    assert asked is not None
    assert not isinstance(asked.speech, str)
    moved = under.first
    whose = asked.speaker
    if whose.point is not None:
        x, y, when = whose.point
        whose = Speaker(point=(x, y, max(when - moved, Fraction(0))))
    return replace(
        asked,
        picture=picture,
        output=output,
        cut=None,
        ranges=tuple(
            replace(part, start=part.start - moved, end=part.end - moved) for part in asked.ranges
        ),
        speech=tuple(replace(part, at=part.at - moved / asked.speed) for part in asked.speech),
        speaker=whose,
    )
