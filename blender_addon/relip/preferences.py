"""The add-on's preferences: which engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from relip_host.host import HostError

from .engine import Found, find_engine
from .engine_operators import draw_engine, preferred
from .engine_operators import redraw as redraw_engine

if TYPE_CHECKING:
    from bpy.types import Context

LOOK = 5.0
"""Seconds between two looks for the engine: drawing never looks."""


class Watch:
    """Whether an engine is there, known without looking."""

    def __init__(self) -> None:
        self.found: Found | None = None
        self.lacking: HostError | None = None

    def look(self) -> None:
        """Look for it."""
        try:
            self.found, self.lacking = find_engine(preferred(bpy.context)), None
        except HostError as error:
            self.found, self.lacking = None, error

    def watch(self) -> float:
        """Look for it, and have what tells of it drawn; seconds until the next look."""
        before = (self.found, str(self.lacking))
        self.look()
        if before != (self.found, str(self.lacking)):
            redraw_engine()
        return LOOK


WATCH = Watch()
_TIMER = WATCH.watch  # Blender knows a timer by the object it was given


def _changed(self: RelipPreferences, context: Context) -> None:
    WATCH.look()


class RelipPreferences(bpy.types.AddonPreferences):
    """Where the engine is."""

    bl_idname = __package__ or ""

    engine: bpy.props.StringProperty(
        name="Engine",
        description="A Python that has relip, the relip program, or the folder of its "
        "environment. Empty finds the one that was set up on this machine",
        subtype="FILE_PATH",
        update=_changed,
    )

    def draw(self, context: Context) -> None:
        """The path, and the buttons that set an engine up and ask it."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "engine")
        if WATCH.lacking is not None:
            layout.label(text=WATCH.lacking.message, icon="ERROR", translate=False)
        elif WATCH.found is not None:
            text = f"{WATCH.found.command[0]} ({WATCH.found.where})"
            layout.label(text=text, icon="CHECKMARK", translate=False)
        draw_engine(layout)


def register() -> None:
    """Begin to look for the engine; what is open cannot be seen yet, while Blender starts."""
    bpy.utils.register_class(RelipPreferences)
    WATCH.look()
    if not bpy.app.background:
        bpy.app.timers.register(_TIMER, first_interval=LOOK, persistent=True)


def unregister() -> None:
    """Look no longer."""
    if bpy.app.timers.is_registered(_TIMER):
        bpy.app.timers.unregister(_TIMER)
    bpy.utils.unregister_class(RelipPreferences)
