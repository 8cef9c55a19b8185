from __future__ import annotations

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from relip import sample
from relip.engines.neural.mel import (
    COLUMNS,
    HOP,
    QUIET,
    RATE,
    mel_bands,
    mel_columns,
    mel_window,
)
from relip.media.speech import read_speech

Samples = NDArray[np.float32]


def spoken() -> Samples:
    return read_speech(sample.line()).samples


def published(samples: Samples) -> NDArray[np.float64]:
    """The published chain of steps, of librosa's and scipy's parts; silence beyond the ends."""
    emphasised = signal.lfilter([1, -0.97], [1], samples.astype(float))
    spectrum = np.abs(librosa.stft(emphasised, n_fft=800, hop_length=200, win_length=800))
    bands = librosa.filters.mel(sr=16000, n_fft=800, n_mels=80, fmin=55, fmax=7600)
    decibels = 20 * np.log10(np.maximum(1e-5, bands @ spectrum)) - 20
    return np.asarray(np.clip(8 * ((decibels + 100) / 100) - 4, -4, 4))


def test_the_mel_is_the_published_one() -> None:
    samples = spoken()
    expected = published(samples)
    found = mel_columns(samples, 0, expected.shape[1])
    apart = np.abs(found - expected)
    print(f"largest difference from librosa's {apart.max():.1e}, mean {apart.mean():.1e}")
    assert apart.max() < 1e-5
    assert np.ptp(expected) > 5  # there is something to differ in


def test_the_bands_are_librosas() -> None:
    expected = librosa.filters.mel(
        sr=16000, n_fft=800, n_mels=80, fmin=55, fmax=7600, dtype=np.float64
    )
    np.testing.assert_allclose(mel_bands(), expected, atol=1e-12)


@pytest.mark.parametrize("at", [0.0, 0.3125, 1.0])
def test_a_window_is_cut_from_the_whole_without_a_seam(at: float) -> None:
    samples = spoken()
    column = round(at * RATE / HOP)
    whole = mel_columns(samples, 0, column + COLUMNS)
    np.testing.assert_allclose(mel_window(samples, at), whole[:, column:], atol=1e-5)


def test_a_window_may_begin_between_the_columns() -> None:
    samples = spoken()
    later = mel_window(samples[77:], 0.5)
    np.testing.assert_allclose(mel_window(samples, 0.5 + 77 / RATE), later, atol=1e-5)


def test_windows_past_409_6_seconds_hear_what_is_there() -> None:
    # 16-bit indices of columns overflow at column 32768, and hear the beginning again.
    click = 500 * RATE
    samples = np.zeros(click + RATE, np.float32)
    samples[click] = 0.5
    assert (mel_window(samples, 499.5) == QUIET).all()
    heard = mel_window(samples, 499.9)
    assert int(heard.mean(0).argmax()) == 8
    samples[0] = 0.5
    np.testing.assert_array_equal(mel_window(samples, 499.9), heard)


@pytest.mark.parametrize("rate", [24000 / 1001, 25.0, 30000 / 1001, 60.0])
def test_frames_of_every_rate_hear_their_own_moment_at_the_end_of_an_hour(rate: float) -> None:
    length = 3600
    frame = int((length - 1) * rate)
    seconds = frame / rate
    samples = np.zeros(length * RATE, np.float32)
    samples[round(seconds * RATE) + 8 * HOP] = 0.5
    assert int(mel_window(samples, seconds).mean(0).argmax()) == 8


def test_the_tail_is_heard_to_its_end_and_silence_beyond() -> None:
    samples = np.full(RATE, 0.1, np.float32)
    samples[::7] = -0.1
    last = mel_window(samples, 1.0 - HOP / RATE)
    assert last[:, 0].max() > 0
    assert (last[:, 4:] == QUIET).all()
    assert (mel_window(samples, 2.0) == QUIET).all()
    assert (mel_window(samples, -2.0) == QUIET).all()
    assert (mel_window(np.zeros(0, np.float32), 0.0) == QUIET).all()
