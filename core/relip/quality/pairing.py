"""Which frame of a result stands for which of the original."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relip.lines import frames_in
from relip.media.clip import Clip
from relip_job.job import TimeRange


def cut_shown(clip: Clip, made: Clip) -> TimeRange | None:
    """The part of the clip that a shorter result shows by its own timecode; None if all.

    A result that begins with the clip's first timecode is no part: it lacks its end.
    """
    if clip.start_timecode is None or made.start_timecode is None or clip.rate != made.rate:
        return None
    first = made.timecode(0).frames - clip.timecode(0).frames
    if first <= 0 or first + made.frames > clip.frames:
        return None
    start = clip.time(first)
    return TimeRange(start, start + made.duration)


def paired(
    clip: Clip, made: Clip, first: int, count: int, cut: TimeRange | None = None
) -> NDArray[np.int64]:
    """For frames ``[first, first + count)`` of a clip the result's frame of the same time.

    ``[count]``, -1 where the nearest one is more than half a frame away. The result begins with
    the first frame of the ``cut``.
    """
    start = float(clip.time(frames_in(clip, cut)[0]))
    wanted = np.array([float(clip.time(first + row)) for row in range(count)])
    there = np.array([start + float(made.time(index)) for index in range(made.frames)])
    after = np.clip(np.searchsorted(there, wanted), 1, max(len(there) - 1, 1))
    before = after - 1
    near = np.where(
        np.abs(there[np.minimum(after, len(there) - 1)] - wanted) < np.abs(there[before] - wanted),
        np.minimum(after, len(there) - 1),
        before,
    )
    far = np.abs(there[near] - wanted) > 0.51 / float(clip.rate)
    return np.where(far, -1, near)


def missing_frames(partners: NDArray[np.int64]) -> int:
    """How many frames have no partner, or one that another frame has too, or skip one."""
    found = partners[partners >= 0]
    steps = np.diff(found)
    return int((partners < 0).sum() + (steps == 0).sum() + np.maximum(steps - 1, 0).sum())
