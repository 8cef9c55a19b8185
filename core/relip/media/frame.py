"""A picture as it lies in the file: native planes, with what is needed to read them.

Coordinates everywhere in relip: ``x`` to the right and ``y`` down, in luma samples, the
centre of the top-left sample is ``(0, 0)``. A box is half-open: ``[x0, x1) x [y0, y1)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True)
class Box:
    """Half-open rectangle in luma samples."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Rows."""
        return self.y1 - self.y0

    @property
    def empty(self) -> bool:
        """Whether it holds no sample."""
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def within(self, other: Box) -> Box:
        """The part that lies inside ``other``; empty if there is none."""
        return Box(
            max(self.x0, other.x0),
            max(self.y0, other.y0),
            min(self.x1, other.x1),
            min(self.y1, other.y1),
        )

    def grown_to(self, step_x: int, step_y: int) -> Box:
        """The smallest box around this one whose corners are multiples of the steps."""
        return Box(
            self.x0 // step_x * step_x,
            self.y0 // step_y * step_y,
            -(-self.x1 // step_x) * step_x,
            -(-self.y1 // step_y) * step_y,
        )


@dataclass(frozen=True)
class SampleFormat:
    """How the samples of a picture are laid out.

    Attributes
    ----------
    name : FFmpeg's name of the planar layout, e.g. ``yuv422p10le``.
    model : ``yuv`` has planes Y, Cb, Cr (A); ``rgb`` has G, B, R (A), FFmpeg's ``gbrp`` order;
        ``gray`` has one plane.
    bits : significant low bits of a sample; samples are ``uint8`` up to 8 bits, else ``uint16``.
    chroma_x, chroma_y : luma samples per chroma sample, 1, 2 or 4.
    alpha : whether the last plane is alpha (full range, full size).
    """

    name: str
    model: Literal["yuv", "rgb", "gray"]
    bits: int
    chroma_x: int = 1
    chroma_y: int = 1
    alpha: bool = False


@dataclass(frozen=True)
class Colour:
    """Colour description by the code points of ITU-T H.273; 2 is unspecified.

    ``full`` tells full range; ``siting`` is FFmpeg's chroma location (1 left, 2 centre,
    3 top left, 0 unspecified).
    """

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    full: bool = False
    siting: int = 0


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture, or a part of one.

    Attributes
    ----------
    index : position in presentation order, from 0.
    pts : presentation time stamp in ``time_base`` units, as in the file.
    time_base : seconds per pts unit.
    time : seconds since the clip's first frame.
    format, colour : how to read the planes.
    width, height : size of the *whole* picture in luma samples.
    planes : one array ``[rows, columns]`` each, in the order ``format`` names.
    box : which part of the picture the planes hold; its corners lie on chroma samples
        (or on the picture's own edge).
    """

    index: int
    pts: int
    time_base: Fraction
    time: Fraction
    format: SampleFormat
    colour: Colour
    width: int
    height: int
    planes: tuple[Plane, ...]
    box: Box

    def crop(self, box: Box) -> Frame:
        """A copy of the part inside ``box``, grown to whole chroma samples."""
        fmt = self.format
        inner = box.within(self.box).grown_to(fmt.chroma_x, fmt.chroma_y).within(self.box)
        parts = []
        for number, plane in enumerate(self.planes):
            sx, sy = self.steps(number)
            x0, y0 = (inner.x0 - self.box.x0) // sx, (inner.y0 - self.box.y0) // sy
            x1, y1 = -(-(inner.x1 - self.box.x0) // sx), -(-(inner.y1 - self.box.y0) // sy)
            parts.append(plane[y0:y1, x0:x1].copy())
        return Frame(
            self.index,
            self.pts,
            self.time_base,
            self.time,
            fmt,
            self.colour,
            self.width,
            self.height,
            tuple(parts),
            inner,
        )

    def steps(self, plane: int) -> tuple[int, int]:
        """Luma samples per sample of that plane, ``(x, y)``."""
        if self.format.model == "yuv" and plane in (1, 2):
            return self.format.chroma_x, self.format.chroma_y
        return 1, 1
