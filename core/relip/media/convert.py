"""Whole frames from one sample layout to another that holds at least as much.

Depth is raised so that the same code means the same light: by a shift in limited range, by
stretching in full range. Coarser chroma is interpolated onto the finer grid with its siting.
All arithmetic is float32 or exact integer, the same on every machine.
"""

from __future__ import annotations

import dataclasses
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import decoding, encoding, siting
from relip.media.frame import Colour, Frame, Plane, SampleFormat


def converted(frame: Frame, fmt: SampleFormat, colour: Colour) -> Frame:
    """Return the whole picture in another layout; the frame itself if it has it already.

    A missing alpha becomes opaque, one that has no place is dropped.

    Raises
    ------
    ValueError
        ``fmt`` has coarser chroma than the frame.
    """
    same_codes = (fmt.model, frame.colour.matrix, frame.colour.full) == (
        frame.format.model,
        colour.matrix,
        colour.full,
    )
    if fmt == frame.format and same_codes:
        return dataclasses.replace(frame, colour=colour)
    if frame.format.model in ("yuv", "gray") and fmt.model == "yuv":
        planes = _yuv_planes(frame, fmt, colour)
    elif fmt.model == frame.format.model:
        planes = [
            _mapped(plane, frame.format.bits, frame.colour.full, fmt.bits, colour.full)
            for plane in frame.planes[:3]
        ]
    else:
        planes = _through_rgb(frame, fmt, colour)
    if fmt.alpha:
        top = (1 << fmt.bits) - 1
        if frame.format.alpha:
            planes.append(_mapped(frame.planes[-1], frame.format.bits, True, fmt.bits, True))
        else:
            planes.append(np.full_like(planes[0], top))
    return dataclasses.replace(frame, format=fmt, colour=colour, planes=tuple(planes))


def _yuv_planes(frame: Frame, fmt: SampleFormat, colour: Colour) -> list[Plane]:
    source = frame.format
    depth = (source.bits, frame.colour.full, fmt.bits, colour.full)
    planes = [_mapped(frame.planes[0], *depth)]
    rows, columns = -(-frame.height // fmt.chroma_y), -(-frame.width // fmt.chroma_x)
    if source.model == "gray":
        middle = np.full((rows, columns), 1 << (fmt.bits - 1), planes[0].dtype)
        return [planes[0], middle, middle.copy()]
    for plane in frame.planes[1:3]:
        mapped = _mapped(plane, *depth, chroma=True)
        if (source.chroma_x, source.chroma_y) != (fmt.chroma_x, fmt.chroma_y):
            mapped = _regridded(mapped, source, frame.colour, fmt, colour, (columns, rows))
        planes.append(mapped)
    return planes


def _regridded(
    plane: Plane,
    source: SampleFormat,
    sited: Colour,
    fmt: SampleFormat,
    colour: Colour,
    size: tuple[int, int],
) -> Plane:
    """Chroma interpolated onto a finer grid; ``size`` is ``(columns, rows)``."""
    if fmt.chroma_x > source.chroma_x or fmt.chroma_y > source.chroma_y:
        raise ValueError(f"{fmt.name} has coarser chroma than {source.name}")
    from_x, from_y = siting(source, sited)
    to_x, to_y = siting(fmt, colour)
    place = np.array(
        [
            [fmt.chroma_x / source.chroma_x, 0, (to_x - from_x) / source.chroma_x],
            [0, fmt.chroma_y / source.chroma_y, (to_y - from_y) / source.chroma_y],
        ]
    )
    grown = cv2.warpAffine(
        plane.astype(np.float32),
        place,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return _stored(np.rint(grown).astype(np.float32, copy=False), fmt.bits)


def _through_rgb(frame: Frame, fmt: SampleFormat, colour: Colour) -> list[Plane]:
    """RGB to full-size YUV; the other way round is never needed."""
    if frame.format.model != "rgb" or fmt.model != "yuv" or (fmt.chroma_x, fmt.chroma_y) != (1, 1):
        raise ValueError(f"{frame.format.name} is not converted to {fmt.name}")
    codes = cv2.merge([plane.astype(np.float32) for plane in frame.planes[:3]])
    inward = _square(decoding(frame.format, frame.colour, frame.height))
    outward = _square(encoding(fmt, colour, frame.height))
    mixed = cv2.split(cv2.transform(codes, (outward @ inward)[:3].astype(np.float32)))
    return [_stored(np.rint(plane).astype(np.float32, copy=False), fmt.bits) for plane in mixed]


def _square(affine: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.vstack([affine, [0, 0, 0, 1]]).astype(np.float64)


def _mapped(
    plane: Plane, bits: int, full: bool, to_bits: int, to_full: bool, *, chroma: bool = False
) -> Plane:
    """Code values of one depth and range as those of another."""
    if (bits, full) == (to_bits, to_full):
        return plane
    if not full and not to_full and to_bits > bits:
        shift = to_bits - bits
        return np.left_shift(plane, shift, dtype=np.uint16)
    table = _table(bits, full, to_bits, to_full, chroma)
    if table.dtype == np.uint8:
        return table.astype(np.uint8, copy=False).take(plane, mode="clip")
    return table.astype(np.uint16, copy=False).take(plane, mode="clip")


@cache
def _table(bits: int, full: bool, to_bits: int, to_full: bool, chroma: bool) -> Plane:
    """New code for each old code."""
    codes = np.arange(1 << bits, dtype=np.float64)
    depths = ((bits, full), (to_bits, to_full))
    excursion = 224.0 if chroma else 219.0
    spans = [((1 << b) - 1.0) if f else excursion * 2 ** (b - 8) for b, f in depths]
    if chroma:
        zeros = [float(1 << (b - 1)) for b, _ in depths]
    else:
        zeros = [0.0 if f else 16.0 * 2 ** (b - 8) for b, f in depths]
    values = (codes - zeros[0]) / spans[0] * spans[1] + zeros[1]
    return _stored(np.rint(values).astype(np.float32), to_bits)


def _stored(values: NDArray[np.float32], bits: int) -> Plane:
    clipped = np.clip(values, 0, (1 << bits) - 1)
    return clipped.astype(np.uint8) if bits <= 8 else clipped.astype(np.uint16)
