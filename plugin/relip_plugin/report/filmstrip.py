"""The filmstrip: the mouth before and after, magnified, where it matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from relip.media.clip import Clip
from relip.media.frame import Box, Frame
from relip.quality.card import Assessment, Card, Contact, Moment, PointName, Timeline
from relip_plugin.report.pictures import Picture, inside, jpeg, shown, upright

COLUMNS: Final = 5
PER_POINT: Final = 4
"""Moments of a lost point, at most: the worst."""
_TILE: Final = 288
"""Width of a magnified mouth in px; two device pixels for each on the page."""
_REACH: Final = 1.15
"""Half the width of a tile in widths of the mouth: lips, chin and the seam around them."""
_ASPECT: Final = 0.8
Side = Literal["before", "after"]


@dataclass(frozen=True)
class Scene:
    """A few frames to look at.

    Attributes
    ----------
    point : what they cost, None if nothing.
    why : in words.
    frames : numbers in the clip, rising.
    worst : the one it is about.
    """

    point: PointName | None
    why: str
    frames: tuple[int, ...]
    worst: int


def scenes(assessment: Assessment, clip: Clip) -> list[Scene]:
    """The worst moments of every lost point; if none is lost, moments that tell the most."""
    found = [
        _scene(point.name, moment, clip)
        for point in assessment.card.points
        if point.state == "lost"
        for moment in sorted(point.moments, key=lambda one: -one.severity)[:PER_POINT]
    ]
    return found or list(_telling(assessment.timeline, clip))


def _scene(point: PointName | None, moment: Moment, clip: Clip) -> Scene:
    """Consecutive frames around a short moment, evenly spaced ones of a long one."""
    first = min(max(moment.first, 0), clip.frames - 1)
    last = min(max(moment.stop - 1, first), clip.frames - 1)
    worst = (first + last) // 2
    if last - first < COLUMNS:
        first = min(max(worst - COLUMNS // 2, 0), max(clip.frames - COLUMNS, 0))
        last = min(first + COLUMNS, clip.frames) - 1
    frames = np.unique(np.linspace(first, last, COLUMNS).round().astype(int))
    worst = int(frames[np.abs(frames - worst).argmin()])
    return Scene(point, moment.why, tuple(frames.tolist()), worst)


def _telling(timeline: Timeline, clip: Clip) -> Iterator[Scene]:
    """Closed lips, lip on teeth, the widest opening."""
    told = {"pbm": "lips closed on p, b or m", "fv": "lower lip on the teeth on f or v"}
    for kind, why in told.items():
        met = [one for one in timeline.contacts if one.kind == kind and one.met and one.frame >= 0]
        if met:
            frame = _clearest(met).frame
            yield _scene(None, Moment(frame, frame + 1, why), clip)
    if np.isfinite(timeline.drawn).any():
        frame = timeline.first + int(np.nanargmax(timeline.drawn))
        yield _scene(None, Moment(frame, frame + 1, "the widest opening"), clip)


def _clearest(contacts: Sequence[Contact]) -> Contact:
    return max(contacts, key=lambda one: (one.confidence, -one.start))


@dataclass
class Tiles:
    """Collects the mouths of the scenes while the frames go by.

    ``made`` is ``data:`` addresses by side and frame number.
    """

    clip: Clip
    timeline: Timeline
    wanted: frozenset[int]
    made: dict[tuple[Side, int], str] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of every tile, px."""
        ratio = upright(self.clip, self.box(min(self.wanted, default=0)))
        high = round(_TILE / float(ratio))
        return (_TILE, high) if high <= _TILE else (round(_TILE * float(ratio)), _TILE)

    def box(self, frame: int) -> Box:
        """What of a frame is magnified; the whole picture where no mouth is known."""
        picture = Box(0, 0, self.clip.width, self.clip.height)
        mouths = self.timeline.mouths
        known = np.flatnonzero(np.isfinite(mouths).all(1))
        if not len(known):
            return picture
        # Nothing may be said of a frame without a mouth; show where it was last.
        near = known[np.abs(known - (frame - self.timeline.first)).argmin()]
        around = mouths[max(near - 2, 0) : near + 3]
        x, y = np.nanmedian(around[:, [0, 2]].mean(1)), np.nanmedian(around[:, [1, 3]].mean(1))
        sides = np.nanmedian(mouths[:, 2:] - mouths[:, :2], 0)
        half = max(float(sides.max()) * _REACH, 8.0)
        across, down = (half, half * _ASPECT)
        if self.clip.rotation % 180:
            across, down = down, across
        across /= float(self.clip.pixel_aspect)
        # One size for all frames: what is cut at the picture's edge is moved instead.
        size = round(2 * across), round(2 * down)
        x0, y0 = round(float(x) - across), round(float(y) - down)
        return inside(Box(x0, y0, x0 + size[0], y0 + size[1]), picture)

    def take(self, before: Frame, after: Frame | None) -> None:
        """Keep the mouths of a pair of frames if they are wanted; there may be no result."""
        if before.index not in self.wanted:
            return
        box = self.box(before.index)
        self.made["before", before.index] = jpeg(self._tile(before, box))
        if after is not None:
            self.made["after", before.index] = jpeg(self._tile(after, box))

    def _tile(self, frame: Frame, box: Box) -> Picture:
        return shown(self.clip, frame, box, self.size)


def frames_of(card: Card) -> list[Moment]:
    """Moments of lost points, the worst first."""
    lost = [moment for point in card.points if point.state == "lost" for moment in point.moments]
    return sorted(lost, key=lambda one: -one.severity)
