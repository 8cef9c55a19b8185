"""What the add-on adds to Blender, and that nothing of it stays behind."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import Any

import pytest

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

import bpy

from blender_addon.relip import (
    engine_operators,
    operators,
    options,
    panel,
    preferences,
    queue_operators,
    registration,
)
from blender_addon.relip.translations import GERMAN
from tests.blender_addon.conftest import ADDON

OPERATORS: list[Any] = [
    kind
    for kind in (*engine_operators.CLASSES, *operators.CLASSES, *queue_operators.CLASSES)
    if issubclass(kind, bpy.types.Operator)
]
PANELS: list[Any] = [
    kind for kind in (*panel.CLASSES, *queue_operators.CLASSES) if hasattr(kind, "bl_label")
]


def left_behind() -> list[str]:
    names = [name for name in dir(bpy.types) if "relip" in name.lower()]
    names += [name for name in ("relip", "relip_queue") if hasattr(bpy.types.Scene, name)]
    if hasattr(bpy.types.WindowManager, "relip_run"):
        names.append("relip_run")
    handlers = [*bpy.app.handlers.load_pre, *bpy.app.handlers.load_post]
    return names + [one.__module__ for one in handlers if ADDON in one.__module__]


def test_nothing_stays_behind(blender: None) -> None:
    assert left_behind()

    for _ in range(2):
        bpy.ops.preferences.addon_disable(module=ADDON)
        assert left_behind() == []
        bpy.ops.preferences.addon_enable(module=ADDON)


def test_it_is_added_while_blender_starts_and_nothing_is_open(
    blender: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What Blender itself puts there while it enables add-ons. The module does not notice.
    windows, known = bpy.context.window_manager, bpy.context.preferences
    little = SimpleNamespace(window_manager=windows, preferences=known)
    bpy.ops.preferences.addon_disable(module=ADDON)

    with monkeypatch.context() as patch:
        patch.setattr(bpy, "data", SimpleNamespace())
        patch.setattr(bpy, "context", little)
        patch.setattr(preferences.WATCH, "found", None)
        registration.register_all()
        registration.unregister_all()

    assert left_behind() == []
    bpy.ops.preferences.addon_enable(module=ADDON)


def test_every_operator_says_what_it_does(blender: None) -> None:
    for kind in OPERATORS:
        group, name = kind.bl_idname.split(".")
        known = getattr(getattr(bpy.ops, group), name).get_rna_type()
        assert known.description
        assert not known.description.endswith(".")


def test_every_name_is_said_in_german(blender: None) -> None:
    labels = {kind.bl_label for kind in [*OPERATORS, *PANELS]} - {"relip"}
    properties: Any = options.RelipOptions.bl_rna.properties
    labels |= {
        one.name for one in properties if one.identifier in options.RelipOptions.__annotations__
    }

    missing = {label for label in labels if ("*", label) not in GERMAN}
    assert missing <= {"Cancel"}  # Blender's own
