"""Faults in how a mouth moves, drawn with real mouths of the same person: held, late, small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from relip.footage import stretches
from relip.media.frame import Frame
from relip.media.reader import read_frames
from relip.mouth.plan import Trajectory
from relip.mouth.shape import LOWER_INNER, UPPER_INNER
from relip.quality.performance import followed, unposed
from relip.render.face import FaceArtist, MouthSource
from relip.render.lay import lay
from tests.trust.shown import Shown


def frozen(given: Shown) -> Iterator[Frame]:
    """The mouth held in its resting shape on the moving head."""
    return _enacted(given, 0.0)


def halved(given: Shown) -> Iterator[Frame]:
    """The mouth moving half as far from rest as it is seen to; lips that touch stay together.

    Landmarks see small openings too large where teeth show, so the first try is followed again, and
    the movement made smaller by what it was seen too large.
    """
    like = np.where(given.footage.usable[:, None, None], given.marks, np.float32(np.nan))
    clip, mean = given.clip, given.engine.shapes.mean
    tried = list(followed(_enacted(given, 0.5), clip.rate, clip.rotation, like))
    rows = [frame.index for frame, _ in tried]
    small, true = (
        _gaps(unposed(marks, mean)[0])
        for marks in (np.stack([points for _, points in tried]), given.marks[rows])
    )
    seen = float(np.ptp(np.quantile(small, (0.1, 0.9))) / np.ptp(np.quantile(true, (0.1, 0.9))))
    return _enacted(given, min(0.5 * 0.5 / max(seen, 0.25), 0.5))


def _gaps(faces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Inner-lip gaps ``[n]`` of faces ``[n, 468, 3]``."""
    gap = faces[:, LOWER_INNER, 1] - faces[:, UPPER_INNER, 1]
    return np.asarray(gap.mean(1), np.float32)


def late(given: Shown) -> Iterator[Frame]:
    """The mouth of the frame before, carried to each frame's head."""
    footage, engine = given.footage, given.engine
    artist = FaceArtist(engine.shapes)
    usable, shots = footage.usable, footage.track.shots
    for frame in read_frames(given.clip):
        row = frame.index
        if row == 0 or not (usable[row] and usable[row - 1]) or shots[row] != shots[row - 1]:
            yield frame
            continue
        before = MouthSource(
            given.spool.get(int(footage.crops[row - 1])), given.marks[row - 1], 1.0
        )
        shape = engine.shapes.coefficients[engine.place[row - 1]]
        patch = artist.draw(frame, int(engine.place[row]), given.marks[row], shape, [before], 1.0)
        yield frame if patch is None else lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)


def whole_late(given: Shown) -> Iterator[Frame]:
    """The whole picture a frame late; the first one stands twice."""
    before: Frame | None = None
    for frame in read_frames(given.clip):
        yield frame if before is None else replace(before, index=frame.index)
        before = frame


def _enacted(given: Shown, part: float) -> Iterator[Frame]:
    """The clip with its own movement as far as ``part`` of the way from rest."""
    engine = given.engine
    for start, stop in stretches(given.footage.usable, given.footage.track.shots):
        rows = np.arange(start, stop)
        own = engine.shapes.coefficients[engine.place[rows]]
        shapes = engine.style.rest + (own - engine.style.rest) * part
        still = np.full(len(rows), float(part == 0))
        engine.enact(rows, Trajectory(shapes, np.zeros(len(rows)), still), np.ones(len(rows)))
    for frame in read_frames(given.clip):
        patch = engine.draw(frame)
        yield frame if patch is None else lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)
