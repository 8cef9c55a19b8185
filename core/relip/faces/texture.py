"""Small pictures of a face that do not change with its pose: its lower part, its whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.faces.landmarks import Region

COLUMNS: Final = 24
ROWS: Final = 24

# Rows of landmarks from one corner to the other, around the lips: beside and under the nose,
# around the mouth, outer and inner edge of the upper lip; then the same downwards from the lower
# lip's inner edge to the chin. The mouth's interior lies between the two and is left out:
# teeth and tongue come and go in speech.
_UPPER: Final = np.array(
    [
        [216, 206, 203, 98, 97, 2, 326, 327, 423, 426, 436],
        [57, 186, 92, 165, 167, 164, 393, 391, 322, 410, 287],
        [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291],
        [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308],
    ]
)
_LOWER: Final = np.array(
    [
        [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308],
        [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291],
        [57, 43, 106, 182, 83, 18, 313, 406, 335, 273, 287],
        [212, 202, 204, 194, 201, 200, 421, 418, 424, 422, 432],
        [172, 136, 150, 176, 148, 152, 377, 400, 379, 365, 397],
    ]
)
UPPER_ROWS: Final = 10
MESH: Final = 468
"""Landmarks of the face's surface; the last ten are of the irises."""
SKIN: Final = np.array([50, 280, 101, 330, 117, 346, 6, 197, 195, 9, 151])
"""Cheekbones, nose ridge, forehead: skin that a hand over the mouth leaves in the light."""
_EYES_AND_BRIDGE: Final = np.array([33, 263, 168])
_UPPER_OVAL: Final = np.array(
    [127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356]
)
_HAIR: Final = (1.15, 1.3)
"""Where hair is sampled, in distances of the upper outline from the bridge of the nose."""


@dataclass(frozen=True, eq=False)
class Glimpse:
    """What is kept of one face in one frame besides its landmarks.

    Attributes
    ----------
    lower : uint8 ``[24, 24, 3]`` RGB, skin and lips below the nose, the same points of the face
        in every frame: 10 rows from the nose down to the upper lip's edge, 14 from the lower
        lip's edge to the chin.
    looks : uint8 ``[498, 3]`` RGB, the colour at each landmark of the surface and, after
        those, at points above the forehead and temples.
    """

    lower: NDArray[np.uint8]
    looks: NDArray[np.uint8]


def glimpse(crop: NDArray[np.uint8], region: Region, landmarks: NDArray[np.float32]) -> Glimpse:
    """Thumbnails of the face in a crop of that region."""
    placement = region.placement(crop.shape[0])
    inverse = np.linalg.inv(placement[:, :2])
    points = (landmarks[:MESH, :2] - placement[:, 2]) @ inverse.T
    grid = np.concatenate(
        [_resampled(points[_UPPER], UPPER_ROWS), _resampled(points[_LOWER], ROWS - UPPER_ROWS)]
    )
    middle = points[_EYES_AND_BRIDGE].mean(0)
    hair = [middle + (points[_UPPER_OVAL] - middle) * reach for reach in _HAIR]
    # A quarter of the crop's size: every sample stands for about 4 x 4, and noise averages out.
    small = np.asarray(
        cv2.resize(crop, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.uint8
    )
    looks = _sampled(small, np.concatenate([points, *hair])[None] / 4)
    return Glimpse(_sampled(small, grid / 4), looks[0])


def _resampled(chains: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """``[rows, COLUMNS, 2]`` points evenly between chains ``[c, k, 2]``, ends included."""
    down = _spread(chains, rows)
    return _spread(down.transpose(1, 0, 2), COLUMNS).transpose(1, 0, 2)


def _spread(points: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """``count`` points evenly along the first axis, by linear interpolation, ends included."""
    place = np.linspace(0, len(points) - 1, count)
    low = np.minimum(place.astype(int), len(points) - 2)
    share = (place - low)[:, None, None]
    return np.asarray((1 - share) * points[low] + share * points[low + 1], np.float64)


def _sampled(picture: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.uint8]:
    places = points.astype(np.float32)
    return np.asarray(
        cv2.remap(
            picture,
            places[..., 0],
            places[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )
