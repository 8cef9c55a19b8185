"""Re-sync Lips and what belongs to it, as Blender's operators.

In a window a run goes on between the editor's own steps and can be cancelled; in the background,
and where a script says so, it is waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.finished import apply_finished, revert_last
from relip_host.host import HostError, Selection
from relip_host.resync import resync_selection
from relip_host.steps import Outcome
from relip_job import RelipError

from .compat import every_strip, redraw, sequencer_scene
from .engine import data_folder, find_engine
from .engine_operators import preferred
from .host import BlenderHost, host_of
from .identity import id_of, identify
from .obstacles import KINDS
from .options import (
    BAD,
    choice_of,
    dub_tracks,
    options_of,
    run_of,
    sentence,
    show_outcome,
    show_step,
)
from .preferences import WATCH
from .runs import DESK, Steps, Work
from .selection import selected_dub, selected_shots

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpy.types import Context, Event, Scene

    from .compat import Answer

TICK = 0.1
"""Seconds between two looks at the engine."""
PATIENCE = 0.2
"""Seconds a look may wait where nothing else goes on."""
BUSY = "A run is going on; cancel it first"
NO_SCENE = "The sequencer shows no scene; choose one in its header"


def why_not(context: Context) -> str:
    """Why nothing can be re-synced now, empty if something can; looks at no file."""
    scene = sequencer_scene(context)
    if DESK.work is not None:
        return BUSY
    if scene is None or scene.sequence_editor is None:
        return NO_SCENE
    shots = selected_shots(scene)
    if not shots:
        return "Select the movie strip to re-sync"
    if shots[0].type != "MOVIE":
        _, what, remedy = KINDS[shots[0].type]
        return f"{shots[0].name} {what}; {remedy}"
    if not dub_tracks(scene, selected_dub(scene, shots)):
        return "Select the sound strip with the dub as well, or choose its channel in the options"
    return no_engine()


def no_engine() -> str:
    """Why there is no engine, empty if there is."""
    if bpy.app.background:
        WATCH.look()
    return str(WATCH.lacking) if WATCH.lacking else ""


class SEQUENCER_OT_relip_resync(bpy.types.Operator):
    """Re-sync the lips in the selected movie strips to the selected sound, or the dub channel"""

    bl_idname = "sequencer.relip_resync"
    bl_label = "Re-sync Lips"
    bl_options = {"REGISTER", "UNDO"}

    _work: Work
    _names: dict[str, str]

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is a shot, a dub and an engine."""
        reason = why_not(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: Context, event: Event) -> Answer:
        """Begin, and go on with every tick."""
        if bpy.app.background:
            return self.execute(context)
        if not self._begin(context, 0.0):
            return {"CANCELLED"}
        windows = cast(Any, context.window_manager)
        self._timer = windows.event_timer_add(TICK, window=context.window)
        windows.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> Answer:
        """A step at every tick; ESC over a sequencer cancels."""
        if event.type == "ESC" and event.value == "PRESS" and _over_sequencer(context, event):
            self._work.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if DESK.work is not self._work:  # ended from elsewhere
            self._stop(context)
            return {"CANCELLED"}
        if self._work.advance():
            show_step(context, self._work.step)
            redraw()
            return {"PASS_THROUGH"}
        return self._end(context)

    def execute(self, context: Context) -> Answer:
        """Do it all, and wait for it."""
        if not self._begin(context, PATIENCE):
            return {"CANCELLED"}
        said = ""
        while self._work.advance():
            show_step(context, self._work.step)
            stage = self._work.step.text.rpartition(", ")[0]
            if bpy.app.background and stage != said:
                said = stage
                print(f"relip: {self._work.step.text}", flush=True)
        return self._end(context)

    def cancel(self, context: Context) -> None:
        """Blender ends it: a file is loaded, or the window closed."""
        self._work.close()
        self._stop(context)

    def _begin(self, context: Context, patience: float) -> bool:
        """Ask what there is to do; whether there is something."""
        try:
            self._work = Work(_starting(self, context, patience))
        except (HostError, RelipError) as error:
            complain(self, error)
            return False
        DESK.take(self._work)
        return True

    def _end(self, context: Context) -> Answer:
        self._stop(context)
        work = self._work
        if work.error is not None:
            complain(self, work.error)
            return {"CANCELLED"}
        assert work.outcome is not None
        show_outcome(context, work.outcome, self._names)
        return tell(self, work.outcome, self._names)

    def _stop(self, context: Context) -> None:
        DESK.leave(self._work)
        timer = getattr(self, "_timer", None)
        if timer is not None:
            cast(Any, context.window_manager).event_timer_remove(timer)
            self._timer = None
        show_outcome(context, None, {})
        redraw()


class SEQUENCER_OT_relip_cancel(bpy.types.Operator):
    """Stop the run; what is on the timeline already stays"""

    bl_idname = "sequencer.relip_cancel"
    bl_label = "Cancel Re-sync"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether something goes on."""
        if DESK.work is None:
            cls.poll_message_set("Nothing is being re-synced")
        return DESK.work is not None

    def execute(self, context: Context) -> Answer:
        """Have it stop, soon."""
        if DESK.work is not None:
            DESK.work.cancel()
        run_of(context).text = "cancelling"
        redraw()
        return {"FINISHED"}


class SEQUENCER_OT_relip_apply_finished(bpy.types.Operator):
    """Place results that are finished but not on the timeline, as after a run that was cancelled"""

    bl_idname = "sequencer.relip_apply_finished"
    bl_label = "Apply Finished"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether nothing goes on."""
        return _free(cls, context)

    def execute(self, context: Context) -> Answer:
        """Place them."""
        return _at_once(self, context, lambda host: apply_finished(host, data_folder()))


class SEQUENCER_OT_relip_revert(bpy.types.Operator):
    """Take the results of the last run off the timeline again. Their files stay"""

    bl_idname = "sequencer.relip_revert"
    bl_label = "Revert Last Run"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether nothing goes on."""
        return _free(cls, context)

    def execute(self, context: Context) -> Answer:
        """Take them off."""
        return _at_once(self, context, lambda host: revert_last(host, data_folder()))


CLASSES = (
    SEQUENCER_OT_relip_resync,
    SEQUENCER_OT_relip_cancel,
    SEQUENCER_OT_relip_apply_finished,
    SEQUENCER_OT_relip_revert,
)


def complain(operator: bpy.types.Operator, error: HostError | RelipError) -> None:
    """Say what went wrong, and what to do."""
    operator.report({"ERROR"}, str(error))


def tell(operator: bpy.types.Operator, outcome: Outcome, names: dict[str, str]) -> Answer:
    """Say what became of every shot; FINISHED if anything changed."""
    for row in outcome.rows:
        kind = "ERROR" if row.state in BAD else "WARNING" if row.message or row.notes else "INFO"
        remedy = f"; {row.remedy}" if row.remedy else ""
        operator.report({cast(Any, kind)}, sentence(row, names.get(row.shot, row.shot)) + remedy)
    for note in outcome.notes:
        operator.report({"INFO"}, note)
    changed = any(row.state in ("placed", "reverted") for row in outcome.rows)
    return {"FINISHED" if changed else "CANCELLED"}


def _starting(
    operator: Any, context: Context, patience: float
) -> Callable[[Callable[[], bool]], Steps]:
    """The run, with everything it needs from the context taken from it.

    Raises
    ------
    HostError
        There is nothing to do, or nothing to do it with.
    """
    scene = sequencer_scene(context)
    if scene is None:
        raise HostError(NO_SCENE)
    shots = selected_shots(scene)
    dub = selected_dub(scene, shots)
    choice = choice_of(scene, dub_tracks(scene, dub))
    engine = find_engine(preferred(context)).engine
    host = host_of(context, choice.place == "above", identify(scene, *dub))
    selection: Selection = host.selection()
    operator._names = {shot.id: shot.name for shot in selection.shots}
    folder = data_folder()

    def start(cancelled: Callable[[], bool]) -> Steps:
        return resync_selection(
            host,
            choice,
            engine,
            folder,
            selection=selection,
            cancelled=cancelled,
            patience=patience,
        )

    return start


def _free(kind: Any, context: Context) -> bool:
    reason = BUSY if DESK.work else "" if sequencer_scene(context) else NO_SCENE
    if reason:
        kind.poll_message_set(reason)
    return not reason


def _at_once(
    operator: bpy.types.Operator, context: Context, work: Callable[[BlenderHost], Outcome]
) -> Answer:
    """Do something with the open scene that takes no time."""
    scene = sequencer_scene(context)
    try:
        above = scene is not None and options_of(scene).place == "above"
        outcome = work(host_of(context, above))
    except (HostError, RelipError) as error:
        complain(operator, error)
        return {"CANCELLED"}
    names = names_in(scene)
    show_outcome(context, outcome, names)
    redraw()
    return tell(operator, outcome, names)


def names_in(scene: Scene | None) -> dict[str, str]:
    """What strips are called, by their numbers."""
    return {id_of(one): one.name for one in every_strip(scene)} if scene else {}


def _over_sequencer(context: Context, event: Event) -> bool:
    """Whether the mouse is where ESC means this run, and nothing is being played."""
    screen = cast(Any, context.screen)
    if screen is None or screen.is_animation_playing:
        return False
    return any(
        area.type == "SEQUENCE_EDITOR"
        and area.x <= event.mouse_x < area.x + area.width
        and area.y <= event.mouse_y < area.y + area.height
        for area in screen.areas
    )
