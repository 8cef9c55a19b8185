"""Set Up Engine and Check Engine: started here, watched by a timer, told wherever it is drawn."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import bpy

from relip_host.host import HostError

from .engine import find_engine
from .engine_check import Check, Report
from .engine_setup import SetUp

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems
    from bpy.types import Context, Event, UILayout

TICK = 0.2
"""Seconds between two looks."""
REDRAWN = {"SEQUENCE_EDITOR", "PREFERENCES"}


class Desk:
    """What is being done about the engine, and what came of it.

    Attributes
    ----------
    work : what goes on, if anything.
    told : how the last one ended; None before the first, and while one goes on.
    """

    def __init__(self) -> None:
        self.work: SetUp | Check | None = None
        self.told: Report | HostError | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """To show: what the set-up said last, or how it ended."""
        if isinstance(self.work, SetUp):
            return tuple(self.work.lines)
        if self.work is not None:
            return ("asking the engine",)
        if isinstance(self.told, HostError):
            return (self.told.message, self.told.remedy)
        return self.told.lines if self.told else ()

    @property
    def wrong(self) -> bool:
        """Whether it ended badly."""
        return isinstance(self.told, HostError) or bool(self.told and not self.told.fine)

    def begin(self, start: Callable[[], SetUp | Check]) -> None:
        """Start something, and look after it until it ends."""
        self.end()
        atexit.unregister(self.end)
        atexit.register(self.end)
        try:
            self.work, self.told = start(), None
        except HostError as error:
            self.told = error
            return
        if bpy.app.background:  # where no timer ever fires
            while self.look() is not None:
                time.sleep(TICK)
        elif not bpy.app.timers.is_registered(_LOOK):
            bpy.app.timers.register(_LOOK, first_interval=TICK, persistent=True)

    def look(self) -> float | None:
        """Seconds until it is to be looked at again, None if it has ended."""
        if self.work is None:
            return None
        self.told = self.work.poll()
        redraw()
        if self.told is None:
            return TICK
        self.work = None
        return None

    def end(self) -> None:
        """Stop what goes on."""
        if isinstance(self.work, SetUp):
            self.work.cancel()
            self.told = self.work.poll()
        elif self.work is not None:
            self.work.close()
        self.work = None


# Operators and panels come and go with every click: what they share outlives them here.
DESK = Desk()
_LOOK = DESK.look  # Blender knows a timer by the object it was given


def redraw() -> None:
    """Have what shows the engine drawn again."""
    for manager in bpy.data.window_managers:
        for window in manager.windows:
            for area in window.screen.areas:
                if area.type in REDRAWN:
                    area.tag_redraw()


def preferred(context: Context) -> str:
    """The engine that the preferences name, if they do."""
    assert context.preferences is not None
    addon = context.preferences.addons.get(__package__ or "")
    return str(getattr(addon and addon.preferences, "engine", ""))


class RELIP_OT_set_up_engine(bpy.types.Operator):
    """Install relip's engine into a folder of its own. Blender's own Python is left alone"""

    bl_idname = "relip.set_up_engine"
    bl_label = "Set Up Engine"

    source: bpy.props.StringProperty(
        name="From",
        description="A wheel of relip, or a folder with it and what it needs. "
        "Empty takes it from the package index",
        subtype="FILE_PATH",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether nothing else is being done about the engine."""
        if DESK.work is not None:
            cls.poll_message_set("The engine is being set up or checked")
        return DESK.work is None

    def invoke(self, context: Context, event: Event) -> set[OperatorReturnItems]:
        """Ask where from."""
        assert context.window_manager is not None
        return context.window_manager.invoke_props_dialog(self, width=420)

    def draw(self, context: Context) -> None:
        """The question."""
        layout = self.layout
        assert layout is not None
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "source")
        online = bpy.app.online_access
        offline = "Blender may not use the network: name a folder with all wheels"
        text = "Empty: downloads about 300 MB" if online else offline
        layout.label(text=text, icon="INFO" if online else "ERROR")

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        """Begin; in the background, and wait for the end where there is no window."""
        source = bpy.path.abspath(self.source)
        DESK.begin(lambda: SetUp(source, bpy.app.online_access))
        return _outcome(self)


class RELIP_OT_check_engine(bpy.types.Operator):
    """Ask relip's engine for its version, and whether everything it needs is there"""

    bl_idname = "relip.check_engine"
    bl_label = "Check Engine"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether nothing else is being done about the engine."""
        if DESK.work is not None:
            cls.poll_message_set("The engine is being set up or checked")
        return DESK.work is None

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        """Begin; in the background, and wait for the end where there is no window."""
        named = preferred(context)
        DESK.begin(lambda: Check(find_engine(named)))
        return _outcome(self)


class RELIP_OT_cancel_engine(bpy.types.Operator):
    """Stop setting up or checking the engine"""

    bl_idname = "relip.cancel_engine"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is something to stop."""
        if DESK.work is None:
            cls.poll_message_set("Nothing is being done about the engine")
        return DESK.work is not None

    def execute(self, context: Context) -> set[OperatorReturnItems]:
        """Stop it."""
        DESK.end()
        redraw()
        return {"FINISHED"}


def draw_engine(layout: UILayout) -> None:
    """Buttons, and what came of them, for the preferences and the panel."""
    row = layout.row(align=True)
    row.operator("relip.set_up_engine", icon="IMPORT")
    row.operator("relip.check_engine", icon="CHECKMARK")
    if DESK.work is not None:
        row.operator("relip.cancel_engine", text="", icon="CANCEL")
    _draw_lines(layout, DESK.lines)


def _draw_lines(layout: UILayout, lines: Iterable[str]) -> None:
    column = layout.column(align=True)
    column.scale_y = 0.8
    column.alert = DESK.wrong
    for line in lines:
        column.label(text=line, translate=False)


def _outcome(operator: bpy.types.Operator) -> set[OperatorReturnItems]:
    """FINISHED if it goes on or went well."""
    if DESK.work is None and isinstance(DESK.told, HostError):
        operator.report({"ERROR"}, f"{DESK.told.message}: {DESK.told.remedy}")
        return {"CANCELLED"}
    if DESK.work is None and DESK.lines:
        operator.report({"WARNING" if DESK.wrong else "INFO"}, DESK.lines[0])
    return {"FINISHED"}


CLASSES = (RELIP_OT_set_up_engine, RELIP_OT_check_engine, RELIP_OT_cancel_engine)
