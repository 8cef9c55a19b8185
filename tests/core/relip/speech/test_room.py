from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.speech.bands import bands
from relip.speech.features import SAMPLE_RATE
from relip.speech.room import reverberation


def bursts(falling: float) -> NDArray[np.float32]:
    """Noise that is struck twice a second and falls by 60 dB in so many seconds."""
    since = np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE % 0.5
    noise = np.random.default_rng(0).normal(0, 0.2, len(since))
    return (noise * 10 ** (-3 * since / falling)).astype(np.float32)


@pytest.mark.parametrize("falling", [0.2, 0.4, 0.8])
def test_the_time_of_falling_is_measured(falling: float) -> None:
    assert reverberation(bands(bursts(falling)).octaves) == pytest.approx(falling, rel=0.25)


def test_steady_sound_and_silence_tell_nothing_of_a_room() -> None:
    steady = np.random.default_rng(0).normal(0, 0.1, 5 * SAMPLE_RATE).astype(np.float32)

    assert reverberation(bands(steady).octaves) is None
    assert reverberation(bands(np.zeros(SAMPLE_RATE, np.float32)).octaves) is None
    assert reverberation(bands(np.zeros(0, np.float32)).octaves) is None
