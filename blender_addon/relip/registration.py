"""Everything that Blender has to know of, in the order in which it depends on each other."""

from __future__ import annotations

import bpy

from . import engine_operators, operators, options, panel, preferences, queue, queue_operators, runs
from .translations import LANGUAGES


def register_all() -> None:
    """Add everything to Blender."""
    options.register()
    queue.register()
    for kind in (*engine_operators.CLASSES, *operators.CLASSES):
        bpy.utils.register_class(kind)
    preferences.register()
    runs.register()
    panel.register()
    for kind in queue_operators.CLASSES:
        bpy.utils.register_class(kind)
    bpy.app.translations.register(__package__ or "", LANGUAGES)


def unregister_all() -> None:
    """Take everything out again, and leave nothing running."""
    bpy.app.translations.unregister(__package__ or "")
    for kind in reversed(queue_operators.CLASSES):
        bpy.utils.unregister_class(kind)
    panel.unregister()
    runs.unregister()
    engine_operators.DESK.end()
    preferences.unregister()
    for kind in reversed((*engine_operators.CLASSES, *operators.CLASSES)):
        bpy.utils.unregister_class(kind)
    queue.unregister()
    options.unregister()
