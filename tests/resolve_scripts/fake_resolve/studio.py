"""Build a Resolve with a project in few lines, and get into it like a script does.

::

    studio = Studio(version="21.0.4", rate="23.976", start_tc="01:00:00:00")
    shot = studio.video(clip, at=48, in_=12, frames=72, sound=1)
    dub = studio.audio(line, at=50, track=2)
    studio.select(shot)
    script(studio.resolve)
    assert shot.take == 2

``at`` counts frames from the timeline's first, ``in_`` frames of the media from its head. What
these methods return is the state itself: it says what really happened.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.resolve_scripts.fake_resolve.application import FakeResolve
from tests.resolve_scripts.fake_resolve.bridge import Proxy
from tests.resolve_scripts.fake_resolve.clock import frame_of, rate_of
from tests.resolve_scripts.fake_resolve.copying import media_of_timeline
from tests.resolve_scripts.fake_resolve.facts import media_of
from tests.resolve_scripts.fake_resolve.project import DEFAULTS
from tests.resolve_scripts.fake_resolve.project_state import (
    ApplicationState,
    FolderState,
    FusionState,
    PoolState,
    ProjectState,
)
from tests.resolve_scripts.fake_resolve.state import (
    ItemKind,
    ItemState,
    Linked,
    MediaState,
    TimelineState,
    TrackKind,
    TrackState,
)
from tests.resolve_scripts.fake_resolve.tracks import new_link
from tests.resolve_scripts.fake_resolve.world import Edition, Traits, World


class Studio(World):
    """A Resolve that runs, with a project and a timeline open."""

    def __init__(
        self,
        version: str = "21.0.4",
        edition: Edition = "studio",
        rate: str = "24",
        start_tc: str = "01:00:00:00",
        project: str = "Film",
        traits: Traits | None = None,
    ) -> None:
        super().__init__(version, edition, traits or Traits())
        root = FolderState(name="Master")
        settings = {**DEFAULTS, "timelineFrameRate": rate}
        pool = PoolState(root=root, current=root)
        self.projects.append(ProjectState(name=project, settings=settings, pool=pool, open=True))
        self.add_timeline("Timeline 1", rate, start_tc)

    # Ways in.

    @property
    def resolve(self) -> Any:
        """What a script gets hold of: another proxy every time."""
        return FakeResolve(self, ApplicationState(), None)

    def scriptapp(self, name: str, *address: str) -> Any:
        """The way in from outside: None unless this is Studio, runs, and lets scripts in."""
        if name != "Resolve":
            raise TypeError(name)
        let_in = self.edition == "studio" and self.external and self.running
        return self.resolve if let_in else None

    @contextmanager
    def outside(self) -> Iterator[None]:
        """``import DaVinciResolveScript`` works meanwhile."""
        module = ModuleType("DaVinciResolveScript")
        vars(module)["scriptapp"] = self.scriptapp
        before = sys.modules.get(module.__name__)
        sys.modules[module.__name__] = module
        try:
            yield
        finally:
            del sys.modules[module.__name__]
            if before is not None:
                sys.modules[module.__name__] = before

    def menu_globals(self) -> dict[str, Any]:
        """What a script from the menu finds in its globals; ``__file__`` is not among them.

        Raises
        ------
        RuntimeError
            This Resolve lists no Python scripts.
        """
        if self.edition == "free" and self.version >= (21, 1):
            raise RuntimeError("the free edition lists no Python scripts from 21.1 on")
        fusion = Proxy._kinds[FusionState](self, FusionState(), None)
        return {
            "__name__": "__main__",
            "resolve": self.resolve,
            "fusion": fusion,
            "fu": fusion,
            "bmd": ModuleType("bmd"),
        }

    def run_from_menu(self, script: Path) -> dict[str, Any]:
        """Run a script as the menu does; its globals afterwards."""
        names = self.menu_globals()
        exec(compile(script.read_text(encoding="utf-8"), "<string>", "exec"), names)
        return names

    # What there is.

    @property
    def timeline(self) -> TimelineState:
        """The one that is open."""
        current = self.project.current
        assert current is not None
        return current

    @property
    def clips(self) -> list[MediaState]:
        """Everything in the media pool, without timelines."""
        return [clip for clip in self.project.pool.clips() if clip.kind != "Timeline"]

    def track(self, number: int, kind: TrackKind = "video") -> TrackState:
        """A track; made, with those below it, if there are fewer."""
        tracks = self.timeline.tracks.setdefault(kind, [])
        while len(tracks) < number:
            self.timeline.add_track(kind, subtype="stereo" if kind == "audio" else "")
        return tracks[number - 1]

    # Building.

    def add_timeline(self, name: str, rate: str, start_tc: str) -> TimelineState:
        """An empty timeline, which is then the one that is open."""
        fps, drop = rate_of(rate)
        if drop:
            start_tc = start_tc[:-3] + ";" + start_tc[-2:]
        timeline = TimelineState(name=name, rate=fps, start=frame_of(start_tc, fps), drop=drop)
        timeline.playhead = timeline.start
        timeline.media = media_of_timeline(timeline)
        project = self.project
        project.pool.root.clips.append(timeline.media)
        project.timelines.append(timeline)
        project.current = timeline
        self.track(1)
        self.track(1, "audio")
        return timeline

    def media(self, path: Path | str, *, start_tc: str = "", **known: Any) -> MediaState:
        """A clip of the pool, read from its file; ``known`` are fields of it to say otherwise.

        A file that is not there needs at least ``rate`` and ``frames``; it is offline.
        """
        path = Path(path)
        found = [clip for clip in self.clips if clip.path == str(path)]
        if found and not known and not start_tc:
            return found[0]
        if path.is_file():
            media = media_of(path, self.timeline.rate)
        else:
            start = {"name": path.name, "path": str(path), "kind": "Video", "online": False}
            media = MediaState(**{**start, **known})
        for name, value in known.items():
            setattr(media, name, value)
        if start_tc:
            media.start, media.drop = frame_of(start_tc, media.rate), ";" in start_tc
        self.project.pool.root.clips.append(media)
        return media

    def video(
        self,
        media: Path | str | MediaState,
        *,
        at: int = 0,
        in_: int = 0,
        frames: int | None = None,
        track: int = 1,
        sound: int = 0,
        speed: Fraction | float = 1,
        **known: Any,
    ) -> ItemState:
        """A picture item; with ``sound``, its linked sound goes on that sound track.

        Played backwards, ``in_`` is still the earliest frame of the media that is seen.
        """
        clip = media if isinstance(media, MediaState) else self.media(media)
        exact = Fraction(speed).limit_denominator(1000)
        step = abs(exact) * clip.rate / self.timeline.rate
        if frames is None:
            frames = int((clip.frames - in_) / step)
        source = Fraction(in_) if exact >= 0 else in_ + step * frames
        item = self._put("clip", track, at, frames, clip, source=source, speed=exact, **known)
        if sound:
            heard = self.audio(clip, at=at, in_=source, frames=frames, track=sound, speed=exact)
            self.link(item, heard)
        return item

    def audio(
        self,
        media: Path | str | MediaState,
        *,
        at: Fraction | float = 0,
        in_: Fraction | float = 0,
        in_samples: int = 0,
        frames: Fraction | float | None = None,
        track: int = 1,
        channels: tuple[int, ...] = (),
        linked: tuple[Linked, ...] = (),
        speed: Fraction | float = 1,
        **known: Any,
    ) -> ItemState:
        """A sound item; it may begin between frames, and ``in_samples`` are added to ``in_``.

        ``channels`` from 1 over the file's own and then those of ``linked``.
        """
        clip = media if isinstance(media, MediaState) else self.media(media)
        if linked:
            clip.linked = linked
        source = Fraction(in_)
        if in_samples:
            source += Fraction(in_samples, clip.sample_rate) * clip.rate
        if frames is None:
            frames = (clip.frames - source) * self.timeline.rate / clip.rate
        known = {"source": source, "speed": Fraction(speed), "channels": channels, **known}
        return self._put("clip", track, at, frames, clip, sort="audio", **known)

    def nested(self, kind: str, *, at: int = 0, frames: int = 24, **known: Any) -> ItemState:
        """A ``Compound``, ``Multicam`` or ``Timeline`` on a track; it has no file."""
        media = MediaState(
            name=f"{kind} 1",
            path="",
            kind=kind,
            rate=self.timeline.rate,
            frames=frames,
            channels=2,
            tracks=((1, 2),),
            sound=str(known.pop("sound", "")),
        )
        self.project.pool.root.clips.append(media)
        sort = known.pop("sort", "video")
        return self._put("clip", known.pop("track", 1), at, frames, media, sort=sort, **known)

    def insert(
        self, kind: ItemKind, *, at: int = 0, frames: int = 24, track: int = 1, **known: Any
    ) -> ItemState:
        """A title, generator, transition or Fusion composition: an item without media."""
        return self._put(kind, track, at, frames, None, **known)

    def link(self, *items: ItemState) -> None:
        """Link items with each other."""
        link = new_link()
        for item in items:
            item.link = link

    def select(self, *items: ItemState) -> None:
        """What is selected on the timeline."""
        self.timeline.selected = list(items)

    def playhead(self, at: int) -> None:
        """Move it, counted from the timeline's first frame."""
        self.timeline.playhead = self.timeline.start + at

    def mark(self, in_: int | None, out: int | None) -> None:
        """Set the in and out marks, counted from the timeline's first frame."""
        self.timeline.marked = {"video": (in_, out), "audio": (in_, out)}

    def _put(
        self,
        kind: ItemKind,
        track: int,
        at: Fraction | float,
        frames: Fraction | float,
        media: MediaState | None,
        *,
        sort: TrackKind = "video",
        **known: Any,
    ) -> ItemState:
        line = self.track(track, sort)
        start = self.timeline.start + Fraction(at)
        item = ItemState(
            track=line, kind=kind, start=start, frames=Fraction(frames), media=media, **known
        )
        if not line.add(item):
            raise ValueError(f"something lies at {at} on {line.name} already")
        return item
