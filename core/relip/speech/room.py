"""How long a room goes on sounding after the voice."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_FALLS: Final = (20.0, 15.0)
"""dB that a sound must fall in one go to tell of the room; the shorter where a long
reverberation leaves no time for more."""
_ONSET: Final = 3.0
"""dB at the top of a fall that are still the voice's own."""
_LOUD: Final = 20.0
"""dB below the loudest speech from which on falls are looked at."""
_ENOUGH: Final = 6
"""Falls from which on their median is trusted."""


def reverberation(octaves: NDArray[np.float32]) -> float | None:
    """Seconds in which the sound in a room falls by 60 dB; ``None`` where that cannot be told.

    The median speed of all falls of at least 20 dB, for in a room a voice cannot fall faster
    than the room does. Dry voices gave 0.06 to 0.22 s; made rooms of 0.4 s gave 0.26 to 0.45,
    of 0.6 s 0.32 to 0.58 when the room was 6 dB below the voice. Background noise hides falls.

    Parameters
    ----------
    octaves : float32 ``[m, k]``, power in bands, 100 rows per second.
    """
    for least in _FALLS:
        speeds = [speed for band in octaves.T for speed in _falls(band, least)]
        if len(speeds) >= _ENOUGH:
            return 60 / float(np.median(speeds))
    return None


def _falls(power: NDArray[np.float32], least: float) -> list[float]:
    """dB per second of every long fall of one band."""
    if len(power) < 10:
        return []
    level = 10 * np.log10(np.maximum(np.convolve(power, np.ones(3) / 3, "same"), 1e-12))
    loud = float(np.quantile(level, 0.95)) - _LOUD
    speeds: list[float] = []
    # Where a fall can start: louder than what follows.
    starts = np.flatnonzero((level[:-1] > loud) & (level[1:] < level[:-1])).tolist()
    done = 0
    for start in starts:
        if start < done:
            continue
        stop, lowest = start, level[start]
        # A ripple of 1 dB does not end a fall.
        while stop + 1 < len(level) and level[stop + 1] < lowest + 1:
            stop += 1
            lowest = min(lowest, level[stop])
        done = max(stop, start + 1)
        fallen = level[start] - level[start : stop + 1]
        if fallen[-1] < least:
            continue
        low, high = int(np.argmax(fallen >= _ONSET)), int(np.argmax(fallen >= least))
        if high > low:
            at = np.arange(low, high + 1) / 100
            speeds.append(float(np.polyfit(at, fallen[low : high + 1], 1)[0]))
    return speeds
