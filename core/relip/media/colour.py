"""Native planes to RGB and back, one region at a time.

RGB here is always the *encoded* signal (no transfer function is undone), float32, ``[h, w, 3]``
in R, G, B order, nominal range 0 to 1, not clipped: super-whites survive the round trip.
The matrix, range and siting are the stream's own; what the stream leaves unspecified is
taken as BT.709 for pictures 720 rows high or more, else BT.601, limited range, left siting,
as players do.

Chroma goes up by linear interpolation and down by its biorthogonal dual (the analysis
low-passes of the LeGall 5/3 wavelet for co-sited samples and of CDF 3.1 for centred ones), so
what is only converted there and back keeps its chroma exactly.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Box, Colour, Frame, Plane, SampleFormat

# ITU-T H.273 table 4: matrix coefficients, code point to (Kr, Kb). Constant luminance (10) and
# ICtCp (14) are not linear; the matrix of BT.2020 is close, and the same one is used both ways.
_LUMA = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
    14: (0.2627, 0.0593),
}
_IDENTITY, _YCGCO, _BT601, _BT709 = 0, 8, 6, 1
_HD_ROWS = 720
Sample = TypeVar("Sample", np.uint8, np.uint16, np.float32)
_DUAL_COSITED = np.array([-1, 2, 6, 2, -1], np.float32) / np.float32(8)
_DUAL_CENTRED = np.array([-1, 3, 3, -1], np.float32) / np.float32(4)


def to_rgb(frame: Frame, box: Box | None = None) -> NDArray[np.float32]:
    """Return the region as float32 ``[h, w, 3]`` RGB; all that the frame holds without ``box``.

    Raises
    ------
    ValueError
        ``box`` reaches out of the frame.
    """
    box = _checked(frame, box)
    fmt = frame.format
    luma = _part(frame, 0, box).astype(np.float32)
    if fmt.model == "gray":
        scale, offset = _luma_range(fmt.bits, frame.colour.full)
        return cv2.merge([(luma - offset) / scale] * 3).astype(np.float32, copy=False)
    rest = [_full_size(frame, number, box, np.float32) for number in (1, 2)]
    stacked = cv2.merge([luma, *rest])
    return cv2.transform(stacked, decoding(fmt, frame.colour, frame.height)).astype(
        np.float32, copy=False
    )


def to_rgb8(frame: Frame, box: Box | None = None, scale: float = 1.0) -> NDArray[np.uint8]:
    """Return the region as uint8 ``[h, w, 3]`` RGB, for analysis: fast, clipped to 0 to 255.

    Parameters
    ----------
    scale : size of the result relative to ``box``; below 1 by area. Sample centres map as in
        ``cv2.resize``: ``x_out = (x - x0 + 0.5) * scale - 0.5``.
    """
    box = _checked(frame, box)
    fmt = frame.format
    size = (max(1, round(box.width * scale)), max(1, round(box.height * scale)))
    planes = []
    for number in range(1 if fmt.model == "gray" else 3):
        sx, sy = frame.steps(number)
        if size == (box.width, box.height):
            planes.append(_full_size(frame, number, box, np.uint8))
            continue
        way = cv2.INTER_AREA if size[0] * sx < box.width else cv2.INTER_LINEAR
        # Averaging before the depth is cut keeps what the low bits add up to.
        small = cv2.resize(_part(frame, number, box.grown_to(sx, sy)), size, interpolation=way)
        planes.append(_as_kind(small.astype(np.uint16, copy=False), fmt.bits, np.uint8))
    eight = SampleFormat(fmt.name, fmt.model, 8, fmt.chroma_x, fmt.chroma_y)
    if fmt.model == "gray":
        gain, offset = _luma_range(8, frame.colour.full)
        gray = np.array([[1.0, -offset]] * 3, np.float32) * np.float32(255 / gain)
        return cv2.transform(planes[0], gray).astype(np.uint8, copy=False)
    matrix = decoding(eight, frame.colour, frame.height) * np.float32(255)
    return cv2.transform(cv2.merge(planes), matrix).astype(np.uint8, copy=False)


def from_rgb(
    rgb: NDArray[np.float32], fmt: SampleFormat, colour: Colour, height: int
) -> tuple[NDArray[np.float32], ...]:
    """Return the planes of a region as unrounded code values, in ``fmt``'s order, no alpha.

    Parameters
    ----------
    rgb : float32 ``[h, w, 3]``, a region that starts on a chroma sample's first luma sample.
    height : rows of the whole picture, which decides an unspecified matrix.

    Returns
    -------
    float32 planes, the chroma ones ``[ceil(h / chroma_y), ceil(w / chroma_x)]``; not clipped.
    """
    if fmt.model == "gray":
        scale, offset = _luma_range(fmt.bits, colour.full)
        weights = np.array([[0.2126, 0.7152, 0.0722, 0.0]], np.float32) * np.float32(scale)
        weights[0, 3] = offset
        return (cv2.transform(rgb, weights).astype(np.float32, copy=False).reshape(rgb.shape[:2]),)
    planes = cv2.split(cv2.transform(rgb, encoding(fmt, colour, height)))
    luma, *chroma = (plane.astype(np.float32, copy=False) for plane in planes)
    return (luma, *(at_chroma(plane, fmt, colour) for plane in chroma))


def upsampled(frame: Frame, number: int, box: Box) -> NDArray[np.float32]:
    """Code values of one plane inside ``box``, at luma resolution."""
    return _full_size(frame, number, box, np.float32)


def at_chroma(plane: NDArray[np.float32], fmt: SampleFormat, colour: Colour) -> NDArray[np.float32]:
    """Filter a full-size plane ``[h, w]`` down to the chroma grid of ``fmt``."""
    across, down = siting(fmt, colour)
    reduced = _reduced(plane, fmt.chroma_x, across)
    return _reduced(reduced.T, fmt.chroma_y, down).T if fmt.chroma_y > 1 else reduced


def siting(fmt: SampleFormat, colour: Colour) -> tuple[float, float]:
    """Where the first chroma sample lies, in luma samples right of and below the first one."""
    place = colour.siting or 1
    across = 0.0 if place in (1, 3, 5) else (fmt.chroma_x - 1) / 2
    down = (fmt.chroma_y - 1) / 2 if place in (1, 2) else 0.0
    if place in (5, 6):
        down = fmt.chroma_y - 1.0
    return across, down


def encoding(fmt: SampleFormat, colour: Colour, height: int) -> NDArray[np.float32]:
    """Affine ``[3, 4]`` from RGB to code values of the first three planes."""
    return _encoding(fmt.model, fmt.bits, _matrix_code(fmt, colour, height), colour.full)


def decoding(fmt: SampleFormat, colour: Colour, height: int) -> NDArray[np.float32]:
    """Affine ``[3, 4]`` from code values of the first three planes to RGB."""
    return _decoding(fmt.model, fmt.bits, _matrix_code(fmt, colour, height), colour.full)


def _matrix_code(fmt: SampleFormat, colour: Colour, height: int) -> int:
    if fmt.model == "rgb":
        return _IDENTITY
    if colour.matrix in _LUMA or colour.matrix in (_IDENTITY, _YCGCO):
        return colour.matrix
    return _BT709 if height >= _HD_ROWS else _BT601


def _luma_range(bits: int, full: bool) -> tuple[float, float]:
    """Code values between black and white, and of black."""
    return ((1 << bits) - 1.0, 0.0) if full else (219.0 * 2 ** (bits - 8), 16.0 * 2 ** (bits - 8))


@cache
def _encoding(model: str, bits: int, matrix: int, full: bool) -> NDArray[np.float32]:
    scale, black = _luma_range(bits, full)
    if matrix == _IDENTITY:
        rows = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], np.float64)
        offsets = np.array([black] * 3)
        return np.column_stack([rows * scale, offsets]).astype(np.float32)
    if matrix == _YCGCO:
        rows = np.array([[1, 2, 1], [-1, 2, -1], [2, 0, -2]], np.float64) / 4
    else:
        kr, kb = _LUMA[matrix]
        luma = np.array([kr, 1 - kr - kb, kb])
        rows = np.stack(
            [
                luma,
                (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - kb)),
                (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - kr)),
            ]
        )
    span = scale if full else 224.0 * 2 ** (bits - 8)
    middle = float(1 << (bits - 1))
    rows *= np.array([[scale], [span], [span]])
    return np.column_stack([rows, [black, middle, middle]]).astype(np.float32)


@cache
def _decoding(model: str, bits: int, matrix: int, full: bool) -> NDArray[np.float32]:
    forward = _encoding(model, bits, matrix, full).astype(np.float64)
    back = np.linalg.inv(forward[:, :3])
    return np.column_stack([back, -back @ forward[:, 3]]).astype(np.float32)


def _checked(frame: Frame, box: Box | None) -> Box:
    if box is None:
        return frame.box
    if box.empty or box.within(frame.box) != box:
        raise ValueError(f"{box} is empty or reaches out of the frame's {frame.box}")
    return box


def _part(frame: Frame, number: int, box: Box) -> Plane:
    """View of one plane inside ``box``, which starts on a sample of that plane."""
    sx, sy = frame.steps(number)
    x0, y0 = (box.x0 - frame.box.x0) // sx, (box.y0 - frame.box.y0) // sy
    x1, y1 = -(-(box.x1 - frame.box.x0) // sx), -(-(box.y1 - frame.box.y0) // sy)
    return frame.planes[number][y0:y1, x0:x1]


def _full_size(frame: Frame, number: int, box: Box, kind: type[Sample]) -> NDArray[Sample]:
    """One plane inside ``box`` at luma resolution, as ``kind``."""
    sx, sy = frame.steps(number)
    if (sx, sy) == (1, 1):
        return _as_kind(_part(frame, number, box), frame.format.bits, kind)
    # One more sample around, for what interpolates across the region's edge.
    wider = Box(box.x0 - 2 * sx, box.y0 - 2 * sy, box.x1 + 2 * sx, box.y1 + 2 * sy)
    wider = wider.grown_to(sx, sy).within(frame.box)
    across, down = siting(frame.format, frame.colour)
    place = np.array(
        [
            [1 / sx, 0, (box.x0 - wider.x0 - across) / sx],
            [0, 1 / sy, (box.y0 - wider.y0 - down) / sy],
        ]
    )
    grown = cv2.warpAffine(
        _as_kind(_part(frame, number, wider), frame.format.bits, kind),
        place,
        (box.width, box.height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return grown.astype(kind, copy=False)


def _reduced(plane: NDArray[np.float32], step: int, offset: float) -> NDArray[np.float32]:
    """Every ``step``-th column of ``plane``, low-passed at ``offset`` luma samples."""
    while step > 1:
        centred = offset % 1 != 0
        kernel = (_DUAL_CENTRED if centred else _DUAL_COSITED)[None]
        # An even kernel sits between two samples: its anchor is the left one of the pair.
        anchor = (1, 0) if centred else (2, 0)
        smooth = cv2.filter2D(
            np.ascontiguousarray(plane), -1, kernel, anchor=anchor, borderType=cv2.BORDER_REPLICATE
        )
        # Siting at the bottom takes every second row from the second one on.
        first = 1 if not centred and offset >= step - 1 else 0
        plane = smooth[:, first::2].astype(np.float32, copy=False)
        step //= 2
    return plane


def _as_kind(plane: Plane, bits: int, kind: type[Sample]) -> NDArray[Sample]:
    """Code values as they are, or for uint8 their top eight bits, rounded."""
    if bits > 8 and kind is np.uint8:
        return cv2.convertScaleAbs(plane, alpha=2.0 ** (8 - bits)).astype(kind, copy=False)
    return plane.astype(kind, copy=False)
