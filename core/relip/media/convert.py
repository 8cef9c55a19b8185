"""Whole frames from one sample layout to another that holds at least as much.

Depth is raised so that the same code means the same light: by a shift in limited range, by
stretching in full range. Coarser chroma is interpolated onto the finer grid with its siting.
All arithmetic is float32 or exact integer, the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import decoding, encoding, siting
from relip.media.frame import Colour, Frame, Plane, SampleFormat


def convert(frame: Frame, fmt: SampleFormat, colour: Colour, planes: Sequence[Plane]) -> None:
    """Write the whole picture in another layout, or its own, into ``planes``.

    A missing alpha becomes opaque, one that has no place is dropped.

    Parameters
    ----------
    planes : writeable, ``[rows, columns]`` each as ``fmt`` has them, such as an encoder's own.

    Raises
    ------
    ValueError
        ``fmt`` has coarser chroma than the frame.
    """
    source = frame.format
    if source.model in ("yuv", "gray") and fmt.model == "yuv":
        _convert_yuv(frame, fmt, colour, planes)
    elif fmt.model == source.model:
        depth = (source.bits, frame.colour.full, fmt.bits, colour.full)
        for plane, out in zip(frame.planes[:3], planes, strict=False):
            _map(plane, out, *depth)
    else:
        _convert_rgb(frame, fmt, colour, planes)
    if fmt.alpha and source.alpha:
        _map(frame.planes[-1], planes[-1], source.bits, True, fmt.bits, True)
    elif fmt.alpha:
        planes[-1][...] = (1 << fmt.bits) - 1


def _convert_yuv(frame: Frame, fmt: SampleFormat, colour: Colour, planes: Sequence[Plane]) -> None:
    source = frame.format
    depth = (source.bits, frame.colour.full, fmt.bits, colour.full)
    _map(frame.planes[0], planes[0], *depth)
    for plane, out in zip(frame.planes[1:3], planes[1:3], strict=False):
        if (source.chroma_x, source.chroma_y) == (fmt.chroma_x, fmt.chroma_y):
            _map(plane, out, *depth, chroma=True)
            continue
        mapped = np.empty(plane.shape, out.dtype)
        _map(plane, mapped, *depth, chroma=True)
        _regrid(mapped, out, source, frame.colour, fmt, colour)
    if source.model == "gray":
        for out in planes[1:3]:
            out[...] = 1 << (fmt.bits - 1)


def _regrid(
    plane: Plane, out: Plane, source: SampleFormat, sited: Colour, fmt: SampleFormat, colour: Colour
) -> None:
    """Chroma interpolated onto a finer grid."""
    if fmt.chroma_x > source.chroma_x or fmt.chroma_y > source.chroma_y:
        raise ValueError(f"{fmt.name} has coarser chroma than {source.name}")
    from_x, from_y = siting(source, sited)
    to_x, to_y = siting(fmt, colour)
    rows, columns = out.shape
    across, down = fmt.chroma_x / source.chroma_x, fmt.chroma_y / source.chroma_y
    place = np.array(
        [
            [across, 0, (to_x - from_x) / source.chroma_x],
            [0, down, (to_y - from_y) / source.chroma_y],
        ]
    )
    resized = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])
    same = bool((place == resized).all()) and plane.shape == (rows * down, columns * across)
    if same and plane.itemsize > 1:
        # The same sums in a tenth of the time; of bytes, halves are rounded differently.
        cv2.resize(plane, (columns, rows), out, interpolation=cv2.INTER_LINEAR)
        return
    grown = cv2.warpAffine(
        plane.astype(np.float32),
        place,
        (columns, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    out[...] = _stored(np.rint(grown).astype(np.float32, copy=False), fmt.bits)


def _convert_rgb(frame: Frame, fmt: SampleFormat, colour: Colour, planes: Sequence[Plane]) -> None:
    """RGB to full-size YUV; the other way round is never needed."""
    if frame.format.model != "rgb" or fmt.model != "yuv" or (fmt.chroma_x, fmt.chroma_y) != (1, 1):
        raise ValueError(f"{frame.format.name} is not converted to {fmt.name}")
    codes = cv2.merge([plane.astype(np.float32) for plane in frame.planes[:3]])
    inward = _square(decoding(frame.format, frame.colour, frame.height))
    outward = _square(encoding(fmt, colour, frame.height))
    mixed = cv2.split(cv2.transform(codes, (outward @ inward)[:3].astype(np.float32)))
    for plane, out in zip(mixed, planes, strict=False):
        out[...] = _stored(np.rint(plane).astype(np.float32, copy=False), fmt.bits)


def _square(affine: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.vstack([affine, [0, 0, 0, 1]]).astype(np.float64)


def _map(
    plane: Plane,
    out: Plane,
    bits: int,
    full: bool,
    to_bits: int,
    to_full: bool,
    *,
    chroma: bool = False,
) -> None:
    """Code values of one depth and range as those of another."""
    if (bits, full) == (to_bits, to_full):
        out[...] = plane
    elif not full and not to_full and to_bits > bits:
        np.left_shift(plane, to_bits - bits, out=out, dtype=np.uint16)
    else:
        _table(bits, full, to_bits, to_full, chroma).take(plane, out=out, mode="clip")


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
