from collections.abc import Callable
from typing import Any

import pytest

from relip_host.page import Row
from relip_plugin.choices.board import GRACE, GRACE_AT_WORK, LAST_LOOK, Board
from relip_plugin.choices.form import FormError
from tests.plugin.relip_plugin.choices.offers_made import RAMP, offer, shot
from tests.plugin.relip_plugin.choices.test_form import FORM


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[dict[str, object]]:
    return []


@pytest.fixture
def board(clock: Clock, told: list[dict[str, object]]) -> Board:
    return Board(offer(), told.append, patience=60, clock=clock)


def states(board: Board) -> dict[str, Any]:
    rows: Any = board.state()["rows"]
    return {row["shot"]: row["state"] for row in rows}


def test_a_choice_is_told_once(board: Board, told: list[dict[str, object]]) -> None:
    assert board.choose(FORM)
    assert not board.choose(FORM)

    (event,) = told
    assert event["event"] == "chosen"
    assert board.state()["phase"] == "running"
    assert states(board) == {"shot-0": "waiting", "shot-1": "waiting"}


def test_a_bad_form_chooses_nothing(board: Board, told: list[dict[str, object]]) -> None:
    with pytest.raises(FormError):
        board.choose({**FORM, "tracks": []})

    assert told == []
    assert board.state()["phase"] == "choosing"


def test_cancel_is_told_once_and_only_while_it_runs(
    board: Board, told: list[dict[str, object]]
) -> None:
    board.cancel()
    assert told == []
    board.choose(FORM)

    board.cancel()
    board.cancel()

    assert told[1:] == [{"event": "cancel"}]
    assert board.state()["cancelling"] is True


def test_the_share_follows_the_time_that_is_left_and_never_goes_back(
    board: Board, clock: Clock
) -> None:
    def share() -> float:
        rows: Any = board.state()["rows"]
        return float(rows[0]["share"])

    board.choose(FORM)
    board.show([Row("shot-0", "running", "listen", 1, 2, 30.0)], "", [])
    assert share() == 0
    clock.now = 10
    board.show([Row("shot-0", "running", "draw", 1, 2, 30.0)], "", [])
    assert share() == pytest.approx(0.25)
    board.show([Row("shot-0", "running", "draw", 1, 2, 90.0)], "", [])
    assert share() == pytest.approx(0.25)
    board.show([Row("shot-0", "placed")], "", [])
    assert share() == 1


def test_shots_that_are_not_told_of_are_not_part_of_the_run(board: Board) -> None:
    board.choose(FORM)

    board.show([Row("shot-1", "running")], "", [])

    assert states(board) == {"shot-1": "running"}


def test_a_run_that_failed_as_a_whole_leaves_nothing_at_work(board: Board) -> None:
    board.choose(FORM)
    board.show([Row("shot-0", "placed"), Row("shot-1", "running")], "", [])

    board.show([], "the disk is full; free some space", [], done=True)

    assert states(board) == {"shot-0": "placed", "shot-1": "cancelled"}
    assert board.state()["phase"] == "done"
    assert board.state()["text"] == "the disk is full; free some space"


def test_obstacles_are_not_run(clock: Clock) -> None:
    shots = (shot(0, "anna.mov"), shot(1, "ramp.mov", RAMP))
    board = Board(offer(shots=shots), lambda event: None, clock=clock)

    board.choose(FORM)

    assert states(board) == {"shot-0": "waiting"}


def visit(board: Board) -> None:
    board.visit(+1)


def come_and_go(board: Board) -> None:
    board.visit(+1)
    board.visit(-1)


def run_and_go(board: Board) -> None:
    board.visit(+1)
    board.choose(FORM)
    board.visit(-1)


def finish(board: Board) -> None:
    board.visit(+1)
    board.choose(FORM)
    board.show([], "", [], done=True)


def finish_and_go(board: Board) -> None:
    finish(board)
    board.visit(-1)


def finish_and_end(board: Board) -> None:
    finish(board)
    board.host_gone()


def end_before_the_choice(board: Board) -> None:
    board.visit(+1)
    board.host_gone()


@pytest.mark.parametrize(
    ("happens", "stays", "why"),
    [
        (lambda board: None, 60, "nobody opened the page"),
        (come_and_go, GRACE, "the page was closed"),
        (run_and_go, GRACE_AT_WORK, "the page was closed"),
        (finish_and_go, GRACE, "the page was closed"),
        (finish, LAST_LOOK, "the page was left open"),
        (finish_and_end, LAST_LOOK, "the page was left open"),
        (end_before_the_choice, 2, "the editing program is gone"),
        (Board.host_gone, -1, "the editing program is gone"),
    ],
)
def test_the_page_ends_by_itself(
    happens: Callable[[Board], None],
    stays: float,
    why: str,
    board: Board,
    clock: Clock,
    told: list[dict[str, object]],
) -> None:
    happens(board)
    if stays > 0:
        clock.now += stays - 0.1
        assert not board.over()
        clock.now += 0.2

    assert board.over()
    assert board.over()
    assert [event for event in told if event["event"] == "closed"] == [
        {"event": "closed", "why": why}
    ]


def test_a_page_that_is_looked_at_stays(board: Board, clock: Clock) -> None:
    visit(board)
    clock.now += 1e6

    assert not board.over()


def test_a_tab_that_is_loaded_again_is_no_end(board: Board, clock: Clock) -> None:
    come_and_go(board)
    clock.now += GRACE / 2
    visit(board)
    clock.now += 2 * GRACE

    assert not board.over()


def test_what_changes_is_noticed(board: Board) -> None:
    version = board.state()["version"]
    assert isinstance(version, int)

    assert not board.wait(version, 0)
    board.show([], "one moment", [])
    assert board.wait(version, 0)
