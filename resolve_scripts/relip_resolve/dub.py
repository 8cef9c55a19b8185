"""The dub, read from the items of the chosen tracks, straight from their files.

Gain, fades and what a mixer adds are not in the files and mostly not in the scripting API. They
do not move lips; a retime does, and is an obstacle.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Iterator, List, Optional, Tuple

from relip_host.host import DubItem, Obstacle, Track
from relip_resolve.belief import can
from relip_resolve.channels import Source, sources
from relip_resolve.clock import SUBFRAME
from relip_resolve.originals import exported_span, file_rate, reading
from relip_resolve.policy import obstacle
from relip_resolve.scene import Item, Scene, prop, properties
from relip_resolve.shots import path_obstacle, speed_obstacle
from relip_resolve.spans import UNKNOWN, Span, span
from relip_resolve.wav import sample_rate

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem

USUAL_SAMPLE_RATE = 48000


def tracks(scene: Scene) -> Tuple[Track, ...]:
    """Sound tracks from A1 on."""
    return tuple(
        Track(
            number,
            scene.track_name("audio", number),
            len(scene.on_track("audio", number)),
            scene.enabled("audio", number),
        )
        for number in range(1, scene.count("audio") + 1)
    )


def dub_items(
    scene: Scene, chosen: Tuple[int, ...], start: Fraction, end: Fraction
) -> Tuple[DubItem, ...]:
    """Enabled items of these tracks that overlap ``[start, end)``, in record order."""
    found = [
        part
        for number in chosen
        for item in scene.on_track("audio", number)
        for part in heard(item, scene)
        if part.start < end and start < part.end and part.start < part.end
    ]
    return tuple(sorted(found, key=lambda item: (item.start, item.track)))


def heard(item: Item, scene: Scene) -> Iterator[DubItem]:
    """What is heard of an item, one for each file it comes from."""
    media = item.handle.GetMediaPoolItem()
    if item.handle.GetClipEnabled() is False or is_transition(item):
        return
    if media is None:
        yield refused(item, scene, obstacle("compound", item.name))
        return
    whole = whole_item(item, scene)
    heard_from = sources(item.handle.GetSourceAudioChannelMapping())
    shown = sound_span(item, media, scene)
    blocked = sound_obstacle(item, media, shown, heard_from) or effects(item, scene)
    if blocked is not None or shown.first is None:
        yield refused(item, scene, blocked or obstacle("unknown", item.name))
        return
    for source in heard_from:
        at = shown.first / scene.clock.rate
        part = replace(whole, source=at, channels=source.channels, media=prop(media, "File Path"))
        yield part if source.path is None else linked(part, source, source.path, media)


def is_transition(item: Item) -> bool:
    """Whether it is a crossfade: it shows no file, and nothing of it can be set."""
    return item.handle.GetMediaPoolItem() is None and not properties(item.handle)


def whole_item(item: Item, scene: Scene) -> DubItem:
    """The item's place; sound may begin and end inside a frame."""
    start, end = item.handle.GetStart(True), item.handle.GetEnd(True)
    return DubItem(
        item.name,
        item.track,
        scene.clock.seconds(item.start if start is None else start),
        scene.clock.seconds(item.end if end is None else end),
        media=None,
    )


def refused(item: Item, scene: Scene, why: Obstacle) -> DubItem:
    """An item whose file does not hold what is heard."""
    return replace(whole_item(item, scene), obstacle=why)


def sound_span(item: Item, media: MediaPoolItem, scene: Scene) -> Span:
    """How fast an item plays, and its trim in frames of the *timeline*.

    That is how Resolve counts the trim of sound, to a fraction of a frame. The file's own rate is
    the project's at the time of import, and only good for the speed.
    """
    if not prop(media, "FPS"):
        return UNKNOWN
    rate, _ = file_rate(media)
    said = reading(item.handle, item.frames)
    plain = span(replace(said, left=None), scene.clock.rate, rate)
    if plain.speed is None:
        return exported_span(item, media, scene, scene.clock.rate, said.left)
    if plain.speed != 1 or plain.first is None or said.left is None:
        return plain
    trim = Fraction(said.left).limit_denominator(SUBFRAME)
    told = plain.first * scene.clock.rate / rate
    # Both are rounded to their own frames.
    if abs(trim - told) > 1 + scene.clock.rate / rate:
        return UNKNOWN
    return Span(trim, plain.speed)


def sound_obstacle(
    item: Item, media: MediaPoolItem, shown: Span, heard_from: Tuple[Source, ...]
) -> Optional[Obstacle]:
    """Why an item's file does not hold what is heard."""
    kind = prop(media, "Type").lower()
    if "multicam" in kind:
        return obstacle("multicam", item.name)
    if "compound" in kind or "timeline" in kind or not prop(media, "File Path"):
        return obstacle("compound", item.name)
    if any(source.path is None for source in heard_from):
        lost = path_obstacle(item.name, media)
        if lost is not None:
            return lost
    for source in heard_from:
        if source.path is not None and not Path(source.path).is_file():
            return obstacle("offline", item.name, path=source.path)
    return speed_obstacle(item.name, shown)


def effects(item: Item, scene: Scene) -> Optional[Obstacle]:
    """What is known to change the sound: voice isolation, which Resolve tells from 20.1 on."""
    states: List[object] = []
    if can(item.handle, "GetVoiceIsolationState"):
        states.append(item.handle.GetVoiceIsolationState())
    if can(scene.timeline, "GetVoiceIsolationState"):
        states.append(scene.timeline.GetVoiceIsolationState(item.track))
    if any(isinstance(state, dict) and state.get("isEnabled") for state in states):
        return obstacle("effects", item.name, effect="voice isolation")
    return None


def linked(part: DubItem, source: Source, path: str, media: MediaPoolItem) -> DubItem:
    """The part heard from a file that was linked to the clip's picture."""
    rate = sample_rate(path) or sample_rate_of(media)
    at = part.source - Fraction(source.offset, rate)
    late = max(Fraction(0), -at)  # the file begins after the item does
    return replace(part, media=path, source=at + late, start=min(part.start + late, part.end))


def sample_rate_of(media: MediaPoolItem) -> int:
    """Samples per second of the clip."""
    said = prop(media, "Sample Rate")
    return int(said) if said.isdigit() and int(said) > 0 else USUAL_SAMPLE_RATE
