"""What is wrong with a recording, as far as it makes listening less sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import Articulation

Kind = Literal["noise", "clipping", "music", "narrow band", "two voices", "faint", "reverb"]


@dataclass(frozen=True)
class RecordingWarning:
    """Something that makes listening less sure, half-open ``[start, end)`` seconds.

    Attributes
    ----------
    message : what is wrong, with the number it was told by.
    remedy : what would help.
    """

    kind: Kind
    start: float
    end: float
    message: str
    remedy: str


def warnings_in(
    samples: NDArray[np.float32], rate: int, heard: Articulation
) -> tuple[RecordingWarning, ...]:
    """What is wrong with the recording, in order of time.

    Parameters
    ----------
    samples : float32 ``[n]``, mono, 16 kHz, as they were listened to.
    rate : samples per second of the file they come from.
    heard : what was heard in them.
    """
    return ()
