"""Pictures of both clips, cut out, scaled and turned as players show them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.clip import Clip
from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.media.reader import read_frames
from relip.quality.pairing import paired
from relip_job.errors import OutputError
from relip_job.job import TimeRange

Picture = NDArray[np.uint8]
"""RGB ``[h, w, 3]``."""
_WORTH_DECODING: Final = 60
"""Frames that are rather decoded in vain than a reader opened again."""


def pairs(
    original: Clip, result: Clip, wanted: Sequence[int], cut: TimeRange | None = None
) -> Iterator[tuple[Frame, Frame | None]]:
    """Yield the frames ``wanted`` (rising) of the original, each with the result's of its time.

    Where the result has none, it is None. It shows the original's ``cut``, or all of it.
    """
    for run in _runs(wanted):
        partners = paired(original, result, run[0], run[-1] + 1 - run[0], cut)
        chosen = set(run)
        after = _forward(result, [at for at in partners.tolist() if at >= 0])
        for before in read_frames(original, run[0], run[-1] + 1):
            found = int(partners[before.index - run[0]]) >= 0
            there = next(after) if found else None
            if before.index in chosen:
                yield before, there


def _forward(clip: Clip, wanted: list[int]) -> Iterator[Frame]:
    """The frames ``wanted``, which never fall but may repeat."""
    if not wanted:
        return
    frames = read_frames(clip, wanted[0], wanted[-1] + 1)
    frame = next(frames)
    for index in wanted:
        while frame.index < index:
            frame = next(frames)
        yield frame


def _runs(wanted: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for index in wanted:
        if run and index - run[-1] > _WORTH_DECODING:
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def upright(clip: Clip, box: Box) -> Fraction:
    """Width to height of the part as players show it."""
    ratio = Fraction(box.width, box.height) * clip.pixel_aspect
    return 1 / ratio if clip.rotation % 180 else ratio


def shown(clip: Clip, frame: Frame, box: Box, size: tuple[int, int]) -> Picture:
    """The part of the frame inside ``box``, ``size`` px wide and high on the screen."""
    coded = size[::-1] if clip.rotation % 180 else size
    box = box.within(frame.box)
    # Halving by area first keeps what the finer resampling would skip over.
    scale = max(coded[0] / box.width, coded[1] / box.height)
    small = to_rgb8(frame, box, min(1.0, scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return clip.turn.displayed(np.asarray(cv2.resize(small, coded, interpolation=way), np.uint8))


def inside(box: Box, picture: Box) -> Box:
    """The box moved, and cut only where it must be, into the picture."""
    width, height = min(box.width, picture.width), min(box.height, picture.height)
    x0 = min(max(box.x0, picture.x0), picture.x1 - width)
    y0 = min(max(box.y0, picture.y0), picture.y1 - height)
    return Box(x0, y0, x0 + width, y0 + height)


def jpeg(picture: Picture, quality: int = 84) -> str:
    """The picture as a ``data:`` address."""
    made, packed = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not made:
        raise OutputError("a picture of the report cannot be made", "leave --report out")
    return "data:image/jpeg;base64," + base64.b64encode(packed.tobytes()).decode("ascii")
