from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.speech.articulation import VISEMES, effort, opened


def spoken(*parts: tuple[float, float]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Loudness and voice of parts ``(seconds, dB)``; below -50 dB nobody speaks."""
    loudness = np.concatenate([np.full(round(100 * length), level) for length, level in parts])
    return loudness.astype(np.float32), (loudness > -50).astype(np.float32)


def test_a_shout_opens_the_mouth_wider_than_a_whisper() -> None:
    found = effort(*spoken((3, -12), (2, 0), (1, -60), (2, -26)))
    assert found[100] == pytest.approx(1)
    assert found[400] > 1.1
    assert found[700] < 0.9


def test_speech_of_one_loudness_is_usual() -> None:
    assert effort(*spoken((1, -60), (4, -7), (1, -60))) == pytest.approx(1, abs=1e-6)


def test_effort_has_bounds() -> None:
    found = effort(*spoken((10, -15), (3, 0), (3, -49)))
    assert found.max() <= 1.35
    assert found.min() >= 0.7


def test_silence_is_no_effort_at_all() -> None:
    assert (effort(*spoken((2, -60))) == 1).all()
    assert len(effort(np.zeros(0, np.float32), np.zeros(0, np.float32))) == 0


def test_open_vowels_open_and_closures_close() -> None:
    each = opened(np.eye(10, dtype=np.float32))
    assert each[VISEMES.index("PBM")] == 0
    assert each.argmax() == VISEMES.index("OPEN")
    assert ((each >= 0) & (each <= 1)).all()
