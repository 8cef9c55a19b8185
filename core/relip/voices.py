"""The voices of a job: what each says, and where in the clip."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from relip.hearing import hear
from relip.lines import ranges_in
from relip.media.clip import Clip
from relip.media.mix import Spoken, read_mix, speech_name, speech_parts
from relip.memory import Memory
from relip.speech.articulation import Articulation
from relip_job.errors import JobError, RelipError, SpeechError
from relip_job.events import Notice, Progress
from relip_job.job import ResyncJob, TimeRange, Voice

LEAST: Final = 10
"""Rows of the articulation in which somebody must speak."""


@dataclass(frozen=True, eq=False)
class Role:
    """A voice that was listened to.

    Attributes
    ----------
    number : of the voice in its job, from 1.
    voice : as the job has it.
    begins : where the first sample of its speech lies, in seconds of playing from the first frame.
    ranges : the parts of the clip in which it is to be seen, in order.
    dub : what is heard.
    """

    number: int
    voice: Voice
    begins: Fraction
    ranges: tuple[TimeRange, ...]
    dub: Articulation


class LeftOut:
    """The voices of ``count`` whose mouths stay as they are, and why."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.why: dict[int, RelipError] = {}

    def add(self, number: int, error: RelipError) -> Notice:
        """Leave one more out, and tell it; if none is left, the first error is raised."""
        self.why[number] = error
        if len(self.why) == self._count:
            raise next(iter(self.why.values()))
        remedy = error.remedy or None
        return Notice("left-out", error.message, voice=number, remedy=remedy, reason=error.code)


def voices_of(job: ResyncJob) -> tuple[Voice, ...]:
    """All voices of a job, the first of them its own line."""
    own = Voice(job.speech, job.speaker, job.ranges, job.transcript, job.language)
    return (own, *job.others)


def check_voices(job: ResyncJob) -> None:
    """Refuse what makes no sense in any clip.

    Raises
    ------
    JobError
        A voice says nothing or its ranges overlap, or it is not known whom a library is for.
    """
    for voice in voices_of(job):
        if not voice.speech:
            raise JobError("the job names no speech", "name a file with the new line")
        for before, after in zip(voice.ranges, voice.ranges[1:], strict=False):
            if after.start < before.end:
                raise JobError("the ranges overlap or are out of order", "give them in order")
    if job.others and job.library:
        raise JobError(
            "a library is of one person, and this job has several voices",
            "leave out --library, or make a job for each voice",
        )


def mixed_speech(job: ResyncJob) -> Spoken:
    """What is heard of all voices together, to be put beside the picture."""
    if not job.others:
        return job.speech
    return tuple(part for voice in voices_of(job) for part in speech_parts(voice.speech))


def listened(
    job: ResyncJob, clip: Clip, number: int, voice: Voice, memory: Memory
) -> Generator[Progress, None, Role]:
    """Listen to one voice of the job.

    Raises
    ------
    SpeechError
        Its speech cannot be heard, or nobody speaks in its ranges.
    JobError
        Its ranges lie outside the clip.
    """
    speech = read_mix(voice.speech)
    begins = job.speech_start + job.nudge + speech.start
    ranges = ranges_in(clip, speech, voice.ranges, begins, job.cut, job.speed)
    before, count = number - 1, 1 + len(job.others)
    work = hear(speech.samples, memory, voice.transcript, voice.language)
    while True:
        try:
            step = next(work)
        except StopIteration as finished:
            role = Role(number, voice, begins, ranges, finished.value)
            break
        yield replace(step, done=before * step.total + step.done, total=count * step.total)
    _check_spoken(role, job.speed, clip)
    return role


def _check_spoken(role: Role, speed: Fraction, clip: Clip) -> None:
    """Refuse a line in which nobody speaks during the ranges."""
    for part in role.ranges:
        start, end = (int((at / speed - role.begins) * 100) for at in (part.start, part.end))
        if (role.dub.voice[max(start, 0) : max(end, 0)] > 0.5).sum() >= LEAST:
            return
    where = " or ".join(
        f"between {clip.timecode(clip.index_at(part.start))} and "
        f"{clip.timecode(clip.index_at(part.end))}"
        for part in role.ranges
    )
    raise SpeechError(
        f"nobody speaks in {speech_name(role.voice.speech)} {where}",
        "choose another audio file or track, or place the line with --speech-start",
    )
