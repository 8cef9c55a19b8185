from __future__ import annotations

import time

import pytest

from relip.progress import PRICE, Clock
from relip_job.events import Progress


class Hours:
    """A clock that goes on only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    made = Hours()
    monkeypatch.setattr(time, "monotonic", made)
    return made


def work(clock: Clock, hours: Hours, kind: str, frames: int, each: float) -> None:
    for _ in range(frames):
        hours.now += each
        clock.step(kind)


def test_at_first_nothing_is_known(hours: Hours) -> None:
    clock = Clock(track=100, draw=50)
    assert clock.left() is None
    work(clock, hours, "track", 4, 0.1)
    assert clock.left() is None
    work(clock, hours, "track", 1, 0.1)
    assert clock.left() is not None


def test_kinds_not_begun_are_reckoned_from_those_measured(hours: Hours) -> None:
    clock = Clock(track=100, draw=50, copy=20)
    work(clock, hours, "track", 10, 0.1)
    draw, copy = (0.1 * PRICE[kind] / PRICE["track"] for kind in ("draw", "copy"))
    assert clock.left() == pytest.approx(90 * 0.1 + 50 * draw + 20 * copy, abs=0.06)


def test_measured_kinds_count_at_their_own_price(hours: Hours) -> None:
    clock = Clock(track=100, draw=50)
    work(clock, hours, "track", 100, 0.1)
    work(clock, hours, "draw", 10, 0.7)
    assert clock.left() == pytest.approx(40 * 0.7, abs=0.06)


def test_left_falls_to_0(hours: Hours) -> None:
    clock = Clock(track=30, draw=20, copy=10)
    left = []
    for kind, each in (("track", 0.05), ("draw", 0.1), ("copy", 0.025)):
        for _ in range({"track": 30, "draw": 20, "copy": 10}[kind]):
            work(clock, hours, kind, 1, each)
            left.append(clock.left())
    known = [each for each in left if each is not None]
    assert known == sorted(known, reverse=True)
    assert known[-1] == 0


def test_more_frames_than_promised_leave_nothing_negative(hours: Hours) -> None:
    clock = Clock(track=10)
    work(clock, hours, "track", 15, 0.1)
    assert clock.left() == 0
    assert clock.progress("track") == Progress("track", 10, 10, 0)


def test_counting_never_goes_back(hours: Hours) -> None:
    clock = Clock(track=10)
    clock.reach("track", 6)
    clock.reach("track", 4)
    assert clock.done("track") == 6


def test_a_kind_without_frames_is_done(hours: Hours) -> None:
    clock = Clock(track=10, draw=0)
    work(clock, hours, "track", 10, 1.0)
    assert clock.left() == 0
    assert clock.progress("draw") == Progress("draw", 0, 0, 0)


def test_progress_says_where_that_kind_is(hours: Hours) -> None:
    clock = Clock(track=40, draw=10)
    work(clock, hours, "track", 20, 0.5)
    found = clock.progress("track")
    assert (found.stage, found.done, found.total) == ("track", 20, 40)
    assert found.left == clock.left()
    assert clock.progress("draw").done == 0
