"""What a fault looks like: mouths magnified, source above fault above what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.quality.card import Timeline
from relip.quality.score import ScoreRequest

COLUMNS: Final = 8
STRIPS: Final = 2
TILE: Final = (200, 160)
AMPLIFIED: Final = 8
"""Times by which differences are shown larger."""


def write_sheet(path: Path, request: ScoreRequest, seen: Timeline) -> None:
    """Write strips of consecutive frames, from places spread over the clip."""
    before, after = probe(request.original), probe(request.result)
    half = float(np.nanmedian(seen.mouths[:, 2] - seen.mouths[:, 0]))
    places = np.linspace(seen.first, seen.first + len(seen.times), STRIPS + 2)[1:-1]
    rows: list[NDArray[np.uint8]] = []
    for place in places:
        start = max(seen.first, min(int(place), seen.first + len(seen.times) - COLUMNS))
        stop = min(start + COLUMNS, seen.first + len(seen.times))
        columns = []
        pairs = zip(read_frames(before, start, stop), read_frames(after, start, stop), strict=True)
        for one, other in pairs:
            mouth = seen.mouths[one.index - seen.first].astype(float)
            if not np.isfinite(mouth).all():
                continue
            centre = (mouth[0] + mouth[2]) / 2, (mouth[1] + mouth[3]) / 2
            tiles = [_tile(one, centre, half), _tile(other, centre, half)]
            change = np.abs(tiles[1].astype(np.int16) - tiles[0]) * AMPLIFIED
            tiles.append(np.clip(change, 0, 255).astype(np.uint8))
            columns.append(np.vstack(tiles))
        if columns:
            blank = [np.zeros_like(columns[0])] * (COLUMNS - len(columns))
            rows += [np.hstack(columns + blank), np.full((6, COLUMNS * TILE[0], 3), 90, np.uint8)]
    path.parent.mkdir(parents=True, exist_ok=True)
    if rows and not cv2.imwrite(str(path), np.vstack(rows)[..., ::-1]):
        raise OSError(f"{path} cannot be written")


def _tile(frame: Frame, centre: tuple[float, float], half: float) -> NDArray[np.uint8]:
    high = half * TILE[1] / TILE[0]
    box = Box(
        int(centre[0] - half), int(centre[1] - high), int(centre[0] + half), int(centre[1] + high)
    ).within(frame.box)
    return np.asarray(cv2.resize(to_rgb8(frame, box), TILE, interpolation=cv2.INTER_CUBIC))
