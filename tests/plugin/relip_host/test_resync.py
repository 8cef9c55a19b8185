from __future__ import annotations

import json
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.choice import Choice
from relip_host.fake_host import FakeHost
from relip_host.host import HostError, Obstacle, Selection
from relip_host.journal import Journal, runs
from relip_host.resync import resync_selection
from relip_host.steps import Step
from relip_host.worker import Engine
from relip_job.errors import OutputError
from tests.plugin.relip_host.stub_runs import CHOICE, finish, states, stub

F = Fraction


def journal_of(state: Path) -> Journal:
    found = next(runs(state))
    assert isinstance(found, Journal)
    return found


def test_selected_shots_come_back_re_synced(host: FakeHost, tmp_path: Path) -> None:
    seen: list[Step] = []
    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path / "state"), seen.append)

    assert outcome.text == "3 placed"
    assert [row.shot for row in outcome.rows] == ["v1", "v2", "v3"]
    assert outcome.rows[0].where == "in-place of shot 1"
    assert outcome.rows[0].score == "4 of 5"
    assert outcome.rows[0].notes == ("the mouth is covered",)
    made = host.shown["v1"][0]
    assert made.output == str(tmp_path / "media" / "a_relip_v001.mov")
    assert host.shown["v3"][0].output == str(tmp_path / "media" / "a_relip_v002.mov")
    assert (made.first, made.frames) == (F(4) - F(12, 25), 49)
    assert Path(made.output).stat().st_size == 49
    assert any("drawing" in step.text and step.text.startswith("line 2 of 3") for step in seen)
    assert max(step.done for step in seen) > 0.6
    assert any(step.rows[1].stage == "draw" for step in seen)


def test_all_are_computed_then_all_made_then_all_placed(host: FakeHost, tmp_path: Path) -> None:
    running_at: list[int] = []

    def look(step: Step) -> None:
        if any(row.state == "running" and row.stage != "place" for row in step.rows):
            running_at.append(len(host.calls))

    finish(resync_selection(host, CHOICE, stub(), tmp_path), look)

    assert host.calls.count("dub_items") == 3
    first_place = host.calls.index("place")
    assert set(host.calls[first_place:]) == {"place"}
    assert len(set(running_at)) == 1
    assert "dub_items" not in host.calls[running_at[0] :]


def test_the_journal_tells_it_all(host: FakeHost, tmp_path: Path) -> None:
    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path / "state"))

    folder = tmp_path / "state" / "runs" / outcome.run
    record = journal_of(tmp_path / "state").record
    assert record.id == outcome.run
    assert record.ended
    assert record.choice == CHOICE
    assert record.timeline == host.open
    assert record.entries[2].shot == host.shots[2]
    assert record.entries[2].placed is not None
    assert {path.name.partition(".")[2] for path in folder.glob(f"{outcome.run}-01*")} == {
        "job.json",
        "events.jsonl",
        "said.txt",
    }
    asked = json.loads((folder / f"{outcome.run}-03.job.json").read_text())
    assert asked["speech"][1]["at"] == "4"
    assert asked["speech"][1]["duration"] == "1/2"


def test_a_shot_that_cannot_be_done_does_not_stop_the_others(
    host: FakeHost, tmp_path: Path
) -> None:
    host.shots[0] = replace(host.shots[0], obstacle=Obstacle("retimed", "it is retimed", "undo"))
    host.items.pop(1)

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path))

    assert states(outcome) == ["refused", "refused", "placed"]
    assert (outcome.rows[0].message, outcome.rows[0].remedy) == ("it is retimed", "undo")
    assert "nothing lies on the chosen tracks under shot 2" in outcome.rows[1].message
    assert outcome.text == "1 placed, 2 refused"


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        ("unwilling", "nobody is seen"),
        ("crash", "was ended by SIGSEGV before it was done: the driver gave up"),
        ("short", "has 48 frames, not the 49 that were asked for"),
        ("liar", "is not there"),
    ],
)
def test_what_fails_says_why(host: FakeHost, tmp_path: Path, manner: str, words: str) -> None:
    host.selected = {"v1", "v2"}

    outcome = finish(resync_selection(host, CHOICE, stub(manner), tmp_path))

    assert states(outcome) == ["failed", "failed"]
    assert words in outcome.rows[1].message
    assert outcome.rows[1].remedy
    assert "place" not in host.calls


def test_an_engine_that_is_not_there_is_told_of_at_once(host: FakeHost, tmp_path: Path) -> None:
    begun = time.monotonic()

    outcome = finish(resync_selection(host, CHOICE, Engine(["/no/python"]), tmp_path))

    assert states(outcome) == ["failed"] * 3
    assert "/no/python" in outcome.rows[2].message
    assert time.monotonic() - begun < 5


def test_a_driver_that_gives_up_once_gets_another_chance(host: FakeHost, tmp_path: Path) -> None:
    host.selected = {"v1"}

    outcome = finish(resync_selection(host, CHOICE, stub("crash-once"), tmp_path))

    assert states(outcome) == ["placed"]
    assert "it was started again" in outcome.rows[0].notes[0]


def test_sound_that_no_file_holds_is_mixed_by_the_host(host: FakeHost, tmp_path: Path) -> None:
    host.items[0] = replace(host.items[0], obstacle=Obstacle("effects", "the line has effects"))
    texts: list[str] = []

    outcome = finish(
        resync_selection(host, CHOICE, stub(), tmp_path / "state"),
        lambda step: texts.append(step.text),
    )

    assert states(outcome) == ["placed"] * 3
    assert host.calls.count("render_dub") == 1
    assert "the line has effects: fake mixes the dub of shot 1" in texts
    assert outcome.rows[0].notes[0] == "the line has effects: fake mixed the dub"
    folder = tmp_path / "state" / "runs" / outcome.run
    (part,) = json.loads((folder / f"{outcome.run}-01.job.json").read_text())["speech"]
    assert Path(part["path"]).is_file()
    assert (part["at"], part["start"], part["duration"]) == ("4", "0", "1")


@pytest.mark.parametrize("lie", [True, False])
def test_sound_that_cannot_be_mixed_is_refused_with_both_reasons(
    host: FakeHost, tmp_path: Path, lie: bool
) -> None:
    host.selected = {"v1"}
    host.items[0] = replace(host.items[0], media=None)
    if lie:
        host.lies.add("render_dub")
    else:
        host.faults["render_dub"] = HostError("the queue is full", "empty it")

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path))

    assert states(outcome) == ["refused"]
    assert "line has no file, and fake could not mix it" in outcome.rows[0].message
    assert ("dub.wav" if lie else "the queue is full") in outcome.rows[0].message
    assert outcome.rows[0].remedy


def test_items_that_the_host_should_not_have_told_of_are_not_heard(
    host: FakeHost, tmp_path: Path
) -> None:
    host.lies.add("dub_items")
    host.selected = {"v1"}

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path / "s"))

    asked = json.loads(next((tmp_path / "s" / "runs" / outcome.run).glob("*.job.json")).read_text())
    assert [part["at"] for part in asked["speech"]] == ["4", "5"]


def test_what_the_host_refuses_to_place_is_kept(host: FakeHost, tmp_path: Path) -> None:
    host.faults["place v2"] = HostError("track V1 is locked", "unlock it")

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path))

    assert states(outcome) == ["placed", "done", "placed"]
    assert outcome.rows[1].message == "shot 2: track V1 is locked"
    assert outcome.notes == ("Apply Finished places the result that is finished",)


def test_results_are_not_placed_on_another_timeline(host: FakeHost, tmp_path: Path) -> None:
    def wander(step: Step) -> None:
        if "line 3" in step.text:
            host.open = replace(host.open, id="timeline-2", name="Reel 2")

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path), wander)

    assert states(outcome) == ["done"] * 3
    assert "the timeline Reel 1 is not the open one any more" in outcome.rows[0].message
    assert "place" not in host.calls


def test_a_cancelled_run_changes_nothing_and_says_so(host: FakeHost, tmp_path: Path) -> None:
    asked = False

    def look(step: Step) -> None:
        nonlocal asked
        asked = asked or "line 2 of 3, shot 2: drawing" in step.text

    outcome = finish(
        resync_selection(host, CHOICE, stub(), tmp_path, cancelled=lambda: asked), look
    )

    assert states(outcome) == ["done", "cancelled", "cancelled"]
    assert "place" not in host.calls
    assert outcome.notes[0].startswith("the run was cancelled; Apply Finished places")
    assert not list((tmp_path / "media").glob("*.partial"))


def test_closing_the_generator_ends_everything(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = resync_selection(host, CHOICE, stub("endless"), tmp_path / "state")
    for step in steps:
        if "drawing" in step.text:
            break

    begun = time.monotonic()
    steps.close()

    assert time.monotonic() - begun < 10
    record = journal_of(tmp_path / "state").record
    assert [entry.state for entry in record.entries] == ["cancelled"] * 3
    assert record.ended
    assert not list((tmp_path / "media").glob("*.partial"))


def test_what_a_killed_engine_began_is_removed(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.selected = {"v1"}
    (tmp_path / "media" / "a_relip_v001.json.partial").touch()
    monkeypatch.setattr(
        "relip_host.asking.free_output", lambda *_: tmp_path / "media" / "a_relip_v001.mov"
    )
    (tmp_path / "media" / "a_relip_v001.mov.partial").touch()
    (tmp_path / "media" / "a_relip_v0010.mov.partial").touch()

    outcome = finish(resync_selection(host, CHOICE, stub("killed"), tmp_path))

    assert states(outcome) == ["failed"]
    assert [path.name for path in (tmp_path / "media").glob("*.partial")] == [
        "a_relip_v0010.mov.partial"
    ]


def test_a_step_takes_no_longer_than_it_may(host: FakeHost, tmp_path: Path) -> None:
    took = []
    steps = resync_selection(host, CHOICE, stub(), tmp_path, patience=0)
    before = time.monotonic()

    def look(_: Step) -> None:
        nonlocal before
        took.append(time.monotonic() - before)
        time.sleep(0.02)
        before = time.monotonic()

    finish(steps, look)

    assert sorted(took)[len(took) // 2] < 0.1


def test_only_between_the_marks(host: FakeHost, tmp_path: Path) -> None:
    host.in_out = F(1, 5), F(1)

    outcome = finish(
        resync_selection(host, replace(CHOICE, marks_only=True), stub(), tmp_path / "s")
    )

    assert states(outcome) == ["placed", "refused", "refused"]
    assert "outside the in and out marks" in outcome.rows[1].message
    asked = json.loads(next((tmp_path / "s" / "runs" / outcome.run).glob("*.job.json")).read_text())
    assert asked["ranges"] == [{"start": "21/5", "end": "5"}]
    assert asked["cut"] == {"start": "88/25", "end": "137/25"}


@pytest.mark.parametrize(
    ("method", "state"), [("dub_items", "failed"), ("place", "done"), ("render_dub", "placed")]
)
def test_a_host_that_refuses_does_not_break_the_run(
    host: FakeHost, tmp_path: Path, method: str, state: str
) -> None:
    host.faults[method] = HostError("Resolve says no", "try again")

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path))

    assert states(outcome) == [state] * 3


def test_nothing_selected_is_said_before_anything_is_written(
    host: FakeHost, tmp_path: Path
) -> None:
    host.selected = set()

    with pytest.raises(HostError, match="no shot is selected"):
        finish(resync_selection(host, CHOICE, stub(), tmp_path / "state"))

    assert not (tmp_path / "state").exists()


def test_shots_that_were_offered_are_not_asked_for_again(host: FakeHost, tmp_path: Path) -> None:
    offered = Selection((host.shots[1],), "as offered")

    outcome = finish(resync_selection(host, CHOICE, stub(), tmp_path, selection=offered))

    assert [row.shot for row in outcome.rows] == ["v2"]
    assert "selection" not in host.calls


def test_no_track_is_no_dub(host: FakeHost, tmp_path: Path) -> None:
    outcome = finish(resync_selection(host, Choice(), stub(), tmp_path))

    assert states(outcome) == ["refused"] * 3
    assert outcome.rows[0].message == "no sound track was chosen"


def test_a_state_folder_that_cannot_be_written_to_is_named(host: FakeHost, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        finish(resync_selection(host, CHOICE, stub(), tmp_path / "file"))


def test_running_twice_counts_versions_up(host: FakeHost, tmp_path: Path) -> None:
    host.selected = {"v2"}
    for _ in range(2):
        finish(resync_selection(host, CHOICE, stub(), tmp_path))

    assert [Path(made.output).name for made in host.shown["v2"]] == [
        "b_relip_v001.mov",
        "b_relip_v002.mov",
    ]


def test_two_runs_at_a_time_do_not_write_the_same_file(host: FakeHost, tmp_path: Path) -> None:
    host.selected = {"v1"}
    first = resync_selection(host, CHOICE, stub("slow"), tmp_path)
    while "drawing" not in next(first).text:
        pass
    # The engine writes into a file whose name tells its version, but another may just begin.
    for partial in (tmp_path / "media").glob("*.partial"):
        partial.unlink()

    second = finish(resync_selection(host, CHOICE, stub(), tmp_path))

    assert states(second) == ["placed"]
    assert Path(host.shown["v1"][0].output).name == "a_relip_v002.mov"
    first.close()


def test_how_far_and_how_long_it_takes_is_told_of_the_whole_run(
    host: FakeHost, tmp_path: Path
) -> None:
    host.selected = {"v1", "v2"}
    seen: list[Step] = []

    finish(resync_selection(host, CHOICE, stub(), tmp_path), seen.append)

    drawing = [step for step in seen if "drawing" in step.text]
    first = [step for step in drawing if "line 1 of 2" in step.text]
    assert max(step.done for step in first) <= 0.5
    assert [step.done for step in drawing] == sorted(step.done for step in drawing)
    assert first[0].left is not None
    assert first[0].rows[0].left is not None
    assert first[0].left > first[0].rows[0].left
    assert seen[-1].done == 1
