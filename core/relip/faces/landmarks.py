"""478 landmarks of one face, from a rotated crop of the native frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.faces.detect import Detection
from relip.media.colour import to_rgb8
from relip.media.frame import Box, Frame
from relip.onnx import Network

SIDE: Final = 256
MARGIN: Final = 1.5
"""Side of the region around a face over the side of the face's box (the network's training)."""
RIGHT_EYE: Final = 33
LEFT_EYE: Final = 263
FINEST: Final = 1.5
"""Samples of a patch per sample of the network's input; more only costs, less blurs."""


@dataclass(frozen=True)
class Region:
    """A rotated square: centre and side in px, angle in radians, clockwise as seen."""

    x: float
    y: float
    side: float
    angle: float

    def placement(self, size: int = SIDE) -> NDArray[np.float64]:
        """``[2, 3]``: where the centre ``(u, v, 1)`` of a sample of the crop lies in the picture.

        Crops are sampled as MediaPipe does: ``(0, 0)`` and ``(size, size)`` are the corners of
        the square, without a shift by half a sample.
        """
        c, s = np.cos(self.angle), np.sin(self.angle)
        axes = np.array([[c, -s], [s, c]]) * (self.side / size)
        return np.column_stack([axes, np.array([self.x, self.y]) - axes @ [size / 2, size / 2]])

    def bounds(self, margin: float = 1.0) -> tuple[float, float, float, float]:
        """``x0, y0, x1, y1`` of the upright rectangle around the square, grown by ``margin``."""
        half = (abs(np.cos(self.angle)) + abs(np.sin(self.angle))) * self.side / 2 * margin
        return self.x - half, self.y - half, self.x + half, self.y + half


def region_of_detection(face: Detection) -> Region:
    """The square the landmark network wants, from a detection."""
    return _region(face.box, face.keypoints[0], face.keypoints[1])


def region_of_landmarks(landmarks: NDArray[np.float32]) -> Region:
    """The square the landmark network wants, from landmarks ``[478, 3]`` of the same face."""
    points = landmarks[:, :2]
    box = np.stack([points.min(0), points.max(0)])
    return _region(box, points[RIGHT_EYE], points[LEFT_EYE])


def _region(
    box: NDArray[np.float32], right: NDArray[np.float32], left: NDArray[np.float32]
) -> Region:
    x, y = (float(value) for value in box.mean(0))
    dx, dy = (float(value) for value in left - right)
    return Region(x, y, float(np.max(box[1] - box[0])) * MARGIN, float(np.arctan2(dy, dx)))


@dataclass(frozen=True, eq=False)
class Patch:
    """A part of a frame as RGB, at most about as fine as the landmark network can see.

    Attributes
    ----------
    picture : uint8 ``[h, w, 3]`` RGB.
    box : the part of the frame it shows.
    whole : width and height of the frame.
    """

    picture: NDArray[np.uint8]
    box: Box
    whole: tuple[int, int]

    def covers(self, region: Region) -> bool:
        """Whether everything of the region that is inside the frame is in the patch."""
        x0, y0, x1, y1 = region.bounds()
        width, height = self.whole
        return bool(
            max(x0, 0) >= self.box.x0
            and max(y0, 0) >= self.box.y0
            and min(x1, width) <= self.box.x1
            and min(y1, height) <= self.box.y1
        )

    def crop(self, region: Region, size: int = SIDE) -> NDArray[np.uint8]:
        """The region upright, ``[size, size, 3]``; what is outside repeats the edge."""
        rows, columns = self.picture.shape[:2]
        step = np.array([self.box.width / columns, self.box.height / rows])
        corner = np.array([self.box.x0 - 0.5, self.box.y0 - 0.5])
        placement = region.placement(size)
        # Centre of patch sample i is at corner + (i + 1/2) step.
        placement[:, 2] -= corner + step / 2
        placement /= step[:, None]
        return np.asarray(
            cv2.warpAffine(
                self.picture,
                placement,
                (size, size),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )


def take_patch(frame: Frame, region: Region, margin: float = 1.2) -> Patch:
    """The part of the frame around a region; ``margin`` leaves room for the region to move.

    Where the face is larger than the network's input the patch is averaged down first: sampling
    it directly would alias, and landmarks on film grain would tremble.
    """
    x0, y0, x1, y1 = region.bounds(margin)
    whole = Box(0, 0, frame.width, frame.height)
    box = Box(int(x0), int(y0), int(np.ceil(x1)), int(np.ceil(y1))).within(whole)
    if box.empty:  # the face left the picture: its nearest corner is as good as any
        x, y = min(max(box.x0, 0), whole.x1 - 1), min(max(box.y0, 0), whole.y1 - 1)
        box = Box(x, y, x + 1, y + 1)
    # Whole chroma samples of every layout, so that the picture is exactly the box.
    box = box.grown_to(4, 4).within(whole)
    scale = min(1.0, FINEST * SIDE / region.side)
    return Patch(to_rgb8(frame, box, scale), box, (frame.width, frame.height))


@dataclass(frozen=True, eq=False)
class Face:
    """What the network sees in one crop.

    Attributes
    ----------
    landmarks : float32 ``[478, 3]`` px of the frame; z in the same scale, smaller is nearer.
    presence : 0 to 1, whether there is a face at all.
    """

    landmarks: NDArray[np.float32]
    presence: float


class LandmarkNetwork:
    """Face Landmarker v2 (MediaPipe)."""

    def __init__(self) -> None:
        self._network = Network("face_landmarks")

    def read(self, crop: NDArray[np.uint8], region: Region) -> Face:
        """The face in a crop of that region, in the frame's coordinates."""
        outputs = self._network.run({"input": (crop.astype(np.float32) / 255)[None]})
        points = outputs["Identity"].reshape(478, 3).astype(np.float64)
        # The network counts from the corner of its first sample, the crop from its centre: on
        # mirrored pictures landmarks disagreed by .45 to .51 sample each way, up to 1.3 px in HD.
        points[:, :2] -= 0.5
        placement = region.placement()
        landmarks = np.empty((478, 3), np.float32)
        landmarks[:, :2] = points[:, :2] @ placement[:, :2].T + placement[:, 2]
        landmarks[:, 2] = points[:, 2] * (region.side / SIDE)
        return Face(landmarks, float(1 / (1 + np.exp(-outputs["Identity_1"].ravel()[0]))))
