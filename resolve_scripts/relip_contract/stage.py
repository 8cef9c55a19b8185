"""A scratch project to ask questions in, and the way there and back.

The editor's project is never written to: it is left, by opening a project that is made for this,
and opened again at the end. Before each question it is made sure that the scratch project is the
one that is open. Nothing is deleted but that project and the files made for it.
"""

from __future__ import annotations

import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Dict, Iterator, List, Optional

from relip_contract.media import Film, write_film, write_sound

if TYPE_CHECKING:
    from fusionscript import (
        MediaPool,
        MediaPoolItem,
        Project,
        ProjectManager,
        Resolve,
        Timeline,
        TimelineItem,
    )

RATE = 24
FRAMES = 72
HOUR = 3600 * RATE
BY_HAND = "run with --ask: somebody has to do something in Resolve"
UNTITLED = "Untitled Project"

FILMS = {
    "shot.mov": Film(FRAMES, RATE, 10 * HOUR, sound=True),
    "silent.mov": Film(FRAMES, RATE, 10 * HOUR),
    "loud.mov": Film(FRAMES, RATE, 10 * HOUR, sound=True),
    "elsewhere.mov": Film(FRAMES, RATE, 11 * HOUR),
    "short.mov": Film(FRAMES // 3, RATE, 10 * HOUR),
    "faster.mov": Film(FRAMES, 25, 0),
}
SOUND = "line.wav"


class Refused(Exception):
    """The probe does not run, or not on; nothing of the editor's was touched."""


@dataclass(frozen=True)
class Stage:
    """The scratch project; ``films`` is where its media lie, ``out`` where answers go.

    ``ask`` puts a request to the person at the keyboard and waits; None if nobody is there.
    """

    resolve: Resolve
    name: str
    films: Path
    out: Path
    ask: Optional[Callable[[str], str]] = None

    @property
    def project(self) -> Project:
        """The scratch project.

        Raises
        ------
        Refused
            Another project is open.
        """
        project: Optional[Project] = self.resolve.GetProjectManager().GetCurrentProject()
        if project is None or project.GetName() != self.name:
            raise Refused("the scratch project is not open any more")
        return project

    def ours(self) -> None:
        """Raise :class:`Refused` unless the scratch project is the one that is open."""
        assert self.project is not None

    @property
    def pool(self) -> MediaPool:
        """Its media pool."""
        return self.project.GetMediaPool()

    def media(self, name: str) -> MediaPoolItem:
        """A clip of the pool; imported when it is first asked for."""
        path = str(self.films / name)
        found = [clip for clip in self.clips() if clip.GetClipProperty("File Path") == path]
        if not found:
            found = list(self.pool.ImportMedia([path]) or [])
        if not found:
            raise Refused("Resolve does not import " + path)
        return found[0]

    def clips(self) -> List[MediaPoolItem]:
        """What lies in the root folder."""
        return list(self.pool.GetRootFolder().GetClipList() or [])

    def timeline(self, name: str) -> Timeline:
        """A new, empty timeline, which is open."""
        made: Optional[Timeline] = self.pool.CreateEmptyTimeline(name)
        if made is None or not made.GetName():
            raise Refused("Resolve makes no timeline " + name)
        self.project.SetCurrentTimeline(made)
        current: Optional[Timeline] = self.project.GetCurrentTimeline()
        if current is None or current.GetName() != name:
            raise Refused("Resolve does not open the timeline " + name)
        return current

    def place(
        self,
        timeline: Timeline,
        film: str = "shot.mov",
        at: int = 0,
        start: int = 12,
        frames: int = 48,
        track: int = 1,
    ) -> TimelineItem:
        """A clip on the open timeline, picture and sound; ``at`` counts from its first frame."""
        self.pool.AppendToTimeline(
            [  # type: ignore[arg-type]  # the stub has the overload, but in the wrong order
                {
                    "mediaPoolItem": self.media(film),
                    "startFrame": start,
                    "endFrame": start + frames,
                    "trackIndex": track,
                    "recordFrame": timeline.GetStartFrame() + at,
                }
            ]
        )
        where = timeline.GetStartFrame() + at
        items = timeline.GetItemListInTrack("video", track) or []
        found = [item for item in items if item.GetStart(False) == where]
        if not found:
            raise Refused("Resolve does not put " + film + " onto the timeline")
        return found[0]


@contextmanager
def scratch(
    resolve: Resolve,
    out: Path,
    saved: bool,
    ask: Optional[Callable[[str], str]],
    left: Dict[str, object],
) -> Iterator[Stage]:
    """A project made for the probe, deleted at the end; ``left`` is told how that went.

    Raises
    ------
    Refused
        The editor's project might lose something, or no other could be opened.
    """
    manager = resolve.GetProjectManager()
    before = editors_project(manager, saved)
    page = str(resolve.GetCurrentPage() or "")
    name = "relip contract probe " + uuid.uuid4().hex[:8]
    if name in listed(manager):
        raise Refused("there is a project " + name)
    films = out / "films"
    films.mkdir(parents=True)
    try:
        for title, film in FILMS.items():
            write_film(films / title, film)
        write_sound(films / SOUND, 2.0)
        manager.CreateProject(name)  # type: ignore[call-arg]  # where media go is optional
        stage = Stage(resolve, name, films, out, ask)
        try:
            stage.project.SetSetting("timelineFrameRate", str(RATE))
            yield stage
        finally:
            left.update(leave(resolve, name, before, page))
    finally:
        shutil.rmtree(str(films), ignore_errors=True)


def editors_project(manager: ProjectManager, saved: bool) -> str:
    """Name of the project that is open; empty if none is.

    Raises
    ------
    Refused
        It could not be opened again, or may have changes that are not saved.
    """
    if manager.GetCurrentDatabase() is None:
        raise Refused("Resolve answers, but has no project library open; restart it")
    project: Optional[Project] = manager.GetCurrentProject()
    if project is None:
        return ""
    name = str(project.GetName() or "")
    if name == UNTITLED:
        if project.GetTimelineCount() or project.GetMediaPool().GetRootFolder().GetClipList():
            raise Refused("the open project has no name yet; save it under one, then run this")
        return ""
    if not saved:
        raise Refused(
            "another project will be opened for a few minutes, and " + name + " again after that; "
            "save it, then run this with --my-project-is-saved"
        )
    if name not in listed(manager):
        raise Refused("open the folder that " + name + " is in, in the Project Manager")
    return name


def listed(manager: ProjectManager) -> List[str]:
    """Projects of the folder that is open in the Project Manager."""
    return [str(name) for name in manager.GetProjectListInCurrentFolder() or []]


def leave(resolve: Resolve, name: str, before: str, page: str) -> Dict[str, object]:
    """Open the editor's project again and delete the scratch project; what came of it."""
    manager = resolve.GetProjectManager()
    if manager is None:
        return {"project": False, "scratch": name, "page": False}
    current: Optional[Project] = manager.GetCurrentProject()
    if current is not None and current.GetName() == name:
        manager.SaveProject()  # so that nothing asks whether to
        if before:
            manager.LoadProject(before)
        else:
            manager.CloseProject(current)
    current = manager.GetCurrentProject()
    now = str(current.GetName() or "") if current is not None else ""
    if now != name and name in listed(manager):
        manager.DeleteProject(name)
    if page and resolve.GetCurrentPage() != page:
        resolve.OpenPage(page)  # type: ignore[arg-type]  # it came from Resolve
    return {
        "project": now == before or not before,
        "scratch": name if name in listed(manager) else "deleted",
        "page": resolve.GetCurrentPage() == page,
    }
