"""``Resolve`` itself, its project manager, and the Fusion inside."""

from __future__ import annotations

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.project import DEFAULTS
from tests.resolve_scripts.fake_resolve.project_state import (
    ApplicationState,
    FolderState,
    FusionState,
    ManagerState,
    PoolState,
    ProjectState,
)
from tests.resolve_scripts.fake_resolve.tables import PAGES
from tests.resolve_scripts.fake_resolve.world import Hang, World

BUILD = 5


class FakeResolve(Proxy, of=ApplicationState):
    """The application."""

    _has_constants = True

    @call()
    def GetProductName(self) -> str:
        return "DaVinci Resolve" + (" Studio" if self._world.edition == "studio" else "")

    @call()
    def GetVersion(self) -> list[object]:
        return [*_three(self._world), BUILD, ""]

    @call()
    def GetVersionString(self) -> str:
        return ".".join(map(str, [*_three(self._world), BUILD]))

    @call()
    def GetProjectManager(self) -> Proxy:
        return self._proxy(ManagerState())

    @call()
    def GetCurrentPage(self) -> str:
        return self._world.page

    @write()
    def OpenPage(self, pageName: str) -> bool:
        pages = (*PAGES, "photo") if self._world.version >= (21, 0) else PAGES
        if pageName not in pages:
            return False
        self._world.page = pageName
        return True

    @call()
    def Fusion(self) -> Proxy:
        return self._proxy(FusionState())

    @call(writes=True)
    def Quit(self) -> None:
        self._world.close()


class FakeProjectManager(Proxy, of=ManagerState):
    """Projects of the database; one is open at a time."""

    @call()
    def GetCurrentProject(self) -> Proxy | None:
        open_one = next((project for project in self._world.projects if project.open), None)
        return open_project(self._world) if open_one else None

    @call()
    def GetCurrentDatabase(self) -> dict[str, str] | None:
        """None when Resolve has got stuck."""
        if self._world.wedged:
            return None
        return {"DbType": "Disk", "DbName": "Local Database"}

    @call(refusal=[])
    def GetProjectListInCurrentFolder(self) -> list[str]:
        return [project.name for project in self._world.projects]

    @call(refusal="")
    def GetCurrentFolder(self) -> str:
        return self._world.folder

    @call(writes=True, lie=lambda proxy: proxy._ghost(ProjectState))
    def CreateProject(self, projectName: str, mediaLocationPath: str | None = None) -> Proxy | None:
        """Opens it; what was not saved of the one before is lost."""
        if any(project.name == projectName for project in self._world.projects):
            return None
        root = FolderState(name="Master")
        pool = PoolState(root=root, current=root)
        made = ProjectState(name=projectName, settings=dict(DEFAULTS), pool=pool)
        self._world.projects.append(made)
        self._open(made)
        return open_project(self._world)

    @call(writes=True, lie=lambda proxy: proxy._ghost(ProjectState))
    def LoadProject(self, projectName: str) -> Proxy | None:
        """Opens it; what was not saved of the one before is lost."""
        named = [project for project in self._world.projects if project.name == projectName]
        if not named:
            return None
        self._open(named[0])
        return open_project(self._world)

    @write()
    def CloseProject(self, project: object) -> bool:
        if not isinstance(project, Proxy) or not isinstance(project._state, ProjectState):
            raise TypeError("CloseProject(): a project")
        if not project._alive:
            return False
        self._leave(project._state)
        return True

    @write()
    def DeleteProject(self, projectName: str) -> bool:
        """Not of the one that is open."""
        for project in self._world.projects:
            if project.name == projectName and not project.open:
                self._world.projects.remove(project)
                return True
        return False

    @write()
    def SaveProject(self) -> bool:
        """An untitled project asks for a name; without windows that never ends."""
        project = next((project for project in self._world.projects if project.open), None)
        if project is None:
            return False
        if project.name == "Untitled Project":
            if self._world.traits.headless:
                raise Hang("SaveProject waits for a dialog that nobody sees")
            return False
        for timeline in project.timelines:
            for item in [item for item in timeline.items() if item.doomed]:
                item.track.remove(item)
        project.unsaved = 0
        return True

    def _open(self, project: ProjectState) -> None:
        for other in self._world.projects:
            if other.open:
                self._leave(other)
        project.open = True

    def _leave(self, project: ProjectState) -> None:
        project.open = False
        if project.unsaved:
            self._world.lost[project.name] += project.unsaved
        project.unsaved = 0


class FakeFusion(Proxy, of=FusionState):
    """Fusion; the free edition sells Studio to who asks for its windows, from 19.1 on."""

    @call()
    def GetResolve(self) -> Proxy:
        return self._proxy(ApplicationState())

    def _ui(self) -> object:
        if self._world.edition == "free" and self._world.version >= (19, 1):
            self._world.modal = "DaVinci Resolve Studio: buy now"
            return None
        return object()

    def __getattribute__(self, name: str) -> object:
        if name == "UIManager":
            return self._ui()
        return super().__getattribute__(name)


def open_project(world: World) -> Proxy:
    """The project that is open."""
    state = world.project
    return Proxy._kinds[ProjectState](world, state, state)


def _three(world: World) -> list[object]:
    numbers: list[object] = [*world.version, 0, 0]
    return numbers[:3]
