"""Re-sync Lips as a script calls it, with an engine that draws nothing."""

from __future__ import annotations

import importlib.util
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip import operators, preferences
from blender_addon.relip.engine import Found, data_folder
from blender_addon.relip.operators import why_not
from blender_addon.relip.options import choice_of, run_of, wrong_speakers
from blender_addon.relip.runs import DESK, Work
from relip_host.host import HostError
from relip_host.processes import alive
from tests.blender_addon.clips_made import pulses_in, write_pulses
from tests.blender_addon.scenes_made import (
    HEARS,
    add_movie,
    add_sound,
    clip,
    made,
    ops,
    scene,
    select,
    shown,
    stand_in,
    strips,
    trim,
)

LEFT, RIGHT = 41, 71
pytestmark = pytest.mark.skipif(not HEARS, reason="this Blender makes no sound strips")


@pytest.fixture(autouse=True)
def still(blender: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that draws nothing."""
    stand_in(monkeypatch, tmp_path / "data")


@pytest.fixture
def of(tmp_path: Path) -> Any:
    """A scene with a shot and a dub, both selected."""
    found = scene()
    shot = trim(add_movie(found, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    dub = add_sound(found, write_pulses(tmp_path / "dub.wav", 8), 20)
    select(found, shot, dub)
    return found


def rows() -> list[tuple[str, str]]:
    return [(row.state, row.text) for row in run_of(bpy.context).rows]


def job_of(folder: Path) -> dict[str, Any]:
    import json

    (path,) = (folder / "data" / "relip" / "runs").glob("*/*.job.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_the_lips_follow_in_one_undo_step(of: Any, tmp_path: Path) -> None:
    frames = range(LEFT, RIGHT)
    before = shown(of, frames)
    ops.ed.undo_push(message="before")

    assert ops.sequencer.relip_resync("EXEC_DEFAULT", True) == {"FINISHED"}

    assert shown(of, frames) == before
    assert all(made(of, frames))
    assert rows() == [("placed", "take: placed on channel 2, above take")]
    assert {one.name for one in strips(of) if one.select} == {"take", "dub"}
    ops.ed.undo()
    of = bpy.data.scenes[0]
    assert sorted(one.name for one in strips(of)) == ["dub", "take"]
    assert not any(made(of, (LEFT, RIGHT - 1)))
    ops.ed.redo()
    assert all(made(bpy.data.scenes[0], (LEFT, RIGHT - 1)))


def test_the_engine_is_asked_for_what_was_chosen(of: Any, tmp_path: Path) -> None:
    options = of.relip
    options.strength, options.nudge, options.speaker = 0.8, -40, 2
    options.codec, options.score, options.place = "prores", True, "in-place"
    options.folder = str(tmp_path / "out")

    assert ops.sequencer.relip_resync() == {"FINISHED"}

    job = job_of(tmp_path)
    assert (job["strength"], job["nudge"], job["speaker"]["number"]) == (0.8, "-1/25", 2)
    assert (job["codec"], job["score"], job["speed"]) == ("prores", True, "1")
    assert Path(job["output"]) == tmp_path / "out" / "take_25_1_relip_v001.mov"
    assert job["ranges"] == [{"start": "6/5", "end": "61/25"}]
    (part,) = job["speech"]
    # A second of the dub before the shot is listened to as well, for the words across the cut:
    # the shot begins at frame 41, the dub at frame 20, the clip at frame 11.
    assert Fraction(part["at"]) - Fraction(part["start"]) == Fraction(9, 25)
    assert len(strips(of)) == 2


def test_two_channels_that_speak_at_once_have_a_mouth_each(of: Any, tmp_path: Path) -> None:
    second = add_sound(of, write_pulses(tmp_path / "other.wav", 8), 30, channel=7)
    select(of, strips(of)["take"], strips(of)["dub"], second)
    of.relip.speakers = "7=2"

    assert ops.sequencer.relip_resync() == {"FINISHED"}

    job = job_of(tmp_path)
    (other,) = job["others"]
    assert (job["speaker"]["number"], other["speaker"]["number"]) == (None, 2)
    assert [Path(voice["speech"][0]["path"]).name for voice in (job, other)] == [
        "dub.wav",
        "other.wav",
    ]


@pytest.mark.parametrize("written", ["anna", "5=", "5=1 6=2"])
def test_speakers_that_cannot_be_read_are_refused_with_what_to_write(of: Any, written: str) -> None:
    of.relip.speakers = written

    assert wrong_speakers(of.relip)
    with pytest.raises(RuntimeError, match="write a track = a number"):
        ops.sequencer.relip_resync()


def test_the_sound_is_left_as_it_was(of: Any, tmp_path: Path) -> None:
    def sound() -> list[tuple[float, int]]:
        path = tmp_path / "mix.wav"
        of.frame_end = 201
        ops.sound.mixdown(filepath=str(path), container="WAV", codec="PCM", format="S16")
        return pulses_in(path)

    before = sound()
    assert before

    ops.sequencer.relip_resync()

    assert sound() == before


def test_results_can_be_taken_back_and_applied(of: Any) -> None:
    assert ops.sequencer.relip_resync() == {"FINISHED"}
    assert ops.sequencer.relip_revert() == {"FINISHED"}
    assert sorted(one.name for one in strips(of)) == ["dub", "take"]
    assert rows()[0][0] == "reverted"
    with pytest.raises(RuntimeError, match="no run of this project"):
        ops.sequencer.relip_revert()
    assert ops.sequencer.relip_apply_finished() == {"CANCELLED"}
    assert rows() == [("", "nothing is waiting to be placed")]


def test_a_shot_that_is_refused_says_why_and_the_others_are_done(of: Any, tmp_path: Path) -> None:
    other = trim(add_movie(of, clip(tmp_path), 100, 2, name="other"), 120, 150)
    other.lock = True
    select(of, strips(of)["take"], other, strips(of)["dub"])

    with pytest.raises(RuntimeError, match="locked; unlock it"):
        ops.sequencer.relip_resync()

    assert [state for state, _ in rows()] == ["placed", "refused"]
    assert all(made(of, (LEFT, RIGHT - 1)))


def test_a_failed_engine_is_told_and_nothing_is_changed(
    of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STILL_MANNER", "fail")

    with pytest.raises(RuntimeError, match="nobody is seen; choose another range"):
        ops.sequencer.relip_resync()

    assert sorted(one.name for one in strips(of)) == ["dub", "take"]
    assert rows() == [("failed", "take: failed; nobody is seen")]
    assert DESK.work is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("select(of)", "Select the movie strip to re-sync"),
        ("select(of, strips(of)['take'])", "Select the sound strip with the dub"),
        ("select(of, strips(of).new_meta('meta', 9, 1))", "meta is a meta strip; open it"),
    ],
)
def test_a_button_that_is_disabled_knows_why(of: Any, change: str, reason: str) -> None:
    exec(change, {"of": of, "select": select, "strips": strips})

    assert why_not(bpy.context).startswith(reason)
    assert not ops.sequencer.relip_resync.poll()


def test_the_channel_stands_in_for_a_selected_dub(of: Any) -> None:
    select(of, strips(of)["take"])
    of.relip.dub_channel = 5

    assert why_not(bpy.context) == ""
    assert ops.sequencer.relip_resync() == {"FINISHED"}


@pytest.mark.parametrize("written", ["129=1", "0=1"])
def test_a_channel_that_blender_does_not_have_is_no_dub(of: Any, written: str) -> None:
    select(of, strips(of)["take"])
    of.relip.speakers = written

    assert wrong_speakers(of.relip) == "Blender has channels 1 to 128"
    assert not ops.sequencer.relip_resync.poll()


def test_without_an_engine_the_button_says_so(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(named: str = "") -> Found:
        raise HostError("relip's engine is not set up on this machine", "press Set Up Engine")

    for place in (operators, preferences):
        monkeypatch.setattr(place, "find_engine", nowhere)

    assert "press Set Up Engine" in why_not(bpy.context)
    monkeypatch.setattr(preferences, "find_engine", lambda named="": Found(("x",), "a test"))
    with pytest.raises(RuntimeError, match="not set up"):
        ops.sequencer.relip_resync()


def test_a_folder_beside_a_blend_that_was_never_saved_is_refused(of: Any) -> None:
    of.relip.folder = "//out"

    with pytest.raises(HostError, match="never saved"):
        choice_of(of, (5,))


def running(of: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Work, int]:
    """A run whose engine is at work, and the engine's process."""
    import json

    monkeypatch.setenv("STILL_PACE", "0.2")
    operator = type("Operator", (), {})()
    work = Work(operators._starting(operator, bpy.context, 0.1))
    DESK.take(work)
    until = time.monotonic() + 20
    while "drawing" not in work.step.text:
        assert work.advance()
        assert time.monotonic() < until
    (path,) = (data_folder() / "runs").glob("*/run.json")
    pid = json.loads(path.read_text())["entries"][0]["pid"]
    assert alive(pid)
    return work, pid


def gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def test_cancelling_leaves_nothing_behind(
    of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, pid = running(of, monkeypatch)
    assert not ops.sequencer.relip_resync.poll()
    assert why_not(bpy.context) == operators.BUSY

    ops.sequencer.relip_cancel()
    while work.advance():
        pass
    DESK.leave(work)

    assert work.outcome is not None
    assert [row.state for row in work.outcome.rows] == ["cancelled"]
    assert gone(pid)
    assert not list(tmp_path.glob("*relip*"))
    assert len(strips(of)) == 2
    assert not ops.sequencer.relip_cancel.poll()


@pytest.mark.parametrize("how", ["another file", "disabled", "the end"])
def test_the_engine_ends_with_what_it_was_started_from(
    of: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    _, pid = running(of, monkeypatch)

    if how == "another file":
        ops.wm.read_homefile(use_empty=True)
    elif how == "disabled":
        from blender_addon.relip import runs

        runs.unregister()
        runs.register()
    else:
        DESK.end()

    assert gone(pid)
    assert DESK.work is None
