"""A .blend that an editor saved with Blender 4.5, re-synced in each Blender.

``film.blend``: a shot of ``take_25_1.avi`` at frames 41 to 70 and ``dub.wav`` from frame 20, both
beside it and selected.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip.compat import sequencer_scene
from blender_addon.relip.operators import why_not
from tests.blender_addon.clips_made import write_pulses
from tests.blender_addon.scenes_made import clip, made, ops, shown, stand_in, strips

FILM = Path(__file__).with_name("film.blend")


@pytest.fixture
def of(blender: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    stand_in(monkeypatch, tmp_path / "data")
    clip(tmp_path)
    write_pulses(tmp_path / "dub.wav", 8)
    shutil.copy(FILM, tmp_path / "film.blend")
    ops.wm.open_mainfile(filepath=str(tmp_path / "film.blend"))
    found = sequencer_scene(bpy.context)
    assert found is not None
    assert found.name == "Reel 1"
    return found


@pytest.mark.parametrize("place", ["above", "in-place"])
def test_a_film_from_another_blender_is_re_synced(of: Any, tmp_path: Path, place: str) -> None:
    of.relip.place = place
    frames = range(41, 71)
    before = shown(of, frames)
    assert before == list(range(30, 60))
    assert why_not(bpy.context) == ""

    assert ops.sequencer.relip_resync("EXEC_DEFAULT", True) == {"FINISHED"}

    assert shown(of, frames) == before
    assert all(made(of, frames))
    assert (tmp_path / "take_25_1_relip_v001.mov").is_file()
    new = next(one for one in strips(of) if one.get("relip_job"))
    assert new.filepath == "//take_25_1_relip_v001.mov"


def test_what_was_saved_can_be_reverted_by_the_next_blender(of: Any, tmp_path: Path) -> None:
    ops.sequencer.relip_resync()
    ops.wm.save_mainfile()
    ops.wm.read_homefile(use_empty=True)
    ops.wm.open_mainfile(filepath=str(tmp_path / "film.blend"))
    of = bpy.data.scenes["Reel 1"]
    assert len(strips(of)) == 3
    assert all(made(of, (41, 70)))

    assert ops.sequencer.relip_revert() == {"FINISHED"}

    assert sorted(one.name for one in strips(of)) == ["dub", "take"]
    assert shown(of, (41, 70)) == [30, 59]
