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
    features : float32 ``[m, 384]``, speech-network features (Whisper-tiny.en encoder, layer 3);
        0 in long stretches where nobody speaks.
    loudness : float32 ``[m]``, dB relative to the loudest speech of the recording (0 to -60).
    closures : lips closed (p, b, m), in order.
    dentals : lower lip on upper teeth (f, v), in order.
    """

    visemes: NDArray[np.float32]
    voice: NDArray[np.float32]
    features: NDArray[np.float32]
    loudness: NDArray[np.float32]
    closures: tuple[SpeechEvent, ...]
    dentals: tuple[SpeechEvent, ...]
