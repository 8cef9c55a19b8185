from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from relip.speech.voice import bridge_pauses, speech_gate


def rows(*parts: tuple[int, float]) -> NDArray[np.float32]:
    return np.concatenate([np.full(count, value, np.float32) for count, value in parts])


def test_the_gate_stays_open_in_the_closure_of_a_stop() -> None:
    level = rows((100, 0), (10, -60), (100, 0))
    gate = speech_gate(np.ones_like(level), np.ones_like(level), level, np.zeros_like(level))
    assert gate.min() == 1


def test_the_gate_closes_in_a_pause() -> None:
    level = rows((100, 0), (30, -60), (100, 0))
    gate = speech_gate(np.ones_like(level), np.ones_like(level), level, np.zeros_like(level))
    assert gate[110:120].max() == 0


def test_a_long_closure_is_no_pause() -> None:
    level = rows((100, 0), (25, -60), (100, 0))
    shut = rows((100, 0), (25, 0.9), (100, 0))
    gate = speech_gate(np.ones_like(level), np.ones_like(level), level, shut)
    assert gate.min() == 1


def test_voice_without_a_phone_is_not_believed() -> None:
    voice = rows((100, 0), (100, 1), (100, 0))
    nothing = np.zeros_like(voice)
    assert speech_gate(voice, nothing, nothing, nothing).max() == 0


def test_a_short_silence_becomes_what_is_around_it() -> None:
    visemes = np.zeros((60, 10), np.float32)
    visemes[:, 4] = 1
    visemes[25:33] = np.eye(10, dtype=np.float32)[0]
    assert bridge_pauses(visemes)[:, 0].max() == 0


def test_a_blip_in_silence_becomes_silence() -> None:
    visemes = np.zeros((60, 10), np.float32)
    visemes[:, 0] = 1
    visemes[25:28] = np.eye(10, dtype=np.float32)[4]
    assert bridge_pauses(visemes)[:, 0].min() == 1


def test_a_pause_stays() -> None:
    visemes = np.zeros((90, 10), np.float32)
    visemes[:, 4] = 1
    visemes[30:60] = np.eye(10, dtype=np.float32)[0]
    np.testing.assert_array_equal(bridge_pauses(visemes), visemes)
