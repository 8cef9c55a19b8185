"""What ``AppendToTimeline`` does with what it is asked to place."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.resolve_scripts.fake_resolve.geometry import record_frames
from tests.resolve_scripts.fake_resolve.state import (
    ItemState,
    MediaState,
    TimelineState,
    TrackKind,
    TrackState,
)
from tests.resolve_scripts.fake_resolve.tracks import new_link


@dataclass(frozen=True)
class Wanted:
    """A clip to place; ``start`` and ``end`` (exclusive) from the head of the file, at its rate.

    ``record`` is absolute, None is after everything else. ``only`` one kind, or both.
    """

    media: MediaState | None
    start: float | None = None
    end: float | None = None
    only: str | None = None
    track: int = 1
    record: Fraction | None = None


def append(timeline: TimelineState, wanted: list[Wanted]) -> list[ItemState | None]:
    """Place each, or None where something was in the way. Nothing for a track that is not there."""
    placed: list[ItemState | None] = []
    for want in wanted:
        record = Fraction(timeline.end) if want.record is None else want.record
        made = []
        for track in _tracks(timeline, want):
            item = _item(timeline, track, want, record)
            fits = item is not None and record >= timeline.start and not track.locked
            made.append(item if item is not None and fits and track.add(item) else None)
        link = new_link() if len(made) > 1 else 0
        for item in made:
            if item is not None:
                item.link = link
        placed += made
    if None in placed:
        for item in placed:
            if item is not None:
                item.doomed = True
    return placed


def _tracks(timeline: TimelineState, want: Wanted) -> list[TrackState]:
    media = want.media
    assert media is not None
    kinds: list[TrackKind] = []
    if media.has_picture and want.only in (None, "video"):
        kinds.append("video")
    if media.tracks and want.only in (None, "audio"):
        kinds.append("audio")
    tracks = [timeline.track(kind, want.track) for kind in kinds]
    return [track for track in tracks if track is not None]


def _item(
    timeline: TimelineState, track: TrackState, want: Wanted, record: Fraction
) -> ItemState | None:
    media = want.media
    assert media is not None
    start = 0 if want.start is None else want.start
    end = media.frames if want.end is None else min(want.end, media.frames)
    frames = record_frames(media, start, end, timeline.rate)
    if start < 0 or frames < 1:
        return None
    return ItemState(
        track=track,
        start=record,
        frames=Fraction(frames),
        media=media,
        source=Fraction(start),
    )
