"""Results cut into the text of an OTIO document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from relip_host.host import Made
from relip_job.errors import JobError
from relip_plugin.timeline.exact import exact_rate, exact_value
from relip_plugin.timeline.json_places import Member, member, members
from relip_plugin.timeline.media_path import media_url
from relip_plugin.timeline.model import (
    Document,
    checked,
    layer_name,
    layers,
    origin,
)
from relip_plugin.timeline.splice import Splice, spliced

Json = dict[str, Any]


@dataclass(frozen=True)
class Known:
    """Where a clip is: the place of its track in the stack, and its own in the track.

    ``origin`` is the time, on the clock of the source range, of the file's first frame.
    """

    track: int
    child: int
    origin: Fraction


def edited(
    document: Document,
    text: str,
    known: dict[str, Known],
    results: Sequence[Made],
    name: str,
    in_place: bool,
) -> bytes:
    """See :meth:`Document.with_results`."""
    editing = _Editing(text, known)
    ordered = checked(document, results)
    edits = [editing.named(name)]
    if in_place:
        for made in ordered:
            edits += editing.swapped(made)
    elif ordered:
        tracks = [
            editing.track(layer, layer_name(document.next_track(), number), document.timeline.rate)
            for number, layer in enumerate(layers(ordered))
        ]
        edits.append(editing.on_top(tracks))
    return _in_text(text, edits)


def _in_text(text: str, edits: list[Splice]) -> bytes:
    """Places of characters become places of bytes."""
    if text.isascii():
        return spliced(text.encode(), edits)
    places = sorted({place for edit in edits for place in (edit.start, edit.stop)})
    bytes_at: dict[int, int] = {}
    before, count = 0, 0
    for place in places:
        count += len(text[before:place].encode())
        before, bytes_at[place] = place, count
    return spliced(
        text.encode(),
        [Splice(bytes_at[edit.start], bytes_at[edit.stop], edit.text) for edit in edits],
    )


class _Editing:
    def __init__(self, text: str, known: dict[str, Known]) -> None:
        self._text = text
        self._known = known
        self._root = text.index("{")
        stack = self._member(self._root, "tracks")
        self._tracks = list(members(text, self._member(stack.start, "children").start))
        self._children: dict[int, list[Member]] = {}

    def named(self, name: str) -> Splice:
        found = member(self._text, self._root, "name")
        if found is None:
            at = self._root + 1
            return Splice(at, at, f'"name": {json.dumps(name)},')
        return Splice(found.start, found.stop, json.dumps(name))

    def on_top(self, tracks: list[Json]) -> Splice:
        """After the last picture track: upper ones come later."""
        top = max(number for number, one in enumerate(self._tracks) if self._shows(one))
        return Splice(
            self._tracks[top].stop,
            self._tracks[top].stop,
            "".join("," + self._break() + self._written(track) for track in tracks),
        )

    def track(self, layer: Sequence[Made], name: str, rate: Fraction) -> Json:
        """A track like the topmost one, with gaps up to each result."""
        top = next(one for one in reversed(self._tracks) if self._shows(one))
        found: Json = {
            one.key: json.loads(self._text[one.start : one.stop])
            for one in members(self._text, top.start)
            if one.key not in ("children", "name")
        }
        children: list[Json] = []
        at = Fraction(0)
        for made in layer:
            if made.shot.start > at:
                children.append(_gap(made.shot.start - at, rate))
            children.append(self._clip(made))
            at = made.shot.end
        return found | {
            "name": name,
            "enabled": True,
            "effects": [],
            "markers": [],
            "children": children,
        }

    def swapped(self, made: Made) -> list[Splice]:
        """The reference to the original file becomes one to the result."""
        place = self._place(made)
        holder, key = self._media_key(place)
        found = self._member(holder, key)
        old = json.loads(self._text[found.start : found.stop])
        edits = [Splice(found.start, found.stop, self._written(_reference(old, made)))]
        shift = self._shift(made)
        span = self._member(place.start, "source_range")
        # Without a range of its own a clip shows all of its file, and the result's is another.
        source = json.loads(self._text[span.start : span.stop]) or old["available_range"]
        if shift or self._text[span.start] != "{":
            _move(source["start_time"], shift)
            edits.append(Splice(span.start, span.stop, self._written(source)))
        return edits

    def _clip(self, made: Made) -> Json:
        """A copy of the shot with the result as its file; links and markers stay where they are."""
        place = self._place(made)
        clip: Json = json.loads(self._text[place.start : place.stop])
        clip |= {"name": Path(made.output).name, "markers": [], "enabled": True}
        for kind in clip.get("metadata") or {}:
            if isinstance(clip["metadata"][kind], dict):
                clip["metadata"][kind].pop("Link Group ID", None)
        if "media_references" in clip:
            key = clip.get("active_media_reference_key", "DEFAULT_MEDIA")
            old = clip["media_references"][key]
            clip["media_references"] = {"DEFAULT_MEDIA": _reference(old, made)}
            clip["active_media_reference_key"] = "DEFAULT_MEDIA"
        else:
            old = clip["media_reference"]
            clip["media_reference"] = _reference(old, made)
        if not clip.get("source_range"):
            clip["source_range"] = old["available_range"]
        _move(clip["source_range"]["start_time"], self._shift(made))
        return clip

    def _media_key(self, clip: Member) -> tuple[int, str]:
        """Where the object begins that holds the reference, and under which key."""
        several = member(self._text, clip.start, "media_references")
        if several is None:
            return clip.start, "media_reference"
        active = member(self._text, clip.start, "active_media_reference_key")
        key = json.loads(self._text[active.start : active.stop]) if active else "DEFAULT_MEDIA"
        return several.start, str(key)

    def _place(self, made: Made) -> Member:
        known = self._known.get(made.shot.id)
        if known is None:
            raise JobError(f"{made.shot.name} shows no file", "choose another shot")
        if known.track not in self._children:
            children = self._member(self._tracks[known.track].start, "children")
            self._children[known.track] = list(members(self._text, children.start))
        return self._children[known.track][known.child]

    def _shift(self, made: Made) -> Fraction:
        """Seconds from the clock of the shot's file to that of the result."""
        return origin(made) - (self._known[made.shot.id].origin + made.first)

    def _shows(self, track: Member) -> bool:
        kind = self._member(track.start, "kind")
        return self._text[kind.start : kind.stop] == '"Video"'

    def _member(self, start: int, key: str) -> Member:
        found = member(self._text, start, key)
        if found is None:
            raise JobError(f"the timeline lacks {key!r} where OTIO has it", "export it again")
        return found

    def _break(self) -> str:
        """What stands before a track: a line of its own, as in the rest of the document."""
        start = self._tracks[0].start
        inside = self._text[:start]
        space = inside[len(inside.rstrip()) :]
        return space if "\n" in space else ""

    def _written(self, value: Json) -> str:
        line = self._break()
        if not line:
            return json.dumps(value, separators=(",", ":"))
        return json.dumps(value, indent=4).replace("\n", line[line.rindex("\n") :])


def _gap(length: Fraction, rate: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": {
            "OTIO_SCHEMA": "TimeRange.1",
            "duration": _time(length * rate, rate),
            "start_time": _time(Fraction(0), rate),
        },
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _reference(old: Json, made: Made) -> Json:
    """To the result's file, which begins where its timecode does."""
    available = old.get("available_range")
    rate = made.shot.source_rate
    if available is not None:
        rate = Fraction(available["start_time"]["rate"])
    url = str(old.get("target_url", ""))
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": Path(made.output).name,
        "available_range": {
            "OTIO_SCHEMA": "TimeRange.1",
            "duration": _time(made.frames / made.shot.source_rate * exact_rate(rate), rate),
            "start_time": _time(origin(made) * exact_rate(rate), rate),
        },
        "available_image_bounds": old.get("available_image_bounds"),
        # Programs differ in whether they write paths or URLs: as this one does.
        "target_url": media_url(made.output) if url.startswith("file:") else made.output,
    }


def _move(time: Json, shift: Fraction) -> None:
    if shift:
        moved = exact_value(time["value"]) + shift * exact_rate(time["rate"])
        time["value"] = float(moved)


def _time(value: Fraction, rate: Fraction) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}
