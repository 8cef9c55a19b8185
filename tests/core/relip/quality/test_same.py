from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.footage import Footage
from relip.media.clip import Clip
from relip.media.probe import probe
from relip.media.speech import RATE, Speech, read_speech
from relip.quality.same import same_words
from tests.core.relip.sample_followed import FIRST, STOP, Followed
from tests.media_made import make_sound

Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def own() -> Samples:
    """What the sample says in the frames that are followed."""
    part = Fraction(FIRST, 25), Fraction(STOP, 25)
    return read_speech(sample.picture(), part=part).samples


def found(followed: Followed, samples: Samples, start: float = FIRST / 25) -> float:
    """By how much the line comes later than the same words in the clip."""
    footage = followed.footage
    return same_words(footage.clip, footage, Speech(samples), start)


def test_the_clip_s_own_sound_at_its_own_time_is_not_late(followed: Followed, own: Samples) -> None:
    assert found(followed, own) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("late", [-0.6, -0.04, 0.2, 0.9])
def test_how_much_later_the_same_words_come_is_found(
    late: float, followed: Followed, own: Samples
) -> None:
    assert found(followed, own, FIRST / 25 + late) == pytest.approx(late, abs=1e-3)


def test_a_part_of_the_clip_s_sound_is_the_same_words(followed: Followed, own: Samples) -> None:
    part = own[RATE : 2 * RATE]

    assert found(followed, part, FIRST / 25 + 1) == pytest.approx(0, abs=1e-3)
    assert found(followed, part, FIRST / 25 + 1.3) == pytest.approx(0.3, abs=1e-3)


def test_louder_noisier_and_coded_anew_it_is_still_the_same(
    followed: Followed, own: Samples, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.3 * own.std(), len(own))
    make_sound(tmp_path / "coded.m4a", own[:, None], RATE, "aac")
    coded = read_speech(tmp_path / "coded.m4a").samples

    assert found(followed, 3 * own) == pytest.approx(0, abs=1e-3)
    assert found(followed, (own + noise).astype(np.float32)) == pytest.approx(0, abs=1e-3)
    assert found(followed, coded) == pytest.approx(0, abs=0.07), "encoders begin with a pause"


def test_another_recording_is_not_the_same(followed: Followed, own: Samples) -> None:
    line = read_speech(sample.line()).samples
    noise = np.random.default_rng(0).normal(0, 0.1, len(own)).astype(np.float32)

    for other in (line, noise, np.ascontiguousarray(own[::-1]), np.zeros_like(own)):
        assert np.isnan(found(followed, other))


def test_the_same_words_too_far_away_are_not_found(followed: Followed, own: Samples) -> None:
    assert np.isnan(found(followed, own, FIRST / 25 + 1.4))
    assert np.isnan(found(followed, own, 60))


def test_a_clip_without_sound_says_nothing(followed: Followed, own: Samples) -> None:
    footage: Footage = replace(followed.footage, own=None)
    silent: Clip = replace(probe(sample.picture()), sounds=())

    assert np.isnan(same_words(footage.clip, footage, Speech(own), FIRST / 25))
    assert np.isnan(same_words(silent, followed.footage, Speech(own), FIRST / 25))
