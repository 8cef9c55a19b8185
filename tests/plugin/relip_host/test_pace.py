from __future__ import annotations

import pytest

from relip_host.pace import Piece, pace


def test_before_anything_is_known_nothing_is_told() -> None:
    assert pace([Piece(100), Piece(50)], 1) == (0.0, None)
    assert pace([], 1) == (1.0, None)


def test_one_after_the_other_takes_as_long_as_the_frames_say() -> None:
    done, left = pace([Piece(100, True, 50.0), Piece(100, False, 25.0, 25.0), Piece(200)], 1)

    assert done == pytest.approx(150 / 400)
    assert left == pytest.approx(25 + 100)


def test_two_at_a_time_take_half_as_long_but_no_less_than_the_longest() -> None:
    at_work = [Piece(100, False, 10.0, 30.0), Piece(100, False, 10.0, 30.0)]

    assert pace([*at_work, Piece(200)], 2)[1] == pytest.approx((150 + 200) * 0.4 / 2)
    assert pace(at_work, 2)[1] == pytest.approx(30)
    assert pace([Piece(10, True, 1.0), Piece(10, False, 1.0, 9.0)], 4)[1] == pytest.approx(9)


def test_what_failed_or_was_kept_is_done_and_says_nothing_of_the_pace() -> None:
    done, left = pace([Piece(100, True), Piece(100, True, 10.0), Piece(100)], 1)

    assert done == pytest.approx(2 / 3)
    assert left == pytest.approx(10)
