"""From a timeline to the jobs of a batch: which line is spoken in which shot, by whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Protocol

from relip.lines import frames_in
from relip.media.clip import Clip
from relip_host.choice import Choice
from relip_host.host import DubItem, Obstacle, Shot
from relip_host.jobs import CONTEXT, cut, job
from relip_host.pairing import Near, shots_under
from relip_host.times import Clock, speaker
from relip_host.voices import Said, heard, split, voice
from relip_job import RelipError, ResyncJob, Speaker, Voice
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.linked import Files, Linked

AUTOMATIC: Final = "automatic"
NO_SHOT: Final = "add a shot, or leave the line out"


class Scene(Protocol):
    """What a plan needs of a timeline."""

    def when(self, record: Fraction) -> str:
        """A record time as the editor reads it."""

    def role(self, item: DubItem) -> str:
        """The role or the name of the track that an item is found by in a cast; or nothing."""

    def lips(self, shot: Shot, spoken: Sequence[DubItem]) -> tuple[Fraction, Fraction]:
        """Record time in which the mouth is changed that says these items."""

    def linked(self, shot: Shot, clip: Clip) -> Linked | Obstacle:
        """The shot in its file; or why they do not belong together."""


@dataclass(frozen=True)
class Take:
    """What is made of a shot in one pass.

    Attributes
    ----------
    shot : as the timeline has it.
    job : without an output; its voices are the shot's lines that can be done, in order.
    first, frames : source time of the result's first frame, and how many it has.
    """

    shot: Shot
    job: ResyncJob
    first: Fraction
    frames: int


@dataclass(frozen=True)
class Line:
    """What is said in one shot by one mouth, and in which take, or why in none.

    Attributes
    ----------
    number : counts from 1 in the order of time.
    name : of the dub's items.
    when : where it begins on the timeline, as the editor reads it.
    speaker : ``automatic``, or whose mouth was asked for.
    shot : None if none is seen there.
    take : one for all lines of a shot; ``voice`` counts in it from 1.
    notes : what the editor should know before anything is made.
    """

    number: int
    name: str
    when: str
    speaker: str = AUTOMATIC
    shot: Shot | None = None
    take: Take | None = None
    voice: int = 1
    obstacle: Obstacle | None = None
    notes: tuple[str, ...] = ()


def plan(
    scene: Scene,
    shots: Sequence[Shot],
    items: Sequence[DubItem],
    choice: Choice,
    cast: Cast,
    files: Files | None = None,
) -> list[Line]:
    """Every line of the dub: with a take it is made in, or with what stands in its way.

    A line belongs to the shots it is heard over; one across a cut is a line in each of them. What
    several people say in a shot is a line for each mouth, all in one take.
    """
    spoken: dict[str, list[DubItem]] = {}
    shots_near, items_near = Near(shots), Near(items)
    found: list[tuple[Fraction, Line]] = []
    for item in sorted(items, key=lambda item: item.start):
        under = shots_under(item, shots_near.to(item.start, item.end))
        if not under:
            why = Obstacle("no-shot", "no shot is seen while it is heard", NO_SHOT)
            line = Line(0, item.name, scene.when(item.start), obstacle=why)
            found.append((item.start, line))
        for shot in under:
            spoken.setdefault(shot.id, []).append(item)
    files = files or Files()
    for shot in shots:
        if shot.id in spoken:
            near = items_near.to(shot.start - CONTEXT, shot.end + CONTEXT)
            found += _Shot(scene, shot, spoken[shot.id], near, choice, cast, files).lines()
    ordered = sorted(found, key=lambda pair: pair[0])
    return [replace(line, number=number) for number, (_, line) in enumerate(ordered, 1)]


@dataclass(frozen=True)
class _Spoken:
    """A line and how its mouth is moved."""

    start: Fraction
    line: Line
    voice: Voice


@dataclass(frozen=True)
class _Shot:
    """A shot and what is said in it; ``items`` are all that are heard near it."""

    scene: Scene
    shot: Shot
    spoken: Sequence[DubItem]
    items: Sequence[DubItem]
    choice: Choice
    cast: Cast
    files: Files

    def lines(self) -> Iterator[tuple[Fraction, Line]]:
        """A line for each mouth that speaks in it, and when it begins to."""
        linked = self._linked()
        span = self.shot.start, self.shot.end
        found: list[_Spoken] = []
        for said in split(span, self.spoken, self.items, self._face):
            start = max(said.items[0].start, self.shot.start)
            names = ", ".join(dict.fromkeys(item.name for item in said.items))
            line = Line(0, names, self.scene.when(start), said.mouth.face or AUTOMATIC, self.shot)
            mouth = self._voice(linked, said) if isinstance(linked, Linked) else linked
            if isinstance(mouth, Obstacle):
                yield start, replace(line, obstacle=mouth)
                continue
            crowded = said.crowded()
            notes = (f"{crowded}: name who has which with --speakers",) if crowded else ()
            found.append(_Spoken(start, replace(line, notes=notes), mouth))
        if found and isinstance(linked, Linked):
            yield from self._together(linked, found)

    def _together(self, linked: Linked, said: Sequence[_Spoken]) -> Iterator[tuple[Fraction, Line]]:
        """The lines in one take; or each with why there is none."""
        take = self._take(linked, [one.voice for one in said])
        for number, one in enumerate(said, 1):
            line = replace(one.line, shot=linked.placed, voice=number)
            if isinstance(take, Obstacle):
                yield one.start, replace(line, obstacle=take)
            else:
                notes = (*one.line.notes, *linked.notes)
                yield one.start, replace(line, take=take, notes=notes)

    def _take(self, linked: Linked, voices: Sequence[Voice]) -> Take | Obstacle:
        found = cut(linked.played, self.choice)
        if isinstance(found, Obstacle):
            return found
        asked = job(found, self.choice, voices)
        try:
            start, stop = frames_in(self.files.clip(asked.picture), asked.cut)
        except RelipError as error:
            return Obstacle(error.code, error.message, error.remedy)
        # A timeline that counts a file's frames at another rate counts those of a result so, too.
        counted = linked.placed.source_rate / linked.played.source_rate
        return Take(linked.placed, asked, found.begins / counted, stop - start)

    def _linked(self) -> Linked | Obstacle:
        if self.shot.obstacle is not None:
            return self.shot.obstacle
        if self.shot.media is None:
            return Obstacle("no-media", f"{self.shot.name} shows no file", "choose another")
        try:
            return self.scene.linked(self.shot, self.files.clip(self.shot.media))
        except RelipError as error:
            return Obstacle(error.code, error.message, error.remedy)

    def _voice(self, linked: Linked, said: Said) -> Voice | Obstacle:
        """What one mouth says."""
        start, end = self.scene.lips(self.shot, said.items)
        lips = said.lips((max(start, self.shot.start), min(end, self.shot.end)))
        found = heard(linked.played, self.choice, said, lips)
        if isinstance(found, Obstacle):
            return found
        if found.blocked is not None:
            return found.blocked
        try:
            return voice(found, self._speaker(said.mouth.face))
        except RelipError as error:
            return Obstacle(error.code, error.message, error.remedy)

    def _face(self, item: DubItem) -> str:
        return self.cast.face(self.shot, item, self.scene.role(item))

    def _speaker(self, face: str) -> Speaker:
        """Whose mouth, of a number or a pixel and a time, or of nothing.

        Raises
        ------
        RelipError
            It is neither, or the clip cannot be read.
        """
        if not face:
            return Speaker()
        if face.isdecimal():
            return Speaker(int(face))
        assert self.shot.media is not None
        return speaker(face, Clock.of(self.files.clip(self.shot.media)))
