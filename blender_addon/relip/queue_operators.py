"""List Lines and Re-sync All Lines: operators, and their part of the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.host import HostError
from relip_job import RelipError

from .compat import redraw, sequencer_scene
from .engine import data_folder, find_engine
from .engine_operators import preferred
from .operators import BUSY, NO_SCENE, PATIENCE, TICK, complain, names_in, no_engine
from .options import dub_tracks, options_of, run_of, show_outcome, show_step
from .panel import Tab
from .queue import list_lines, queue_of, resync_lines, units
from .runs import DESK, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpy.types import Context, Scene, UILayout

    from .compat import Answer
    from .runs import Steps

NO_CHANNEL = "Choose the dub's channel in the options"
NO_LINES = "List the lines first"
NOTHING = "No line is left to do; tick those to do again"
ICONS = {
    "waiting": "DOT",
    "running": "PLAY",
    "done": "CHECKMARK",
    "warned": "INFO",
    "failed": "ERROR",
}


class SEQUENCER_OT_relip_list_lines(bpy.types.Operator):
    """List every line on the dub channel with the shots it is spoken in, and check them"""

    bl_idname = "sequencer.relip_list_lines"
    bl_label = "List Lines"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is a channel."""
        return _allowed(cls, _why_no_list(context))

    def execute(self, context: Context) -> Answer:
        """Make the list."""
        scene = cast("Scene", sequencer_scene(context))
        try:
            count = list_lines(scene, dub_tracks(scene, []))
        except HostError as error:
            complain(self, error)
            return {"CANCELLED"}
        wrong = sum(line.state == "failed" for line in queue_of(scene).lines)
        self.report({"INFO"}, f"{count} lines, {wrong} of which cannot be done")
        redraw()
        return {"FINISHED"}


class SEQUENCER_OT_relip_resync_lines(bpy.types.Operator):
    """Re-sync every line that is ticked; every result is placed when it comes, and can be undone"""

    bl_idname = "sequencer.relip_resync_lines"
    bl_label = "Re-sync All Lines"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether something is left to do."""
        return _allowed(cls, why_no_queue(context))

    def invoke(self, context: Context, event: Any) -> Answer:
        """Begin; a timer goes on with it, and it outlives this operator."""
        if bpy.app.background:
            return self.execute(context)
        try:
            DESK.take(_work(context, 0.0))
        except (HostError, RelipError) as error:
            complain(self, error)
            return {"CANCELLED"}
        bpy.app.timers.register(_tick, first_interval=TICK)
        return {"FINISHED"}

    def execute(self, context: Context) -> Answer:
        """Do it all, and wait for it."""
        try:
            work = _work(context, PATIENCE)
        except (HostError, RelipError) as error:
            complain(self, error)
            return {"CANCELLED"}
        DESK.take(work)
        while work.advance():
            show_step(context, work.step)
        DESK.leave(work)
        show_outcome(context, work.outcome, names_in(sequencer_scene(context)))
        if work.error is not None:
            complain(self, work.error)
        elif work.outcome is not None:
            self.report({"INFO"}, work.outcome.text)
        done = work.outcome is not None and any(row.state == "placed" for row in work.outcome.rows)
        return {"FINISHED" if done else "CANCELLED"}


class SEQUENCER_UL_relip_lines(bpy.types.UIList):
    """Lines, each with its shot and what became of it."""

    def draw_item(
        self,
        context: Context | None,
        layout: UILayout,
        data: Any,
        item: Any,
        icon: int | None,
        active_data: Any,
        active_property: str | None,
        index: int | None = 0,
        flt_flag: int | None = 0,
    ) -> None:
        """Draw one."""
        row = layout.row(align=True)
        row.alert = item.state == "failed"
        row.prop(item, "use", text="")
        stale = item.state == "running" and DESK.work is None  # as undo brings it back
        shown = "DOT" if stale else ICONS.get(item.state, "DOT")
        row.label(text=item.name, icon=cast(Any, shown), translate=False)
        row.label(text=item.shot_name or "-", translate=False)


class SEQUENCER_PT_relip_lines(Tab, bpy.types.Panel):
    """The list."""

    bl_label = "All Lines"
    bl_parent_id = "SEQUENCER_PT_relip"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 0

    def draw(self, context: Context) -> None:
        """Draw it."""
        scene = sequencer_scene(context)
        if scene is None:
            return
        layout: Any = self.layout
        queue = queue_of(scene)
        row = layout.row(align=True)
        row.prop(options_of(scene), "dub_channel")
        if not len(queue.lines):
            layout.operator("sequencer.relip_list_lines", icon="FILE_REFRESH")
            return
        row.operator("sequencer.relip_list_lines", text="", icon="FILE_REFRESH")
        layout.template_list("SEQUENCER_UL_relip_lines", "", queue, "lines", queue, "index", rows=5)
        if 0 <= queue.index < len(queue.lines):
            for text in filter(None, _told(queue.lines[queue.index])):
                layout.label(text=text, translate=False)
        begun = any(line.state in ("done", "warned", "running") for line in queue.lines)
        name = {"text": "Resume"} if begun else {}
        layout.operator("sequencer.relip_resync_lines", icon="PLAY", **name)


CLASSES: tuple[Any, ...] = (
    SEQUENCER_OT_relip_list_lines,
    SEQUENCER_OT_relip_resync_lines,
    SEQUENCER_UL_relip_lines,
    SEQUENCER_PT_relip_lines,
)


def why_no_queue(context: Context) -> str:
    """Why no list can be worked off now, empty if one can."""
    reason = _why_no_list(context)
    scene = sequencer_scene(context)
    if reason or scene is None:
        return reason or NO_SCENE
    if not len(queue_of(scene).lines):
        return NO_LINES
    return no_engine() if units(scene) else NOTHING


def _why_no_list(context: Context) -> str:
    scene = sequencer_scene(context)
    if DESK.work is not None:
        return BUSY
    if scene is None or scene.sequence_editor is None:
        return NO_SCENE
    return "" if dub_tracks(scene, []) else NO_CHANNEL


def _allowed(kind: Any, reason: str) -> bool:
    if reason:
        kind.poll_message_set(reason)
    return not reason


def _work(context: Context, patience: float) -> Work:
    """The run, with everything it needs from the context taken from it.

    Raises
    ------
    HostError
        There is no engine.
    """
    scene = sequencer_scene(context)
    if scene is None:
        raise HostError(NO_SCENE)
    engine, folder = find_engine(preferred(context)).engine, data_folder()
    channels = dub_tracks(scene, [])

    def start(cancelled: Callable[[], bool]) -> Steps:
        return resync_lines(scene, channels, engine, folder, patience, cancelled)

    return Work(start)


def _tick() -> float | None:
    """A step of the list that goes on; timers end with the file they were started in."""
    work = DESK.work
    if work is None:
        show_outcome(bpy.context, None, {})
        return None
    if work.advance():
        show_step(bpy.context, work.step)
        redraw()
        return TICK
    DESK.leave(work)
    show_outcome(bpy.context, work.outcome, names_in(sequencer_scene(bpy.context)))
    if work.error is not None:
        row = run_of(bpy.context).rows.add()
        row.state, row.text, row.remedy = "failed", work.error.message, work.error.remedy
    redraw()
    return None


def _told(line: Any) -> tuple[str, str]:
    return line.text, line.remedy
