from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.sound import SoundBlock
from relip.speech.clipping import flat_tops


def tones(rate: int, seconds: float) -> NDArray[np.float32]:
    """A vowel of sorts: harmonics of 130 Hz that swell and fall three times a second."""
    at = np.arange(round(rate * seconds)) / rate
    wave = sum(np.sin(2 * np.pi * 130 * step * at + step) / step for step in range(1, 12))
    return (wave / 4 * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))).astype(np.float32)


def block(samples: NDArray[np.float32], rate: int, start: int = 0) -> SoundBlock:
    return SoundBlock(samples.reshape(len(samples), -1), start, rate, "mono")


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000])
def test_a_sound_that_nothing_was_cut_off_has_no_flat_tops(rate: int) -> None:
    assert flat_tops([block(tones(rate, 3), rate)]).sum() == 0


@pytest.mark.parametrize("rate", [16_000, 48_000])
@pytest.mark.parametrize("level", [0.1, 0.3])
def test_cut_off_tops_are_counted_in_their_seconds(rate: int, level: float) -> None:
    wave = tones(rate, 4)
    wave[rate : 2 * rate] = np.clip(wave[rate : 2 * rate], -level, level)

    assert (flat_tops([block(wave, rate)]) > 20).tolist() == [False, True, False, False]


def test_sixteen_bits_and_dither_do_not_hide_them() -> None:
    wave = np.clip(tones(48_000, 1), -0.25, 0.25)
    noise = np.random.default_rng(0).integers(-1, 2, len(wave))
    dithered = (np.round(wave * 32768) + noise) / np.float32(32768)

    assert flat_tops([block(dithered.astype(np.float32), 48_000)]).sum() > 20


def test_one_clipped_channel_is_enough() -> None:
    wave = tones(16_000, 1)
    both = np.stack([wave, np.clip(wave, -0.2, 0.2)], axis=1)

    assert flat_tops([block(both, 16_000)]).sum() > 20


def test_blocks_may_end_anywhere_and_begin_before_the_picture() -> None:
    wave = np.clip(tones(16_000, 3), -0.2, 0.2)
    whole = flat_tops([block(wave, 16_000)])
    cuts = [0, 777, 15_999, 16_001, 40_000, len(wave)]
    parts = [block(wave[a:b], 16_000, a) for a, b in pairwise(cuts)]

    assert flat_tops(parts).tolist() == whole.tolist()
    earlier = flat_tops([block(wave, 16_000, -16_000)])
    assert earlier.tolist() == whole[1:].tolist()


def test_silence_has_none() -> None:
    assert flat_tops([block(np.zeros(32_000, np.float32), 16_000)]).sum() == 0
    assert flat_tops([]).tolist() == []
