from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.speech.features import SAMPLE_RATE
from relip.speech.second_voice import second_voice


def vowel(pitch: float, seconds: float = 3.0) -> NDArray[np.float64]:
    """Harmonics of a pitch that moves by 6 % three times a second, strongest around 600 Hz."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * pitch * (at - 0.06 * np.cos(2 * np.pi * 3 * at) / (2 * np.pi * 3))
    wave = np.zeros(len(at))
    for step in range(1, int(4000 / pitch)):
        wave += np.sin(step * phase + step) / (1 + ((step * pitch - 600) / 500) ** 2)
    return wave


ALL = np.ones(300, np.float32)


@pytest.mark.parametrize("pitch", [95.0, 140.0, 210.0, 300.0])
def test_one_voice_has_one_pitch(pitch: float) -> None:
    assert second_voice(vowel(pitch).astype(np.float32), ALL) < 0.02


@pytest.mark.parametrize(("one", "other"), [(110.0, 175.0), (125.0, 215.0), (190.0, 270.0)])
def test_a_second_pitch_is_heard_beside_the_first(one: float, other: float) -> None:
    both = (vowel(one) + vowel(other)).astype(np.float32)

    assert second_voice(both, ALL) > 0.1


def test_nothing_is_claimed_of_noise_silence_or_where_nobody_speaks() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 3 * SAMPLE_RATE).astype(np.float32)

    assert second_voice(noise, ALL) < 0.01
    assert second_voice(np.zeros(3 * SAMPLE_RATE, np.float32), ALL) == 0
    assert second_voice(vowel(110).astype(np.float32), 0 * ALL) == 0
