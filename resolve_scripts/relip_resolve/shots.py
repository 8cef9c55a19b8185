"""Picture items as the shots the re-sync loop knows, or why they are none."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from relip_host.host import Obstacle, Shot
from relip_resolve.clock import timecode_frames
from relip_resolve.originals import Footage, file_rate, footage
from relip_resolve.policy import obstacle
from relip_resolve.scene import Item, Scene, prop, properties, whole
from relip_resolve.spans import Span

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem

NUMBERED = re.compile(r"\[\d+-\d+\]")
"""How Resolve writes the path of a sequence of images: ``shot.[0001-0240].exr``."""


def shot_of(item: Item, scene: Scene) -> Shot:
    """The item as a shot; with an obstacle where it cannot be re-synced."""
    found = footage(item, scene)
    if found is None:
        return bare(item, scene, without_file(item))
    blocked = obstacle_of(item, found)
    if blocked is not None or found.span.first is None:
        return bare(item, scene, blocked or obstacle("unknown", item.name))
    rate, drop = file_rate(found.media)
    return Shot(
        id=item.id,
        name=found.name,
        track=item.track,
        start=scene.clock.seconds(item.start),
        end=scene.clock.seconds(item.end),
        media=prop(found.media, "File Path"),
        source=found.span.first / rate,
        source_rate=rate,
        source_frames=whole(found.media, "Frames"),
        source_start=timecode_frames(prop(found.media, "Start TC"), rate, drop),
    )


def bare(item: Item, scene: Scene, why: Obstacle) -> Shot:
    """A shot that can only be named, and the reason."""
    start, end = scene.clock.seconds(item.start), scene.clock.seconds(item.end)
    return Shot(item.id, item.name, item.track, start, end, media=None, obstacle=why)


def without_file(item: Item) -> Obstacle:
    """Why an item has no media pool item."""
    if not properties(item.handle):
        return obstacle("transition", item.name)
    return obstacle("title", item.name)


def obstacle_of(item: Item, found: Footage) -> Optional[Obstacle]:
    """What keeps this footage from being re-synced, the first thing to mend."""
    return (
        kind_obstacle(item.name, found.media)
        or path_obstacle(item.name, found.media)
        or composed(item)
        or speed_obstacle(item.name, found.span)
    )


def kind_obstacle(name: str, media: MediaPoolItem) -> Optional[Obstacle]:
    """What kind of media it is, where that is not a movie.

    Kinds may be translated in a Resolve that is; a clip that is made of others has no file in
    any language.
    """
    kind = prop(media, "Type").lower()
    if "multicam" in kind:
        return obstacle("multicam", name)
    if "compound" in kind or "timeline" in kind or not prop(media, "File Path"):
        return obstacle("fusion" if "fusion" in kind else "compound", name)
    if is_still(media):
        return obstacle("still", name)
    if NUMBERED.search(prop(media, "File Path")):
        return obstacle("sequence", name)
    if kind == "audio" or not prop(media, "FPS"):
        return obstacle("audio", name)
    if whole(media, "Start") != 0:
        return obstacle("subclip", name)
    return None


def is_still(media: MediaPoolItem) -> bool:
    """Whether it is a single picture."""
    return "still" in prop(media, "Type").lower()


def path_obstacle(name: str, media: MediaPoolItem) -> Optional[Obstacle]:
    """Whether the original, not its proxy, is here to be read."""
    path = prop(media, "File Path")
    if prop(media, "Online Status").lower() != "offline" and Path(path).is_file():
        return None
    proxy = prop(media, "Proxy Media Path")
    if proxy and Path(proxy).is_file():
        return obstacle("proxy", name, path=path)
    return obstacle("offline", name, path=path)


def composed(item: Item) -> Optional[Obstacle]:
    """Whether a Fusion composition sits on the item."""
    if int(item.handle.GetFusionCompCount() or 0) > 0:
        return obstacle("fusion", item.name)
    return None


def speed_obstacle(name: str, shown: Span) -> Optional[Obstacle]:
    """Whether the item shows the file's frames one after the other."""
    if shown.speed is None:
        return obstacle("unknown", name)
    if shown.speed < 0:
        return obstacle("reversed", name)
    if shown.speed != 1 or shown.first is None:
        percent = f"{float(shown.speed * Fraction(100)):.4g}"
        return obstacle("retimed", name, speed=percent)
    return None


def uses_proxy(item: Item, scene: Scene) -> bool:
    """Whether the editor sees a proxy; relip reads its original."""
    found = footage(item, scene)
    if found is None:
        return False
    return bool(prop(found.media, "Proxy Media Path"))
