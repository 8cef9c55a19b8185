"""Tops that were cut off: where a sound was louder than its file could hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.sound import SoundBlock

_LEAST: Final = 3
"""Samples in a row at the highest level that make a flat top; a limiter's gain never holds
still for so long."""
_ALIKE: Final = 0.0005
"""Of the level: what dither, or rounding to 16 bits, may put between samples of one top."""
_LOUD: Final = 0.02
"""Tops of sounds that are weaker than this are rounded, not cut."""


def flat_tops(blocks: Iterable[SoundBlock]) -> NDArray[np.int64]:
    """How many flat tops begin in each second ``[s]``, of the channel that has the most.

    Only seconds with at least three of one height count. They are seen in files at the rate at
    which they were clipped: resampling and lossy codecs round tops off, and nothing is claimed
    of those.

    Parameters
    ----------
    blocks : as the file gives them; what lies before its second 0 is left out.
    """
    found: list[int] = []
    for second, samples in _seconds(blocks):
        count = max((_tops(channel) for channel in samples.T), default=0)
        found += [0] * (second + 1 - len(found))
        found[second] = max(found[second], count)
    return np.asarray(found, np.int64)


def _seconds(blocks: Iterable[SoundBlock]) -> Iterable[tuple[int, NDArray[np.float32]]]:
    """Runs of samples within one second of the file, and which second that is."""
    kept: list[NDArray[np.float32]] = []
    at = -1
    for block in blocks:
        start, samples = block.start, block.samples
        if start < 0:
            start, samples = 0, samples[-start:]
        while len(samples):
            second = start // block.rate
            if second != at and kept:
                yield at, np.concatenate(kept)
                kept = []
            at = second
            part = samples[: (second + 1) * block.rate - start]
            kept.append(part)
            start, samples = start + len(part), samples[len(part) :]
    if kept:
        yield at, np.concatenate(kept)


def _tops(channel: NDArray[np.float32]) -> int:
    """Flat tops of one channel, above and below."""
    count = 0
    for side in (channel, -channel):
        level = float(side.max(initial=0))
        if level < _LOUD:
            continue
        high = side >= level * (1 - _ALIKE)
        edges = np.flatnonzero(np.diff(np.pad(high.astype(np.int8), 1))).reshape(-1, 2)
        tops = int((edges[:, 1] - edges[:, 0] >= _LEAST).sum())
        # One top may be a wave's own; three of one height are not.
        count += tops if tops >= 3 else 0
    return count
