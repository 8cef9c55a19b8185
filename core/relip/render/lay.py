"""Laying a patch into a native frame: only what the alpha covers changes, sample by sample."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import at_chroma, from_rgb, to_rgb, upsampled
from relip.media.frame import Box, Colour, Frame, Plane, SampleFormat

# Around a patch with straight alpha the picture itself goes on for this many samples, so that a
# codec's blocks (16 wide at most in ProRes) do not smear black into the soft edge.
_APRON = 32


def lay(
    frame: Frame, rgb: NDArray[np.float32], alpha: NDArray[np.float32], x0: int, y0: int
) -> Frame:
    """Return the frame with ``rgb`` over it where ``alpha`` is above 0; all else is the same.

    Blending is done in native code values, at luma resolution; chroma is brought to its own
    grid after that, and a chroma sample changes only if the luma samples it stands for have
    alpha. The alpha plane of the frame is never touched. Unchanged planes are shared.

    Parameters
    ----------
    rgb : float32 ``[h, w, 3]``, encoded RGB, 0 to 1; what lies where ``alpha`` is 0 is ignored.
    alpha : float32 ``[h, w]``, 0 to 1.
    x0, y0 : where the patch's first sample lies; it may reach out of the picture.
    """
    found = _trimmed(frame.box, alpha, x0, y0)
    if found is None:
        return frame
    box = found.grown_to(frame.format.chroma_x, frame.format.chroma_y).within(frame.box)
    weight = _placed(alpha, x0, y0, box)
    covered = weight > 0
    kept = cv2.copyTo(_placed(rgb, x0, y0, box), covered.astype(np.uint8))
    patch: NDArray[np.float32] = np.asarray(kept, np.float32)
    if not np.isfinite(patch.sum()):
        raise ValueError("a patch must be finite wherever its alpha is above 0")
    planes = list(frame.planes)
    full = dataclasses.replace(frame.format, chroma_x=1, chroma_y=1)
    values = from_rgb(patch, full, frame.colour, frame.height)
    top = (1 << frame.format.bits) - 1
    for number, value in enumerate(values):
        sx, sy = frame.steps(number)
        change = (value - upsampled(frame, number, box)) * weight
        if (sx, sy) != (1, 1):
            change = at_chroma(change, frame.format, frame.colour)
            change *= _any_in_block(covered, sx, sy)
        planes[number] = _changed(planes[number], change, frame.box, box, (sx, sy), top)
    return dataclasses.replace(frame, planes=tuple(planes))


def lay_patch(
    frame: Frame,
    rgb: NDArray[np.float32],
    alpha: NDArray[np.float32],
    x0: int,
    y0: int,
    fmt: SampleFormat,
    colour: Colour,
) -> Frame:
    """Return a frame that holds only the patch, with *straight* (not premultiplied) alpha.

    Laid over ``frame`` it gives what :func:`lay` gives. Where alpha is 0 the picture is
    transparent; it goes on as the original for a few samples there, then is black.

    Parameters
    ----------
    rgb, alpha, x0, y0 : as for :func:`lay`.
    fmt, colour : layout to make, full-size chroma and alpha, such as ``yuva444p10le``.
    """
    if not fmt.alpha or (fmt.chroma_x, fmt.chroma_y) != (1, 1):
        raise ValueError(f"{fmt.name} cannot hold a patch: it needs alpha and full-size chroma")
    kind = np.uint8 if fmt.bits <= 8 else np.uint16
    size = (frame.height, frame.width)
    top = (1 << fmt.bits) - 1
    nothing = from_rgb(np.zeros((1, 1, 3), np.float32), fmt, colour, frame.height)
    planes = [np.full(size, np.rint(plane[0, 0]), kind) for plane in nothing]
    planes.append(np.zeros(size, kind))
    found = _trimmed(frame.box, alpha, x0, y0)
    if found is not None:
        apron = Box(
            found.x0 - _APRON, found.y0 - _APRON, found.x1 + _APRON, found.y1 + _APRON
        ).within(frame.box)
        weight = _placed(alpha, x0, y0, apron)
        picture = np.where(weight[..., None] > 0, _placed(rgb, x0, y0, apron), to_rgb(frame, apron))
        values = [*from_rgb(picture, fmt, colour, frame.height), weight * np.float32(top)]
        for plane, value in zip(planes, values, strict=True):
            plane[apron.y0 : apron.y1, apron.x0 : apron.x1] = np.clip(np.rint(value), 0, top)
    whole = Box(0, 0, frame.width, frame.height)
    return dataclasses.replace(frame, format=fmt, colour=colour, planes=tuple(planes), box=whole)


def _trimmed(picture: Box, alpha: NDArray[np.float32], x0: int, y0: int) -> Box | None:
    """The smallest box around all alpha inside the picture; ``None`` if there is none."""
    inside = Box(x0, y0, x0 + alpha.shape[1], y0 + alpha.shape[0]).within(picture)
    if inside.empty:
        return None
    part = alpha[inside.y0 - y0 : inside.y1 - y0, inside.x0 - x0 : inside.x1 - x0] > 0
    left, top, width, height = cv2.boundingRect(part.astype(np.uint8))
    if width == 0:
        return None
    x, y = inside.x0 + left, inside.y0 + top
    return Box(x, y, x + width, y + height)


def _placed(region: NDArray[np.float32], x0: int, y0: int, box: Box) -> NDArray[np.float32]:
    """The region as ``box`` sees it; 0 where it does not reach."""
    seen = Box(x0, y0, x0 + region.shape[1], y0 + region.shape[0]).within(box)
    out = np.zeros((box.height, box.width, *region.shape[2:]), np.float32)
    if not seen.empty:
        out[seen.y0 - box.y0 : seen.y1 - box.y0, seen.x0 - box.x0 : seen.x1 - box.x0] = region[
            seen.y0 - y0 : seen.y1 - y0, seen.x0 - x0 : seen.x1 - x0
        ]
    return out


def _any_in_block(covered: NDArray[np.bool_], sx: int, sy: int) -> NDArray[np.float32]:
    """1 for each chroma sample that stands for at least one covered luma sample, else 0."""
    height, width = covered.shape
    blocks = np.zeros((-(-height // sy), -(-width // sx)), np.bool_)
    for dy in range(sy):
        for dx in range(sx):
            some = covered[dy::sy, dx::sx]
            blocks[: some.shape[0], : some.shape[1]] |= some
    return blocks.astype(np.float32)


def _changed(
    plane: Plane,
    change: NDArray[np.float32],
    whole: Box,
    box: Box,
    steps: tuple[int, int],
    top: int,
) -> Plane:
    """A copy of the plane with ``change`` added inside ``box``, rounded and clipped."""
    sx, sy = steps
    column, row = (box.x0 - whole.x0) // sx, (box.y0 - whole.y0) // sy
    out = plane.copy()
    part = out[row : row + change.shape[0], column : column + change.shape[1]]
    np.rint(part + change, out=change)
    np.clip(change, 0, top, out=change)
    part[...] = change
    return out
