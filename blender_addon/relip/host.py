"""Blender's sequencer as the re-sync loop sees it: a scene, its strips and its channels.

Record time counts from the scene's first frame. Tracks are channels that hold sound.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import bpy

from relip_host.choice import Choice
from relip_host.host import (
    DubItem,
    HostError,
    Made,
    Obstacle,
    Placed,
    Selection,
    Shot,
    Timeline,
    Track,
)

from .compat import children, sequencer_scene, shown_meta, time_of
from .exchange import job_of, result_of
from .identity import id_of, identify, identify_scene, strip_of, strip_with
from .mixdown import mix
from .obstacles import beyond, kind_obstacle, obstacle_of, unreadable
from .place import late, lay_above, lay_in_place, take_off
from .reading import deaf, facts_of, footage_of, is_heard, sounds_in
from .selection import selected_shots
from .strips import Footage, hold_for, pace_of, scene_rate

if TYPE_CHECKING:
    from bpy.types import Scene, Strip

HANDLES = Choice().handles


class BlenderHost:
    """A scene of the open .blend.

    Parameters
    ----------
    scene : the one the sequencer shows. It is known by its number from now on: undo makes another
        object of it.
    above : where results are to go; some shots can only be done in place.
    dub : numbers of the sound strips that carry the dub; empty is all of the chosen channels.
    """

    name = "blender"

    def __init__(self, scene: Scene, above: bool, dub: Iterable[str] = ()) -> None:
        self._uid = scene.session_uid
        self._names = identify_scene(scene)
        self._above = above
        self._dub = frozenset(dub)
        self._files: dict[str, tuple[float, int]] = {}
        meta = shown_meta(scene)
        self._level = identify(scene, meta)[0] if meta else ""

    def timeline(self) -> Timeline:
        """The scene."""
        scene = self.scene()
        return Timeline(self._names[0], scene.name, _rate(scene), scene.frame_start)

    def project(self) -> str:
        """A name that the .blend got when relip first saw it, and keeps when it is saved anew."""
        return self._names[1]

    def selection(self) -> Selection:
        """The selected shots, the active one first."""
        scene = self.scene()
        chosen = selected_shots(scene)
        if not chosen:
            raise HostError("no shot is selected", "select the movie strip to re-sync")
        identify(scene, *chosen)
        how = "the selected strip" if len(chosen) == 1 else f"the {len(chosen)} selected strips"
        return Selection(tuple(self.shot(strip) for strip in chosen), how)

    def tracks(self) -> tuple[Track, ...]:
        """Channels with sound among the strips that are shown."""
        scene = self.scene()
        owner = self._owner(scene)
        counts: dict[int, int] = {}
        for strip in children(owner):
            if any(True for _ in sounds_in(strip)):
                counts[strip.channel] = counts.get(strip.channel, 0) + 1
        return tuple(
            Track(
                number,
                owner.channels[number].name,
                counts[number],
                not owner.channels[number].mute,
            )
            for number in sorted(counts)
        )

    def marks(self) -> tuple[Fraction, Fraction] | None:
        """The preview range."""
        scene = self.scene()
        if not scene.use_preview_range:
            return None
        frames = scene.frame_preview_start, scene.frame_preview_end + 1
        return self._record(scene, frames[0]), self._record(scene, frames[1])

    def dub_items(
        self, tracks: tuple[int, ...], start: Fraction, end: Fraction
    ) -> tuple[DubItem, ...]:
        """Enabled sound strips of these channels, in record order."""
        scene = self.scene()
        items = [
            self.item(strip) for strip in self._sounding(scene, tracks) if is_heard(strip, scene)
        ]
        inside = [item for item in items if item.start < end and start < item.end]
        return tuple(sorted(inside, key=lambda item: item.start))

    def render_dub(
        self, tracks: tuple[int, ...], start: Fraction, end: Fraction, folder: str
    ) -> str:
        """Blender's own mix of them, from the frame that begins at ``start``."""
        scene = self.scene()
        with _told():
            heard = {
                sound
                for strip in self._sounding(scene, tracks)
                if is_heard(strip, scene)
                for sound in sounds_in(strip)
            }
            rate = _rate(scene)
            frames = [scene.frame_start + round(at * rate) for at in (start, end)]
            return mix(scene, heard, frames[0], frames[1], str(Path(folder) / "dub.wav"))

    def place(self, made: Made, choice: Choice) -> Placed:
        """Put the result over its shot, or in its place."""
        scene = self.scene()
        with _told():
            rate = float(_rate(scene))
            strip = strip_of(scene, made.shot, scene.frame_start, rate)
            now = self.shot(strip)
            obstacle = now.obstacle
            if obstacle is not None:
                raise HostError(obstacle.message, obstacle.remedy)
            if now.media != made.shot.media or now.speed != made.shot.speed:
                raise HostError(
                    f"{strip.name} shows something else, or at another speed, than when the run "
                    "began",
                    "undo that, or re-sync it again",
                )
            footage, pace = self._playing(scene, strip)
            result = result_of(made, footage, pace)
            above = choice.place == "above"
            placed = (lay_above if above else lay_in_place)(scene, strip, footage, result)
        moved = now.start - now.source / now.speed != (
            made.shot.start - made.shot.source / made.shot.speed
        )
        if moved:
            note = f"{strip.name} was moved while it was made; see that the dub was moved along"
            placed = replace(placed, notes=(*placed.notes, note))
        return replace(placed, shot=made.shot.id)

    def is_there(self, placed: Placed) -> bool:
        """Whether its strip shows it, and one above still belongs to the frames of its shot."""
        scene, undo = self.scene(), placed.undo
        strip = strip_with(scene, undo.get("strip", ""))
        if strip is None or strip.mute:
            return False
        if "late" in undo:
            original = strip_with(scene, undo["original"])
            if original is None or late(strip, original) != undo["late"]:
                return False
        return undo.get("job", job_of(strip)) == job_of(strip)

    def revert(self, placed: Placed) -> tuple[str, ...]:
        """Take it off again."""
        with _told():
            return take_off(self.scene(), placed)

    def shot(self, strip: Strip) -> Shot:
        """A strip as a shot; what it shows is the footage, even where a result stands in for it."""
        scene = self.scene()
        facts = facts_of(strip, scene)
        obstacle = obstacle_of(facts, self._above)
        bare = replace(self.outline(strip), media=facts.file, obstacle=obstacle)
        if bare.obstacle is not None:
            return bare
        footage = footage_of(strip, self._files)
        if footage is None:
            return replace(bare, obstacle=unreadable(facts))
        pace = pace_of(footage, _rate(scene), strip.name)
        obstacle = pace if isinstance(pace, Obstacle) else beyond(footage, strip.name)
        if isinstance(pace, Obstacle) or obstacle is not None:
            return replace(bare, obstacle=obstacle)
        hold = hold_for(footage, pace, HANDLES)
        left = int(time_of(strip, "left_handle"))
        return replace(
            bare,
            source=footage.position(left, pace) / footage.rate,
            source_rate=footage.rate,
            source_frames=footage.frames,
            speed=pace * _rate(scene) / footage.rate,
            holds=(hold.first, hold.stop),
        )

    def outline(self, strip: Strip) -> Shot:
        """Where a strip is seen, and whether it is footage; its file is not looked at."""
        scene = self.scene()
        return Shot(
            id_of(strip) or identify(scene, strip)[0],
            strip.name,
            strip.channel,
            self._record(scene, int(time_of(strip, "left_handle"))),
            self._record(scene, int(time_of(strip, "right_handle"))),
            None,
            obstacle=kind_obstacle(strip.type, strip.name),
        )

    def item(self, strip: Strip) -> DubItem:
        """A strip with sound as a line of the dub."""
        scene = self.scene()
        left, right = int(time_of(strip, "left_handle")), int(time_of(strip, "right_handle"))
        obstacle = deaf(strip)
        bare = DubItem(
            strip.name,
            strip.channel,
            self._record(scene, left),
            self._record(scene, right),
            None,
            obstacle=obstacle,
        )
        if obstacle is not None:
            return bare
        sound = cast(Any, strip)
        # Trims and the content's start are frames of the timeline; the offset delays the sound.
        frames = Fraction(left) - Fraction(time_of(strip, "content_start"))
        frames += Fraction(time_of(strip, "content_trim_start"))
        source = frames / _rate(scene) - _delay(strip)
        path = bpy.path.abspath(sound.sound.filepath)
        return replace(bare, media=os.path.normpath(path), source=source)

    def _playing(self, scene: Scene, strip: Strip) -> tuple[Footage, Fraction]:
        footage = footage_of(strip, self._files)
        assert footage is not None, "a shot without an obstacle has footage"
        pace = pace_of(footage, _rate(scene), strip.name)
        assert isinstance(pace, Fraction)
        return footage, pace

    def _sounding(self, scene: Scene, tracks: tuple[int, ...]) -> Iterator[Strip]:
        """Strips with sound on these channels, only those that were selected if any were."""
        for strip in children(self._owner(scene)):
            chosen = strip.channel in tracks and (not self._dub or id_of(strip) in self._dub)
            if chosen and any(True for _ in sounds_in(strip)):
                yield strip

    def _owner(self, scene: Scene) -> Any:
        """The meta strip that was open when this began, or the editor."""
        return strip_with(scene, self._level) or scene.sequence_editor_create()

    def scene(self) -> Scene:
        """The scene, as an object that lives until the next undo.

        Raises
        ------
        HostError
            It was removed.
        """
        for scene in bpy.data.scenes:
            if scene.session_uid == self._uid:
                if id_of(scene) != self._names[0]:
                    # Undo took its names away.
                    own = cast(Any, scene)
                    own["relip_id"], own["relip_project"] = self._names
                return scene
        raise HostError("the scene is not in the .blend any more", "undo its removal")

    @staticmethod
    def _record(scene: Scene, frame: int) -> Fraction:
        return (frame - scene.frame_start) / _rate(scene)


def host_of(context: bpy.types.Context, above: bool, dub: Iterable[str] = ()) -> BlenderHost:
    """The scene that the sequencer shows.

    Raises
    ------
    HostError
        There is none, or it cannot be changed.
    """
    scene = sequencer_scene(context)
    if scene is None or scene.sequence_editor is None:
        raise HostError("the sequencer shows no scene with strips", "choose one in its header")
    if scene.library is not None:
        raise HostError(f"{scene.name} is linked from another .blend", "open that one")
    return BlenderHost(scene, above, dub)


def _delay(strip: Strip) -> Fraction:
    """Seconds by which a sound is heard later than its strip says; 4.2 knows no such thing."""
    return Fraction(getattr(strip, "sound_offset", 0.0)).limit_denominator(10**6)


def _rate(scene: Scene) -> Fraction:
    return scene_rate(scene.render.fps, scene.render.fps_base)


@contextmanager
def _told() -> Iterator[None]:
    """What Blender complains about, as the host's error."""
    try:
        yield
    except (RuntimeError, ReferenceError) as error:
        said = str(error).strip().splitlines()
        raise HostError(
            f"Blender refused: {said[-1] if said else type(error).__name__}",
            "see that the sequencer can be edited, then run Apply Finished",
        ) from error
