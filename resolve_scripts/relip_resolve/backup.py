"""A copy of the timeline before anything is placed: Resolve has no undo for scripts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, List

from relip_host.host import HostError
from relip_resolve.belief import doubt, prove
from relip_resolve.scene import Scene

if TYPE_CHECKING:
    from fusionscript import Project


def back_up(scene: Scene) -> str:
    """Name of the copy; the editor's timeline stays the one that is open.

    Raises
    ------
    HostError
        There is no copy, or Resolve shows it and does not go back.
    """
    stamp = time.strftime("%Y-%m-%d %H.%M.%S")
    name = f"{scene.timeline.GetName()} before relip {stamp}"
    answer = scene.timeline.DuplicateTimeline(name)
    if name not in timelines(scene.project):
        raise HostError(
            f"{doubt('DuplicateTimeline', answer)}: there is no timeline {name}",
            "duplicate it by hand, and choose to make no backup",
        )
    # A copy may be opened at once; what is placed goes into the open one.
    here = scene.timeline.GetUniqueId()
    current = scene.project.GetCurrentTimeline()
    if current is None or current.GetUniqueId() != here:
        answer_set = scene.project.SetCurrentTimeline(scene.timeline)
        current = scene.project.GetCurrentTimeline()
        prove(
            "SetCurrentTimeline",
            answer_set,
            current is not None and current.GetUniqueId() == here,
            f"the copy {name} is open",
            f"open {scene.timeline.GetName()}, then run Apply Finished",
        )
    return name


def timelines(project: Project) -> List[str]:
    """Names of all timelines."""
    count = int(project.GetTimelineCount() or 0)
    found = (project.GetTimelineByIndex(index) for index in range(1, count + 1))
    return [str(timeline.GetName()) for timeline in found if timeline is not None]
