"""The sequencer's sidebar tab, its menus and its shortcut."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.engines import LICENCES, draws_with_networks

from .compat import sequencer_scene
from .engine_operators import draw_engine
from .options import BAD, dub_tracks, options_of, run_of, wrong_speakers
from .preferences import WATCH
from .runs import DESK
from .selection import selected_dub, selected_shots

if TYPE_CHECKING:
    from bpy.types import Context, UILayout

VIEWS = {"SEQUENCER", "SEQUENCER_PREVIEW"}
ICONS = {
    "placed": "CHECKMARK",
    "done": "FILE_TICK",
    "reverted": "LOOP_BACK",
    "failed": "ERROR",
    "refused": "ERROR",
    "cancelled": "CANCEL",
}
SHOWN = 12
"""Rows of the last run that are shown."""
LINE = 34
"""Letters of a sentence that a tab as narrow as it comes shows in a line."""
_KEYS: list[tuple[Any, Any]] = []


class Tab:
    """What relip's panels have in common."""

    bl_space_type: Any = "SEQUENCE_EDITOR"
    bl_region_type: Any = "UI"
    bl_category = "relip"

    @classmethod
    def poll(cls, context: Context) -> bool:
        """Whether there is a sequencer to work on."""
        return cast(Any, context.space_data).view_type in VIEWS and bool(sequencer_scene(context))


class SEQUENCER_PT_relip(Tab, bpy.types.Panel):
    """The button, and how far it is."""

    bl_label = "relip"

    def draw(self, context: Context) -> None:
        """Draw it."""
        layout: Any = self.layout
        if DESK.work is not None:
            draw_progress(layout, context)
            return
        column = layout.column()
        column.scale_y = 1.5
        column.operator("sequencer.relip_resync", icon="SPEAKER")
        _draw_meant(layout, context)
        if WATCH.lacking is not None:
            box = layout.box()
            box.label(text=WATCH.lacking.message, icon="ERROR")
            draw_engine(box)
        _draw_rows(layout, context)


class SEQUENCER_PT_relip_options(Tab, bpy.types.Panel):
    """How."""

    bl_label = "Options"
    bl_parent_id = "SEQUENCER_PT_relip"
    bl_order = 1

    def draw(self, context: Context) -> None:
        """Draw them."""
        scene = sequencer_scene(context)
        if scene is None:
            return
        layout: Any = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.active = DESK.work is None
        options = options_of(scene)
        for names in (
            ("place", "dub_channel", "speaker", "speakers"),
            ("strength", "nudge", "range_only"),
            ("engine", "provider", "codec", "folder", "score", "workers", "reuse"),
        ):
            column = layout.column(align=True)
            for name in names:
                if name == "provider" and not draws_with_networks(options.engine):
                    continue
                row = column.row()
                if name == "speakers":
                    row.alert = bool(wrong_speakers(options))
                    row.prop(options, name, placeholder="5=1, 6=2")
                else:
                    row.prop(options, name)
        if draws_with_networks(options.engine):
            draw_licence(layout, options.engine)


class SEQUENCER_MT_relip(bpy.types.Menu):
    """Everything relip does."""

    bl_label = "Lips"

    def draw(self, context: Context | None) -> None:
        """Draw it."""
        layout: Any = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        for name in ("relip_resync", "relip_apply_finished", "relip_revert", "relip_cancel"):
            layout.operator(f"sequencer.{name}")


CLASSES: list[type] = [SEQUENCER_PT_relip, SEQUENCER_PT_relip_options, SEQUENCER_MT_relip]


def draw_licence(layout: UILayout, engine: str) -> None:
    """What the licence of an engine's networks comes to, in lines as wide as a narrow tab."""
    said = bpy.app.translations.pgettext_iface(LICENCES[engine])
    column = layout.box().column(align=True)
    for number, line in enumerate(wrap(said, LINE)):
        column.label(text=line, icon="BLANK1" if number else "INFO", translate=False)


def draw_progress(layout: UILayout, context: Context) -> None:
    """A bar, what is being done, and a button that stops it."""
    run = run_of(context)
    row = layout.row(align=True)
    row.progress(factor=run.done, type="BAR", text=f"{run.done:.0%}{run.left}")
    row.operator("sequencer.relip_cancel", text="", icon="CANCEL")
    column = layout.column(align=True)
    for text in run.text.split("; ")[:SHOWN]:  # one for each shot that is made
        column.label(text=text, translate=False)


def register() -> None:
    """Add the panels, the menus and the shortcut."""
    for kind in CLASSES:
        bpy.utils.register_class(cast(Any, kind))
    for menu, draw in _MENUS:
        menu.append(draw)
    configured = cast(Any, bpy.context.window_manager).keyconfigs.addon
    if configured is not None:  # as in the background
        keys = configured.keymaps.new(name="Sequencer", space_type="SEQUENCE_EDITOR")
        key = keys.keymap_items.new("sequencer.relip_resync", "L", "PRESS", ctrl=True, alt=True)
        _KEYS.append((keys, key))


def unregister() -> None:
    """Take them away."""
    while _KEYS:
        keys, key = _KEYS.pop()
        keys.keymap_items.remove(key)
    for menu, draw in reversed(_MENUS):
        menu.remove(draw)
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(cast(Any, kind))


def _draw_meant(layout: UILayout, context: Context) -> None:
    """Which shot and which dub the button means."""
    scene = sequencer_scene(context)
    if scene is None or scene.sequence_editor is None:
        return
    shots = selected_shots(scene)
    dub = selected_dub(scene, shots)
    column = layout.column(align=True)
    if shots:
        text = shots[0].name if len(shots) == 1 else f"{len(shots)} strips"
        column.label(text=text, icon="FILE_MOVIE", translate=False)
    if dub:
        text = dub[0].name if len(dub) == 1 else f"{len(dub)} sound strips"
        column.label(text=text, icon="FILE_SOUND", translate=False)
    elif tracks := dub_tracks(scene, dub):
        channels = scene.sequence_editor.channels
        name = ", ".join(channels[track].name for track in tracks)
        column.label(text=name, icon="SPEAKER", translate=False)


def _draw_rows(layout: UILayout, context: Context) -> None:
    """What the last run came to."""
    rows = run_of(context).rows
    if not len(rows):
        return
    box = layout.box().column(align=True)
    box.label(text="Last Run")
    for row in rows[:SHOWN]:
        line = box.row()
        line.alert = row.state in BAD
        line.label(text=row.text, icon=cast(Any, ICONS.get(row.state, "DOT")), translate=False)
        if row.remedy:
            box.label(text=row.remedy, icon="BLANK1", translate=False)


def _draw_menu(self: Any, context: Context) -> None:
    self.layout.separator()
    self.layout.menu("SEQUENCER_MT_relip")


def _draw_context_menu(self: Any, context: Context) -> None:
    self.layout.separator()
    self.layout.operator_context = "INVOKE_DEFAULT"
    self.layout.operator("sequencer.relip_resync")


_MENUS: tuple[tuple[Any, Any], ...] = (
    (bpy.types.SEQUENCER_MT_strip, _draw_menu),
    (bpy.types.SEQUENCER_MT_context_menu, _draw_context_menu),
)
