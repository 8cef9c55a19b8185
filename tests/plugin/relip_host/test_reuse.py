"""Running again: what has not changed is not made again, and stays where it is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.fake_host import FakeHost
from relip_host.finished import revert_last
from relip_host.resync import resync_selection
from relip_host.steps import Outcome
from tests.plugin.relip_host.stub_runs import CHOICE, finish, states, stub


@pytest.fixture(autouse=True)
def knowing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_KNOWS", "1")


def run(host: FakeHost, state: Path, **choice: object) -> Outcome:
    return finish(resync_selection(host, replace(CHOICE, **choice), stub(), state))  # type: ignore[arg-type]


def names(host: FakeHost) -> list[list[str]]:
    return [[Path(made.output).name for made in host.shown[shot]] for shot in sorted(host.shown)]


def test_what_is_on_the_timeline_stays_there(host: FakeHost, tmp_path: Path) -> None:
    first = run(host, tmp_path)
    host.calls.clear()

    second = run(host, tmp_path)

    assert [row.kept for row in first.rows + second.rows] == [False] * 3 + [True] * 3
    assert states(second) == ["placed"] * 3
    assert [row.where for row in second.rows] == [row.where for row in first.rows]
    assert second.rows[0].notes == ()
    assert "place" not in host.calls
    assert names(host) == [["a_relip_v001.mov"], ["b_relip_v001.mov"], ["a_relip_v002.mov"]]


def test_only_what_changed_is_made_again(host: FakeHost, tmp_path: Path) -> None:
    run(host, tmp_path)
    host.items[1] = replace(host.items[1], source=Fraction(2))

    outcome = run(host, tmp_path)

    # The first and the last line are heard with their neighbour, as far as the middle one reaches.
    assert [row.kept for row in outcome.rows] == [False, False, False]
    assert names(host)[1] == ["b_relip_v001.mov", "b_relip_v002.mov"]
    host.items[0] = replace(host.items[0], end=Fraction(1, 4))
    assert [row.kept for row in run(host, tmp_path).rows] == [False, False, True]


def test_what_was_taken_off_is_placed_again_and_not_made_again(
    host: FakeHost, tmp_path: Path
) -> None:
    run(host, tmp_path)
    revert_last(host, tmp_path)
    assert names(host) == [[], [], []]

    outcome = run(host, tmp_path)

    assert [row.kept for row in outcome.rows] == [True] * 3
    assert names(host) == [["a_relip_v001.mov"], ["b_relip_v001.mov"], ["a_relip_v002.mov"]]


def test_what_an_editor_took_off_or_wants_elsewhere_is_placed_again(
    host: FakeHost, tmp_path: Path
) -> None:
    run(host, tmp_path)
    host.shown["v2"].clear()

    assert [row.kept for row in run(host, tmp_path).rows] == [True] * 3
    assert [len(found) for found in names(host)] == [1, 1, 1]
    elsewhere = run(host, tmp_path, place="above")
    assert [row.where for row in elsewhere.rows] == [f"above of shot {n}" for n in (1, 2, 3)]


def test_a_kept_result_is_taken_off_by_the_last_run_that_has_it(
    host: FakeHost, tmp_path: Path
) -> None:
    run(host, tmp_path)
    run(host, tmp_path)

    assert states(revert_last(host, tmp_path)) == ["reverted"] * 3
    assert names(host) == [[], [], []]


def test_everything_is_made_again_where_that_is_wanted(host: FakeHost, tmp_path: Path) -> None:
    run(host, tmp_path)

    outcome = run(host, tmp_path, reuse=False)

    assert [row.kept for row in outcome.rows] == [False] * 3
    assert names(host)[1] == ["b_relip_v001.mov", "b_relip_v002.mov"]
