"""The one result of listening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 100
"""Rows per second of every array here; row ``i`` is the 10 ms around ``(i + 0.5) / RATE``."""

VISEMES: Final = (
    "SIL",
    "PBM",
    "FV",
    "ROUND",
    "OPEN",
    "MID",
    "SPREAD",
    "TEETH",
    "SH",
    "BACK",
)


OPENNESS: Final = np.array([0, -0.1, 0.1, 0.35, 1, 0.65, 0.45, 0.3, 0.3, 0.45])
"""How far each viseme opens the lips, the widest is 1; PBM presses them together."""

WORD: Final = 0.3
"""Standard deviation in seconds of the time over which loudness is averaged."""
PER_DECIBEL: Final = 0.015
"""How much farther the mouth goes for each dB. Up to .02 the openings of eleven speakers who do
not shout are foretold no worse; .04 is worse."""
MOST_EFFORT: Final = (0.7, 1.35)

FEATURE_RATE: Final = 50
"""Rows per second of the features; row ``j`` is heard around ``j / FEATURE_RATE``."""


@dataclass(frozen=True)
class SpeechEvent:
    """Half-open ``[start, end)`` seconds in the speech, confidence 0 to 1."""

    start: float
    end: float
    confidence: float

    @property
    def centre(self) -> float:
        """Seconds."""
        return (self.start + self.end) / 2


@dataclass(frozen=True, eq=False)
class Articulation:
    """What was heard in ``m / RATE`` seconds of speech.

    Attributes
    ----------
    visemes : float32 ``[m, 10]``, probabilities over :data:`VISEMES`, rows sum to 1; silence,
        tones, noise and music are ``SIL``.
    voice : float32 ``[m]``, 0 to 1, whether somebody speaks.
    features : float16 ``[ceil(m / 2), 384]`` at :data:`FEATURE_RATE`, speech-network features
        (Whisper-tiny.en encoder, layer 3); 0 in long stretches where nobody speaks.
    opening : float32 ``[m]``, 0 to 1, how far the lips of an average speaker part for this: by
        the height of vowels, and by :func:`effort`.
    loudness : float32 ``[m]``, dB relative to the loudest speech of the recording (0 to -60).
    closures : lips closed (p, b, m), in order.
    dentals : lower lip on upper teeth (f, v), in order.
    """

    visemes: NDArray[np.float32]
    voice: NDArray[np.float32]
    features: NDArray[np.float16]
    opening: NDArray[np.float32]
    loudness: NDArray[np.float32]
    closures: tuple[SpeechEvent, ...]
    dentals: tuple[SpeechEvent, ...]


def opened(visemes: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far the lips part for visemes ``[m, 10]``, 0 to 1, ``[m]``; loudness apart."""
    return np.asarray(np.clip(visemes @ OPENNESS, 0, 1), np.float32)


def effort(loudness: NDArray[np.float32], voice: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much farther than usual the mouth goes, ``[m]``: 1 is usual, more is louder.

    Loudness in dB and voice ``[m]`` as in :class:`Articulation`; usual is the median of this
    recording's speech, and what counts is the loudness of a word, not of a sound.
    """
    spoken = voice > 0.5
    if not spoken.any():
        return np.ones(len(loudness), np.float32)
    reach = int(4 * WORD * RATE)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (WORD * RATE)) ** 2)
    weight = np.convolve(np.pad(voice, reach), kernel, "valid")
    total = np.convolve(np.pad(loudness * voice, reach), kernel, "valid")
    above = total / np.maximum(weight, 1e-3) - float(np.median(loudness[spoken]))
    above[weight < 1] = 0
    return np.asarray(np.clip(1 + PER_DECIBEL * above, *MOST_EFFORT), np.float32)
