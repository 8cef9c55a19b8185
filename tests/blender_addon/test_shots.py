"""What Blender's strips are to the re-sync loop, in Blender."""

from __future__ import annotations

import importlib.util
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip.compat import sequencer, set_time
from blender_addon.relip.host import BlenderHost, host_of
from blender_addon.relip.selection import selected_dub, selected_shots
from relip_host.host import HostError, Shot
from tests.blender_addon.clips_made import pulses_in, write_pulses
from tests.blender_addon.scenes_made import (
    HEARS,
    add_effect,
    add_movie,
    add_sound,
    clip,
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
heard = pytest.mark.skipif(not HEARS, reason="this Blender makes no sound strips")


@pytest.fixture(autouse=True)
def empty(blender: None) -> None:
    """A scene of one's own for every test."""


def shot_of(of: Any, above: bool = True) -> Shot:
    (shot,) = BlenderHost(of, above).selection().shots
    return shot


@pytest.mark.parametrize(
    ("fps", "base", "rate", "adjusted", "speed"),
    [
        (25, 1.0, F(25), True, F(1)),
        (25, 1.0, F(30), True, F(1)),
        (25, 1.0, F(30), False, F(5, 6)),
        (25, 1.0, NTSC, True, F(1)),
        (30, 1.001, F(25), True, F(1)),
        (30, 1.001, F(24), False, F(1250, 1001)),
    ],
)
def test_a_shot_tells_which_frame_of_its_file_is_seen_when(
    tmp_path: Path, fps: int, base: float, rate: F, adjusted: bool, speed: F
) -> None:
    of = scene(fps, base, start=5)
    select(of, trim(add_movie(of, clip(tmp_path, rate), 11, adjusted=adjusted), 31, 71))

    shot = shot_of(of)

    scene_rate = F(fps) / F(str(base))
    assert shot.obstacle is None
    assert (shot.start, shot.end) == (26 / scene_rate, 66 / scene_rate)
    assert (shot.source_rate, shot.source_frames, shot.speed) == (rate, 150, speed)
    frames = (31, 32, 45, 70)
    seconds = [shot.source + (F(frame - 5) / scene_rate - shot.start) * speed for frame in frames]
    assert shown(of, frames) == [math.floor(at * rate + F(1, 2)) for at in seconds]


@pytest.mark.parametrize("speed", [50, 80, 125])
def test_a_shot_that_is_retimed_evenly_tells_its_speed(tmp_path: Path, speed: int) -> None:
    of = scene()
    strip = add_movie(of, clip(tmp_path), 11)
    retime(of, strip, speed)
    select(of, trim(strip, 31, 71))

    shot = shot_of(of)

    assert shot.obstacle is None
    assert abs(shot.speed - F(speed, 100)) < F(1, 100)
    assert shot.holds == (0, 150)
    seen = [math.floor(shot.source * 25 + at * shot.speed + F(1, 2)) for at in (0, 10, 39)]
    assert shown(of, (31, 41, 70)) == seen


def test_a_shot_that_is_retimed_unevenly_is_refused(tmp_path: Path) -> None:
    of = scene()
    strip = add_movie(of, clip(tmp_path), 11)
    retime(of, strip, 50)
    with sequencer(of, None):
        ops.sequencer.retiming_key_add(timeline_frame=61)
    select(of, strip)
    assert len(strip.retiming_keys) > 2

    obstacle = shot_of(of).obstacle

    assert obstacle is not None
    assert obstacle.code == "retimed"


def refusals(of: Any, above: bool = True) -> list[str]:
    found = [shot.obstacle for shot in BlenderHost(of, above).selection().shots]
    assert all(one and one.message and one.remedy for one in found), found
    return [one.code for one in found if one]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("strip.lock = True", "locked"),
        ("of.sequence_editor.channels[strip.channel].lock = True", "locked"),
        ("strip.use_reverse_frames = True", "reversed"),
        ("strip.stream_index = 1", "stream"),
        ("set_time(strip, 'left_handle', 5)", "beyond"),
        ("strip.filepath = '//take.avi'", "unsaved"),
        ("strip.filepath = '/nowhere/take.avi'", "offline"),
        ("Path(strip.filepath).write_bytes(b'no picture')", "offline"),
    ],
)
def test_a_strip_that_cannot_be_re_synced_says_why(tmp_path: Path, change: str, code: str) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11), 31, 71)
    select(of, strip)

    exec(change, {"of": of, "strip": strip, "set_time": set_time, "Path": Path})

    assert refusals(of) == [code]


def test_strips_of_other_kinds_are_refused_unless_a_movie_strip_is_selected(
    tmp_path: Path,
) -> None:
    of = scene()
    still = strips(of).new_image("still", str(tmp_path / "still.png"), 3, 1)
    meta = strips(of).new_meta("meta", 4, 1)
    select(of, still, meta)
    assert sorted(refusals(of)) == ["compound", "images"]

    strip = add_movie(of, clip(tmp_path))
    select(of, still, meta, strip)

    assert [one.name for one in selected_shots(of)] == [strip.name]


def test_an_input_of_an_effect_is_only_done_in_place(tmp_path: Path) -> None:
    of = scene()
    first, second = (trim(add_movie(of, clip(tmp_path), 1, channel), 20, 100) for channel in (1, 2))
    add_effect(of, "CROSS", 3, 20, 100, first, second)
    select(of, first)

    assert refusals(of, above=True) == ["effects"]
    assert shot_of(of, above=False).obstacle is None


def test_a_shot_in_a_meta_strip_is_found_while_that_is_open(tmp_path: Path) -> None:
    of = scene()
    strip = trim(add_movie(of, clip(tmp_path), 11), 31, 71)
    meta = strips(of).new_meta("meta", 3, 1)
    strip.move_to_meta(meta)
    of.sequence_editor.display_stack(meta)
    strip.select, of.sequence_editor.active_strip = True, strip

    shot = shot_of(of)

    assert (shot.name, shot.obstacle) == (strip.name, None)
    assert shot.source == F(20, 25)


def test_without_a_selection_there_is_nothing_to_do() -> None:
    of = scene()

    with pytest.raises(HostError, match="select the movie strip"):
        BlenderHost(of, True).selection()


def test_relative_paths_are_beside_the_blend(tmp_path: Path) -> None:
    of = scene()
    strip = add_movie(of, clip(tmp_path))
    ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    strip.filepath = bpy.path.relpath(strip.filepath)
    select(of, strip)

    shot = shot_of(of)

    assert strip.filepath.startswith("//")
    assert shot.media == str(clip(tmp_path))
    assert shot.obstacle is None


def test_copies_get_numbers_of_their_own(tmp_path: Path) -> None:
    of = scene()
    strip = add_movie(of, clip(tmp_path))
    select(of, strip)
    first = shot_of(of).id
    with sequencer(of, None):
        ops.sequencer.duplicate()
    copy = next(one for one in strips(of) if one != strip)
    assert copy["relip_id"] == first

    select(of, copy)
    second = shot_of(of).id

    assert second != first
    assert strip["relip_id"] == first


def test_the_timeline_keeps_its_name_when_it_is_renamed_and_another_when_it_is_copied() -> None:
    of = scene()
    host = BlenderHost(of, True)
    before = host.timeline(), host.project()
    of.name = "Reel 2"
    assert host.timeline().id == before[0].id
    assert host.timeline().name == "Reel 2"
    copy = of.copy()

    other = BlenderHost(copy, True)

    assert other.timeline().id != before[0].id
    assert other.project() == before[1]
    assert BlenderHost(of, True).timeline().id == before[0].id


def test_marks_are_the_preview_range() -> None:
    of = scene(start=5)
    host = host_of(bpy.context, True)
    assert host.marks() is None
    of.use_preview_range = True
    of.frame_preview_end, of.frame_preview_start = 54, 30

    assert host.marks() == (F(1), F(2))


@heard
@pytest.mark.parametrize(("fps", "base"), [(25, 1.0), (30, 1.001)])
def test_sound_is_heard_where_its_item_says(tmp_path: Path, fps: int, base: float) -> None:
    of = scene(fps, base, start=5)
    strip = add_sound(of, write_pulses(tmp_path / "pulses.wav", 8), 5 + fps)
    trim(strip, 5 + 2 * fps, 5 + 6 * fps)
    set_time(strip, "content_trim_start", fps // 2)
    trim(strip, 5 + 2 * fps, 5 + 6 * fps)
    strip.sound_offset = 0.125
    host = BlenderHost(of, True)

    (item,) = host.dub_items((5,), F(0), F(9))
    mixed = host.render_dub((5,), F(0), F(8), str(tmp_path))

    pulses = pulses_in(Path(mixed))
    assert len(pulses) >= 3
    for at, second in pulses:
        # The pulse of a second is in the file at that second.
        assert abs(float(item.source - item.start) + at - second) < 0.002
    assert (item.media, item.obstacle) == (str(tmp_path / "pulses.wav"), None)
    assert (of.frame_start, strip.mute) == (5, False)


@heard
def test_only_what_is_heard_is_the_dub(tmp_path: Path) -> None:
    of = scene()
    path = write_pulses(tmp_path / "pulses.wav", 3)
    for number, name in enumerate(("fine", "late", "muted", "quiet", "elsewhere")):
        add_sound(of, path, 1 + 100 * number, name=name)
    strips(of)["muted"].mute, strips(of)["quiet"].volume = True, 0.0
    strips(of)["elsewhere"].channel = 6
    of.sequence_editor.channels[6].mute = True
    host = BlenderHost(of, True)

    items = host.dub_items((5, 6), F(0), F(100))

    assert [item.name for item in items] == ["fine", "late"]
    assert [(track.number, track.items, track.enabled) for track in host.tracks()] == [
        (5, 4, True),
        (6, 1, False),
    ]


@heard
def test_the_sound_that_came_with_the_shot_is_not_the_dub(tmp_path: Path) -> None:
    of = scene()
    strip = add_movie(of, clip(tmp_path))
    own = add_sound(of, write_pulses(tmp_path / "pulses.wav", 3), name="own")
    dub = add_sound(of, write_pulses(tmp_path / "dub.wav", 3), channel=6)
    own.sound.filepath = strip.filepath
    select(of, strip, own, dub)

    assert [one.name for one in selected_dub(of, selected_shots(of))] == [dub.name]


@heard
def test_of_several_strips_on_a_channel_only_the_selected_ones_are_the_dub(
    tmp_path: Path,
) -> None:
    of = scene()
    path = write_pulses(tmp_path / "pulses.wav", 3)
    first, _ = (add_sound(of, path, frame, name=f"at {frame}") for frame in (1, 101))
    first["relip_id"] = "one"

    items = BlenderHost(of, True, ["one"]).dub_items((5,), F(0), F(100))

    assert [item.name for item in items] == ["at 1"]


@heard
@pytest.mark.parametrize("way", ["packed", "compound", "retimed"])
def test_sound_that_lies_in_no_file_is_mixed_by_blender(tmp_path: Path, way: str) -> None:
    of = scene()
    strip = add_sound(of, write_pulses(tmp_path / "pulses.wav", 8), 1)
    if way == "packed":
        strip.sound.pack()
    elif way == "compound":
        meta = strips(of).new_meta("meta", 5, 1)
        strip.move_to_meta(meta)
        set_time(meta, "right_handle", 201)
    else:
        if not hasattr(strip, "retiming_keys") and importlib.util.find_spec("aud") is None:
            pytest.skip("this Blender does not tell how long a sound is")
        movie = add_movie(of, clip(tmp_path))
        select(of, strip, movie)
        with sequencer(of, None):
            ops.sequencer.retiming_show()
            if not ops.sequencer.retiming_segment_speed_set.poll():
                pytest.skip("this Blender does not retime sound from a script")
            ops.sequencer.retiming_segment_speed_set(speed=100)
    host = BlenderHost(of, True)

    (item,) = host.dub_items((5,), F(0), F(8))
    mixed = host.render_dub((5,), F(2), F(5), str(tmp_path))

    assert item.obstacle is not None
    assert item.obstacle.code == way
    assert [second for _, second in pulses_in(Path(mixed))][:3] == [2, 3, 4]
