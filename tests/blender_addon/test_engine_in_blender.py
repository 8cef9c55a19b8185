"""Set Up Engine and Check Engine as Blender runs them, without a window."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, cast

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip.engine import data_folder
from blender_addon.relip.engine_operators import DESK, preferred
from tests.blender_addon.conftest import ADDON

relip = cast(Any, bpy.ops).relip


@pytest.fixture(autouse=True)
def enabled(blender: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("RELIP_ENGINE", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    DESK.told = None


def test_an_engine_that_is_there_lists_its_versions(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIP_ENGINE", engine)

    assert relip.check_engine() == {"FINISHED"}

    assert not DESK.wrong, DESK.lines
    assert DESK.lines[0].startswith("relip ")
    assert any(line.startswith("onnxruntime") for line in DESK.lines)


def test_without_an_engine_the_button_says_what_to_do() -> None:
    with pytest.raises(RuntimeError, match=r"not set up on this machine: press Set Up Engine"):
        relip.check_engine()

    assert DESK.wrong
    assert len(DESK.lines) == 2


def test_the_preferences_name_an_engine(tmp_path: Path) -> None:
    assert bpy.context.preferences is not None
    own: Any = bpy.context.preferences.addons[ADDON].preferences
    own.engine = str(tmp_path / "gone")

    assert preferred(bpy.context) == str(tmp_path / "gone")
    with pytest.raises(RuntimeError, match=r"gone, named by relip's preferences, is not there"):
        relip.check_engine()


def test_a_set_up_that_cannot_work_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    assert not bpy.app.online_access

    for source, said in (("", "may not use the network"), (str(tmp_path / "x.whl"), "not there")):
        with pytest.raises(RuntimeError, match=said):
            relip.set_up_engine(source=source)

    assert not data_folder().exists()


def test_there_is_nothing_to_cancel() -> None:
    assert not relip.cancel_engine.poll()
