"""Numbers that pictures and sounds carry, so that a result tells which frames it was made of.

A row of blocks in the picture is a number, highest bit first, white is 1. A frame of sound is one
too: as many stretches, above zero is 1. A row of grey blocks and a frame of silence are none.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Plane

BITS: Final = 16
BLOCK: Final = 16
"""Columns of a block; what H.264 and ProRes make of it stays far from the middle."""
ROW: Final = 8
"""Lines of a row of blocks."""
WIDTH: Final = BITS * BLOCK
DARK, GREY, LIGHT = 0.1, 0.5, 0.9
"""Of full scale."""
LEVEL: Final = 0.5
"""Of full scale, in sound."""


def draw(luma: Plane, row: int, number: int | None, bits: int = 8) -> None:
    """Write a number into a row of blocks at the top left of a luma plane, from 0."""
    shares = np.full(BITS, GREY)
    if number is not None:
        assert 0 <= number < 1 << BITS
        shares = np.where(_digits(number), LIGHT, DARK)
    line = np.repeat(shares * ((1 << bits) - 1), BLOCK)
    luma[row * ROW : (row + 1) * ROW, :WIDTH] = line.astype(luma.dtype)


def read(luma: NDArray[np.uint8], row: int) -> int | None:
    """The number in a row of blocks; None for a grey one, -1 for what is neither."""
    strip = luma[row * ROW + 2 : (row + 1) * ROW - 2, :WIDTH].astype(np.float32) / 255
    blocks = strip.reshape(strip.shape[0], BITS, BLOCK)[:, :, 4:-4]
    return _number(blocks.mean((0, 2)) - GREY, (LIGHT - DARK) / 4)


def sounding(numbers: NDArray[np.int64], rate: int, seconds: Fraction) -> NDArray[np.float32]:
    """Samples of frames of ``seconds`` each that carry the numbers one after the other."""
    total = round(len(numbers) * seconds * rate)
    at = np.arange(total) / (float(seconds) * rate)
    frame = np.minimum(at.astype(np.int64), len(numbers) - 1)
    place = np.minimum(((at - frame) * BITS).astype(np.int64), BITS - 1)
    bits = numbers[frame] >> (BITS - 1 - place) & 1
    return np.where(bits == 1, LEVEL, -LEVEL).astype(np.float32)


def heard(samples: NDArray[np.float32], rate: int, start: float, seconds: float) -> int | None:
    """The number in the frame of sound that begins at ``start`` seconds; None in silence."""
    means = np.zeros(BITS)
    for place in range(BITS):
        middle = start + seconds * (place + 0.5) / BITS
        reach = seconds * 0.25 / BITS
        low, high = (round((middle + side * reach) * rate) for side in (-1, 1))
        part = samples[max(low, 0) : max(high, 0)]
        means[place] = part.mean() if len(part) else 0.0
    return _number(means, LEVEL / 2)


def _digits(number: int) -> NDArray[np.bool_]:
    return np.array([number >> place & 1 for place in range(BITS - 1, -1, -1)], bool)


def _number(levels: NDArray[np.floating], sure: float) -> int | None:
    if (np.abs(levels) < sure).all():
        return None
    if (np.abs(levels) < sure).any():
        return -1
    return int(sum(1 << (BITS - 1 - place) for place in range(BITS) if levels[place] > 0))
