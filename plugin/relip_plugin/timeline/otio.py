"""Timelines in OpenTimelineIO's JSON.

Reading is the library's, which knows every version of the schemas. Writing is not: the library
would write all objects anew, in its own version of them, and lose what it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as library

from relip_host.host import Made, Obstacle, Shot, Timeline, Track
from relip_job.errors import JobError
from relip_plugin.timeline.exact import exact_rate, exact_value
from relip_plugin.timeline.json_places import deepest
from relip_plugin.timeline.media_path import media_path, unusable
from relip_plugin.timeline.model import Contents, Document, Line, dissolving, nested, retimed
from relip_plugin.timeline.otio_results import Known, edited

DEEPEST = 200
LARGEST = 512 * 1024 * 1024
"""Bytes."""


@dataclass(frozen=True)
class _Item:
    """An item of a track: its place among the children, and its record time."""

    place: int
    item: Any
    start: Fraction
    end: Fraction
    dissolves: bool


class OtioDocument(Document):
    """A timeline of OpenTimelineIO."""

    counts_alike = True

    def __init__(self, contents: Contents, text: str, known: dict[str, Known]) -> None:
        super().__init__(contents)
        self._text = text
        self._known = known

    def with_results(self, results: Sequence[Made], name: str, in_place: bool = False) -> bytes:
        """See :meth:`Document.with_results`."""
        return edited(self, self._text, self._known, results, name, in_place)


def read_otio(document: bytes, name: str, folder: Path) -> OtioDocument:
    """The timeline of a document; files named relatively are in ``folder``.

    Raises
    ------
    JobError
        It is no timeline of OTIO, or one that cannot be read exactly.
    """
    try:
        text = document.decode("utf-8")
        json.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise JobError(f"{name} is no OTIO file ({error})", "export the timeline again") from error
    if len(document) > LARGEST or deepest(text) > DEEPEST:
        raise JobError(f"{name} is too large or too deep", "export a simpler timeline")
    try:
        timeline = library.adapters.read_from_string(text, "otio_json")
    except (library.exceptions.OTIOError, ValueError, TypeError, LookupError) as error:
        raise JobError(f"{name} cannot be read ({error})", "export the timeline again") from error
    if not isinstance(timeline, library.schema.Timeline):
        raise JobError(f"{name} holds no timeline", "export one timeline as .otio")
    return _Reading(timeline, name, folder).document(text)


class _Reading:
    def __init__(self, timeline: Any, name: str, folder: Path) -> None:
        self._timeline = timeline
        self._name = name
        self._folder = folder
        self._known: dict[str, Known] = {}

    def document(self, text: str) -> OtioDocument:
        pictures: list[tuple[Track, tuple[Shot, ...]]] = []
        sounds: list[tuple[Track, tuple[Line, ...]]] = []
        for place, track in enumerate(self._timeline.tracks):
            if not isinstance(track, library.schema.Track):
                raise JobError(f"{self._name} has a clip beside its tracks", "put it onto a track")
            if track.source_range is not None:
                raise JobError(
                    f"track {track.name} is trimmed as a whole", "trim its clips instead"
                )
            if track.kind == library.schema.TrackKind.Video:
                number = len(pictures) + 1
                shots = tuple(self._shots(track, place, number))
                pictures.append((self._track(track, number, "Video", len(shots)), shots))
            elif track.kind == library.schema.TrackKind.Audio:
                number = len(sounds) + 1
                lines = tuple(self._lines(track, number))
                sounds.append((self._track(track, number, "Audio", len(lines)), lines))
        start = self._timeline.global_start_time
        rate = exact_rate(start.rate) if start is not None else self._rate()
        found = Timeline(
            self._name,
            self._timeline.name,
            rate,
            0 if start is None else round(exact_value(start.value)),
        )
        return OtioDocument(Contents(found, tuple(pictures), tuple(sounds)), text, self._known)

    def _track(self, track: Any, number: int, kind: str, items: int) -> Track:
        return Track(number, track.name or f"{kind} {number}", items, bool(track.enabled))

    def _rate(self) -> Fraction:
        """Of the first item with pictures, where the timeline has no first number."""
        for track in self._timeline.tracks:
            for item in track:
                if track.kind == library.schema.TrackKind.Video and hasattr(item, "duration"):
                    return exact_rate(item.duration().rate)
        raise JobError(f"{self._name} has no picture", "export a timeline with clips")

    def _items(self, track: Any) -> Iterator[_Item]:
        at = Fraction(0)
        children = list(track)
        transitions = [isinstance(child, library.schema.Transition) for child in children]
        for place, child in enumerate(children):
            if transitions[place]:
                continue
            if not isinstance(child, library.core.Item):
                raise JobError(f"{track.name} holds what is no clip", "export the timeline again")
            end = at + seconds(child.duration())
            beside = transitions[max(place - 1, 0) : place] + transitions[place + 1 : place + 2]
            if child.enabled and not isinstance(child, library.schema.Gap):
                yield _Item(place, child, at, end, any(beside))
            at = end

    def _shots(self, track: Any, place: int, number: int) -> Iterator[Shot]:
        for found in self._items(track):
            item = found.item
            id_ = f"V{number}/{found.place + 1}"
            name = item.name or id_
            speed = _speed(item)
            obstacle = (
                _foreign(item, name)
                or retimed(name, speed)
                or (dissolving(name) if found.dissolves else None)
            )
            media: Any = getattr(item, "media_reference", None)
            path = self._path(media)
            if obstacle is None:
                obstacle = unusable(path, name, True)
            if obstacle is not None:
                yield Shot(
                    id_, name, number, found.start, found.end, path or None, obstacle=obstacle
                )
                continue
            first, available = _range(item), media.available_range
            begins = Fraction(0) if available is None else seconds(available.start_time)
            timed = available.start_time if available is not None else first.start_time
            rate = exact_rate(timed.rate)
            self._known[id_] = Known(place, found.place, begins)
            yield Shot(
                id_,
                name,
                number,
                found.start,
                found.end,
                path,
                seconds(first.start_time) - begins,
                rate,
                0 if available is None else round(seconds(available.duration) * rate),
                round(begins * rate),
                speed=speed or Fraction(1),
            )

    def _lines(self, track: Any, number: int) -> Iterator[Line]:
        for found in self._items(track):
            item, name = found.item, found.item.name or f"A{number}/{found.place + 1}"
            media: Any = getattr(item, "media_reference", None)
            path, speed = self._path(media), _speed(item)
            obstacle = _foreign(item, name) or retimed(name, speed)
            if obstacle is None and speed != 1:
                obstacle = Obstacle(
                    "retimed", f"{name} is played at another speed", "render it as it sounds"
                )
            obstacle = obstacle or unusable(path, name, False)
            channels: tuple[int, ...] = ()
            source = Fraction(0)
            if obstacle is None:
                available = media.available_range
                begins = Fraction(0) if available is None else seconds(available.start_time)
                source = seconds(_range(item).start_time) - begins
                heard = _channels(item)
                channels = heard or ()
                if heard is None:
                    obstacle = Obstacle(
                        "channels",
                        f"{name} uses several sound streams of its file",
                        "render the line as a file of its own",
                    )
            yield Line(
                name, number, found.start, found.end, path or None, source, channels, obstacle
            )

    def _path(self, media: Any) -> str:
        if isinstance(media, library.schema.ExternalReference) and media.target_url:
            return media_path(media.target_url, self._folder)
        return ""


def seconds(time: Any) -> Fraction:
    """Of a ``RationalTime``, exact."""
    return exact_value(time.value) / exact_rate(time.rate)


def _range(item: Any) -> Any:
    return item.source_range or item.media_reference.available_range


def _foreign(item: Any, name: str) -> Obstacle | None:
    """Why an item shows no file, if so."""
    if not isinstance(item, library.schema.Clip):
        return nested(name, "compound", "a timeline of its own")
    media = item.media_reference
    if isinstance(media, library.schema.ExternalReference):
        return None
    if isinstance(media, library.schema.GeneratorReference):
        return Obstacle("title", f"{name} is made by a generator", "choose footage")
    if isinstance(media, library.schema.ImageSequenceReference):
        return Obstacle("sequence", f"{name} is a sequence of pictures", "render it as a clip")
    return Obstacle("offline", f"{name} has no file", "relink it and export again")


def _speed(item: Any) -> Fraction | None:
    """Seconds of the file in a second of the timeline; ``None`` if it is no one number."""
    speed = Fraction(1)
    for effect in item.effects:
        if isinstance(effect, library.schema.LinearTimeWarp):  # a freeze frame is one, at 0
            speed *= exact_value(effect.time_scalar)
        elif isinstance(effect, library.schema.TimeEffect):
            return None
    return speed


def _channels(item: Any) -> tuple[int, ...] | None:
    """Channels over the file's sound; empty if none are told, ``None`` if it is unclear."""
    found = item.metadata.get("Resolve_OTIO", {}).get("Channels", ())
    pairs = [
        (int(one.get("Source Track ID", 0)), int(one.get("Source Channel ID", 0))) for one in found
    ]
    if all(track == 0 for track, _ in pairs):
        return tuple(sorted({channel + 1 for _, channel in pairs}))
    if all(channel == 0 for _, channel in pairs):  # a stream for each microphone
        return tuple(sorted({track + 1 for track, _ in pairs}))
    return None
