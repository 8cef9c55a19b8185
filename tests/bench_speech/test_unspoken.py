import numpy as np
import pytest

from tests.bench_speech.music import song
from tests.bench_speech.scenes import alone, between_lines
from tests.bench_speech.unspoken import LAUGHTERS, breaths, laugh
from tests.bench_speech.utterances import Samples


def test_breaths_have_pauses_and_no_pitch() -> None:
    air = breaths(6, np.random.default_rng(0))
    loud = air[np.abs(air) > 0.05]
    spectrum = np.abs(np.fft.rfft(air[:32_000])) ** 2

    assert len(air) == 96_000
    assert 0.02 < len(loud) / len(air) < 0.8
    assert spectrum.max() < 0.05 * spectrum.sum()


@pytest.mark.parametrize("name", LAUGHTERS)
def test_a_laugh_has_as_many_calls_as_are_told(name: str) -> None:
    how = LAUGHTERS[name]
    ha = laugh(how, 1, np.random.default_rng(0))[: round(16_000 * how.calls / how.rate)]
    smooth = np.hanning(1600) / 800
    loudness = np.convolve(np.abs(ha), smooth, "same")
    middle = loudness[1:-1]
    peaks = (middle > loudness[:-2]) & (middle >= loudness[2:]) & (middle > 0.1 * middle.max())

    assert int(peaks.sum()) == pytest.approx(how.calls, abs=1)


def test_songs_differ_and_have_no_pauses() -> None:
    one, other = (song(32_000, np.random.default_rng(seed)) for seed in (0, 1))
    level = np.sqrt((one.reshape(-1, 1600) ** 2).mean(axis=1))

    assert not np.array_equal(one, other)
    assert level.min() > 0.1 * level.max()


def test_only_what_lies_between_two_lines_is_looked_at() -> None:
    noise: Samples = np.random.default_rng(0).normal(size=16_000).astype(np.float32)
    scene = between_lines(noise, -20)
    rows = scene.rows(len(scene.samples) // 160)

    assert scene.part[1] - scene.part[0] == pytest.approx(1)
    assert rows.sum() == pytest.approx(100, abs=1)
    assert not rows[:200].any()
    assert alone(noise).part == (0, 1)
