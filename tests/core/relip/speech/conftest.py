from __future__ import annotations

import wave

import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.speech.articulation import Articulation
from relip.speech.features import SAMPLE_RATE
from relip.speech.visemes import listen


@pytest.fixture(scope="session")
def line() -> NDArray[np.float32]:
    """The shipped line, half a second of silence before and after it."""
    with wave.open(str(sample.line())) as file:
        rate = file.getframerate()
        told = np.frombuffer(file.readframes(file.getnframes()), np.int16) / np.float32(32768)
    at = np.arange(0, len(told) / rate, 1 / SAMPLE_RATE)
    spoken = np.interp(at, np.arange(len(told)) / rate, told).astype(np.float32)
    return np.pad(spoken, SAMPLE_RATE // 2)


@pytest.fixture(scope="session")
def heard(line: NDArray[np.float32]) -> Articulation:
    return listen(line)
