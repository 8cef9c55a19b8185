"""From a shot on the timeline, a choice and the dub to a job: arithmetic only, and exact.

A shot plays at one speed, in real time mostly, whatever the rates of its file and of the timeline
are (what does not, has an obstacle). So source time follows from record time by two numbers for a
whole shot, and a frame of the file is seen while its time lies in the shot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Optional, Sequence, Tuple, Union

from relip_host.choice import Choice
from relip_host.host import DubItem, Obstacle, Shot
from relip_job import ResyncJob, SpeechPart, TimeRange, Voice

CONTEXT = Fraction(1)
"""Seconds of the dub before and after the lips that are listened to as well: a word that the cut
goes through is still heard as that word."""

NO_TRACK = Obstacle("no-track", "no sound track was chosen", "choose the tracks that carry the dub")


@dataclass(frozen=True)
class Cut:
    """What to write of a shot's file.

    Attributes
    ----------
    first, stop : frames of the file to write, half-open.
    lips : source time in which mouths are changed, on edges of frames.
    heard : record time in which mouths are changed.
    """

    shot: Shot
    first: int
    stop: int
    lips: TimeRange
    heard: Tuple[Fraction, Fraction]

    @property
    def frames(self) -> int:
        """How many are written."""
        return self.stop - self.first

    @property
    def begins(self) -> Fraction:
        """Source time of the first frame."""
        return self.first / self.shot.source_rate

    @property
    def listened(self) -> Tuple[Fraction, Fraction]:
        """Record time of the dub that belongs to it."""
        start, end = self.heard
        return start - CONTEXT, end + CONTEXT


def source_time(shot: Shot, record: Fraction) -> Fraction:
    """When in the file the picture is from that stands at a record time."""
    return shot.source + (record - shot.start) * shot.speed


def played(shot: Shot, record: Fraction) -> Fraction:
    """Seconds since the file's first frame if the file is played as the shot is."""
    return source_time(shot, record) / shot.speed


def cut(
    shot: Shot, choice: Choice, marks: Optional[Tuple[Fraction, Fraction]] = None
) -> Union[Cut, Obstacle]:
    """The frames that are seen, with handles as far as there are any; or why there are none.

    ``marks`` count if the choice says so.
    """
    if shot.obstacle is not None:
        return shot.obstacle
    if shot.media is None or shot.end <= shot.start or min(shot.source_rate, shot.speed) <= 0:
        return Obstacle("no-media", f"{shot.name} shows no frame of any file", "choose another")
    start, end = shot.start, shot.end
    if choice.marks_only:
        if marks is None:
            return Obstacle(
                "no-marks", "the timeline has no in and out marks", "set both, or take whole shots"
            )
        start, end = max(start, marks[0]), min(end, marks[1])
        if end <= start:
            return Obstacle(
                "outside-marks",
                f"{shot.name} lies outside the in and out marks",
                "move the marks, or take the whole shot",
            )
    length = shot.source_frames or _stop(shot, shot.end)
    lacking = max(-_first(shot, shot.start), _stop(shot, shot.end) - length)
    first, stop = max(_first(shot, start), 0), min(_stop(shot, end), length)
    # A frame may be lacking where the rates differ: the host rounds to its own.
    if lacking > 1 or stop <= first:
        return Obstacle(
            "no-media",
            f"{shot.name} shows frames that its file does not have",
            "relink it to the whole file, or trim it",
        )
    if shot.holds:
        # Such a host shows the nearest frame, not the one begun: it may show one more.
        stop = min(stop + 1, length)
    handles = max(choice.handles, 0)
    written = shot.holds or (
        max(_first(shot, shot.start) - handles, 0),
        min(_stop(shot, shot.end) + (handles if shot.source_frames else 0), length),
    )
    return Cut(
        shot,
        *written,
        TimeRange(first / shot.source_rate, stop / shot.source_rate),
        (start, end),
    )


def heard_items(found: Cut, items: Sequence[DubItem]) -> Union[Tuple[DubItem, ...], Obstacle]:
    """The items to listen to; or why there is nothing to say.

    Those that are only heard before or after the lips are left out if they have an obstacle.
    """
    start, end = found.heard
    before, after = found.listened
    if not any(item.start < end and start < item.end for item in items):
        return Obstacle(
            "no-dub",
            f"nothing lies on the chosen tracks under {found.shot.name}",
            "choose the tracks that carry the dub, or enable its items",
        )
    return tuple(
        item
        for item in items
        if item.start < after
        and before < item.end
        and (unreadable(item) is None or (item.start < end and start < item.end))
    )


def unreadable(item: DubItem) -> Optional[Obstacle]:
    """Why the item's file does not hold what is heard, if so."""
    if item.obstacle is None and item.media is None:
        return Obstacle("offline", f"{item.name} has no file", "relink it")
    return item.obstacle


def speech_part(found: Cut, item: DubItem) -> SpeechPart:
    """The part of an item's file that is listened to, on the clock of the shot as it plays."""
    assert item.media is not None
    start, end = max(item.start, found.listened[0]), min(item.end, found.listened[1])
    return SpeechPart(
        item.media,
        at=played(found.shot, start),
        start=item.source + (start - item.start),
        duration=end - start,
        channels=item.channels,
    )


def job(
    found: Cut, choice: Choice, voices: Sequence[Voice], output: Optional[str] = None
) -> ResyncJob:
    """What the engine is asked for: all voices of a shot in one pass."""
    assert found.shot.media is not None
    rate = found.shot.source_rate
    first, *others = voices
    return ResyncJob(
        picture=found.shot.media,
        speech=first.speech,
        output=output,
        ranges=first.ranges,
        speaker=first.speaker,
        others=tuple(others),
        nudge=choice.nudge,
        strength=choice.strength,
        engine=choice.engine,
        provider=choice.provider,
        codec=choice.codec,
        score=choice.score,
        cut=TimeRange(found.first / rate, found.stop / rate),
        speed=found.shot.speed,
    )


def _first(shot: Shot, record: Fraction) -> int:
    """The frame of the file that is seen at a record time."""
    return math.floor(source_time(shot, record) * shot.source_rate)


def _stop(shot: Shot, record: Fraction) -> int:
    """The first frame of the file that is not seen any more at a record time."""
    return math.ceil(source_time(shot, record) * shot.source_rate)
