"""DaVinci Resolve as the re-sync loop sees it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Dict, List, Optional, Tuple

from relip_host.choice import Choice
from relip_host.host import (
    DubItem,
    HostError,
    Made,
    Placed,
    Selection,
    Timeline,
    Track,
)
from relip_resolve.above import place_above, revert_above
from relip_resolve.backup import back_up
from relip_resolve.belief import doubt
from relip_resolve.clock import described, marked
from relip_resolve.connection import Seat
from relip_resolve.dub import dub_items, tracks
from relip_resolve.lifeline import while_resolve_runs
from relip_resolve.originals import made_by_relip, takes_of
from relip_resolve.render import Wait, render_dub
from relip_resolve.scene import Item, Scene, open_scene, prop, same_file
from relip_resolve.selection import COLOUR, selection, under_dub
from relip_resolve.takes import place_take, revert_take

UNTITLED = "Untitled Project"
"""Saving a project that has no name asks for one, and hangs where nobody can answer."""


class ResolveHost:
    """The timeline that is open in Resolve.

    Parameters
    ----------
    colour : the clip colour that means re-sync when nothing is selected.
    """

    name = "resolve"

    def __init__(self, seat: Seat, colour: str = COLOUR, wait: Optional[Wait] = None) -> None:
        self.seat = seat
        self._colour = colour
        self._wait = wait or Wait()
        self._backups: Dict[str, str] = {}
        self._placed: List[Placed] = []

    @property
    def scene(self) -> Scene:
        """What is open now: the editor may have opened something else since the last call."""
        return open_scene(self.seat)

    @while_resolve_runs
    def timeline(self) -> Timeline:
        """The timeline the editor looks at."""
        scene = self.scene
        return described(scene.timeline, scene.clock)

    @while_resolve_runs
    def project(self) -> str:
        """The project's lasting name."""
        project = self.scene.project
        return str(project.GetUniqueId() or project.GetName())

    @while_resolve_runs
    def project_name(self) -> str:
        """The project as the editor knows it."""
        return str(self.scene.project.GetName() or "")

    @while_resolve_runs
    def selection(self) -> Selection:
        """The shots the editor means: the first rung of the ladder that holds any."""
        return selection(self.scene, self._colour)

    @while_resolve_runs
    def shots_under(self, chosen: Tuple[int, ...]) -> Selection:
        """Every shot in which something is heard on these tracks."""
        return under_dub(self.scene, chosen)

    @while_resolve_runs
    def tracks(self) -> Tuple[Track, ...]:
        """Sound tracks from A1 on."""
        return tracks(self.scene)

    @while_resolve_runs
    def marks(self) -> Optional[Tuple[Fraction, Fraction]]:
        """Record time between the marks, the out mark's frame included."""
        scene = self.scene
        return marked(scene.timeline, scene.clock)

    @while_resolve_runs
    def dub_items(
        self, tracks: Tuple[int, ...], start: Fraction, end: Fraction
    ) -> Tuple[DubItem, ...]:
        """Enabled items of these tracks that overlap ``[start, end)``, in record order."""
        return dub_items(self.scene, tracks, start, end)

    @while_resolve_runs
    def render_dub(
        self, tracks: Tuple[int, ...], start: Fraction, end: Fraction, folder: str
    ) -> str:
        """A WAV of these tracks, mixed by Resolve; the editor's settings are put back."""
        return render_dub(self.scene, tracks, start, end, folder, self._wait)

    @while_resolve_runs
    def place(self, made: Made, choice: Choice) -> Placed:
        """Put the result on the timeline, as a take or on a track above, and read it back."""
        placed = self._place(made, choice)
        self._placed.append(placed)
        return placed

    def _place(self, made: Made, choice: Choice) -> Placed:
        scene = self.scene
        notes: Tuple[str, ...] = ()
        heard = " + ".join(f"A{number}" for number in choice.tracks) or "its dub"
        if choice.backup:
            notes = self._back_up(scene)
        if choice.place != "in-place":
            placed = place_above(scene, made, heard)
        elif not self.seat.edition.studio:
            # Takes were only ever seen to work in Studio; what only Studio has opens a dialog here.
            notes += ("the free edition gets its result on a track above, not as a take",)
            placed = place_above(scene, made, heard)
        else:
            placed = place_take(scene, made, heard)
        return replace(placed, notes=notes + placed.notes)

    def _back_up(self, scene: Scene) -> Tuple[str, ...]:
        """Copy a timeline once, before the first result of this run."""
        timeline = str(scene.timeline.GetUniqueId())
        if timeline in self._backups:
            return ()
        self._backups[timeline] = back_up(scene)
        return (f"the timeline as it was: {self._backups[timeline]}",)

    @while_resolve_runs
    def is_there(self, placed: Placed) -> bool:
        """Whether the result is what its item shows, and a clip above still lies over its shot."""
        scene, undo = self.scene, placed.undo
        if str(scene.timeline.GetUniqueId() or "") != undo.get("timeline"):
            return False
        item, shot = scene.find(undo["item"]), scene.find(placed.shot)
        late = None if item is None or shot is None else str(item.start - shot.start)
        if undo.get("late", late) != late:
            return False
        media = item.handle.GetMediaPoolItem() if item is not None else None
        return media is not None and same_file(prop(media, "File Path"), undo["output"])

    @while_resolve_runs
    def revert(self, placed: Placed) -> Tuple[str, ...]:
        """Take a result off the timeline again; its file stays, in the media pool too."""
        scene, undo = self.scene, placed.undo
        here = str(scene.timeline.GetUniqueId() or "")
        if undo.get("timeline", here) != here:
            raise HostError(
                f"{placed.where} is on another timeline", "open that one, then revert again"
            )
        item = scene.find(undo["item"]) or self._at(scene, undo)
        if item is None:
            return (f"{placed.where}: it is not there any more",)
        if undo["kind"] == "take":
            return revert_take(scene, undo, item)
        return revert_above(scene, undo, item)

    def _at(self, scene: Scene, undo: Dict[str, str]) -> Optional[Item]:
        """The item that shows the result, where its lasting name did not last."""
        for item in scene.items("video"):
            shown = [item.handle.GetMediaPoolItem(), *(t.media for t in takes_of(item.handle))]
            if any(
                m is not None and same_file(prop(m, "File Path"), undo["output"]) for m in shown
            ):
                return item
        return None

    @while_resolve_runs
    def settle(self) -> Tuple[str, ...]:
        """Save the project and look again: what Resolve only pretended to place is gone by then.

        A project without a name is not saved. Sentences on what is not as it should be.
        """
        if not self._placed:
            return ()
        scene = self.scene
        notes: List[str] = []
        if (scene.project.GetName() or UNTITLED) != UNTITLED:
            answer = self.seat.resolve.GetProjectManager().SaveProject()
            if not answer:
                notes.append(f"{doubt('SaveProject', answer)}: save the project yourself")
        for one in self._placed:
            item = scene.find(one.undo["item"])
            media = item.handle.GetMediaPoolItem() if item is not None else None
            if media is None or not made_by_relip(media):
                notes.append(f"{one.where}: it is gone after saving; put {one.undo['output']} back")
        return tuple(notes)
