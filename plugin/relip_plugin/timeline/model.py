"""A timeline in a document, in the words of :mod:`relip_host.host`."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

from relip_host.host import DubItem, Made, Obstacle, Shot, Timeline, Track
from relip_job.errors import JobError
from relip_job.timecode import Timecode

NUMBERED = re.compile(r"RELIP v(\d+)")
RETIMED = "take the retime off, or render the shot and use that"


@dataclass(frozen=True)
class Line(DubItem):
    """A sound item and its role, where the document has roles (``dub.de``)."""

    role: str = ""


@dataclass(frozen=True)
class Contents:
    """What a document holds; numbers of tracks are their places in it, from 1.

    Shots and lines are in record order; disabled items are left out, for nobody sees or hears
    them.
    """

    timeline: Timeline
    pictures: tuple[tuple[Track, tuple[Shot, ...]], ...]
    sounds: tuple[tuple[Track, tuple[Line, ...]], ...]
    used: tuple[str, ...] = ()
    """Names that may have been given to results before."""


class Document(ABC):
    """A timeline that was read, and can be written with results in it."""

    counts_alike: ClassVar[bool] = False
    """Whether programs that write this format count files in the timeline's frames, too."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    @property
    def timeline(self) -> Timeline:
        """Its name, rate, and the number of its first frame."""
        return self._contents.timeline

    @property
    def picture_tracks(self) -> tuple[Track, ...]:
        """Bottom one first."""
        return tuple(track for track, _ in self._contents.pictures)

    @property
    def sound_tracks(self) -> tuple[Track, ...]:
        """In the document's order."""
        return tuple(track for track, _ in self._contents.sounds)

    @property
    def roles(self) -> tuple[str, ...]:
        """Of all sound items; none where the format has no roles."""
        return tuple(
            sorted({line.role for _, lines in self._contents.sounds for line in lines if line.role})
        )

    def shots(self, track: int | None = None) -> tuple[Shot, ...]:
        """Enabled picture items of a track, or of all tracks from the bottom up."""
        return tuple(
            shot
            for one, shots in self._contents.pictures
            if track is None or one.number == track
            for shot in shots
        )

    def dub_items(
        self, tracks: Collection[int] = (), roles: Collection[str] = ()
    ) -> tuple[Line, ...]:
        """Enabled items that are on one of the tracks or have one of the roles, in record order.

        A role includes its subroles: ``dub`` is also ``dub.de``.
        """
        found = [
            line
            for track, lines in self._contents.sounds
            for line in lines
            if track.number in tracks
            or any(line.role == role or line.role.startswith(role + ".") for role in roles)
        ]
        return tuple(sorted(found, key=lambda line: (line.start, line.track)))

    def next_track(self) -> str:
        """``RELIP v001``, or the next number that is free."""
        names = [track.name for track in self.picture_tracks] + list(self._contents.used)
        numbers = [int(found[1]) for found in map(NUMBERED.fullmatch, names) if found]
        return f"RELIP v{max(numbers, default=0) + 1:03d}"

    @abstractmethod
    def with_results(self, results: Sequence[Made], name: str, in_place: bool = False) -> bytes:
        """The document under a new timeline name, with results on a new top track, or in place.

        Raises
        ------
        JobError
            A result is of no shot of this document, or does not hold all of its shot.
        """


def checked(document: Document, results: Sequence[Made]) -> tuple[Made, ...]:
    """The results from the bottom track up and in record order, at absolute paths.

    Raises
    ------
    JobError
        As :meth:`Document.with_results`.
    """
    shots = {shot.id: shot for shot in document.shots()}
    if len({made.shot.id for made in results}) < len(results):
        raise JobError("a shot has two results", "give one result for each shot")
    for made in results:
        shot = made.shot
        own = shots.get(shot.id)
        if own is None or (own.start, own.end) != (shot.start, shot.end):
            raise JobError(f"{shot.name} is no shot of this timeline", "read the timeline again")
        frame = 1 / shot.source_rate
        stop = shot.source + (shot.end - shot.start) * shot.speed
        # As much as relip_host.jobs lets a file lack.
        if made.first > shot.source + frame or made.first + made.frames * frame < stop - frame:
            raise JobError(
                f"the result for {shot.name} does not hold all of it", "re-sync the whole shot"
            )
    whole = [replace(made, output=str(Path(made.output).absolute())) for made in results]
    return tuple(sorted(whole, key=lambda made: (made.shot.track, made.shot.start)))


def layers(results: Iterable[Made]) -> tuple[tuple[Made, ...], ...]:
    """Results by new tracks, bottom one first: no two on one overlap, upper shots stay above."""
    found: list[list[Made]] = []  # each in record order
    for made in results:
        places = [bisect_left(layer, made.shot.start, key=_start) for layer in found]
        under = [
            number
            for number, (layer, place) in enumerate(zip(found, places, strict=True))
            if any(
                one.shot.start < made.shot.end and made.shot.start < one.shot.end
                for one in layer[max(place - 1, 0) : place + 1]
            )
        ]
        number = max(under, default=-1) + 1
        if number == len(found):
            found.append([])
            places.append(0)
        found[number].insert(places[number], made)
    return tuple(tuple(layer) for layer in found)


def _start(made: Made) -> Fraction:
    return made.shot.start


def layer_name(name: str, number: int) -> str:
    """Of the n-th new track, from 0."""
    return f"{name} ({number + 1})" if number else name


def first_frame(made: Made) -> int:
    """The frame of the shot's file that is the result's first."""
    return round(made.first * made.shot.source_rate)


def origin(made: Made) -> Fraction:
    """Seconds of a result's timecode at its first frame; 0 if it has none.

    The sidecar knows. Without one it is taken for granted that a result carries on the timecode
    of its file, and that a file at zero has none.
    """
    rate = made.shot.source_rate
    try:
        page = json.loads(Path(made.sidecar).read_text(encoding="utf-8"))
        code = page["written"]["timecode"]
        return Fraction(0) if code is None else Timecode.parse(code, rate).frames / rate
    except (OSError, ValueError, LookupError, TypeError):
        start = made.shot.source_start
        return (start + first_frame(made)) / rate if start else Fraction(0)


def retimed(name: str, speed: Fraction | None) -> Obstacle | None:
    """Why an item at this speed cannot be taken, if so; ``None`` is a speed that changes."""
    if speed is None:
        return Obstacle("retimed", f"{name} changes its speed while it plays", RETIMED)
    if speed < 0:
        return Obstacle("reversed", f"{name} plays backwards", RETIMED)
    if speed == 0:
        return Obstacle("frozen", f"{name} is a freeze frame", "choose another shot")
    return None


def nested(name: str, code: str, what: str) -> Obstacle:
    """A timeline inside the timeline."""
    return Obstacle(code, f"{name} is {what}", "open it and re-sync the shots inside it")


def dissolving(name: str) -> Obstacle:
    """A shot with a transition at one of its ends."""
    return Obstacle(
        "transition",
        f"{name} begins or ends in a transition",
        "remove the transition, and put it back once the result is in its place",
    )
