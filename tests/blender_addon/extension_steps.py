"""What a test has a Blender of its own do: ``python extension_steps.py STEPS``, a list in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

BEFORE = list(sys.path)
ID = "bl_ext.user_default.relip"

import bpy  # noqa: E402 (Blender adds folders of its own to the path)


def install(path: str) -> object:
    return list(
        bpy.ops.extensions.package_install_files(
            filepath=path, repo="user_default", enable_on_install=True, overwrite=True
        )
    )


def enable() -> object:
    return list(bpy.ops.preferences.addon_enable(module=ID))


def disable() -> object:
    return list(bpy.ops.preferences.addon_disable(module=ID))


def state() -> object:
    module = sys.modules.get(ID)
    preferences = bpy.context.preferences
    assert preferences is not None
    return {
        "enabled": ID in preferences.addons,
        "file": module and module.__file__,
        "panels": sorted(name for name in dir(bpy.types) if name.startswith("SEQUENCER_PT_relip")),
        "ours": sorted(name for name in sys.modules if name.split(".")[0].startswith("relip")),
        "paths": [path for path in sys.path if path not in BEFORE and "relip" in path],
    }


bpy.ops.wm.read_factory_settings(use_empty=True)
DO: dict[str, Callable[..., object]] = {
    "install": install,
    "enable": enable,
    "disable": disable,
    "state": state,
}
TOLD = [DO[step](*words) for step, *words in json.loads(sys.argv[1])]
print("TOLD " + json.dumps(TOLD, default=str))
