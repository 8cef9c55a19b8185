"""Re-sync All Lines, with an engine that draws nothing."""

from __future__ import annotations

import importlib.util
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip import queue_operators
from blender_addon.relip.options import run_of
from blender_addon.relip.queue import queue_of
from blender_addon.relip.queue_operators import NO_LINES, NOTHING, why_no_queue
from blender_addon.relip.runs import DESK
from tests.blender_addon.clips_made import write_pulses
from tests.blender_addon.scenes_made import (
    HEARS,
    add_movie,
    add_sound,
    clip,
    made,
    ops,
    scene,
    stand_in,
    strips,
    trim,
)

pytestmark = pytest.mark.skipif(not HEARS, reason="this Blender makes no sound strips")
CUT = 61


@pytest.fixture
def of(blender: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two shots that touch, a third far off that is locked, and five lines.

    ====== ======= ===================
    line   frames  spoken in
    ====== ======= ===================
    one    11-31   first
    two    35-50   first
    three  55-80   first and second
    four   120-140 third, locked
    five   200-220 none
    ====== ======= ===================
    """
    stand_in(monkeypatch, tmp_path / "data")
    found = scene()
    trim(add_movie(found, clip(tmp_path), 1, name="first"), 11, CUT)
    trim(add_movie(found, clip(tmp_path), 31, 2, name="second"), CUT, 101)
    strips(found)["second"].channel = 1
    trim(add_movie(found, clip(tmp_path), 101, name="third"), 111, 151).lock = True
    path = write_pulses(tmp_path / "dub.wav", 8)
    lines = {"one": (11, 31), "two": (35, 50), "three": (55, 80), "four": (120, 140)}
    for name, (left, right) in {**lines, "five": (200, 220)}.items():
        trim(add_sound(found, path, left - 10, 9, name), left, right).channel = 5
    found.relip.dub_channel = 5
    found.relip.workers = 1
    return found


def told(of: Any) -> list[tuple[str, str, str]]:
    return [(line.name, line.shot_name, line.state) for line in queue_of(of).lines]


def lines() -> Any:
    return queue_of(bpy.data.scenes[0]).lines


def test_the_list_pairs_every_line_and_says_what_cannot_be_done(of: Any) -> None:
    assert why_no_queue(bpy.context) == NO_LINES

    assert ops.sequencer.relip_list_lines() == {"FINISHED"}

    assert told(of) == [
        ("one", "first", "waiting"),
        ("two", "first", "waiting"),
        ("three", "first", "waiting"),
        ("three", "second", "waiting"),
        ("four", "third", "failed"),
        ("five", "", "failed"),
    ]
    assert [line.use for line in lines()] == [True] * 4 + [False] * 2
    assert "locked" in lines()[4].text
    assert "no shot" in lines()[5].text
    assert all(line.remedy for line in list(lines())[4:])


def test_lines_of_several_channels_are_listed_and_said_by_a_mouth_each(
    of: Any, tmp_path: Path
) -> None:
    path = write_pulses(tmp_path / "other.wav", 8)
    trim(add_sound(of, path, 5, 9, "six"), 33, 52).channel = 6
    of.relip.speakers = "6=2"

    ops.sequencer.relip_list_lines()
    assert ("six", "first", "waiting") in told(of)
    assert ops.sequencer.relip_resync_lines() == {"FINISHED"}

    (path,) = (tmp_path / "data" / "relip" / "runs").glob("*/*-01.job.json")
    (other,) = json.loads(path.read_text())["others"]
    assert other["speaker"]["number"] == 2


def test_all_lines_are_done_and_marked(of: Any) -> None:
    ops.sequencer.relip_list_lines()

    assert ops.sequencer.relip_resync_lines() == {"FINISHED"}

    assert [state for _, _, state in told(of)] == ["done"] * 4 + ["failed"] * 2
    assert sum(1 for one in strips(of) if one.get("relip_job")) == 2
    assert made(of, (20, 60, CUT, 100, 120)) == [True, True, True, True, False]
    assert [row.text.partition(":")[0] for row in run_of(bpy.context).rows] == ["first", "second"]
    assert why_no_queue(bpy.context) == NOTHING
    assert not ops.sequencer.relip_resync_lines.poll()
    assert DESK.work is None


def test_every_shot_is_an_undo_step(of: Any) -> None:
    ops.sequencer.relip_list_lines()
    ops.ed.undo_push(message="before")
    ops.sequencer.relip_resync_lines()

    ops.ed.undo()

    again = bpy.data.scenes[0]
    assert made(again, (20, CUT)) == [True, False]
    assert [line.state for line in lines()][:3] == ["done"] * 3
    assert [line.state for line in lines()][3] == "waiting"
    assert ops.sequencer.relip_resync_lines() == {"FINISHED"}
    assert made(bpy.data.scenes[0], (20, CUT)) == [True, True]


def test_two_at_a_time_are_an_undo_step_each(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STILL_PACE", "0.02")
    of.relip.workers = 2
    ops.sequencer.relip_list_lines()
    ops.ed.undo_push(message="before")
    work = queue_operators._work(bpy.context, 0.1)
    running = []
    while work.advance():
        running.append(sum(line.state == "running" for line in lines()))

    assert max(running) == 4  # three lines of one shot, one of the other
    assert [line.state for line in lines()][:4] == ["done"] * 4
    assert made(of, (20, CUT)) == [True, True]
    ops.ed.undo()
    assert sorted(made(bpy.data.scenes[0], (20, CUT))) == [False, True]
    ops.ed.undo()
    assert made(bpy.data.scenes[0], (20, CUT)) == [False, False]


def test_listing_again_keeps_what_is_done(of: Any) -> None:
    ops.sequencer.relip_list_lines()
    for line in list(lines())[:3]:
        line.use = False
    ops.sequencer.relip_resync_lines()
    assert made(of, (20, CUT)) == [False, True]

    strips(of)["third"].lock = False
    ops.sequencer.relip_list_lines()

    states = [state for _, _, state in told(of)]
    assert states == ["waiting"] * 3 + ["done", "waiting", "failed"]


def test_a_line_with_a_notice_is_marked_so(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STILL_MANNER", "notice")
    ops.sequencer.relip_list_lines()

    ops.sequencer.relip_resync_lines()

    assert [state for _, _, state in told(of)][:4] == ["warned"] * 4
    assert "the mouth is covered" in lines()[0].text


def test_a_line_that_fails_says_why_and_the_next_is_done(
    of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops.sequencer.relip_list_lines()
    strips(of).remove(strips(of)["first"])
    monkeypatch.setenv("STILL_MANNER", "fail")

    assert ops.sequencer.relip_resync_lines() == {"CANCELLED"}

    states = [state for _, _, state in told(of)]
    assert states[:4] == ["failed"] * 4
    assert lines()[0].text.endswith("the shot is gone")
    assert "nobody is seen" in lines()[3].text
    assert lines()[3].remedy == "choose another range"


def test_it_can_be_stopped_and_resumed(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ops.sequencer.relip_list_lines()
    work = queue_operators._work(bpy.context, 0.1)
    DESK.take(work)
    while "line 2 of 2" not in work.step.text:
        monkeypatch.setenv("STILL_PACE", "0.2" if made_one(of) else "0")
        assert work.advance()
    ops.sequencer.relip_cancel()
    while work.advance():
        pass
    DESK.leave(work)
    assert [state for _, _, state in told(of)][:4] == ["done"] * 3 + ["waiting"]

    monkeypatch.delenv("STILL_PACE")
    assert ops.sequencer.relip_resync_lines() == {"FINISHED"}

    assert [state for _, _, state in told(of)][:4] == ["done"] * 4
    assert sum(1 for one in strips(of) if one.get("relip_job")) == 2


def made_one(of: Any) -> bool:
    return any(one.get("relip_job") for one in strips(of))


def test_it_is_resumed_after_blender_was_started_again(
    of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops.sequencer.relip_list_lines()
    film = str(tmp_path / "film.blend")
    work = queue_operators._work(bpy.context, 0.1)
    DESK.take(work)
    while "line 2 of 2" not in work.step.text:
        monkeypatch.setenv("STILL_PACE", "0.2" if made_one(of) else "0")
        assert work.advance()
    ops.wm.save_as_mainfile(filepath=film)

    ops.wm.open_mainfile(filepath=film)  # which ends the run, and its engine

    assert DESK.work is None
    assert [line.state for line in lines()][:4] == ["done"] * 3 + ["running"]
    monkeypatch.delenv("STILL_PACE")
    assert ops.sequencer.relip_resync_lines() == {"FINISHED"}
    assert [line.state for line in lines()][:4] == ["done"] * 4
    again = bpy.data.scenes[0]
    assert made(again, (20, CUT)) == [True, True]


def test_what_the_engine_finished_after_blender_died_is_placed(
    of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops.sequencer.relip_list_lines()
    for line in list(lines())[:3]:
        line.use = False
    film = str(tmp_path / "film.blend")
    monkeypatch.setenv("STILL_PACE", "0.02")
    work = queue_operators._work(bpy.context, 0.1)
    while "drawing" not in work.step.text:
        assert work.advance()
    ops.wm.save_as_mainfile(filepath=film)
    (run,) = (tmp_path / "data" / "relip" / "runs").glob("*/run.json")
    log = next(run.parent.glob("*.events.jsonl"))
    until = time.monotonic() + 20
    while '"finished"' not in log.read_text():
        assert time.monotonic() < until
        time.sleep(0.1)
    kept = run.read_text()
    work.close()
    # As if there had been nobody left to write that down.
    run.write_text(re.sub(r'"pid": \d+', '"pid": 0', kept))

    ops.wm.open_mainfile(filepath=film)
    assert [line.state for line in lines()][3] == "running"
    monkeypatch.setenv("STILL_MANNER", "fail")  # it is not asked again
    assert ops.sequencer.relip_resync_lines() == {"FINISHED"}

    assert [line.state for line in lines()][3] == "done"
    assert made(bpy.data.scenes[0], (20, CUT)) == [False, True]


def test_what_was_made_before_the_blend_was_saved_is_not_made_again(
    of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops.sequencer.relip_list_lines()
    film = str(tmp_path / "film.blend")
    ops.wm.save_as_mainfile(filepath=film)
    ops.sequencer.relip_resync_lines()
    files = sorted(path.name for path in tmp_path.glob("*_relip_*.mov"))
    assert len(files) == 2
    ops.wm.open_mainfile(filepath=film)
    assert [line.state for line in lines()][:4] == ["waiting"] * 4

    monkeypatch.setenv("STILL_MANNER", "fail")  # to make anything
    assert ops.sequencer.relip_resync_lines() == {"FINISHED"}

    assert [line.state for line in lines()][:4] == ["done"] * 4
    assert "(kept, nothing has changed)" in lines()[0].text
    assert made(bpy.data.scenes[0], (20, CUT)) == [True, True]
    assert sorted(path.name for path in tmp_path.glob("*_relip_*.mov")) == files
