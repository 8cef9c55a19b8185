"""Whose mouth each voice of a job has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from relip.faces.speaker import Choice
from relip.faces.track import FaceTrack
from relip.footage import Observation
from relip.mouth.shape import Array
from relip.voices import Role
from relip_job.errors import FaceError, JobError
from relip_job.job import Speaker, TimeRange, Voice


def cast(
    voices: Sequence[Voice], roles: Sequence[Role], seen: Observation
) -> dict[int, Choice | FaceError]:
    """The person of every role by the voice's number, or why there is none.

    A voice that names nobody has somebody whom no other voice names or has. Several such voices
    are looked for where each of them speaks; the surest choice counts first.

    Parameters
    ----------
    voices : all of the job; whom a voice names is not free, even if it is left out.

    Raises
    ------
    JobError
        Two of the roles name the same mouth.
    """
    named = {
        number: _named(voice.speaker, seen)
        for number, voice in enumerate(voices, 1)
        if voice.speaker != Speaker()
    }
    taken = {one.track.number for one in named.values() if isinstance(one, Choice)}
    free = [track for track in seen.people.tracks if track.number not in taken]
    found = {role.number: named[role.number] for role in roles if role.number in named}
    _refuse_doubles(found)
    looking = [role for role in roles if role.number not in named]
    several = len(looking) > 1
    while looking:
        tries = [_free(free, role.ranges if several else None, seen) for role in looking]
        best = max(range(len(tries)), key=lambda place: _sureness(tries[place]))
        choice = found[looking.pop(best).number] = tries[best]
        if isinstance(choice, Choice):
            free = [track for track in free if track.number != choice.track.number]
    return found


def _sureness(choice: Choice | FaceError) -> tuple[bool, bool, float]:
    """Who is heard goes before who is merely there, and anybody before nobody."""
    if isinstance(choice, FaceError):
        return False, False, 0.0
    return True, choice.how == "sound", choice.confidence


def _named(speaker: Speaker, seen: Observation) -> Choice | FaceError:
    try:
        return seen.choice(speaker)
    except FaceError as error:
        return error


def _free(
    free: Sequence[FaceTrack], where: Sequence[TimeRange] | None, seen: Observation
) -> Choice | FaceError:
    """The likeliest of those who are free, in all that is seen or only in some ranges."""
    if not free:
        return FaceError(
            "everybody who is seen has another voice",
            "name the speaker of every voice, or leave out the voice of who is not seen",
        )
    shown = free if where is None else [during(track, seen.times, where) for track in free]
    if not any(track.seen.any() for track in shown):
        return FaceError(
            "nobody whom no other voice names is seen while this one speaks",
            "choose another range, or name its speaker; 'relip probe' shows who is seen when",
        )
    choice = seen.choice(Speaker(), shown)
    whole = next(track for track in free if track.number == choice.track.number)
    message = choice.message
    if choice.how == "only" and len(seen.people.tracks) > 1:
        message = f"person {whole.number}: nobody else is left for this voice"
    return replace(choice, track=whole, message=message)


def during(track: FaceTrack, times: Array, ranges: Sequence[TimeRange]) -> FaceTrack:
    """The person as if they were seen only in these ranges; ``times`` ``[n]`` of the rows."""
    inside: NDArray[np.bool_] = np.zeros(len(times), bool)
    for part in ranges:
        inside |= (times >= float(part.start)) & (times < float(part.end))
    landmarks, presence = track.landmarks.copy(), track.presence.copy()
    landmarks[~inside] = np.nan
    presence[~inside] = 0
    return replace(track, landmarks=landmarks, presence=presence)


def _refuse_doubles(found: dict[int, Choice | FaceError]) -> None:
    owners: dict[int, int] = {}
    for voice, choice in found.items():
        if isinstance(choice, FaceError):
            continue
        person = choice.track.number
        if person in owners:
            raise JobError(
                f"voices {owners[person]} and {voice} would both have the mouth of person {person}",
                "name another speaker for one of them; 'relip probe' shows who is who",
            )
        owners[person] = voice
