"""Runs of several jobs at a time, and results that are placed as they come."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from relip_host.fake_host import FakeHost
from relip_host.host import HostError
from relip_host.journal import Journal, runs
from relip_host.resync import apply_finished, resync_selection
from relip_host.steps import Step
from tests.plugin.relip_host.stub_runs import CHOICE, finish, states, stub

TWO = replace(CHOICE, workers=2)


def running(step: Step) -> list[str]:
    return [row.shot for row in step.rows if row.state == "running" and row.stage == "draw"]


def journal_of(state: Path) -> Journal:
    found = next(runs(state))
    assert isinstance(found, Journal)
    return found


def test_as_many_are_made_at_a_time_as_were_asked_for(host: FakeHost, tmp_path: Path) -> None:
    seen: list[Step] = []
    pids: set[int] = set()

    def look(step: Step) -> None:
        seen.append(step)
        if running(step) == ["v1", "v2"]:
            pids.update(entry.pid for entry in journal_of(tmp_path).record.entries[:2])

    outcome = finish(resync_selection(host, TWO, stub("slow"), tmp_path), look)

    assert states(outcome) == ["placed"] * 3
    assert max(len(running(step)) for step in seen) == 2
    assert len(pids) == 2
    assert 0 not in pids
    both = next(step for step in seen if running(step) == ["v1", "v2"] and step.left)
    assert both.text.startswith("lines 1 and 2 of 3, shot 1: drawing, ")
    assert "; shot 2: drawing, " in both.text
    assert both.left is not None
    assert both.left > max(row.left or 0 for row in both.rows)
    assert seen[-1].done == 1


def test_a_cancelled_run_stops_them_all(host: FakeHost, tmp_path: Path) -> None:
    asked = False

    def look(step: Step) -> None:
        nonlocal asked
        asked = asked or len(running(step)) == 2

    outcome = finish(
        resync_selection(host, TWO, stub("endless"), tmp_path, cancelled=lambda: asked), look
    )

    assert states(outcome) == ["cancelled"] * 3
    assert not list((tmp_path / "media").glob("*.partial"))


def test_closing_the_generator_ends_them_all(host: FakeHost, tmp_path: Path) -> None:
    steps = resync_selection(host, TWO, stub("endless"), tmp_path / "state")
    while len(running(next(steps))) < 2:
        pass
    pids = [entry.pid for entry in journal_of(tmp_path / "state").record.entries[:2]]
    begun = time.monotonic()

    steps.close()

    assert time.monotonic() - begun < 10
    assert [one.state for one in journal_of(tmp_path / "state").record.entries] == ["cancelled"] * 3
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_what_is_finished_before_it_hears_of_the_closing_can_be_placed(
    host: FakeHost, tmp_path: Path
) -> None:
    steps = resync_selection(host, TWO, stub("too-late"), tmp_path / "state")
    while len(running(next(steps))) < 2:
        pass
    steps.close()

    entries = journal_of(tmp_path / "state").record.entries
    assert [one.state for one in entries] == ["done", "done", "cancelled"]
    assert states(apply_finished(host, tmp_path / "state")) == ["placed", "placed"]


def test_results_are_placed_as_they_come_where_that_is_wanted(
    host: FakeHost, tmp_path: Path
) -> None:
    told: list[tuple[str, str]] = []
    placed_while_others_waited = False

    def look(step: Step) -> None:
        nonlocal placed_while_others_waited
        told.extend((row.shot, row.state) for row in step.over)
        states = [row.state for row in step.rows]
        placed_while_others_waited |= "placed" in states and "waiting" in states
        assert all(host.shown[row.shot] for row in step.over)

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path, at_once=True), look)

    assert placed_while_others_waited
    assert told == [("v1", "placed"), ("v2", "placed"), ("v3", "placed")]
    assert states(outcome) == ["placed"] * 3


def test_what_comes_to_an_end_is_told_once_for_each_end(host: FakeHost, tmp_path: Path) -> None:
    host.items.pop(1)
    told: list[tuple[str, str]] = []

    finish(
        resync_selection(host, CHOICE, stub(), tmp_path),
        lambda step: told.extend((row.shot, row.state) for row in step.over),
    )

    made = [("v1", "done"), ("v3", "done")]
    assert told == [("v2", "refused"), *made, ("v1", "placed"), ("v3", "placed")]


def test_what_is_refused_at_once_is_not_tried_again_and_again(
    host: FakeHost, tmp_path: Path
) -> None:
    host.faults["place v1"] = HostError("track V1 is locked", "unlock it")

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path, at_once=True))

    assert states(outcome) == ["done", "placed", "placed"]
    assert host.calls.count("place") == 3
    assert outcome.notes == ("Apply Finished places the result that is finished",)


def test_after_a_cancel_nothing_more_is_placed(host: FakeHost, tmp_path: Path) -> None:
    outcome = finish(
        resync_selection(
            host,
            CHOICE,
            stub(),
            tmp_path,
            cancelled=lambda: bool(host.shown["v1"]),
            at_once=True,
        )
    )

    assert states(outcome) == ["placed", "cancelled", "cancelled"]


def test_whose_mouth_was_chosen_is_told(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_MOUTH", "1")
    host.selected = {"v1"}

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path))

    said = "person 2 of 3, whose lips move with the clip's sound, 83 % sure"
    assert outcome.rows[0].mouth == said
    assert journal_of(tmp_path).record.entries[0].mouth == said
