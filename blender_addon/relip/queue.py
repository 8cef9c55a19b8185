"""Re-sync All Lines: a list kept with the scene, and the run that works it off.

The list is in the .blend, what was made is in the journal: so a run can be stopped and resumed,
also after Blender was started again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.finished import apply_finished
from relip_host.host import HostError, Selection, Shot
from relip_host.page import Row
from relip_host.pairing import Near, shots_under
from relip_host.resync import resync_selection
from relip_host.steps import Outcome, Step
from relip_host.voices import track_names
from relip_host.worker import Engine

from .compat import children, shown_meta, time_of
from .host import BlenderHost
from .identity import id_of, identify, strip_with
from .options import choice_of, options_of, sentence
from .reading import before_of, deaf, is_channel, is_heard, sounds_in
from .selection import SHOTS

if TYPE_CHECKING:
    from pathlib import Path

    from bpy.types import Scene, Strip

    from .runs import Steps

STATES = ("waiting", "running", "done", "warned", "failed")


class RelipLine(bpy.types.PropertyGroup):
    """A line of the dub in a shot, and what became of it."""

    line: bpy.props.StringProperty()
    shot: bpy.props.StringProperty()
    shot_name: bpy.props.StringProperty()
    frame: bpy.props.IntProperty()
    use: bpy.props.BoolProperty(name="To Do", description="Re-sync this line", default=True)
    state: bpy.props.StringProperty(default="waiting")
    text: bpy.props.StringProperty()
    remedy: bpy.props.StringProperty()


class RelipQueue(bpy.types.PropertyGroup):
    """The lines of a scene."""

    lines: bpy.props.CollectionProperty(type=RelipLine)
    index: bpy.props.IntProperty()


CLASSES = (RelipLine, RelipQueue)


def register() -> None:
    """Give scenes their queue."""
    for kind in CLASSES:
        bpy.utils.register_class(kind)
    cast(Any, bpy.types.Scene).relip_queue = bpy.props.PointerProperty(type=RelipQueue)


def unregister() -> None:
    """Take it back."""
    del cast(Any, bpy.types.Scene).relip_queue
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)


def queue_of(scene: Scene) -> RelipQueue:
    """The scene's."""
    found: RelipQueue = cast(Any, scene).relip_queue
    return found


def list_lines(scene: Scene, channels: tuple[int, ...]) -> int:
    """Make the list: every line on the channels with every shot it is spoken in; how many.

    What was done before stays marked so. What cannot be done says why, and is left out.

    Raises
    ------
    HostError
        None of the channels holds sound.
    """
    owner = cast(Any, shown_meta(scene) or scene.sequence_editor)
    lines = [one for one in _sounding(scene, owner) if one.channel in channels]
    if not lines:
        raise HostError(
            f"{track_names(channels, 'channel ')}: there is no sound that is heard",
            "choose the dub's channel",
        )
    host = BlenderHost(scene, options_of(scene).place == "above")
    pictures = list(_shots(scene, owner))
    shots = dict(zip(identify(scene, *pictures), pictures, strict=True))
    outlines = Near([host.outline(one) for one in pictures])
    kept = {(one.line, one.shot): one.state for one in queue_of(scene).lines}
    kept = {pair: state for pair, state in kept.items() if state in ("done", "warned")}
    queue = queue_of(scene)
    queue.lines.clear()
    lines.sort(key=lambda one: time_of(one, "left_handle"))
    for line, number in zip(lines, identify(scene, *lines), strict=True):
        item = host.item(line)
        under = shots_under(item, outlines.to(item.start, item.end))
        for found in under:
            shot = shots[found.id]
            entry = _entry(queue, line, number, shot)
            state = kept.get((number, found.id))
            if state is not None or before_of(shot) is not None:
                entry.use, entry.state = False, state or "done"
                entry.text = "has a result"
                continue
            obstacle = host.shot(shot).obstacle
            if obstacle is not None:
                _fail(entry, obstacle.message, obstacle.remedy)
            elif (why := deaf(line)) is not None:
                entry.text = f"{why.message}: Blender mixes it"
        if not under:
            entry = _entry(queue, line, number, None)
            _fail(entry, f"no shot lies under {line.name}", "add one, or leave the line out")
    return len(queue.lines)


def units(scene: Scene) -> list[tuple[str, list[RelipLine]]]:
    """What there is to do: every shot once, with all its lines, in the order of time."""
    found: dict[str, list[RelipLine]] = {}
    for line in queue_of(scene).lines:
        if line.shot:
            found.setdefault(line.shot, []).append(line)
    return [(shot, lines) for shot, lines in found.items() if any(line.use for line in lines)]


def resync_lines(
    scene: Scene,
    channels: tuple[int, ...],
    engine: Engine,
    folder: Path,
    patience: float,
    cancelled: Callable[[], bool],
) -> Steps:
    """Work the list off in one run; every result is placed when it comes, an undo step of its own.

    Raises
    ------
    HostError
        The scene is gone, or the options make no sense.
    OutputError
        The journal cannot be written.
    """
    choice = choice_of(scene, channels)
    host = BlenderHost(scene, choice.place == "above")
    rows: list[Row] = []
    if any(line.state == "running" for line in queue_of(scene).lines):
        yield Step("looking for what was finished")
        rows += _take_up(scene, apply_finished(host, folder))
    shots = tuple(_waiting(host))
    if not shots:
        return Outcome(tuple(rows))
    work = resync_selection(
        host,
        choice,
        engine,
        folder,
        selection=Selection(shots, "the lines of the list"),
        cancelled=cancelled,
        patience=patience,
        at_once=True,
    )
    names = {shot.id: shot.name for shot in shots}
    with closing(work):
        while True:
            try:
                step = next(work)
            except StopIteration as end:
                outcome: Outcome = end.value
                break
            _show(host.scene(), step.rows)
            for row in step.over:
                _mark(host.scene(), row.shot, row)
                if row.state == "placed":
                    _push_undo(names[row.shot])
            yield step
    for row in outcome.rows:
        if row.state == "cancelled":
            _mark(host.scene(), row.shot, row)
    return Outcome((*rows, *outcome.rows), outcome.run, outcome.notes)


def _waiting(host: BlenderHost) -> Iterator[Shot]:
    """What there is to do, as it is now; a shot that is gone is marked so."""
    for number, _ in units(host.scene()):
        strip = strip_with(host.scene(), number)
        if strip is not None:
            yield host.shot(strip)
            continue
        gone = Row(number, "failed", message="the shot is gone", remedy="list again")
        _mark(host.scene(), number, gone)


def _show(scene: Scene, rows: tuple[Row, ...]) -> None:
    """Mark what is being made; undo may have taken that away."""
    running = {row.shot for row in rows if row.state == "running"}
    for line in queue_of(scene).lines:
        if line.shot in running and line.state != "running":
            line.state, line.text, line.remedy = "running", "", ""


def _take_up(scene: Scene, outcome: Outcome) -> list[Row]:
    """Mark what a run had finished that Blender did not live to place; the rest waits again."""
    placed = [row for row in outcome.rows if row.state == "placed"]
    for row in placed:
        _mark(scene, row.shot, row)
    for line in queue_of(scene).lines:
        if line.state == "running":
            line.state = "waiting"
    if placed:
        _push_undo("what was finished")
    return placed


def _mark(scene: Scene, shot: str, row: Row) -> None:
    """Say at each line of a shot what became of it; undo may have made others of them."""
    for line in _lines_of(scene, shot):
        if row.state == "placed":
            line.state = "warned" if row.notes or row.message else "done"
            line.use = False
        elif row.state in ("failed", "refused") or (row.state == "done" and row.message):
            line.state, line.use = "failed", False
        else:
            line.state = "waiting"
        line.text = sentence(row, line.shot_name)
        line.remedy = row.remedy


def _lines_of(scene: Scene, shot: str) -> Iterator[RelipLine]:
    return (line for line in queue_of(scene).lines if line.shot == shot)


def _entry(queue: RelipQueue, line: Strip, number: str, shot: Strip | None) -> RelipLine:
    entry: RelipLine = cast(Any, queue).lines.add()
    entry.name, entry.line = line.name, number
    entry.frame = int(time_of(line, "left_handle"))
    if shot is not None:
        entry.shot, entry.shot_name = id_of(shot), shot.name
    return entry


def _fail(entry: RelipLine, message: str, remedy: str) -> None:
    entry.use, entry.state, entry.text, entry.remedy = False, "failed", message, remedy


def _sounding(scene: Scene, owner: Any) -> Iterator[Strip]:
    for strip in children(owner):
        if is_heard(strip, scene) and any(True for _ in sounds_in(strip)):
            yield strip


def _shots(scene: Scene, owner: Any) -> Iterator[Strip]:
    """What may be a shot and is seen."""
    for strip in children(owner):
        if strip.type not in SHOTS or strip.mute or is_channel(scene, strip, "mute"):
            continue
        if strip.type != "META" or any(one.type != "SOUND" for one in children(strip)):
            yield strip


def _push_undo(name: str) -> None:
    """Let one Undo take back one line."""
    window = next(iter(bpy.data.window_managers[0].windows), None)
    with suppress(RuntimeError), bpy.context.temp_override(window=window):
        bpy.ops.ed.undo_push(message=f"Re-sync {name}")
