from __future__ import annotations

from fractions import Fraction

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.engines.neural.whisper_states import (
    EDGE,
    FADE,
    LAYERS,
    STEP,
    WIDTH,
    WINDOW,
    WhisperStates,
)
from relip.media.speech import read_speech
from relip.speech.features import log_mel

Floats = NDArray[np.float32]
RATE = 16_000


class Encoder:
    """An encoder of a known mapping: the mel itself, and where in the window each row lies."""

    def __init__(self) -> None:
        self.heard: list[Floats] = []

    def __call__(self, mel: Floats) -> Floats:
        self.heard.append(mel)
        states = np.zeros((WINDOW, LAYERS, WIDTH), np.float32)
        states[..., :80] = mel[0].reshape(80, WINDOW, 2).mean(2).T[:, None]
        states[..., 100] = np.arange(WINDOW)[:, None]
        states *= np.arange(1, LAYERS + 1, dtype=np.float32)[:, None]
        return states


def noise(seconds: float, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


def published(samples: Floats) -> NDArray[np.float64]:
    """Whisper's mel of 30 s, ``[80, 3000]``, of librosa's parts."""
    whole = np.pad(samples, (0, 30 * RATE - len(samples))).astype(float)
    spectrum = np.abs(librosa.stft(whole, n_fft=400, hop_length=160, pad_mode="reflect")) ** 2
    bands = librosa.filters.mel(sr=RATE, n_fft=400, n_mels=80, dtype=np.float64)
    log = np.log10(np.maximum(bands @ spectrum, 1e-10))[:, :-1]
    return np.asarray((np.maximum(log, log.max() - 8) + 4) / 4)


def test_the_encoder_is_given_whispers_own_mel_of_30_seconds() -> None:
    samples = read_speech(sample.line()).samples
    encoder = Encoder()
    WhisperStates(encoder, samples).between(0, 1)
    expected = published(samples)
    assert encoder.heard[0].shape == (1, 80, 3000)
    apart = np.abs(encoder.heard[0][0] - expected)
    print(f"largest difference from librosa's {apart.max():.1e}, mean {apart.mean():.1e}")
    assert apart.max() < 1e-5
    assert np.ptp(expected) > 1.5  # there is something to differ in


def test_a_line_of_30_seconds_is_one_window_as_published() -> None:
    samples = noise(30)
    encoder = Encoder()
    states = WhisperStates(encoder, samples)
    np.testing.assert_array_equal(states.between(0, WINDOW), Encoder()(log_mel(samples)[None]))
    assert len(encoder.heard) == 1


def test_rows_hear_the_same_wherever_a_window_ends() -> None:
    # Published: windows cut every 30 s, each without what lies beyond its cuts.
    samples = noise(71)
    whole = WhisperStates(Encoder(), samples).between(0, 3550)
    for first in (1240, 1375, 1490, 2495, 2700, 3400):
        start = first - 700
        alone = Encoder()(
            log_mel(np.pad(samples, (0, 40 * RATE))[start * 320 :][: 30 * RATE])[None]
        )
        rows = slice(0, 60)
        np.testing.assert_allclose(
            whole[first:][rows, :, :80], alone[700:][rows, :, :80], atol=2e-4
        )


@pytest.mark.parametrize("pause", [1290, 1400, 1460])
def test_windows_change_over_in_a_pause(pause: int) -> None:
    samples = noise(60)
    samples[(pause - 6) * 320 : (pause + 6) * 320] = 0
    place = WhisperStates(Encoder(), samples).between(0, 3000)[:, 0, 100]
    before, after = np.arange(3000.0), np.arange(3000.0) - STEP
    mixed = (np.abs(place - before) > 0.01) & (np.abs(place - after) > 0.01)
    seam = np.flatnonzero(mixed & (np.arange(3000) < 1600))
    assert FADE - 2 <= len(seam) <= FADE
    assert abs(seam - pause).max() <= 6
    np.testing.assert_allclose(place[: seam[0]], before[: seam[0]])
    assert (np.diff(place[seam]) < 0).all()


def test_a_line_without_a_pause_changes_over_away_from_the_cuts() -> None:
    samples = np.full(60 * RATE, 0.1, np.float32)
    place = WhisperStates(Encoder(), samples).between(0, 3000)[:, 0, 100]
    first = int(np.flatnonzero(place != np.arange(3000))[0])
    assert STEP + EDGE < first < WINDOW - EDGE


def test_nothing_is_dropped_at_the_end_and_beyond_the_line_is_nothing() -> None:
    samples = noise(33.337)
    states = WhisperStates(Encoder(), samples)
    assert states.rows == 1667
    last = states.between(1660, 10)
    assert np.abs(last[:7, 0, :80]).max(1).min() > 0.1
    assert not last[7:].any()
    assert not states.between(-30, 30).any()
    assert not states.around(-5.0, 4, 10).any()
    assert not states.around(99.0, 4, 10).any()
    assert not WhisperStates(Encoder(), np.zeros(0, np.float32)).around(0.0, 4, 10).any()


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001), Fraction(60)], ids=str
)
def test_frames_of_every_rate_hear_their_own_moment_at_the_end_of_an_hour(rate: Fraction) -> None:
    # Rates rounded down to whole numbers: 3.6 s late after an hour at 29.97.
    frame = int(3599 * rate)
    moment = frame / rate
    samples = np.zeros(3600 * RATE, np.float32)
    samples[round(moment * RATE)] = 0.5
    encoder = Encoder()
    heard = WhisperStates(encoder, samples).around(float(moment), 4, 10)
    assert int(heard[:, 0, :80].mean(1).argmax()) in (3, 4)
    assert len(encoder.heard) == 1  # and not the hour before it


def test_at_25_frames_a_second_frames_hear_the_rows_they_were_trained_on() -> None:
    states = WhisperStates(Encoder(), noise(20))
    for frame in (2, 100, 333):
        place = states.around(frame / 25, 4, 10)[:, :, 100]
        np.testing.assert_array_equal(place[:, 0], np.arange(2 * frame - 4, 2 * frame + 6))
        np.testing.assert_array_equal(place[:, 4], 5 * place[:, 0])


def test_each_window_is_listened_to_once_and_few_are_kept() -> None:
    encoder = Encoder()
    states = WhisperStates(encoder, noise(130))
    for frame in range(130 * 25):
        states.around(frame / 25, 4, 10)
    assert len(encoder.heard) == 5
    assert len(states._windows) == 2
