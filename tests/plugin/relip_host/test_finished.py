from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from relip_host import journal as journals
from relip_host.fake_host import FakeHost
from relip_host.finished import apply_finished, revert_last
from relip_host.host import HostError
from relip_host.journal import Journal, runs
from relip_host.resync import resync_selection
from relip_job import Failed, Finished, Hello, Progress
from relip_job.events import to_json
from tests.plugin.relip_host.stub_runs import CHOICE, finish, states, stub

NOBODY = 2**22 + 1
"""Above the largest number a process has."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def last_run(state: Path) -> Journal:
    found = next(runs(state))
    assert isinstance(found, Journal)
    return found


def abandoned(host: FakeHost, state: Path, *kinds: str) -> Journal:
    """A run whose host died: its entries in these states, its results made."""
    host.faults["place"] = HostError("too early")
    finish(resync_selection(host, CHOICE, stub(), state))
    del host.faults["place"]
    journal = last_run(state)
    journal.write(replace(journal.record, ended=False, pid=NOBODY))
    for entry, kind in zip(journal.record.entries, kinds, strict=True):
        journal.change(entry.job, state=kind, message="", remedy="", pid=NOBODY)
    return journal


def log(journal: Journal, number: int, *events: Hello | Progress | Finished | Failed) -> Path:
    """Make this the log of a job."""
    path = journal.path(journal.record.entries[number].job, ".events.jsonl")
    path.write_text("".join(to_json(event) + "\n" for event in events))
    return path


def test_what_a_host_left_behind_is_placed(host: FakeHost, state: Path) -> None:
    abandoned(host, state, "done", "running", "asked")
    host.calls.clear()

    outcome = apply_finished(host, state)

    assert states(outcome) == ["placed", "placed", "cancelled"]
    assert outcome.rows[1].notes == ("the mouth is covered",) * 2
    assert outcome.rows[2].message == "shot 3: its turn never came"
    assert [len(host.shown[shot]) for shot in ("v1", "v2", "v3")] == [1, 1, 0]
    again = apply_finished(host, state)
    assert again.rows == ()
    assert again.notes == ("nothing is waiting to be placed",)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_host_that_was_killed_loses_nothing_that_was_made(
    host: FakeHost, state: Path, tmp_path: Path, workers: int
) -> None:
    # Another process begins a run and dies while engines draw; those go on.
    script = (
        "import os, pickle, sys; from dataclasses import replace; from pathlib import Path\n"
        "from relip_host.resync import resync_selection\n"
        "from tests.plugin.relip_host.stub_runs import CHOICE, stub\n"
        "host = pickle.loads(bytes.fromhex(sys.argv[1]))\n"
        "choice = replace(CHOICE, workers=int(sys.argv[3]))\n"
        "for step in resync_selection(host, choice, stub('slow'), Path(sys.argv[2])):\n"
        "    if step.text.count('drawing') == choice.workers: os.kill(os.getpid(), 9)\n"
    )
    import pickle

    died = subprocess.run(
        [sys.executable, "-c", script, pickle.dumps(host).hex(), str(state), str(workers)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -9, died.stderr

    early = apply_finished(host, state)

    assert states(early) == ["running"] * workers + ["cancelled"] * (3 - workers)
    assert early.notes[0].startswith("still running: line 1 of 3, shot 1: drawing, ")
    assert ("line 2 of 3, shot 2: " in early.notes[0]) == (workers == 2)
    until = time.monotonic() + 60
    while len(list((tmp_path / "media").glob("*_relip_v001.mov.json"))) < workers:
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(0.2)
    assert states(apply_finished(host, state)) == ["placed"] * workers
    assert [len(host.shown[shot]) for shot in ("v1", "v2", "v3")] == [1, workers - 1, 0]


def test_a_run_that_somebody_is_at_is_left_alone(host: FakeHost, state: Path) -> None:
    steps = resync_selection(host, CHOICE, stub("endless"), state)
    while "drawing" not in next(steps).text:
        pass
    host.calls.clear()

    outcome = apply_finished(host, state)
    steps.close()

    assert states(outcome) == ["running", "waiting", "waiting"]
    assert outcome.notes[0].startswith("still running: line 1 of 3, shot 1: drawing")
    assert outcome.rows[0].stage == "draw"
    assert "place" not in host.calls


def test_an_engine_that_went_with_its_host_is_told_of(
    host: FakeHost, state: Path, tmp_path: Path
) -> None:
    journal = abandoned(host, state, "running", "running", "cancelled")
    log(journal, 0, Hello(1, "1"), Progress("draw", 3, 10))
    log(journal, 1, Hello(1, "1"), Failed("FaceError", "nobody is seen", "look again"))
    (tmp_path / "media" / "a_relip_v001.mov.partial").touch()

    outcome = apply_finished(host, state)

    assert states(outcome) == ["failed", "failed"]
    assert outcome.rows[0].message == "shot 1: the engine was ended before it was done"
    assert (outcome.rows[1].message, outcome.rows[1].remedy) == ("nobody is seen", "look again")
    assert not list((tmp_path / "media").glob("*.partial"))


def test_only_the_last_attempt_counts_and_a_torn_line_does_not(host: FakeHost, state: Path) -> None:
    journal = abandoned(host, state, "running", "cancelled", "cancelled")
    path = log(journal, 0, Hello(1, "1"), Failed("EngineCrashed", "x"), Hello(1, "1"))
    entry = journal.record.entries[0]
    with path.open("a") as file:
        file.write('{"event": "alive"}\n[1]\n')
        file.write(to_json(Finished(entry.output, "s.json", entry.frames, 1)) + "\n")
        file.write('{"event": "prog')

    assert states(apply_finished(host, state)) == ["placed"]


def test_a_result_that_is_not_there_any_more_is_given_up(host: FakeHost, state: Path) -> None:
    journal = abandoned(host, state, "done", "running", "cancelled")
    for entry in journal.record.entries[:2]:
        Path(entry.output).unlink()

    outcome = apply_finished(host, state)

    assert states(outcome) == ["failed", "failed"]
    assert "not there" in outcome.rows[0].message


def test_a_result_that_was_being_placed_is_placed_with_a_warning(
    host: FakeHost, state: Path
) -> None:
    abandoned(host, state, "placing", "cancelled", "cancelled")

    outcome = apply_finished(host, state)

    assert states(outcome) == ["placed"]
    assert "not there twice" in outcome.rows[0].notes[-1]


def test_what_cannot_be_placed_still_waits(host: FakeHost, state: Path) -> None:
    abandoned(host, state, "done", "cancelled", "cancelled")
    host.faults["place"] = HostError("track V1 is locked", "unlock it")

    assert states(apply_finished(host, state)) == ["done"]
    host.faults.clear()
    assert states(apply_finished(host, state)) == ["placed"]


def test_results_wait_for_their_own_timeline_project_and_host(host: FakeHost, state: Path) -> None:
    abandoned(host, state, "done", "cancelled", "cancelled")
    home = host.open

    host.open = replace(home, id="timeline-2")
    elsewhere = apply_finished(host, state)
    assert elsewhere.rows == ()
    assert elsewhere.notes == (
        "1 finished for the timeline Reel 1; open it, then run Apply Finished",
    )
    host.open, host.open_project = home, "project-2"
    assert apply_finished(host, state).rows == ()
    host.open_project, host.name = "project-1", "other"
    assert apply_finished(host, state).rows == ()
    host.name = "fake"
    assert states(apply_finished(host, state)) == ["placed"]


def test_of_two_results_the_later_one_is_placed(host: FakeHost, state: Path) -> None:
    host.selected = {"v1"}
    abandoned(host, state, "done")
    abandoned(host, state, "done")

    outcome = apply_finished(host, state)

    assert states(outcome) == ["placed"]
    assert Path(host.shown["v1"][0].output).name == "a_relip_v002.mov"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"id": 3}', "\x00\x01"])
def test_a_damaged_record_is_told_of_and_stops_nothing(
    host: FakeHost, state: Path, text: str
) -> None:
    abandoned(host, state, "done", "cancelled", "cancelled")
    damaged = state / "runs" / "20200101-000000-000000" / journals.FILE
    damaged.parent.mkdir()
    damaged.write_text(text)

    outcome = apply_finished(host, state)

    assert states(outcome) == ["placed"]
    assert str(damaged) in outcome.notes[0]


def test_the_last_run_is_taken_off_again(host: FakeHost, state: Path) -> None:
    host.selected = {"v1", "v2"}
    finish(resync_selection(host, CHOICE, stub(), state))
    host.selected = {"v2", "v3"}
    finish(resync_selection(host, CHOICE, stub(), state))

    outcome = revert_last(host, state)

    assert states(outcome) == ["reverted", "reverted"]
    assert outcome.text == "2 reverted"
    assert [row.shot for row in outcome.rows] == ["v2", "v3"]
    assert [len(host.shown[shot]) for shot in ("v1", "v2", "v3")] == [1, 1, 0]
    assert all(Path(entry.output).is_file() for entry in last_run(state).record.entries)
    assert states(revert_last(host, state)) == ["reverted", "reverted"]
    with pytest.raises(HostError, match="no run of this project"):
        revert_last(host, state)
    assert apply_finished(host, state).rows == ()


def test_what_cannot_be_taken_off_stays_and_says_why(host: FakeHost, state: Path) -> None:
    finish(resync_selection(host, CHOICE, stub(), state))
    host.faults["revert v2"] = HostError("the take is in use", "select another")
    host.shown["v3"].clear()

    outcome = revert_last(host, state)

    assert states(outcome) == ["reverted", "placed", "reverted"]
    assert (outcome.rows[1].message, outcome.rows[1].remedy) == (
        "the take is in use",
        "select another",
    )
    assert outcome.rows[2].notes == ("it was not there any more",)
    host.faults.clear()
    assert states(revert_last(host, state)) == ["reverted"]


def test_a_run_on_another_timeline_is_not_taken_off(host: FakeHost, state: Path) -> None:
    finish(resync_selection(host, CHOICE, stub(), state))
    host.open = replace(host.open, id="timeline-2")

    with pytest.raises(HostError, match="the last run was on the timeline Reel 1; open it"):
        revert_last(host, state)


def test_a_run_that_nobody_beats_for_is_nobodys(
    host: FakeHost, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = abandoned(host, state, "done", "cancelled", "cancelled")
    journal.write(replace(journal.record, pid=os.getpid()))
    assert journal.kept

    past = time.time() - journals.FORGOTTEN - 10
    os.utime(journal.folder / journals.FILE, (past, past))

    assert not journal.kept
    journal.beat()
    assert journal.kept


def test_the_record_survives_a_write_that_fails(
    host: FakeHost, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = abandoned(host, state, "done", "cancelled", "cancelled")
    before = (journal.folder / journals.FILE).read_text()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Exception, match="No space left on device"):
        journal.change(journal.record.entries[0].job, state="placed")

    assert (journal.folder / journals.FILE).read_text() == before
    assert json.loads(before)["entries"][0]["state"] == "done"
