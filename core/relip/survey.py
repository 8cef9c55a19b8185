"""Who is seen in a clip, and whether their mouths could carry a line."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.pose import angles, head_pose
from relip.faces.speaker import How, agreement, choose_speaker
from relip.faces.track import FaceTrack
from relip.footage import TRUSTED, face_heights, opening, usable_mouths
from relip.hearing import overhear
from relip.media.clip import Clip
from relip.memory import FORGETFUL, Memory
from relip.mouth.shape import Array
from relip.people import people_in
from relip.speech.articulation import Articulation
from relip.speech.lag import lag
from relip_job.errors import SpeechError
from relip_job.job import Speaker

SECONDS: Final = 60
"""How much of a clip is looked at unless more is asked for."""
EDGE: Final = 0.05
"""Share of frames left out at either end where a range is given: one wild frame is no news."""


@dataclass(frozen=True)
class Person:
    """What an editor wants to know of one person. Pixels are those of the displayed picture.

    Attributes
    ----------
    number : as ``Speaker.number``.
    first : frame of the clip in which they first appear.
    seen, usable : frames with their face, and with a mouth that can be worked with: in the
        picture, large enough, not covered.
    height : forehead to chin in a typical frame, px.
    place : x and y of the middle of the face in a typical frame, px.
    best : frame in which the face is largest, of those with a usable mouth if there are any.
    best_place : x and y of the middle of the face there, px.
    yaw : degrees, lowest and highest; positive looks toward the right of the picture.
    widest, tightest : inner-lip gap in eye distances that only a twentieth of the usable frames
        exceeds, or stays below; None without usable frames.
    agreement : how well the lips move with the clip's own sound, 0 to 1; None without sound.
    delay : seconds by which the lips are later than the sound; None where it cannot be told.
    """

    number: int
    first: int
    seen: int
    usable: int
    height: float
    place: tuple[float, float]
    best: int
    best_place: tuple[float, float]
    yaw: tuple[float, float]
    widest: float | None
    tightest: float | None
    agreement: float | None
    delay: float | None


@dataclass(frozen=True)
class Survey:
    """Everybody in frames ``[first, stop)`` of a clip.

    Attributes
    ----------
    people : by number.
    cuts : frames of the clip that begin a new shot.
    speaker : number of whom a job takes that names nobody, None if nobody is seen.
    how, confidence, reason : why, as :class:`relip.faces.speaker.Choice` says it.
    deaf : why the clip's sound could not be listened to, "" if it could or there is none.
    """

    first: int
    stop: int
    people: tuple[Person, ...]
    cuts: tuple[int, ...]
    speaker: int | None
    how: How | None
    confidence: float
    reason: str
    deaf: str = ""


def first_minute(clip: Clip, first: int = 0) -> int:
    """The frame before which a look that begins at ``first`` ends by itself."""
    end = clip.time(first) + SECONDS
    return clip.frames if end >= clip.duration else max(clip.index_at(end), first + 1)


def survey(
    clip: Clip, first: int = 0, stop: int | None = None, memory: Memory = FORGETFUL
) -> Generator[int, None, Survey]:
    """Look at frames ``[first, stop)``; yields frames done.

    Without ``stop`` it looks at ``SECONDS``. What is kept in memory grows with the frames looked
    at: some 10 KB for every face in every frame.
    """
    stop = first_minute(clip, first) if stop is None else stop
    people = yield from people_in(clip, first, stop, memory)
    tracks = people.tracks
    cuts = tuple(first + 1 + int(row) for row in np.flatnonzero(np.diff(people.shots)))
    if not tracks:
        return Survey(first, stop, (), cuts, None, None, 0.0, "nobody's face is seen")
    times = np.array([float(clip.time(index)) for index in range(first, stop)])
    own, own_start, deaf = None, 0.0, ""
    try:
        own, own_start = overhear(clip, first, stop, memory)
    except SpeechError as error:
        # Its pictures are still worth looking at.
        deaf = str(error)
    found = []
    for track, hidden in zip(tracks, people.hidden, strict=True):
        person = described(clip, first, track, usable_mouths(clip, track, hidden))
        found.append(person if own is None else _heard(person, track, times, own, own_start))
    choice = choose_speaker(tracks, Speaker(), times, own, own_start)
    return Survey(
        first,
        stop,
        tuple(found),
        cuts,
        choice.track.number,
        choice.how,
        choice.confidence,
        choice.message,
        deaf,
    )


def described(clip: Clip, first: int, track: FaceTrack, usable: NDArray[np.bool_]) -> Person:
    """What is seen of a person; row 0 of the track is frame ``first``."""
    seen = np.flatnonzero(track.seen)
    marks = track.landmarks.copy()
    marks[..., :2] = clip.turn.shown(marks[..., :2])
    heights = face_heights(marks)
    places = (np.nanmin(marks[seen, :, :2], 1) + np.nanmax(marks[seen, :, :2], 1)) / 2
    candidates = usable if usable.any() else track.seen
    best = int(np.nanargmax(np.where(candidates, heights, np.nan)))
    yaw = angles(head_pose(marks[seen])[1])[0]
    gaps = opening(track)[usable]
    return Person(
        track.number,
        first + int(seen[0]),
        len(seen),
        int(usable.sum()),
        float(np.median(heights[seen])),
        _point(np.median(places, 0)),
        first + best,
        _point(places[int(np.searchsorted(seen, best))]),
        (float(np.quantile(yaw, EDGE)), float(np.quantile(yaw, 1 - EDGE))),
        float(np.quantile(gaps, 1 - EDGE)) if len(gaps) else None,
        float(np.quantile(gaps, EDGE)) if len(gaps) else None,
        None,
        None,
    )


def _heard(
    person: Person, track: FaceTrack, times: Array, own: Articulation, own_start: float
) -> Person:
    found = lag(own, opening(track), times - own_start)
    return replace(
        person,
        agreement=agreement(track, times, own, own_start),
        delay=found.seconds if found.confidence >= TRUSTED else None,
    )


def _point(place: NDArray[np.float32]) -> tuple[float, float]:
    return float(place[0]), float(place[1])
