"""Clips and items of a fake Resolve, for tests that need no files."""

from __future__ import annotations

from typing import Any

from tests.resolve_scripts.fake_resolve import ItemState, MediaState, Studio


def film(studio: Studio, frames: int = 240, **known: Any) -> MediaState:
    """A clip that need not exist."""
    facts = {"rate": studio.timeline.rate, "frames": frames, "online": True, **known}
    return studio.media(f"/film/{len(studio.clips)}.mov", **facts)


def shot(studio: Studio, **place: Any) -> ItemState:
    return studio.video(film(studio), **{"frames": 48, **place})


def opened(studio: Studio) -> tuple[Any, Any]:
    """The project and its timeline, as a script gets them."""
    project = studio.resolve.GetProjectManager().GetCurrentProject()
    return project, project.GetCurrentTimeline()


def first(studio: Studio) -> Any:
    """The first picture item, as a script gets it."""
    return opened(studio)[1].GetItemListInTrack("video", 1)[0]
