"""The shipped sample re-synced by the real engine, from Blender and looked at in Blender."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip.options import run_of
from tests.blender_addon.scenes_made import (
    HEARS,
    add_movie,
    add_sound,
    ops,
    pixels,
    scene,
    select,
    strips,
    trim,
)

SAMPLE = Path(__file__).parents[2] / "core" / "relip" / "sample"
SIDE = 512
LEFT, RIGHT = 11, 56
MOUTH = (0.46, 0.78, 0.3, 0.7)
"""Where the mouth may move in the sample's picture: rows from and to, then columns."""
pytestmark = pytest.mark.skipif(not HEARS, reason="this Blender makes no sound strips")


@pytest.fixture
def of(
    blender: None, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """The sample and its line, which is heard half a second earlier than it was spoken."""
    monkeypatch.setenv("RELIP_ENGINE", engine)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("sample.mp4", "line.wav"):
        shutil.copy(SAMPLE / name, tmp_path)
    found = scene()
    found.render.resolution_x = found.render.resolution_y = SIDE
    shot = trim(add_movie(found, tmp_path / "sample.mp4", 1, name="sample"), LEFT, RIGHT)
    dub = add_sound(found, tmp_path / "line.wav", -12)
    select(found, shot, dub)
    found.relip.codec = "ffv1"
    yield found


def changed(before: list[float], after: list[float]) -> tuple[int, int]:
    """How many pixels differ where the mouth is, and elsewhere."""
    top, bottom, left, right = (round(share * SIDE) for share in MOUTH)
    inside = outside = 0
    for at in range(0, len(before), 4):
        if before[at : at + 3] != after[at : at + 3]:
            row, column = SIDE - 1 - at // 4 // SIDE, at // 4 % SIDE
            mouth = top <= row < bottom and left <= column < right
            inside, outside = inside + mouth, outside + (not mouth)
    return inside, outside


def test_the_mouth_says_the_line_and_nothing_else_changes(of: Any, tmp_path: Path) -> None:
    frames = (LEFT - 1, LEFT, 25, 40, RIGHT - 1, RIGHT)
    before = {frame: pixels(of, frame) for frame in frames}
    original = (tmp_path / "sample.mp4").read_bytes()
    ops.ed.undo_push(message="before")

    assert ops.sequencer.relip_resync("EXEC_DEFAULT", True) == {"FINISHED"}

    (new,) = (one for one in strips(of) if one.get("relip_job"))
    assert Path(new.filepath).name == "sample_relip_v001.mkv"
    for frame in frames:
        inside, outside = changed(before[frame], pixels(of, frame))
        assert outside == 0, frame
        assert (inside > 500) == (LEFT <= frame < RIGHT), frame
    assert (tmp_path / "sample.mp4").read_bytes() == original
    # From frame 11 to 56, with a dozen frames on either side as far as there are any.
    told = json.loads((tmp_path / "sample_relip_v001.mkv.relip.json").read_text())
    assert (told["written"]["first"], told["written"]["frames"]) == (0, 67)
    assert told["ranges"][0]["frames"] == RIGHT - LEFT + 1

    ops.ed.undo()
    again = bpy.data.scenes[0]
    assert pixels(again, 25) == before[25]
    ops.ed.redo()
    assert changed(before[25], pixels(bpy.data.scenes[0], 25))[0] > 500


def test_what_the_engine_refuses_is_told_with_its_remedy(of: Any) -> None:
    of.relip.strength = 1.5
    of.relip.speaker = 7

    with pytest.raises(RuntimeError, match="sample: failed"):
        ops.sequencer.relip_resync()

    (row,) = run_of(bpy.context).rows
    assert row.state == "failed"
    assert row.remedy
    assert sorted(one.name for one in strips(of)) == ["dub", "sample"]
