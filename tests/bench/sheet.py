"""Contact sheets: what a person would look at first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.faces.steady import FIRM
from relip.media.clip import Clip
from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.mouth.shape import CORNERS, EYES
from relip.mouth.style import WINDOW, at
from relip.quality.performance import Performance, eye_distances
from relip.speech.articulation import VISEMES
from tests.bench.record import Run
from tests.bench.reenact import similarity

COLUMNS: Final = 10
ROWS: Final = 5
TILE: Final = (168, 132)
SLICE: Final = 150
_LABEL: Final = 16


def write_sheet(path: Path, run: Run, output: Path, result: Performance) -> None:
    """Pairs of rows, source above result, mouths magnified, in strips of consecutive frames.

    Every result is labelled with frame number, viseme, and closing amount where the lips shall
    touch. Strips begin shortly before the surest closures, one lies in silence.

    At the bottom the whole clip as two time slices, source above result: one column of pixels
    per frame, down the middle of the mouth, with the head held still. Below them green is
    silence, blue a closure, red other speech: under green and blue nothing may move or gape.
    """
    footage = run.footage
    starts = _strips(run)
    wanted = sorted({start + by for start in starts for by in range(COLUMNS)})
    tiles = {kind: _mouths(probe(file), wanted, run) for kind, file in _files(footage.clip, output)}
    gaps = dict(zip(result.rows.tolist(), result.gaps.tolist(), strict=True))
    assert run.dub is not None
    heard = at(run.dub.visemes, run.seconds, WINDOW / 2)
    strips = []
    for start in starts:
        for kind in ("source", "result"):
            row = []
            for index in range(start, start + COLUMNS):
                tile = tiles[kind].get(index, np.zeros((TILE[1], TILE[0], 3), np.uint8))
                place = index - footage.first
                text = str(index)
                if kind == "result" and 0 <= place < len(heard):
                    text = VISEMES[int(heard[place].argmax())]
                    closing = run.closing[place]
                    text += f" c{closing:.1f}" if closing > 0.05 else ""
                    text += f" still{run.still[place]:.1f}" if run.still[place] > 0.05 else ""
                    text += f"  g{gaps[index]:.3f}" if index in gaps else "  -"
                row.append(_labelled(tile, text))
            strips.append(np.hstack(row))
        strips.append(np.full((6, strips[-1].shape[1], 3), 90, np.uint8))
    strips += [_slice(probe(file), run) for _, file in _files(footage.clip, output)]
    strips.append(_colours(run))
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), np.vstack(strips)[..., ::-1]):
        raise OSError(f"{path} cannot be written")


def _files(clip: Clip, output: Path) -> tuple[tuple[str, Path], tuple[str, Path]]:
    return ("source", clip.path), ("result", output)


def _strips(run: Run) -> list[int]:
    """First frames of the strips, rising and not overlapping."""
    closing = np.nan_to_num(run.closing)
    chosen: list[int] = []

    def add(frame: int) -> None:
        frame = min(max(frame, 0), max(len(closing) - COLUMNS, 0))
        if all(abs(frame - other) >= COLUMNS for other in chosen):
            chosen.append(frame)

    silent = np.flatnonzero(np.nan_to_num(run.still) > 0.95)
    if len(silent):
        add(int(silent[len(silent) // 2]) - COLUMNS // 2)
    peaks = np.flatnonzero((closing[1:-1] >= closing[:-2]) & (closing[1:-1] > closing[2:])) + 1
    for frame in peaks[np.argsort(-closing[peaks], kind="stable")]:
        add(int(frame) - COLUMNS // 2)
        if len(chosen) >= ROWS:
            break
    for frame in np.flatnonzero(run.planned)[::COLUMNS]:
        if len(chosen) >= ROWS:
            break
        add(int(frame))
    return sorted(frame + run.footage.first for frame in chosen)


def _mouths(clip: Clip, wanted: list[int], run: Run) -> dict[int, NDArray[np.uint8]]:
    tiles = {}
    landmarks = run.footage.track.landmarks
    for frame in read_frames(clip, wanted[0], min(wanted[-1] + 1, clip.frames)):
        place = frame.index - run.footage.first
        if frame.index in wanted and np.isfinite(landmarks[place, 0, 0]):
            tiles[frame.index] = _magnified(frame, landmarks[place])
    return tiles


def _magnified(frame: Frame, landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    centre = landmarks[[*CORNERS, 0, 17], :2].mean(0)
    half = max(float(eye_distances(landmarks[None])[0]) * 0.62, 12)
    high = half * TILE[1] / TILE[0]
    box = Box(
        int(centre[0] - half), int(centre[1] - high), int(centre[0] + half), int(centre[1] + high)
    ).within(frame.box)
    if box.width < 4 or box.height < 4:
        return np.zeros((TILE[1], TILE[0], 3), np.uint8)
    return np.asarray(cv2.resize(to_rgb8(frame, box), TILE, interpolation=cv2.INTER_CUBIC))


def _slice(clip: Clip, run: Run) -> NDArray[np.uint8]:
    """``[SLICE, width, 3]``: the column through the middle of the mouth, frame by frame."""
    footage = run.footage
    marks = footage.track.landmarks
    assert run.engine is not None
    mean = run.engine.shapes.mean
    unit = SLICE / 1.1 / float(np.linalg.norm(mean[EYES[0]] - mean[EYES[1]]))
    middle = mean[[*CORNERS, 0, 17], :2].mean(0)
    firm = (mean[FIRM, :2] - middle) * unit + [4, SLICE * 0.42]
    columns = []
    for frame in read_frames(clip, footage.first, footage.first + len(footage.times)):
        points = marks[frame.index - footage.first]
        if np.isfinite(points[0, 0]):
            move = similarity(points[FIRM, :2].astype(float), firm)
            seen = cv2.warpAffine(to_rgb8(frame), move, (8, SLICE), flags=cv2.INTER_AREA)
            columns.append(seen.mean(1).astype(np.uint8))
        else:
            columns.append(np.zeros((SLICE, 3), np.uint8))
    return _stretched(np.stack(columns, 1))


def _colours(run: Run) -> NDArray[np.uint8]:
    bar = np.zeros((8, len(run.still), 3), np.uint8)
    bar[:, np.isfinite(run.still)] = (200, 40, 40)
    bar[:, np.nan_to_num(run.closing) > 0.5] = (60, 90, 255)
    bar[:, np.nan_to_num(run.still) > 0.95] = (40, 200, 40)
    return _stretched(bar)


def _stretched(strip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = (COLUMNS * TILE[0], strip.shape[0])
    return np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_NEAREST))


def _labelled(tile: NDArray[np.uint8], text: str) -> NDArray[np.uint8]:
    label = np.zeros((_LABEL, TILE[0], 3), np.uint8)
    cv2.putText(label, text, (2, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (255, 255, 120), 1)
    return np.vstack([tile, label])
