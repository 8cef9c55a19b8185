"""Faces a network drew, and where their lips are."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.engines.base import Task
from relip.engines.neural.crop import Placement, face_placement, in_picture, take_crop
from relip.engines.neural.softness import Softness
from relip.faces.follow import LEAST_PRESENCE
from relip.faces.landmarks import LandmarkNetwork, Patch, Region, region_of_landmarks, take_patch
from relip.footage import stretches
from relip.media.frame import Box, Colour, Frame, SampleFormat
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip.mouth.shape import STABLE, Array, learn_shapes

SAMPLES: Final = SampleFormat("gbrp16le", "rgb", 16)
"""What drawn faces are kept in: nothing that a 12-bit picture could show is lost."""
_TOP: Final = 65535
_LOWER: Final = 0.5
"""Where the part of a crop begins that networks draw anew, in crop heights."""
_ABOVE: Final = 0.4
"""Where what is kept of a drawn face begins."""
_BLEND: Final = 0.06
"""Crop heights over which a drawn face takes over below its middle."""
UNLIKE: Final = 1.5
"""See :func:`unlike`; beyond it a drawing is no face."""


class MouthNetwork(Protocol):
    """What draws lower faces to sound.

    Attributes
    ----------
    side : of the faces it takes, samples.
    batch : the most faces at once.
    """

    side: int
    batch: int

    def draw(self, faces: NDArray[np.float32], seconds: Array) -> NDArray[np.float32]:
        """The faces ``[n, side, side, 3]``, R, G, B, 0 to 1, saying the line.

        ``seconds`` ``[n]``: time in the line at which each is seen.
        """
        ...


@dataclass(frozen=True, eq=False)
class DrawnFace:
    """A face with another mouth.

    Attributes
    ----------
    crop : where in the spool its lower part lies.
    placement : where the crop lies in the picture.
    landmarks : float32 ``[478, 3]`` px of the picture, with the drawn mouth.
    """

    crop: int
    placement: Placement
    landmarks: NDArray[np.float32]

    def picture(self, spool: Spool, box: Box) -> NDArray[np.float32]:
        """It at the size of its picture, RGB ``[h, w, 3]`` inside ``box``."""
        kept = spool.get(self.crop)
        rgb = np.stack([kept.planes[number] for number in (2, 0, 1)], -1)
        scaled = rgb.astype(np.float32) / np.float32(_TOP)
        return in_picture(scaled, kept.box.y0, self.placement, box)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a network drew.

    Attributes
    ----------
    faces : by row of the clip's footage.
    failed : bool ``[n]``, rows in whose drawing no face was found.
    softness : how soft the drawn lips are, standard deviation in samples of a crop.
    """

    faces: dict[int, DrawnFace]
    failed: NDArray[np.bool_]
    softness: float


class Place(Protocol):
    """Where a network was trained to have a face ``[468, 3]`` px in its crop."""

    def __call__(self, face: Array, side: int) -> Placement:
        """The crop of ``side`` samples."""
        ...


def draw_faces(
    task: Task, network: MouthNetwork, place: Place = face_placement
) -> Generator[int, None, Drawn]:
    """Every wanted mouth that can be seen, drawn by the network; yields frames done.

    The clip is read once more. Of a frame only the lower half of its drawn crop is kept, in the
    spool, and its landmarks.
    """
    main = task.footages[0]
    usable = main.usable
    rows = np.flatnonzero(usable)
    shapes = learn_shapes(main.track.landmarks[rows], components=1)
    pose, typical = shapes.pose, shapes.mean
    del shapes  # it holds every frame's face once more
    rank = np.cumsum(usable) - 1
    reader = _Reader()
    softness = Softness()
    faces: dict[int, DrawnFace] = {}
    failed = np.zeros(len(usable), bool)
    done = 0
    waiting: list[tuple[int, Frame, Patch, Placement, NDArray[np.float32]]] = []

    def carry_out() -> None:
        crops = np.stack([crop for *_, crop in waiting])
        seconds = task.seconds[[row for row, *_ in waiting]]
        made = np.clip(network.draw(crops, seconds), 0, 1)
        for (row, frame, patch, placement, crop), drawing in zip(waiting, made, strict=True):
            if unlike(crop, drawing) > UNLIKE:
                failed[row] = True
                continue
            softness.take(crop, drawing)
            as_soft = softness.applied(crop)
            change = reader.change(patch, main.track.landmarks[row], placement, as_soft, drawing)
            if change is None:
                failed[row] = True
                continue
            landmarks = main.track.landmarks[row] + change
            faces[row] = DrawnFace(task.spool.put(_kept(frame, drawing)), placement, landmarks)
        waiting.clear()

    for start, stop in stretches(task.wanted & usable, main.track.shots):
        for frame in read_frames(main.clip, main.first + start, main.first + stop):
            row = frame.index - main.first
            mean = pose.image(int(rank[row]), typical)
            placement = place(mean, network.side)
            around = placement.bounds(network.side).within(frame.box)
            if around.empty:
                failed[row] = True
                continue
            crop = take_crop(frame, placement, network.side)
            patch = take_patch(frame, region_of_landmarks(main.track.landmarks[row]))
            waiting.append((row, _without_planes(frame), patch, placement, crop))
            done += 1
            if len(waiting) == network.batch:
                carry_out()
                yield done  # networks take up to minutes for a batch
    if waiting:
        carry_out()
    yield done
    return Drawn(faces, failed, softness.value)


def unlike(given: NDArray[np.float32], drawn: NDArray[np.float32]) -> float:
    """How unlike the given lower face the drawn one is: 0 is the same, 1 plain skin.

    The mean difference over the mean contrast. A closed mouth opened wide had .8, grey 1.7,
    noise 2.5.
    """
    side = len(given)
    part = slice(side // 2, side), slice(round(0.15 * side), round(0.85 * side))
    face = given[part]
    contrast = float(np.abs(face - face.mean((0, 1))).mean())
    return float(np.abs(drawn[part] - face).mean()) / max(contrast, 1e-3)


class _Reader:
    """Reads how the landmarks of a face change with a drawn mouth."""

    def __init__(self) -> None:
        self._network = LandmarkNetwork()

    def change(
        self,
        patch: Patch,
        landmarks: NDArray[np.float32],
        placement: Placement,
        given: NDArray[np.float32],
        drawn: NDArray[np.float32],
    ) -> NDArray[np.float32] | None:
        """``[478, 3]`` px between crops ``[side, side, 3]``; None if no face is to be seen.

        Both are laid into the picture and read in the same region: what the network of landmarks
        gets wrong about this face, in this light and as soft as this, it gets wrong twice. An
        unchanged mouth keeps its landmarks.
        """
        region = region_of_landmarks(landmarks)
        picture = patch.crop(region)
        before, after = (
            self._network.read(_laid(picture, crop, placement, region), region)
            for crop in (given, drawn)
        )
        if after.presence < LEAST_PRESENCE:
            return None
        change = after.landmarks - before.landmarks
        change[STABLE] = 0
        return change


def _laid(
    picture: NDArray[np.uint8], crop: NDArray[np.float32], placement: Placement, region: Region
) -> NDArray[np.uint8]:
    """The picture of a region with the lower half of a crop laid over it."""
    side = len(crop)
    to_crop = _composed(placement.inverse, region.placement(len(picture)))
    laid = _warped(crop * np.float32(255), to_crop, len(picture), cv2.BORDER_REPLICATE)
    ramp = (np.arange(side) + 0.5) / side - _LOWER
    mask = np.repeat(np.clip(ramp / _BLEND, 0, 1).astype(np.float32)[:, None], side, 1)
    alpha = _warped(mask, to_crop, len(picture), cv2.BORDER_CONSTANT)[..., None]
    return np.rint(picture + (laid - picture) * alpha).astype(np.uint8)


def _composed(outer: Array, inner: Array) -> Array:
    """The affine ``[2, 3]`` that does ``inner``, then ``outer``."""
    return np.asarray(outer @ np.vstack([inner, [0, 0, 1]]))


def _warped(
    picture: NDArray[np.float32], matrix: Array, side: int, border: int
) -> NDArray[np.float32]:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (side, side)
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=border))


def _without_planes(frame: Frame) -> Frame:
    """The frame's time and place, without its picture."""
    return dataclasses.replace(frame, planes=(), box=Box(0, 0, 0, 0))


def _kept(frame: Frame, drawing: NDArray[np.float32]) -> Frame:
    """The lower part of a drawn crop as a frame for the spool."""
    side = len(drawing)
    top = int(_ABOVE * side)
    samples = np.rint(drawing[top:] * _TOP).astype(np.uint16)
    planes = tuple(np.ascontiguousarray(samples[..., channel]) for channel in (1, 2, 0))
    return dataclasses.replace(
        frame,
        format=SAMPLES,
        colour=Colour(full=True),
        width=side,
        height=side,
        planes=planes,
        box=Box(0, top, side, side),
    )
