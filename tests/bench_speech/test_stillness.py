import numpy as np
import pytest

from tests.bench_speech.stillness import SOUNDS, Still, still


@pytest.mark.parametrize("name", SOUNDS)
def test_sounds_are_whole_and_within_full_scale(name: str) -> None:
    scene = SOUNDS[name]()
    sound = scene.samples

    assert 0 <= scene.part[0] < scene.part[1] <= len(sound) / 16_000
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()


def test_silence_moves_nothing() -> None:
    assert still("digital silence") == Still("digital silence", 0.0, 0, 0)


def test_any_movement_or_closure_is_short() -> None:
    assert not Still("a", 0.0, 0, 0).short
    assert Still("a", 0.01, 0, 0).short
    assert Still("a", 0.0, 0, 1).short
