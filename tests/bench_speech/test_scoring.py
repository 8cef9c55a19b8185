import numpy as np
import pytest

from tests.bench_speech.scoring import (
    FV,
    PBM,
    Heard,
    Score,
    Tally,
    events,
    heard_as,
    matched,
    per_row,
    scored,
    seven,
    wilson,
)
from tests.bench_speech.utterances import Label


def test_neighbouring_closures_are_one_event() -> None:
    labels = [Label(0.1, 0.2, PBM), Label(0.2, 0.25, PBM), Label(0.27, 0.3, PBM)]

    assert events(labels, PBM) == ((0.1, 0.25), (0.27, 0.3))
    assert events(labels, FV) == ()


def test_a_hit_is_within_forty_milliseconds() -> None:
    assert matched([(0.1, 0.2)], [(0.139, 0.239)]).found == 1
    assert matched([(0.1, 0.2)], [(0.141, 0.241)]).found == 0


def test_every_event_is_used_once_and_the_nearest_first() -> None:
    tally = matched([(0.1, 0.2), (0.13, 0.23)], [(0.11, 0.21)])

    assert (tally.there, tally.reported, tally.found) == (2, 1, 1)
    assert matched([(0.1, 0.2)], [(0.07, 0.17), (0.11, 0.21)]).errors == pytest.approx((0.01,))


def test_lateness_is_bias_and_its_size_is_error() -> None:
    tally = Tally(3, 3, 3, (0.01, 0.02, -0.03))

    assert tally.error == pytest.approx(20)
    assert tally.bias == pytest.approx(10)


def test_rows_take_the_label_at_their_middle() -> None:
    rows = per_row([Label(0.0, 0.014, 4), Label(0.016, 0.04, 5)], 6)

    assert rows.tolist() == [4, 0, 5, 5, 0, 0]


def test_unknown_rows_are_not_scored() -> None:
    labels = [Label(0.0, 0.05, -1), Label(0.05, 0.1, 4)]
    heard = Heard(np.full(10, 4), (), ())

    score = scored(heard, labels, 0.1)

    assert (score.right, score.known) == (5, 5)


def test_events_where_nobody_knows_the_sound_are_neither_right_nor_wrong() -> None:
    labels = [Label(0.0, 0.1, -1), Label(0.1, 0.2, PBM)]
    heard = Heard(np.zeros(20, np.int64), ((0.02, 0.08), (0.1, 0.2)), ((0.3, 0.4),))

    score = scored(heard, labels, 0.2)

    assert (score.closures.reported, score.closures.found, score.dentals.reported) == (1, 1, 1)


def test_visemes_that_look_alike_are_one_class() -> None:
    visemes = np.zeros((1, 10), np.float32)
    visemes[0, 4], visemes[0, 6:] = 0.4, 0.15

    assert seven(visemes).tolist() == [6]


def test_a_single_row_is_no_event() -> None:
    heard = heard_as(np.array([0, 1, 0, 1, 1, 0, 2, 2, 2]))

    assert heard.closures == ((0.03, 0.05),)
    assert heard.dentals == ((0.06, 0.09),)


def test_scores_add_up() -> None:
    one = Score(Tally(2, 2, 1, (0.01,)), Tally(1, 0, 0), 8, 10, 1.0, 0.1, 1)
    both = one + one

    assert both.closures.recall == 0.5
    assert np.isnan(both.dentals.precision)
    assert both.accuracy == 0.8
    assert both.cost == pytest.approx(0.1)


def test_the_interval_is_wilsons() -> None:
    # 33 of 35: 0.814 to 0.984, by R's binom.confint(33, 35, methods = "wilson").
    assert wilson(33, 35) == pytest.approx((0.814, 0.984), abs=1e-3)
    assert wilson(0, 0) == (0, 1)
    assert wilson(7, 7)[1] == pytest.approx(1)
