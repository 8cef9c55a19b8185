"""Results laid into Blender's sequencer and taken out again; every frame is looked at."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip.compat import every_strip, sequencer, set_time, time_of
from blender_addon.relip.host import BlenderHost
from relip_host.choice import Choice
from relip_host.host import HostError, Made, Placed
from relip_host.jobs import Cut, cut
from tests.blender_addon.clips_made import MADE, write_clip
from tests.blender_addon.scenes_made import (
    add_effect,
    add_movie,
    clip,
    made,
    ops,
    retime,
    scene,
    select,
    shown,
    strips,
    trim,
)

F = Fraction
NTSC = F(30000, 1001)
LEFT, RIGHT = 41, 81
PLACES = ("above", "in-place")


@pytest.fixture(autouse=True)
def empty(blender: None) -> None:
    """A scene of one's own for every test."""


def made_of(host: BlenderHost, folder: Path, job: str = "job-1") -> Made:
    """What an engine makes of the selected shot."""
    shot = host.selection().shots[0]
    found = cut(shot, Choice())
    assert isinstance(found, Cut), found
    output = folder / f"{job}.avi"
    write_clip(output, shot.source_rate, range(found.first, found.stop), MADE)
    return Made(job, shot, str(output), "", found.begins, found.frames)


def state(of: Any) -> dict[str, tuple[Any, ...]]:
    """All that matters of every strip."""
    times = ("content_start", "left_handle", "right_handle")
    return {
        one.name: (
            one.type,
            one.channel,
            one.mute,
            getattr(one, "filepath", ""),
            *(time_of(one, name) for name in times),
            one.get("relip_before"),
            one.get("relip_job"),
        )
        for one in every_strip(of)
    }


def selected(of: Any) -> tuple[set[str], str]:
    return {one.name for one in strips(of) if one.select}, of.sequence_editor.active_strip.name


def crowded(of: Any, folder: Path) -> None:
    """Neighbours on the same channel, touching."""
    for number, (left, right) in enumerate(((LEFT - 20, LEFT), (RIGHT, RIGHT + 20))):
        trim(add_movie(of, clip(folder), left - 15, 2, name=f"near {number}"), left, right)
        strips(of)[f"near {number}"].channel = 1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("fps", "base", "rate", "adjusted", "speed"),
    [
        (25, 1.0, F(25), True, 100),
        (25, 1.0, F(30), True, 100),
        (25, 1.0, F(30), False, 100),
        (25, 1.0, NTSC, True, 100),
        (30, 1.001, NTSC, True, 100),
        (30, 1.001, F(25), True, 100),
        (25, 1.0, F(25), True, 50),
        (25, 1.0, F(25), True, 125),
    ],
)
def test_every_frame_of_the_result_stands_where_its_footage_did(
    tmp_path: Path, place: str, fps: int, base: float, rate: F, adjusted: bool, speed: int
) -> None:
    of = scene(fps, base, start=5)
    strip = add_movie(of, clip(tmp_path, rate), 11, adjusted=adjusted, name="take")
    if speed != 100:
        retime(of, strip, speed)
    trim(strip, LEFT, RIGHT)
    strip.transform.offset_x, strip.crop.min_x = 0, 0
    strip.modifiers.new("brighter", "BRIGHT_CONTRAST")
    crowded(of, tmp_path)
    select(of, strip)
    frames = range(LEFT - 2, RIGHT + 2)
    before, told, chosen = shown(of, frames), state(of), selected(of)
    host = BlenderHost(of, place == "above")

    placed = host.place(made_of(host, tmp_path), Choice(place=place))

    assert shown(of, frames) == before
    assert made(of, frames) == [LEFT <= frame < RIGHT for frame in frames]
    assert selected(of) == chosen
    if place == "above":
        new = next(one for one in strips(of) if one.get("relip_job"))
        assert (new.channel, new.mute, strip.mute) == (2, False, True)
        assert new.modifiers[0].type == "BRIGHT_CONTRAST"
        assert {**state(of), new.name: ()} == {
            **told,
            "take": (*told["take"][:2], True, *told["take"][3:]),
            new.name: (),
        }
    assert host.revert(placed) == ()
    assert state(of) == told
    assert shown(of, frames) == before
    assert host.revert(placed) != ()


@pytest.mark.parametrize("place", PLACES)
def test_a_result_is_made_again_from_the_footage(tmp_path: Path, place: str) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    select(of, strip)
    host = BlenderHost(of, place == "above")
    frames = range(LEFT, RIGHT)
    before, told = shown(of, frames), [state(of)]
    placed = []
    for job in ("job-1", "job-2", "job-3"):
        made_again = made_of(host, tmp_path, job)
        assert made_again.shot.media == str(clip(tmp_path))
        placed.append(host.place(made_again, Choice(place=place)))
        newest = next(one for one in strips(of) if one.get("relip_job") == job)
        select(of, newest)
        told.append(state(of))

    assert shown(of, frames) == before
    assert [one.name for one in strips(of) if not one.mute] == [newest.name]
    for count in (2, 1, 0):
        assert host.revert(placed[count]) == ()
        assert state(of) == told[count]


def test_a_result_goes_under_what_lies_over_the_shot(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    title = add_effect(of, "COLOR", 2, LEFT + 5, LEFT + 15)
    title.color, title.blend_type, title.blend_alpha = (1, 1, 1), "ALPHA_OVER", 1.0
    select(of, strip)
    host = BlenderHost(of, True)
    told = state(of)
    white = shown(of, (LEFT + 10,))
    assert white == [255]

    placed = host.place(made_of(host, tmp_path), Choice(place="above"))

    assert shown(of, (LEFT + 10,)) == white
    assert made(of, (LEFT, RIGHT - 1)) == [True, True]
    assert len(placed.notes) == 1
    assert strip.channel == 3
    assert host.revert(placed) == ()
    assert state(of) == told


def test_a_channel_with_only_sound_above_is_passed_over(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    below = trim(add_movie(of, clip(tmp_path), 11, 2, name="muted"), LEFT, RIGHT)
    below.mute = True
    select(of, strip)
    host = BlenderHost(of, True)

    placed = host.place(made_of(host, tmp_path), Choice(place="above"))

    assert "channel 3" in placed.where
    assert placed.notes == ()


def test_a_channel_that_is_muted_or_locked_is_passed_over(tmp_path: Path) -> None:
    of = scene()
    select(of, trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT))
    channels = of.sequence_editor.channels
    channels[2].mute, channels[3].lock = True, True
    host = BlenderHost(of, True)

    placed = host.place(made_of(host, tmp_path), Choice(place="above"))

    assert "channel 4" in placed.where
    assert all(made(of, range(LEFT, RIGHT)))


def test_a_strip_in_a_meta_strip_gets_its_result_beside_it(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    select(of, strip)
    with sequencer(of, None):
        ops.sequencer.meta_make()
    (meta,) = strips(of)
    of.sequence_editor.display_stack(meta)
    strip.select, of.sequence_editor.active_strip = True, strip
    host = BlenderHost(of, True)
    finished = made_of(host, tmp_path)
    of.sequence_editor.display_stack(None)
    before = shown(of, range(LEFT, RIGHT))

    host.place(finished, Choice(place="above"))

    (new,) = (one for one in every_strip(of) if one.get("relip_job"))
    assert new.parent_meta() == meta
    assert not len(of.sequence_editor.meta_stack)
    assert shown(of, range(LEFT, RIGHT)) == before
    assert made(of, (LEFT, RIGHT - 1)) == [True, True]


def test_one_step_of_undo_takes_a_result_back_and_redo_brings_it_again(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    select(of, strip)
    ops.ed.undo_push(message="before")
    told = state(of)
    host = BlenderHost(of, True)
    finished = made_of(host, tmp_path)
    host.place(finished, Choice(place="above"))
    placed = state(of)
    ops.ed.undo_push(message="placed")

    ops.ed.undo()
    of = bpy.data.scenes[0]
    assert state(of) == told
    ops.ed.redo()
    of = bpy.data.scenes[0]
    assert state(of) == placed

    ops.ed.undo()
    # Undo took the strip's number away as well: it is known by its place and file.
    again = host.place(replace(finished, job="job-1"), Choice(place="above"))
    assert again.shot == finished.shot.id
    assert made(bpy.data.scenes[0], (LEFT,)) == [True]


def refused(host: BlenderHost, finished: Made, place: str = "above") -> str:
    with pytest.raises(HostError) as caught:
        host.place(finished, Choice(place=place))
    assert caught.value.remedy
    return caught.value.message


def test_what_changed_while_it_was_made_is_not_covered_up(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    select(of, strip)
    host = BlenderHost(of, True)
    finished = made_of(host, tmp_path)

    trim(strip, LEFT - 25, RIGHT)
    assert "longer than its result" in refused(host, finished)
    trim(strip, LEFT, RIGHT)
    strip.lock = True
    assert "locked" in refused(host, finished)
    strip.lock = False
    other = write_clip(tmp_path / "other.avi", F(25), range(150))
    strip.filepath = str(other)
    assert "shows something else" in refused(host, finished)
    strips(of).remove(strip)
    assert "not in the sequencer" in refused(host, finished)


def test_a_shot_that_was_moved_takes_its_result_along_and_says_so(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    select(of, strip)
    host = BlenderHost(of, True)
    finished = made_of(host, tmp_path)
    before = shown(of, range(LEFT, RIGHT))
    set_time(strip, "content_start", 18)

    placed = host.place(finished, Choice(place="above"))

    assert shown(of, range(LEFT + 7, RIGHT + 7)) == before
    assert "was moved" in placed.notes[0]


def test_a_result_is_there_while_it_belongs_to_the_frames_of_its_shot(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    select(of, strip)
    host = BlenderHost(of, True)
    placed = host.place(made_of(host, tmp_path), Choice(place="above"))
    new = next(one for one in strips(of) if one.get("relip_job"))
    assert host.is_there(placed)

    trim(new, LEFT + 5, RIGHT)
    assert host.is_there(placed), "an editor may show less of it"
    for one in (strip, new):
        set_time(one, "content_start", round(time_of(one, "content_start")) + 100)
        assert host.is_there(placed) == (one is new), "only if both were moved"


@pytest.mark.parametrize("place", PLACES)
def test_what_blender_cannot_read_leaves_everything_as_it_was(tmp_path: Path, place: str) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    crowded(of, tmp_path)
    select(of, strip)
    host = BlenderHost(of, place == "above")
    finished = made_of(host, tmp_path)
    Path(finished.output).write_bytes(b"no picture")
    told, frames = state(of), range(LEFT - 2, RIGHT + 2)
    before = shown(of, frames)

    assert "did not take" in refused(host, finished, place)

    assert state(of) == told
    assert shown(of, frames) == before
    assert not any(made(of, frames))


def test_paths_stay_relative_where_they_were(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    strip.filepath = bpy.path.relpath(strip.filepath)
    select(of, strip)
    host = BlenderHost(of, False)

    host.place(made_of(host, tmp_path), Choice(place="in-place"))

    assert strip.filepath == "//job-1.avi"
    assert made(of, (LEFT,)) == [True]


def test_a_strip_that_shows_something_else_by_now_is_left_alone(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11, name="take"), LEFT, RIGHT)
    select(of, strip)
    host = BlenderHost(of, False)
    first = host.place(made_of(host, tmp_path), Choice(place="in-place"))
    host.place(made_of(host, tmp_path, "job-2"), Choice(place="in-place"))
    told = state(of)

    assert "left alone" in host.revert(first)[0]
    assert state(of) == told
    assert host.revert(Placed("x", "nowhere", {"strip": "gone"})) != ()
