"""A DaVinci Resolve in memory, strict and hostile: it does what Resolve does, lies included.

It knows what Blackmagic's scripting README says and what others measured; what nobody knows is a
:class:`Traits`. Nothing of it was compared with a running Resolve.
"""

from tests.resolve_scripts.fake_resolve.application import (
    FakeFusion,
    FakeProjectManager,
    FakeResolve,
)
from tests.resolve_scripts.fake_resolve.item import FakeGraph, FakeTimelineItem
from tests.resolve_scripts.fake_resolve.pool import FakeFolder, FakeMediaPool
from tests.resolve_scripts.fake_resolve.pool_item import FakeMediaPoolItem
from tests.resolve_scripts.fake_resolve.project import FakeProject
from tests.resolve_scripts.fake_resolve.state import (
    ItemState,
    Linked,
    MediaState,
    TimelineState,
    TrackState,
)
from tests.resolve_scripts.fake_resolve.studio import Studio
from tests.resolve_scripts.fake_resolve.timeline import FakeTimeline
from tests.resolve_scripts.fake_resolve.world import Called, Hang, Traits

__all__ = [
    "Called",
    "FakeFolder",
    "FakeFusion",
    "FakeGraph",
    "FakeMediaPool",
    "FakeMediaPoolItem",
    "FakeProject",
    "FakeProjectManager",
    "FakeResolve",
    "FakeTimeline",
    "FakeTimelineItem",
    "Hang",
    "ItemState",
    "Linked",
    "MediaState",
    "Studio",
    "TimelineState",
    "TrackState",
    "Traits",
]
