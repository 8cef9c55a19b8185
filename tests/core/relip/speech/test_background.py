from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.speech.background import background, notes
from relip.speech.bands import bands
from relip.speech.features import SAMPLE_RATE

SECONDS = 6
VOICE = (np.arange(100 * SECONDS) % 150 < 100).astype(np.float32)
"""A second of speech, half a second of pause, and so on."""


def over(floor: float) -> NDArray[np.float32]:
    """Noise in syllables for speech, over noise of ``floor`` times its amplitude."""
    rng = np.random.default_rng(0)
    at = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    spoken = np.repeat(VOICE, SAMPLE_RATE // 100) * np.sin(2 * np.pi * 2 * at) ** 4 * 1.9
    loud = rng.normal(0, 0.1, len(at)) * spoken
    return np.asarray(loud + rng.normal(0, 0.1 * floor, len(loud)), np.float32)


@pytest.mark.parametrize(("floor", "below"), [(0.3, 10.5), (0.1, 20), (0.01, 40)])
def test_the_background_is_measured_in_the_pauses(floor: float, below: float) -> None:
    assert background(bands(over(floor)).wide, VOICE) == pytest.approx(below, abs=1)


def test_an_editors_silence_tells_nothing() -> None:
    assert background(bands(over(0)).wide, VOICE) is None


def test_where_nobody_speaks_there_is_no_background() -> None:
    assert background(bands(over(0.1)).wide, 0 * VOICE) is None
    assert background(np.zeros(0, np.float32), np.zeros(0, np.float32)) is None


def test_held_notes_are_music_and_glides_are_not() -> None:
    at = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    held = np.sin(2 * np.pi * 440 * at) + np.sin(2 * np.pi * 660 * at)
    glides = np.sin(2 * np.pi * (600 * at + 100 * np.sin(2 * np.pi * 2 * at)))
    noise = np.random.default_rng(0).normal(0, 1, len(at))

    assert notes((0.1 * held).astype(np.float32), VOICE) > 0.9
    assert notes((0.1 * glides).astype(np.float32), VOICE) < 0.1
    assert notes((0.1 * noise).astype(np.float32), VOICE) < 0.05
