"""What holds timelines: the media pool, the Deliver page, the project, the application."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.resolve_scripts.fake_resolve.state import MediaState, State, TimelineState


@dataclass(eq=False, kw_only=True)
class FolderState(State):
    """A bin."""

    name: str
    clips: list[MediaState] = field(default_factory=list)
    folders: list[FolderState] = field(default_factory=list)

    def walk(self) -> Iterator[FolderState]:
        yield self
        for folder in self.folders:
            yield from folder.walk()


@dataclass(eq=False, kw_only=True)
class PoolState(State):
    """The media pool."""

    root: FolderState
    current: FolderState
    selected: list[MediaState] = field(default_factory=list)

    def clips(self) -> list[MediaState]:
        return [clip for folder in self.root.walk() for clip in folder.clips]


@dataclass(eq=False, kw_only=True)
class Job(State):
    """A render job: what was asked for, and what will be done."""

    timeline: TimelineState
    asked: dict[str, object]
    done: dict[str, object]
    format: str
    percent: int = 0
    state: Literal["ready", "rendering", "complete", "failed", "cancelled"] = "ready"
    error: str = ""


@dataclass(frozen=True)
class Preset:
    """Render settings under a name."""

    settings: dict[str, object]
    format: str = "mov"
    codec: str = "H264"


@dataclass(eq=False, kw_only=True)
class RenderState(State):
    """The Deliver page: ``settings`` on top of those of the loaded preset."""

    settings: dict[str, object] = field(default_factory=dict)
    preset: str = ""
    format: str = "mov"
    codec: str = "H264"
    mode: int = 1
    presets: dict[str, Preset] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class ProjectState(State):
    """A project; only one is open at a time."""

    name: str
    settings: dict[str, str]
    pool: PoolState
    timelines: list[TimelineState] = field(default_factory=list)
    current: TimelineState | None = None
    render: RenderState = field(default_factory=RenderState)
    open: bool = False
    unsaved: int = 0


@dataclass(eq=False, kw_only=True)
class ApplicationState(State):
    """Resolve itself."""


@dataclass(eq=False, kw_only=True)
class ManagerState(State):
    """The project manager."""


@dataclass(eq=False, kw_only=True)
class FusionState(State):
    """The Fusion that Resolve has inside."""
