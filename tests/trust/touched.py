"""Faults in the picture of a mouth that moves rightly: soft, boxed, off in colour, flickering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.frame import Box, Frame
from relip.media.reader import read_frames
from relip.mouth.shape import LIPS_OUTER, smoothstep
from relip.quality.performance import around, eye_distances
from relip.render import warp
from relip.render.lay import lay
from tests.trust.shown import Shown

SOFT: Final = 0.02
"""Standard deviation of the blur in eye distances. A network that draws 96 pixels for a face
2.2 eye distances wide has one pixel in 0.023 of them."""
WARM: Final = np.array([1.03, 1.0, 0.97], np.float32)
"""Gain of red, green and blue: 3 % to the warm side."""
LIGHT: Final = np.array([1.03, 1.03, 1.03], np.float32)
"""Gain of red, green and blue: 3 % lighter."""
FLICKER: Final = 1.05
"""Gain of every other frame."""
SLIPPED: Final = 0.015
"""Eye distances by which the pasted box is off."""
BOXED: Final = 1.03
"""Gain of the pasted box."""
REACH: Final = (0.05, 0.16)
"""Eye distances from the lips: up to the first a fault shows in full, beyond the second not."""

COLOURED: Final = (0.15, 0.3)
"""The same for a colour that is off: it is told by the skin around the lips."""


def matte(
    marks: NDArray[np.float32], box: Box, full: float = REACH[0], none: float = REACH[1]
) -> NDArray[np.float32]:
    """1 within ``full`` eye distances of the lips, 0 beyond ``none``, smooth between."""
    hull = cv2.convexHull(marks[LIPS_OUTER, :2].astype(np.float32))[:, 0].astype(np.float64)
    unit = float(eye_distances(marks[None])[0])
    away = warp.distance(hull, box).astype(np.float64) / unit
    return (1 - smoothstep((away - full) / (none - full))).astype(np.float32)


def around_mouth(frame: Frame, marks: NDArray[np.float32], reach: float) -> Box:
    """The lips' box grown by ``reach`` eye distances."""
    unit = float(eye_distances(marks[None])[0])
    return around(marks[LIPS_OUTER, :2], reach * unit, frame.box)


def with_marks(given: Shown) -> Iterator[tuple[Frame, NDArray[np.float32] | None]]:
    """Every frame, with its landmarks where the mouth can be seen."""
    usable = given.footage.usable
    for frame in read_frames(given.clip):
        yield frame, given.marks[frame.index] if usable[frame.index] else None


def blurred(given: Shown) -> Iterator[Frame]:
    """The mouth as soft as a small network's, soft-edged."""
    for frame, marks in with_marks(given):
        if marks is None:
            yield frame
            continue
        sigma = SOFT * float(eye_distances(marks[None])[0])
        box = around_mouth(frame, marks, REACH[1] + 4 * SOFT)
        rgb = np.asarray(cv2.GaussianBlur(to_rgb(frame, box), (0, 0), sigma), np.float32)
        yield lay(frame, rgb, matte(marks, box), box.x0, box.y0)


def boxed(given: Shown) -> Iterator[Frame]:
    """The mouth cut out and pasted with hard edges, a little lighter, a little aside."""
    for frame, marks in with_marks(given):
        if marks is None:
            yield frame
            continue
        step = max(1, round(SLIPPED * float(eye_distances(marks[None])[0])))
        box = around_mouth(frame, marks, 0.14)
        taken = Box(box.x0 - step, box.y0 - step, box.x1 - step, box.y1 - step).within(frame.box)
        if (taken.width, taken.height) != (box.width, box.height):
            yield frame
            continue
        rgb = to_rgb(frame, taken) * np.float32(BOXED)
        yield lay(frame, rgb, np.ones(rgb.shape[:2], np.float32), box.x0, box.y0)


def warmer(given: Shown) -> Iterator[Frame]:
    """The mouth 3 % warmer than the face."""
    return _gained(given, WARM)


def lighter(given: Shown) -> Iterator[Frame]:
    """The mouth 3 % lighter than the face."""
    return _gained(given, LIGHT)


def flickering(given: Shown) -> Iterator[Frame]:
    """The mouth lighter in every other frame; nothing of it reaches the region's edge."""
    for frame, marks in with_marks(given):
        if marks is None or frame.index % 2 == 0:
            yield frame
            continue
        box = around_mouth(frame, marks, REACH[1] + 0.02)
        weight = matte(marks, box, 0.0)
        yield lay(frame, to_rgb(frame, box) * np.float32(FLICKER), weight, box.x0, box.y0)


def _gained(given: Shown, gain: NDArray[np.float32]) -> Iterator[Frame]:
    for frame, marks in with_marks(given):
        if marks is None:
            yield frame
            continue
        box = around_mouth(frame, marks, COLOURED[1] + 0.02)
        yield lay(frame, to_rgb(frame, box) * gain, matte(marks, box, *COLOURED), box.x0, box.y0)
