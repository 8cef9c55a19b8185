"""Which frames of its media an item shows, in the units Resolve's getters give them."""

from __future__ import annotations

from fractions import Fraction

from tests.resolve_scripts.fake_resolve.state import ItemState, MediaState
from tests.resolve_scripts.fake_resolve.world import Traits


def mixed(item: ItemState) -> bool:
    """Whether media and timeline differ in rate."""
    return item.media is not None and item.media.rate != item.track.timeline.rate


def source_start_frame(item: ItemState, traits: Traits) -> int:
    """From the head of the file, at its rate; 0 is also unknown."""
    if item.from_xmeml or item.media is None:
        return 0
    return max(0, int(item.source // 1) + traits.source_off_by)


def source_end_frame(item: ItemState, traits: Traits) -> int:
    """Exclusive, but inclusive when media and timeline differ in rate."""
    if item.from_xmeml or item.media is None:
        return 0
    end = item.source_end
    return round(end) - 1 if mixed(item) and item.speed > 0 else round(end)


def source_seconds(item: ItemState, at: Fraction, traits: Traits) -> float:
    """A frame of the media in seconds of its timecode."""
    media = item.media
    if media is None:
        return 0.0
    origin = Fraction(media.start) / media.rate
    if traits.label_seconds:
        origin = Fraction(media.start) / round(media.rate)
    return float(origin + at / media.rate)


def left_offset(item: ItemState) -> Fraction:
    """Trimmed off the head: frames of the media for pictures, of the timeline for sound.

    What is retimed counts on the timeline, at its speed.
    """
    before = item.source
    if item.media is not None and item.speed < 0:
        before = item.media.frames - item.source
    return _offset(item, before)


def right_offset(item: ItemState) -> Fraction:
    """Trimmed off the tail, counted like :func:`left_offset`."""
    if item.media is None:
        return Fraction(0)
    after = item.media.frames - item.source_end if item.speed >= 0 else item.source_end
    return _offset(item, after)


def _offset(item: ItemState, frames: Fraction) -> Fraction:
    media = item.media
    if media is None:
        return frames
    per_frame = item.track.timeline.rate / media.rate
    if item.speed not in (0, 1):
        return frames * per_frame / abs(item.speed)
    return frames * per_frame if item.track.kind == "audio" else frames


def record_frames(media: MediaState, start: float, end: float, rate: Fraction) -> int:
    """Length on a timeline of ``[start, end)`` of the media: floored, so it may lack a frame."""
    return int((Fraction(end) - Fraction(start)) * rate / media.rate // 1)
