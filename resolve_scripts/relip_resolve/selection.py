"""Which shots the editor means: the first rung of the ladder that holds anything.

Selected in the timeline (from 21.0.4 on), then a clip colour, then what lies between the marks,
then the clip under the playhead. Each answer says which rung it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional

from relip_host.host import HostError, Selection, Shot
from relip_host.pairing import Near, seen, shots_under
from relip_job.errors import JobError
from relip_job.timecode import Timecode
from relip_resolve.belief import can
from relip_resolve.clock import marked
from relip_resolve.dub import is_transition, whole_item
from relip_resolve.originals import beneath, made_by_relip
from relip_resolve.policy import obstacle
from relip_resolve.scene import Item, Scene, item_at
from relip_resolve.shots import is_still, shot_of, uses_proxy

if TYPE_CHECKING:
    from fusionscript import TimelineItem

COLOUR = "Chocolate"
"""The clip colour that means re-sync, if nothing is selected: one that hardly anybody uses."""
NAMED = 5
"""Lines without a shot that are named."""


def selection(scene: Scene, colour: str = COLOUR) -> Selection:
    """The shots the editor means, in record order.

    Raises
    ------
    HostError
        Nothing is selected, coloured, marked or under the playhead.
    """
    for items, how in (
        (selected(scene), "selected in the timeline"),
        (coloured(scene, colour), f"with clip colour {colour}"),
        (between_marks(scene), "between the in and out marks"),
        (under_playhead(scene), "under the playhead"),
    ):
        if items:
            return told(items, how, scene)
    raise HostError(
        "no clip is selected, and none lies under the playhead",
        f"select one (Resolve 21.0.4 or later), give it the clip colour {colour}, set in and out "
        "marks around it, or put the playhead on it",
    )


def told(items: Iterable[Item], how: str, scene: Scene) -> Selection:
    """These items as shots, each once, a result of relip replaced by what lies under it."""
    shots, proxies = {}, 0
    for item in sorted(items, key=lambda item: (item.start, item.track)):
        meant = beneath(item, scene) or item
        if meant.id not in shots:
            shots[meant.id] = shot_of(meant, scene)
            proxies += uses_proxy(meant, scene)
    count = "1 clip" if len(shots) == 1 else f"{len(shots)} clips"
    sentence = f"{count} {how}"
    if proxies:
        sentence += f"; {proxies} shown as proxy, the original is used"
    return Selection(tuple(shots.values()), sentence)


def selected(scene: Scene) -> List[Item]:
    """Picture items selected in the timeline; sound and subtitles among them are left out."""
    if not can(scene.timeline, "GetSelectedClips"):
        return []
    # From 21.0.4 on, which the stubs do not know yet.
    handles: Optional[List[TimelineItem]] = scene.timeline.GetSelectedClips()  # type: ignore[attr-defined]
    found = (placed(handle) for handle in handles or [])
    return [item for item in found if item is not None]


def coloured(scene: Scene, colour: str) -> List[Item]:
    """Picture items of one clip colour."""
    return [item for item in scene.items("video") if item.handle.GetClipColor() == colour]


def between_marks(scene: Scene) -> List[Item]:
    """What is seen between the marks."""
    marks = marked(scene.timeline, scene.clock)
    if marks is None:
        return []
    pictures = footage_on(scene)
    return [pictures[shot] for shot, _ in seen(*marks, tuple(pictures))]


def under_playhead(scene: Scene) -> List[Item]:
    """The picture item under the playhead, the topmost that is enabled."""
    handle = scene.timeline.GetCurrentVideoItem()
    item = placed(handle) if handle is not None else None
    if item is not None and scene.enabled("video", item.track):
        return [item]
    here = playhead(scene)
    return [item for item in topmost(scene) if here is not None and item.covers(here)][:1]


def playhead(scene: Scene) -> Optional[int]:
    """Absolute frame under the playhead; None on a page that has none."""
    rate = scene.clock.rate
    try:
        here = Timecode.parse(scene.timeline.GetCurrentTimecode() or "", rate)
        start = Timecode.parse(scene.timeline.GetStartTimecode() or "", rate)
    except JobError:
        return None
    return scene.clock.start + here.frames - start.frames


def topmost(scene: Scene) -> List[Item]:
    """Enabled picture items of enabled tracks, from the top track down."""
    return [
        item
        for track in range(scene.count("video"), 0, -1)
        if scene.enabled("video", track)
        for item in scene.on_track("video", track)
        if item.handle.GetClipEnabled() is not False
    ]


def under_dub(scene: Scene, chosen: Iterable[int]) -> Selection:
    """Every shot in which something is heard on these tracks.

    Raises
    ------
    HostError
        There is none.
    """
    chosen = tuple(chosen)
    heard = ", ".join(f"A{number}" for number in chosen) or "no track"
    pictures = footage_on(scene)
    shots = Near(tuple(pictures))
    found: Dict[str, Item] = {}
    lost: List[str] = []
    for number in chosen:
        for item in scene.on_track("audio", number):
            if item.handle.GetClipEnabled() is False or is_transition(item):
                continue
            line = whole_item(item, scene)
            under = shots_under(line, shots.to(line.start, line.end))
            found.update({shot.id: pictures[shot] for shot in under})
            if not under:
                lost.append(item.name)
    if not found:
        raise HostError(
            f"no shot lies over the dub on {heard}",
            "choose the tracks that carry the dub, and enable the picture tracks",
        )
    selection = told(found.values(), f"over the dub on {heard}", scene)
    if not lost:
        return selection
    names = ", ".join(lost[:NAMED]) + (f" and {len(lost) - NAMED} more" if lost[NAMED:] else "")
    return replace(selection, how=f"{selection.how}; no shot lies over {names}")


def footage_on(scene: Scene) -> Dict[Shot, Item]:
    """What may be a shot and is enabled, as far as it takes to tell what is seen.

    Titles, transitions and results of relip hide nothing, and are not footage.
    """
    found = {}
    for item in topmost(scene):
        media = item.handle.GetMediaPoolItem()
        if media is None or (made_by_relip(media) and beneath(item, scene) is not None):
            continue
        start, end = scene.clock.seconds(item.start), scene.clock.seconds(item.end)
        still = obstacle("still", item.name) if is_still(media) else None
        found[Shot(item.id, item.name, item.track, start, end, None, obstacle=still)] = item
    return found


def placed(handle: TimelineItem) -> Optional[Item]:
    """A picture item with its place; None for sound, subtitles and the dead."""
    kind, track = handle.GetTrackTypeAndIndex() or (None, 0)
    if kind != "video":
        return None
    return item_at(handle, "video", int(track))
