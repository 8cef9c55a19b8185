import numpy as np
import pytest

from relip.mouth.shape import POINTS, Array
from relip.quality.performance import Performance
from tests.bench import figures


def mouths(gaps: Array, flutter: Array | None = None, details: float = 1.0) -> Performance:
    n = len(gaps)
    same = np.full(n, details)
    return Performance(
        np.arange(n),
        np.zeros((n, 478, 3), np.float32),
        np.zeros((n, POINTS, 3), np.float32),
        np.tile(np.eye(3), (n, 1, 1)),
        gaps,
        np.zeros(n) if flutter is None else flutter,
        same,
        same,
        same,
    )


def test_closures_are_met_one_frame_beside_their_time_but_not_two() -> None:
    seconds = np.arange(25) / 25
    gaps = np.full(25, 0.1)
    gaps[10] = 0.0
    one_off = [(11 / 25, 11.5 / 25)]
    two_off = [(12.1 / 25, 13 / 25)]

    assert figures.closures_met(gaps, seconds, one_off, 0.015, 1 / 25) == (1, 1)
    assert figures.closures_met(gaps, seconds, two_off, 0.015, 1 / 25) == (0, 1)


def test_closures_outside_the_result_do_not_count() -> None:
    assert figures.closures_met(np.zeros(5), np.arange(5) / 25, [(3, 3.1)], 1, 0.04) == (0, 0)


def test_closed_lips_are_not_asked_to_be_closer_than_can_be_measured() -> None:
    assert figures.closed_below(np.full(50, 0.001)) == pytest.approx(0.015)
    assert figures.closed_below(np.full(50, 0.03)) == pytest.approx(0.045)


def test_contrast_is_one_for_the_same_motion_and_half_for_half_of_it() -> None:
    own = np.random.default_rng(0).random(400)

    assert figures.contrast(own, own) == pytest.approx(1)
    assert figures.contrast(own / 2, own) == pytest.approx(0.5)


def test_flicker_is_of_frames_among_their_like() -> None:
    state = np.array([0, 1, 1, 1, 1, 0, 1, 1], bool)
    seen = mouths(np.zeros(8), flutter=np.array([9.0, 9, 1, 3, 9, 9, 9, 9]))

    assert figures.flicker(seen, state) == pytest.approx(2)


def test_nothing_is_measured_across_missing_frames() -> None:
    apart = mouths(np.zeros(9)).only(np.arange(9) % 2 == 0)

    assert np.isnan(figures.flicker(apart, np.ones(5, bool)))


def test_sharpness_compares_frames_of_like_opening() -> None:
    source = mouths(np.array([0.0] * 10 + [0.2] * 10))
    source.details[:10], source.details[10:] = 10, 100
    result = mouths(np.full(7, 0.2), details=90)

    assert figures.sharpness(result, source) == pytest.approx(0.9)


def test_psnr_of_one_step_off() -> None:
    grey = np.full((8, 8, 3), 100, np.uint8)

    assert figures.psnr(grey, grey) == 60
    assert figures.psnr(grey + np.uint8(1), grey) == pytest.approx(48.13, abs=0.01)
