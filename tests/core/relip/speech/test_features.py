from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.speech.features import (
    HOP,
    LEVEL,
    SAMPLE_RATE,
    WINDOW,
    excerpt,
    log_mel,
    rows_in,
    speech_gain,
    windows,
)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 20_000))
def test_windows_cover_every_row_with_a_weight_of_one(rows: int) -> None:
    total = np.zeros(rows)
    for first, count, weight in windows(rows):
        assert first % 2 == 0
        assert 0 < count <= WINDOW
        assert len(weight) == count
        assert weight.min(initial=0) >= 0
        total[first : first + count] += weight
    np.testing.assert_allclose(total, 1, atol=1e-5)


def test_log_mel_is_whispers() -> None:
    """Whisper's own definition, written out slowly, and librosa's bands."""
    librosa = pytest.importorskip("librosa")
    sound = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    spectrum = librosa.stft(sound, n_fft=400, hop_length=HOP, window="hann", pad_mode="reflect")
    bands = librosa.filters.mel(sr=SAMPLE_RATE, n_fft=400, n_mels=80)
    power = np.log10(np.maximum(bands @ np.abs(spectrum[:, :-1]) ** 2, 1e-10))
    expected = (np.maximum(power, power.max() - 8) + 4) / 4
    np.testing.assert_allclose(log_mel(sound), expected, atol=1e-4)


def test_a_fixed_ceiling_makes_a_part_sound_as_in_the_whole(line: NDArray[np.float32]) -> None:
    whole, part = log_mel(line, 1.0), log_mel(line[: 100 * HOP], 1.0)
    np.testing.assert_allclose(part[:, :98], whole[:, :98], atol=1e-5)


@given(st.integers(-50, 150), st.integers(0, 200))
def test_an_excerpt_is_zero_where_there_is_no_sound(first: int, length: int) -> None:
    sound = np.ones(100, np.float32)
    found = excerpt(sound, first, first + length)
    inside = [0 <= sample < 100 for sample in range(first, first + length)]
    np.testing.assert_array_equal(found, np.array(inside, np.float32))


def test_the_level_is_that_of_the_speech_alone() -> None:
    rng = np.random.default_rng(1)
    sound = np.concatenate([rng.normal(0, s, 16_000) for s in (0.01, 0.5)]).astype(np.float32)
    voice = np.repeat([0, 1], 100).astype(np.float32)
    assert speech_gain(sound, voice) == pytest.approx(LEVEL / 0.5, rel=0.02)


def test_silence_is_not_amplified() -> None:
    assert speech_gain(np.zeros(1600, np.float32), np.zeros(10, np.float32)) == 1


def test_a_row_that_is_begun_counts() -> None:
    assert [rows_in(np.zeros(n, np.float32)) for n in (0, 1, 160, 161)] == [0, 1, 1, 2]
