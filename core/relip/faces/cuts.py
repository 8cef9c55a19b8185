"""Where one shot ends and the next begins, found while the frames go by."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Frame

COLUMNS: Final = 64
ROWS: Final = 36


@dataclass(frozen=True)
class CutRule:
    """When a change from one frame to the next is a cut.

    Over the real clips measured, hard cuts changed the thumbnail by .12 to .16 with a structure
    difference of .39 to .98, 8 to 34 times their neighbours' change; ordinary motion stayed below
    .06, .19 and 3.4 times.

    Attributes
    ----------
    change : least mean absolute difference, summed over the three planes, full scale is 1.
    structure : least 1 - correlation of the luma; a change of exposure alone has none.
    isolation : least ratio to the median change of the neighbouring frames.
    behind, ahead : neighbours looked at; ``ahead`` is also the delay, and the longest flash.
    """

    change: float = 0.03
    structure: float = 0.08
    isolation: float = 5.0
    behind: int = 8
    ahead: int = 2


class CutFinder:
    """Tells of each frame whether it is the first of a new shot, ``rule.ahead`` frames late.

    Hard cuts only: a dissolve is one long shot, as far as this goes.
    """

    def __init__(self, rule: CutRule | None = None) -> None:
        self._rule = rule or CutRule()
        self._thumbnails: deque[NDArray[np.float32]] = deque(
            maxlen=self._rule.behind + self._rule.ahead + 2
        )
        self._waiting = 0
        self._since_cut = 0

    def take(self, frame: Frame) -> list[bool]:
        """What can now be told, in order, of this frame and the ones before."""
        self._thumbnails.append(_thumbnail(frame))
        self._waiting += 1
        return self._told(self._rule.ahead)

    def flush(self) -> list[bool]:
        """What is left to tell after the last frame."""
        return self._told(0)

    def _told(self, keep: int) -> list[bool]:
        told = []
        while self._waiting > keep:
            told.append(self._is_cut(len(self._thumbnails) - self._waiting))
            self._since_cut = 1 if told[-1] else self._since_cut + 1
            self._waiting -= 1
        return told

    def _is_cut(self, at: int) -> bool:
        rule, pictures = self._rule, list(self._thumbnails)
        if at == 0:
            return False
        before, now = pictures[at - 1], pictures[at]
        change = _change(before, now)
        if change < rule.change or _structure(before, now) < rule.structure:
            return False
        # The calm of the shot before says nothing of how restless this one is.
        first = max(0, at - min(rule.behind, self._since_cut))
        last = min(len(pictures) - 1, at + rule.ahead)
        usual = [
            _change(pictures[i - 1], pictures[i]) for i in range(first + 1, last + 1) if i != at
        ]
        if usual and change < rule.isolation * float(np.median(usual)):
            return False
        # A camera that begins to move goes on moving.
        onward = [_change(pictures[i - 1], pictures[i]) for i in range(at + 1, last + 1)]
        if onward and change < 1.5 * min(onward):
            return False
        # A flash, or the end of one: what was there before it comes back.
        after = [_change(before, later) for later in pictures[at + 1 : last + 1]]
        earlier = [_change(now, old) for old in pictures[max(0, at - 1 - rule.ahead) : at - 1]]
        return all(other > change / 2 for other in after + earlier)


def _thumbnail(frame: Frame) -> NDArray[np.float32]:
    """The native planes, small: float32 ``[36, 64, planes]``, full scale is 1.

    About four samples are averaged into one and the rest left out: reading all of a 4K frame
    would take longer than finding its faces.
    """
    small = []
    for plane in frame.planes[:3]:
        height, width = plane.shape
        sy, sx = max(1, height // (2 * ROWS)), max(1, width // (2 * COLUMNS))
        few = plane[sy // 2 :: sy, sx // 2 :: sx].astype(np.float32)
        small.append(cv2.resize(few, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA))
    return np.asarray(np.dstack(small) / (1 << frame.format.bits), np.float32)


def _change(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return float(np.abs(a - b).mean((0, 1)).sum())


def _structure(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    x, y = a[..., 0] - a[..., 0].mean(), b[..., 0] - b[..., 0].mean()
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return 1 - float((x * y).sum()) / size if size > 1e-6 else 1.0
