"""The playable clip: before and after, side by side, with the line as its sound."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from relip.media.clip import Clip
from relip.media.frame import Box, Frame
from relip.quality.card import Assessment, LineCard, Moment, Timeline
from relip_plugin.report.pictures import Picture, inside, shown, upright

LONGEST: Final = Fraction(60)
"""Seconds of video in a page."""
MOST_BYTES: Final = 4_500_000
"""Of the video; in a page they grow by a third."""
_MOST_BITS: Final = 4_000_000
"""Per second; more is not seen at this size."""
_SOUND_BITS: Final = 140_000
_SIDE: Final = 560
"""Width of one side in px, at most."""
_HIGH: Final = 640
GAP: Final = 4
"""Px between the sides."""
_AROUND_LINE: Final = Fraction(1, 2)
_AROUND_MOMENT: Final = Fraction(3, 2)
_SMALL_MOUTH: Final = 0.13
"""A mouth narrower than this part of the picture's width is shown closer."""
_ACROSS: Final = 2.4
"""Half the width of the closer picture in widths of the mouth."""
_ABOVE, _BELOW = 3.0, 2.0


@dataclass(frozen=True)
class Span:
    """Frames ``[first, stop)``, seconds ``[start, end)`` of the clip; ``at`` is in the video."""

    first: int
    stop: int
    start: Fraction
    end: Fraction
    at: Fraction


@dataclass(frozen=True)
class Cut:
    """What of the clip is in the video, and how it is framed.

    Attributes
    ----------
    spans : rising, apart.
    box : the part of the picture that is shown.
    size : width and height of one side, px, even.
    length : seconds.
    whole : whether nothing of the lines is left out.
    closer : whether the picture is cut to the speaker.
    """

    spans: tuple[Span, ...]
    box: Box
    size: tuple[int, int]
    length: Fraction
    whole: bool
    closer: bool

    @property
    def most_bits(self) -> int:
        """Bits per second that keep the page small."""
        seconds = max(self.length, Fraction(1))
        room = 8 * MOST_BYTES / seconds - _SOUND_BITS
        return int(min(Fraction(_MOST_BITS), room))

    def frames(self) -> list[int]:
        """Numbers in the clip."""
        return [index for span in self.spans for index in range(span.first, span.stop)]

    def at(self, clip: Clip, index: int) -> Fraction:
        """Seconds of the video at which a frame is shown."""
        span = self.spans[bisect_right([span.first for span in self.spans], index) - 1]
        return span.at + clip.time(index) - span.start


def cut(assessment: Assessment, clip: Clip, worst: Sequence[Moment]) -> Cut:
    """The lines with a little around them; if that is too long, what is around the worst."""
    timeline = assessment.timeline
    around = _widened(
        [(line.first, line.stop) for line in assessment.lines]
        or [(timeline.first, timeline.first + len(timeline.times))],
        clip,
        _AROUND_LINE,
    )
    whole = _seconds(around, clip) <= LONGEST
    if not whole:
        around = _worst(around, clip, worst)
    spans, at = [], Fraction(0)
    for first, stop in around:
        spans.append(Span(first, stop, clip.time(first), end(clip, stop), at))
        at += spans[-1].end - spans[-1].start
    box, closer = _framed(timeline, clip)
    return Cut(tuple(spans), box, _side(clip, box), at, whole, closer)


Frames = list[tuple[int, int]]
"""Half-open, rising, apart."""


def _widened(frames: Sequence[tuple[int, int]], clip: Clip, by: Fraction) -> Frames:
    """Longer at both ends, joined where they meet."""
    more = round(by * clip.rate)
    found: Frames = []
    for first, stop in sorted(frames):
        first, stop = max(first - more, 0), min(stop + more, clip.frames)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        elif first < stop:
            found.append((first, stop))
    return found


def _worst(lines: Frames, clip: Clip, worst: Sequence[Moment]) -> Frames:
    chosen: Frames = []
    for moment in worst:
        # A long moment is shown by its beginning, so that others find room.
        stop = min(moment.stop, moment.first + round(3 * clip.rate))
        more = _widened([*chosen, (moment.first, stop)], clip, Fraction(0))
        if _seconds(_widened(more, clip, _AROUND_MOMENT), clip) > LONGEST:
            break
        chosen = more
    if chosen:
        return _widened(chosen, clip, _AROUND_MOMENT)
    first, _ = lines[0]
    return [(first, min(first + round(LONGEST * clip.rate), clip.frames))]


def _seconds(frames: Frames, clip: Clip) -> Fraction:
    return sum((end(clip, stop) - clip.time(first) for first, stop in frames), Fraction(0))


def end(clip: Clip, stop: int) -> Fraction:
    """Seconds at which frames before ``stop`` end."""
    return clip.time(stop) if stop < clip.frames else clip.duration


def _framed(timeline: Timeline, clip: Clip) -> tuple[Box, bool]:
    """The whole picture, or the speaker's face where it is small in it."""
    picture = Box(0, 0, clip.width, clip.height)
    mouths = timeline.mouths[np.isfinite(timeline.mouths).all(1)]
    if not len(mouths):
        return picture, False
    corners = np.stack([clip.turn.shown(mouths[:, :2]), clip.turn.shown(mouths[:, 2:])])
    low, high = corners.min(0), corners.max(0)
    tall, wide = (clip.width, clip.height) if clip.rotation % 180 else (clip.height, clip.width)
    width = float(np.median(high[:, 0] - low[:, 0]))
    if width > _SMALL_MOUTH * wide or width < 2:
        return picture, False
    x, y = (low[:, 0] + high[:, 0]) / 2, (low[:, 1] + high[:, 1]) / 2
    left, right = x.min() - _ACROSS * width, x.max() + _ACROSS * width
    top, bottom = y.min() - _ABOVE * width, y.max() + _BELOW * width
    left, right = max(left, 0.0), min(right, wide - 1.0)
    top, bottom = max(top, 0.0), min(bottom, tall - 1.0)
    if (right - left) * (bottom - top) > 0.6 * wide * tall:
        return picture, False
    ends = clip.turn.coded(np.asarray([[left, top], [right, bottom]], np.float64))
    (x0, y0), (x1, y1) = ends.min(0).round().astype(int), ends.max(0).round().astype(int)
    return inside(Box(int(x0), int(y0), int(x1), int(y1)), picture), True


def _side(clip: Clip, box: Box) -> tuple[int, int]:
    ratio = upright(clip, box)
    width = min(Fraction(_SIDE), _HIGH * ratio)
    # Even after the gap between the sides too, as 4:2:0 wants it.
    return max(2, round(width / 2) * 2), max(2, round(width / ratio / 2) * 2)


def side_by_side(clip: Clip, framing: Cut, before: Frame, after: Frame | None) -> Picture:
    """Both pictures with a dark line between them; dark where the result has none."""
    dark = np.full((*framing.size[::-1], 3), 24, np.uint8)
    sides = [
        dark if frame is None else shown(clip, frame, framing.box, framing.size)
        for frame in (before, after)
    ]
    line = np.full((framing.size[1], GAP, 3), 24, np.uint8)
    return np.hstack([sides[0], line, sides[1]])


def left_out(framing: Cut, lines: Sequence[LineCard]) -> str:
    """What the viewer should know about the video, empty if it is all there."""
    if framing.whole:
        return ""
    seconds = round(framing.length)
    what = "the worst moments" if len(framing.spans) > 1 or not lines else "a part"
    return f"The clip shows {what}: {seconds} seconds of the lines."
