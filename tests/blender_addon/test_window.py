"""The extension in Blender's real window, worked by mouse and keys on a screen nobody sees.

``RELIP_PICTURES`` names a folder for pictures of the screen, to look at.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from relip_plugin.package_blender import package
from tests.blender_addon.screen import NoWindow, Screen, Window

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

if not bpy.app.build_options.audaspace:  # type: ignore[attr-defined]  # the stubs lack it
    pytest.skip("this Blender makes no sound strips", allow_module_level=True)

HOUSE = Path(__file__).parents[2]
SAMPLE = HOUSE / "core" / "relip" / "sample"
WIDTH, HEIGHT = 1280, 800
START = """
import bpy
bpy.context.preferences.view.show_splash = False
bpy.ops.extensions.package_install_files(
    filepath={zip!r}, repo="user_default", enable_on_install=True, overwrite=True
)
bpy.ops.wm.read_homefile(app_template="Video_Editing")
"""
SCENE = """
window = bpy.context.window_manager.windows[0]
scene = window.scene
if hasattr(window.workspace, "sequencer_scene"):
    window.workspace.sequencer_scene = scene
scene.render.fps, scene.render.fps_base = 25, 1
def strips():
    editor = window.scene.sequence_editor or window.scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences
def told():
    return [[one.name, one.channel, one.mute] for one in strips()]
def areas():
    return [one for one in window.screen.areas if one.type == "SEQUENCE_EDITOR"]
def timeline():
    return [one for one in areas() if one.spaces.active.view_type == "SEQUENCER"][0]
def region(area, kind):
    return [one for one in area.regions if one.type == kind][0]
def run():
    return bpy.context.window_manager.relip_run
shot = strips().new_movie("take_03", {folder!r} + "/take_03.mp4", 2, 1)
dub = strips().new_sound("line_de", {folder!r} + "/line_de.wav", 1, 1)
size = shot.elements[0]
scene.render.resolution_x, scene.render.resolution_y = size.orig_width, size.orig_height
scene.frame_end, scene.frame_current = 199, 30
for one in strips():
    one.select = False
for kind in ("FILE_BROWSER", "PROPERTIES"):
    for area in [one for one in window.screen.areas if one.type == kind]:
        with bpy.context.temp_override(window=window, area=area):
            bpy.ops.screen.area_close()
"""
VIEW = """
for area in areas():
    view = area.spaces.active
    with bpy.context.temp_override(window=window, area=area, region=region(area, "WINDOW")):
        if view.view_type == "SEQUENCER":
            view.show_region_ui = True
            view.timeline_overlay.show_strip_source = False
            bpy.ops.sequencer.view_all()
        else:
            view.show_region_toolbar = False
            bpy.ops.sequencer.view_all_preview()
"""
TAB = """
region(timeline(), "UI").active_panel_category = "relip"
timeline().tag_redraw()
"""
SELECT = """
for one in strips():
    one.select = True
window.scene.sequence_editor.active_strip = strips()["take_03"]
timeline().tag_redraw()
bpy.ops.ed.undo_push(message="a scene to work on")
"""
ABLE = """
with bpy.context.temp_override(
    window=window, area=timeline(), region=region(timeline(), "WINDOW")
):
    able = bpy.ops.sequencer.relip_resync.poll()
able
"""
PLACE = "(lambda r: [r.x, r.y, r.width, r.height])(region(timeline(), {kind!r}))"
BEFORE = [["take_03", 2, False], ["line_de", 1, False]]
AFTER = [["take_03", 2, True], ["line_de", 1, False], ["take_03_relip_v001.mov", 3, False]]


class Desk:
    """Screen, window and media of one test."""

    def __init__(self, screen: Screen, window: Window, folder: Path) -> None:
        self.screen, self.window, self.folder = screen, window, folder

    def middle(self, kind: str) -> tuple[int, int]:
        """Of a region of the timeline, on the screen, which counts from the top."""
        x, y, width, height = self.window.ask(PLACE.format(kind=kind))
        return x + width // 2, HEIGHT - (y + height // 2)

    def button(self) -> tuple[int, int]:
        """Re-sync Lips, the first thing in the sidebar."""
        x, y, width, height = self.window.ask(PLACE.format(kind="UI"))
        return x + width // 2 - 10, HEIGHT - (y + height - 50)

    def picture(self, name: str) -> None:
        """Keep what is on the screen, if somebody wants to look."""
        time.sleep(1.0)
        wanted = os.environ.get("RELIP_PICTURES")
        if wanted:
            Path(wanted).mkdir(parents=True, exist_ok=True)
            version = self.window.version.split()[0]
            self.screen.picture(Path(wanted) / f"{version}_{name}.png")

    def strips(self) -> Any:
        """Name, channel and mute of every strip."""
        return self.window.ask("told()")


@pytest.fixture
def desk(tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    profile, folder = tmp_path / "profile", tmp_path / "media"
    profile.mkdir()
    folder.mkdir()
    shutil.copy(SAMPLE / "sample.mp4", folder / "take_03.mp4")
    shutil.copy(SAMPLE / "line.wav", folder / "line_de.wav")
    monkeypatch.setenv("RELIP_ENGINE", engine)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    try:
        with Screen(WIDTH, HEIGHT) as screen, Window(screen, profile) as window:
            window.ask(START.format(zip=str(package(tmp_path))))
            for code in (SCENE.format(folder=str(folder)), VIEW, TAB):
                time.sleep(1.0)  # Blender lays its areas out between two of these
                window.ask(code)
            time.sleep(1.0)
            yield Desk(screen, window, folder)
            said = (profile / "stderr.txt").read_text(errors="replace")
            assert "Traceback" not in said, said
    except NoWindow as why:
        pytest.skip(f"no window: {why}")


def test_the_button_says_why_it_is_disabled_then_runs_and_is_undone_in_one_step(
    desk: Desk,
) -> None:
    ask, hand = desk.window.ask, desk.screen.hand
    x, y = desk.button()
    assert not ask(ABLE)
    hand("mousemove", x, y + 200)
    time.sleep(0.5)
    hand("mousemove", x, y)
    time.sleep(2.0)
    desk.picture("1_disabled")

    ask(SELECT)
    assert ask(ABLE)
    desk.screen.press(x, y)
    desk.window.wait_for("run().busy")
    desk.window.wait_for("run().done > 0.3 or not run().busy", 180)
    assert ask("run().busy"), "it ended before it was seen to run"
    hand("mousemove", *desk.middle("WINDOW"))
    desk.picture("2_running")
    assert desk.strips() == BEFORE

    desk.window.wait_for("not run().busy", 240)
    assert desk.strips() == AFTER, ask("[row.text for row in run().rows]")
    desk.picture("3_done")

    hand("key", "ctrl+z")
    desk.window.wait_for(f"told() == {BEFORE}", 20)
    hand("key", "ctrl+shift+z")
    desk.window.wait_for(f"told() == {AFTER}", 20)


def test_a_shortcut_begins_and_escape_ends_it(desk: Desk) -> None:
    ask, hand = desk.window.ask, desk.screen.hand
    ask(SELECT)
    hand("mousemove", *desk.middle("WINDOW"))
    time.sleep(0.5)

    hand("key", "ctrl+alt+l")
    desk.window.wait_for("run().busy")
    desk.window.wait_for("run().done > 0.02", 120)
    hand("key", "Escape")
    desk.window.wait_for("not run().busy", 60)

    assert desk.strips() == BEFORE
    assert sorted(path.name for path in desk.folder.iterdir()) == ["line_de.wav", "take_03.mp4"]
    desk.picture("4_cancelled")
