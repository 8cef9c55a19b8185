import numpy as np
import pytest

from relip import sample
from relip.media.speech import read_speech
from tests.bench_speech.degraded import CONDITIONS, Condition, degraded
from tests.bench_speech.utterances import Samples


@pytest.fixture(scope="module")
def spoken() -> Samples:
    return read_speech(sample.line()).samples


@pytest.mark.parametrize("condition", CONDITIONS)
def test_speech_stays_as_long_and_on_time(spoken: Samples, condition: Condition) -> None:
    worse = degraded(spoken, condition, 0)
    size = 2 * len(spoken)
    agreement = np.fft.irfft(np.fft.rfft(worse, size) * np.conj(np.fft.rfft(spoken, size)), size)
    late = int(agreement.argmax())

    assert worse.shape == spoken.shape
    assert worse.dtype == np.float32
    assert min(late, size - late) <= 8


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_seed_gives_the_same(spoken: Samples, condition: Condition) -> None:
    once, again = (degraded(spoken, condition, 3) for _ in range(2))

    assert np.array_equal(once, again)


def test_noise_is_fifteen_decibels_below(spoken: Samples) -> None:
    added = degraded(spoken, "noise", 0) - spoken

    assert 10 * np.log10(np.mean(spoken**2) / np.mean(added**2)) == pytest.approx(15, abs=0.1)


def test_a_room_answers_after_the_sound_and_falls_sixty_decibels() -> None:
    click = np.zeros(16_000, np.float32)
    click[1000] = 1
    wet = degraded(click, "reverb", 0)

    assert np.abs(wet[:1000]).max() < 1e-6
    early, late = (np.sqrt(np.mean(wet[at : at + 400] ** 2)) for at in (1001, 1000 + 6000 - 400))
    assert 20 * np.log10(early / late) == pytest.approx(60 * 5600 / 6400, abs=3)
