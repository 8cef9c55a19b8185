"""Everybody in a part of a clip: followed once, then remembered."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.follow import Follower, SeenFrame
from relip.faces.occlusion import mouth_hidden
from relip.faces.track import FaceTrack
from relip.media.clip import Clip
from relip.media.frame import Box, Frame
from relip.media.identity import media_identity
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip.memory import FORGETFUL, Arrays, Memory, key_of
from relip.mouth.shape import CHIN, FOREHEAD, LIPS_INNER, OVAL
from relip.render.face import outline

LEAST_SIDE: Final = 8
"""Px of a lower face below which nothing is put aside of it."""
_STEP: Final = 12
"""Frames between reports."""


@dataclass(frozen=True, eq=False)
class People:
    """Who is seen in ``n`` consecutive frames, ``p`` persons by number.

    Attributes
    ----------
    tracks : theirs.
    hidden : float32 ``[p, n]``, 0 to 1, how likely each mouth is covered.
    boxes : int32 ``[p, n, 4]`` left, top, right, bottom of each lower face in px, half-open; all 0
        where there is none.
    shots : int32 ``[n]``, number of the shot each frame belongs to, from 0.
    crops : int64 ``[p, n]``, where the spool has each lower face, -1 for nowhere; None if none was
        put aside.
    """

    tracks: tuple[FaceTrack, ...]
    hidden: NDArray[np.float32]
    boxes: NDArray[np.int32]
    shots: NDArray[np.int32]
    crops: NDArray[np.int64] | None = None


def people_in(
    clip: Clip, first: int, stop: int, memory: Memory = FORGETFUL, spool: Spool | None = None
) -> Generator[int, None, People]:
    """Everybody in frames ``[first, stop)``; yields frames done, none if they are remembered.

    With a spool their lower faces are put aside on the way, unless they are remembered.
    """
    key = _key(clip, first, stop)
    kept = memory.find(key)
    known = None if kept is None else _unpacked(kept, clip, stop - first)
    if known is not None:
        return known
    people = yield from _followed(clip, first, stop, spool)
    if _key(clip, first, stop) == key:  # else the file was replaced meanwhile
        memory.keep(key, _packed(people))
    return people


def lower_faces(
    clip: Clip, first: int, people: People, places: Sequence[int], spool: Spool
) -> Generator[int, None, NDArray[np.int64]]:
    """Where the spool has the lower faces of some of the people, ``[len(places), n]``.

    Decodes the clip if they were not put aside, and yields frames done.

    Parameters
    ----------
    first : frame of the clip that is row 0.
    places : of the people, from 0.
    """
    wanted = list(places)
    if people.crops is not None:
        return people.crops[wanted]
    boxes = people.boxes[wanted]
    crops = np.full(boxes.shape[:2], -1, np.int64)
    there = np.flatnonzero((boxes[..., 2] > 0).any(0))
    if not len(there):
        return crops
    for frame in read_frames(clip, first + int(there[0]), first + int(there[-1]) + 1):
        row = frame.index - first
        for place in np.flatnonzero(boxes[:, row, 2] > 0):
            crops[place, row] = spool.put(frame.crop(Box(*boxes[place, row].tolist())))
        if row % _STEP == 0:
            yield row
    return crops


def lower_face(landmarks: NDArray[np.float32], frame: Frame) -> Box:
    """The part of the picture a mouth is drawn from: below the eyes, as far as the face moves."""
    points = landmarks.astype(float)
    down = points[CHIN, :2] - points[FOREHEAD, :2]
    down /= max(float(np.linalg.norm(down)), 1e-6)
    # The face's own axes, across and down it: heads are held askew, and some lie.
    axes = np.array([[down[1], -down[0]], down])
    edge = np.vstack([outline(points), points[OVAL, :2]]) @ axes.T
    middle = (points[LIPS_INNER, :2] @ axes.T).mean(0)
    # Half of the outline is enough around the mouth; cheeks come from the frame itself.
    left = (edge.min(0) * 0.7 + middle * 0.3)[0]
    top = (points[[4, 6, 197], :2] @ axes.T)[:, 1].mean()
    right, bottom = edge.max(0) * 0.85 + middle * 0.15
    corners = np.array([(x, y) for x in (left, right) for y in (top, bottom)]) @ axes
    low, high = np.floor(corners.min(0)), np.ceil(corners.max(0))
    box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    return box.within(Box(0, 0, frame.width, frame.height))


def _followed(
    clip: Clip, first: int, stop: int, spool: Spool | None
) -> Generator[int, None, People]:
    follower = Follower(clip.rate, clip.rotation)
    # By row and provisional number.
    lower: dict[tuple[int, int], Box] = {}
    put: dict[tuple[int, int], int] = {}
    row = 0

    def take(seen: list[SeenFrame]) -> None:
        nonlocal row
        for item in seen:
            for name, landmarks in item.faces.items():
                box = lower_face(landmarks, item.frame)
                if box.width >= LEAST_SIDE and box.height >= LEAST_SIDE:
                    lower[row, name] = box
                    if spool is not None:
                        put[row, name] = spool.put(item.frame.crop(box))
            row += 1

    for done, frame in enumerate(read_frames(clip, first, stop)):
        take(follower.take(frame))
        if done % _STEP == 0:
            yield done
    take(follower.flush())
    tracks = follower.tracks()
    places = {track.number: place for place, track in enumerate(tracks)}
    boxes = np.zeros((len(tracks), row, 4), np.int32)
    crops = np.full((len(tracks), row), -1, np.int64)
    hidden = np.ones((len(tracks), row), np.float32)
    for (at, name), box in lower.items():
        number = follower.numbers.get(name)
        if number is None or not tracks[places[number]].seen[at]:
            continue
        boxes[places[number], at] = box.x0, box.y0, box.x1, box.y1
        crops[places[number], at] = put.get((at, name), -1)
    for track in tracks:
        hidden[places[track.number]] = mouth_hidden(follower.glimpses(track.number), track.shots)
    return People(tracks, hidden, boxes, follower.shots, None if spool is None else crops)


def _key(clip: Clip, first: int, stop: int) -> str:
    form = f"{clip.frames} frames, {clip.width} x {clip.height}, {clip.rate}, {clip.rotation}"
    return key_of("people", media_identity(clip.path), form, f"frames {first} to {stop}")


def _packed(people: People) -> Arrays:
    """Landmarks only of those seen: most of what is kept, and they hardly get smaller."""
    tracks, count = people.tracks, len(people.shots)
    seen = [track.landmarks[track.seen] for track in tracks]
    return {
        "numbers": np.array([track.number for track in tracks], np.int64),
        "presence": np.array([track.presence for track in tracks], np.float32).reshape(-1, count),
        "landmarks": np.concatenate([np.zeros((0, 478, 3), np.float32), *seen]),
        "hidden": people.hidden,
        "boxes": people.boxes,
        "shots": people.shots,
    }


def _unpacked(kept: Arrays, clip: Clip, count: int) -> People | None:
    """What :func:`_packed` was given, None if it cannot be that."""
    try:
        numbers, presence, landmarks = kept["numbers"], kept["presence"], kept["landmarks"]
        hidden, boxes, shots = kept["hidden"], kept["boxes"], kept["shots"]
    except KeyError:
        return None
    people = len(numbers) if numbers.ndim == 1 else -1
    forms = (
        (numbers, np.int64, (people,)),
        (presence, np.float32, (people, count)),
        (hidden, np.float32, (people, count)),
        (boxes, np.int32, (people, count, 4)),
        (shots, np.int32, (count,)),
        (landmarks, np.float32, (np.count_nonzero(presence > 0), 478, 3)),
    )
    if any(array.dtype != kind or array.shape != shape for array, kind, shape in forms):
        return None
    low, high = boxes[..., :2], boxes[..., 2:]
    inside = (low >= 0) & (low <= high) & (high <= (clip.width, clip.height))
    if not (inside.all() and np.isfinite(landmarks).all()):
        return None
    tracks = []
    taken = 0
    for number, sure in zip(numbers.tolist(), presence, strict=True):
        whole = np.full((count, 478, 3), np.nan, np.float32)
        rows = int((sure > 0).sum())
        whole[sure > 0] = landmarks[taken : taken + rows]
        taken += rows
        tracks.append(FaceTrack(number, whole, sure, shots))
    return People(tuple(tracks), hidden, boxes, shots)
