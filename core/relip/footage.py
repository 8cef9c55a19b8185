"""One pass over a clip: who is in it, where their mouth is, what they say."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.speaker import Choice, choose_speaker
from relip.faces.track import FaceTrack
from relip.hearing import overhear
from relip.media.clip import Clip
from relip.media.spool import Spool
from relip.memory import FORGETFUL, Memory
from relip.mouth.shape import (
    CHIN,
    EYES,
    FOREHEAD,
    LIPS_OUTER,
    LOWER_INNER,
    UPPER_INNER,
    Array,
)
from relip.people import People, lower_faces, people_in
from relip.speech.articulation import Articulation
from relip.speech.lag import lag
from relip_job.errors import FaceError
from relip_job.job import Speaker

LEAST_EYES: Final = 14.0
"""Eye distance in px below which a mouth has too few pixels to be drawn: a face of 30 px."""
TRUSTED: Final = 0.6
"""Confidence from which a measured delay is used: a mismatched soundtrack often scores less."""
OPENS: Final = 0.05
"""Inner-lip gap in eye distances that the widest twentieth of a talking mouth's frames exceeds."""
MEETS: Final = 0.045
"""Inner-lip gap in eye distances below which lips may well touch."""


@dataclass(frozen=True, eq=False)
class Footage:
    """What one pass over a part of a clip leaves: landmarks, sound, and crops in the spool.

    Attributes
    ----------
    clip : the clip.
    first : index in the clip of row 0; rows are consecutive frames.
    track : the person, ``n`` rows.
    times : float64 ``[n]`` seconds from the clip's first picture.
    crops : spool number of each row's lower face, -1 where there is none, ``[n]``.
    hidden : float32 ``[n]``, 0 to 1, how likely the mouth is covered.
    own : what the clip's sound says, or None.
    own_start : seconds from the first picture to the first sample of ``own``.
    delay : seconds by which the picture's mouth is later than its sound.
    choice : how the person was chosen among ``people``.
    """

    clip: Clip
    first: int
    track: FaceTrack
    times: Array
    crops: NDArray[np.int64]
    hidden: NDArray[np.float32]
    own: Articulation | None
    own_start: float
    delay: float
    choice: Choice
    people: int

    @property
    def usable(self) -> NDArray[np.bool_]:
        """``[n]``: rows whose whole mouth is in the picture, large enough and not covered."""
        return usable_mouths(self.clip, self.track, self.hidden) & (self.crops >= 0)


@dataclass(frozen=True, eq=False)
class Observation:
    """What one pass over a part of a clip finds before anybody is chosen.

    Attributes
    ----------
    clip, first, times, own, own_start : as those of :class:`Footage`.
    people : everybody, row by row.
    """

    clip: Clip
    first: int
    times: Array
    people: People
    own: Articulation | None
    own_start: float

    def choice(self, speaker: Speaker, among: Sequence[FaceTrack] | None = None) -> Choice:
        """The person asked for, among some of the people or all.

        Raises
        ------
        FaceError
            That person is not there.
        """
        tracks = self.people.tracks if among is None else among
        sound = self.own, self.own_start
        return choose_speaker(tracks, speaker, self.times, *sound, self.clip.turn)


def face_heights(landmarks: NDArray[np.float32]) -> Array:
    """Forehead to chin in px, ``[n]``."""
    return np.asarray(np.linalg.norm(landmarks[:, FOREHEAD, :2] - landmarks[:, CHIN, :2], axis=1))


def usable_mouths(clip: Clip, track: FaceTrack, hidden: NDArray[np.float32]) -> NDArray[np.bool_]:
    """``[n]``: rows whose whole mouth is in the picture, large enough and not covered."""
    marks = track.landmarks
    eyes = np.linalg.norm(marks[:, EYES[0], :2] - marks[:, EYES[1], :2], axis=1)
    # A profile's eyes are close together; the face is still large.
    large = np.fmax(eyes, face_heights(marks) * 0.6) >= LEAST_EYES
    lips = marks[:, LIPS_OUTER, :2]
    inside = ((lips >= 0) & (lips <= (clip.width - 1, clip.height - 1))).all((1, 2))
    return np.asarray(track.seen & (hidden < 0.5) & large & inside)


def opening(track: FaceTrack) -> Array:
    """Inner-lip gap per row in eye distances, NaN where not seen; a first look, no pose."""
    marks = track.landmarks
    gap = np.linalg.norm(marks[:, LOWER_INNER] - marks[:, UPPER_INNER], axis=2).mean(1)
    eyes = np.linalg.norm(marks[:, EYES[0]] - marks[:, EYES[1]], axis=1)
    return np.asarray(gap / eyes, float)


def observe(
    clip: Clip, first: int, stop: int, spool: Spool, memory: Memory = FORGETFUL
) -> Generator[int, None, Observation]:
    """Who is seen and what is heard in frames ``[first, stop)``; yields frames done.

    Raises
    ------
    FaceError
        Nobody is seen.
    """
    # Sound first: its networks are gone before the pictures need the memory.
    own, own_start = overhear(clip, first, stop, memory)
    people = yield from people_in(clip, first, stop, memory, spool)
    if not people.tracks:
        raise FaceError(
            f"no face was found in {clip.path.name}",
            "choose a clip or range in which the speaker's face is seen",
        )
    times = np.array([float(clip.time(index)) for index in range(first, stop)])
    return Observation(clip, first, times, people, own, own_start)


def footages_of(
    seen: Observation, choices: Sequence[Choice], spool: Spool
) -> Generator[int, None, list[Footage]]:
    """What there is of each of the persons chosen; yields frames done."""
    numbers = [track.number for track in seen.people.tracks]
    places = [numbers.index(choice.track.number) for choice in choices]
    crops = yield from lower_faces(seen.clip, seen.first, seen.people, places, spool)
    footages = []
    for place, choice, own_crops in zip(places, choices, crops, strict=True):
        track = seen.people.tracks[place]
        delay = 0.0
        if seen.own is not None:
            found = lag(seen.own, opening(track), seen.times - seen.own_start)
            delay = found.seconds if found.confidence >= TRUSTED else 0.0
        footages.append(
            Footage(
                seen.clip,
                seen.first,
                track,
                seen.times,
                own_crops,
                seen.people.hidden[place],
                seen.own,
                seen.own_start,
                delay,
                choice,
                len(numbers),
            )
        )
    return footages


def analyse(
    clip: Clip,
    first: int,
    stop: int,
    speaker: Speaker,
    spool: Spool,
    memory: Memory = FORGETFUL,
) -> Generator[int, None, Footage]:
    """The person asked for, in frames ``[first, stop)``; yields frames done.

    Raises
    ------
    FaceError
        Nobody is seen, or not the person asked for.
    """
    seen = yield from observe(clip, first, stop, spool, memory)
    choice = seen.choice(speaker)
    (footage,) = yield from footages_of(seen, [choice], spool)
    return footage


def stretches(wanted: NDArray[np.bool_], shots: NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    """Half-open runs of wanted rows that no cut interrupts."""
    start = None
    for row, want in enumerate(wanted):
        if start is not None and (not want or shots[row] != shots[start]):
            yield start, row
            start = None
        if want and start is None:
            start = row
    if start is not None:
        yield start, len(wanted)
