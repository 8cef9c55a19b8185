"""relip in Blender's Video Sequence Editor: select a shot and its dub, and the lips follow.

The engine is a process of its own; nothing here needs more than Blender's own Python.
"""

from __future__ import annotations

import bpy

from . import engine_operators, operators, options, panel, preferences, runs
from .translations import LANGUAGES


def register() -> None:
    """Add everything to Blender."""
    options.register()
    for kind in (*engine_operators.CLASSES, *operators.CLASSES):
        bpy.utils.register_class(kind)
    preferences.register()
    runs.register()
    panel.register()
    bpy.app.translations.register(__package__ or "", LANGUAGES)


def unregister() -> None:
    """Take everything out again, and leave nothing running."""
    bpy.app.translations.unregister(__package__ or "")
    panel.unregister()
    runs.unregister()
    engine_operators.DESK.end()
    preferences.unregister()
    for kind in reversed((*engine_operators.CLASSES, *operators.CLASSES)):
        bpy.utils.unregister_class(kind)
    options.unregister()
