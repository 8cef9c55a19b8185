from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.speech.articulation import OPENNESS, RATE, Articulation
from relip.speech.lag import UNKNOWN, lag


def mouth(articulation: Articulation, late: float, fps: float) -> tuple[NDArray[np.float64], ...]:
    """A mouth that does what is heard, a given time late, with drift and jitter."""
    rng = np.random.default_rng(5)
    times = np.arange(0, len(articulation.voice) / RATE, 1 / fps)
    rows = (np.arange(len(articulation.voice)) + 0.5) / RATE
    opening = np.interp(times - late, rows, articulation.visemes @ OPENNESS)
    drift = 0.5 * np.sin(times) + 0.2 * rng.normal(size=len(times)) * opening.std()
    return opening + drift + 3, times


@pytest.mark.parametrize("late", [-0.12, 0, 0.08, 0.2])
@pytest.mark.parametrize("fps", [24, 30])
def test_a_late_mouth_is_found_out(heard: Articulation, late: float, fps: float) -> None:
    found = lag(heard, *mouth(heard, late, fps))
    assert found.seconds == pytest.approx(late, abs=0.03)
    assert found.deviation < 0.03
    assert found.confidence > 0.6
    assert found.explained > 0.5


def test_times_tell_where_the_sound_begins(heard: Articulation) -> None:
    opening, times = mouth(heard, 0, 25)
    assert lag(heard, opening, times + 0.1).seconds == pytest.approx(0.1, abs=0.03)


def test_frames_without_a_face_are_left_out(heard: Articulation) -> None:
    opening, times = mouth(heard, 0.1, 25)
    opening[20:40] = np.nan
    assert lag(heard, opening, times).seconds == pytest.approx(0.1, abs=0.03)


def test_a_mouth_that_does_something_else_teaches_little(heard: Articulation) -> None:
    times = np.arange(0, len(heard.voice) / RATE, 1 / 25)
    confidences = []
    for seed in range(10):
        noise = np.random.default_rng(seed).normal(size=len(times))
        found = lag(heard, np.convolve(noise, np.ones(4), "same"), times)
        assert abs(found.seconds) < 0.2
        confidences.append(found.confidence)
    assert np.median(confidences) < 0.5


@pytest.mark.parametrize("value", [0.0, 3.5, np.nan])
def test_a_still_or_unseen_mouth_teaches_nothing(heard: Articulation, value: float) -> None:
    times = np.arange(0, len(heard.voice) / RATE, 1 / 25)
    assert lag(heard, np.full(len(times), value), times) == UNKNOWN
