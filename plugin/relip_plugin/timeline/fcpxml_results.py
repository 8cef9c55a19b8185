"""Results cut into a document of FCPXML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from relip_host.host import Made
from relip_job.errors import JobError
from relip_plugin.timeline.fcpxml_clock import time_text
from relip_plugin.timeline.media_path import media_url
from relip_plugin.timeline.model import (
    Document,
    checked,
    layer_name,
    layers,
    origin,
)
from relip_plugin.timeline.splice import Splice, spliced
from relip_plugin.timeline.xml_safe import Node, element, inserted, line_break, new_attribute

AFTER_CONNECTED = frozenset(
    (
        "marker chapter-marker rating keyword analysis-marker hidden-clip-marker sync-source "
        "audio-channel-source audio-role-source filter-video filter-video-mask filter-audio "
        "metadata"
    ).split()
)
"""What the format has behind connected clips in every item."""
TIMING = ("conform-rate", "timeMap")
LOOKS = re.compile(
    r"adjust-(crop|corners|conform|transform|blend|stabilization|rollingShutter|360-transform|"
    r"reorient|orientation|cinematic|colorConform)"
)
FILTERS = ("filter-video", "filter-video-mask")


@dataclass(frozen=True)
class Known:
    """A shot: its item and asset, and where a result is connected.

    ``offset`` is on the clock of ``anchor``; ``begins`` is on the clock of the asset, before any
    retime; ``origin`` is the time of the file's first frame there.
    """

    node: Node
    asset: Node
    anchor: Node
    offset: Fraction
    begins: Fraction
    origin: Fraction


@dataclass(frozen=True)
class Places:
    """Where the project and its shots are; ``top`` is the uppermost lane of all."""

    root: Node
    project: Node
    shots: dict[str, Known]
    top: int


def edited(
    document: Document,
    original: bytes,
    places: Places,
    results: Sequence[Made],
    name: str,
    in_place: bool,
) -> bytes:
    """See :meth:`Document.with_results`."""
    editing = _Editing(original, places)
    ordered = checked(document, results)
    edits = list(editing.named(name))
    if ordered:
        edits.append(editing.files(ordered))
    if in_place:
        for made in ordered:
            edits += editing.swapped(made)
    else:
        title = document.next_track()
        edits += editing.on_top(
            [
                (made, number, layer_name(title, number))
                for number, layer in enumerate(layers(ordered))
                for made in layer
            ]
        )
    return spliced(original, edits)


class _Editing:
    def __init__(self, original: bytes, places: Places) -> None:
        self._original = original
        self._places = places
        self._taken = {node.get("id") for node in places.root.within()}
        self._ids: dict[str, str] = {}

    def named(self, name: str) -> Iterator[Splice]:
        project = self._places.project
        yield new_attribute(self._original, project, "name", name)
        unique = project.get("uid")
        if unique:  # Final Cut takes two projects of one for the same
            fresh = str(uuid5(NAMESPACE_URL, f"{unique} {name}")).upper()
            yield new_attribute(self._original, project, "uid", fresh)

    def files(self, results: Sequence[Made]) -> Splice:
        """Assets of the results, behind the last resource."""
        last = next(self._places.root.all("resources")).children[-1]
        line = line_break(self._original, last)
        return Splice(last.end, last.end, "".join(line + self._asset(made) for made in results))

    def swapped(self, made: Made) -> Iterator[Splice]:
        """The shot refers to the result."""
        known = self._known(made)
        if known.node.tag != "asset-clip" or (
            known.asset.get("hasAudio") == "1" and known.node.get("srcEnable") != "video"
        ):
            raise JobError(
                f"{made.shot.name} carries sound that would be lost with its picture",
                "place results on a lane of their own",
            )
        shift = self._shift(made)
        yield new_attribute(self._original, known.node, "ref", self._ids[made.shot.id])
        if shift:
            self._refuse_retime(made, known)
        if shift or not known.node.get("start"):
            begins = time_text(known.begins + shift)
            yield new_attribute(self._original, known.node, "start", begins)

    def on_top(self, results: Sequence[tuple[Made, int, str]]) -> Iterator[Splice]:
        """Connected clips above all lanes, under the items their shots hang on."""
        by_anchor: dict[int, tuple[Node, list[str]]] = {}
        for made, layer, role in results:
            anchor = self._known(made).anchor
            lane = self._places.top + 1 + layer
            held = by_anchor.setdefault(id(anchor), (anchor, []))[1]
            held.append(self._clip(made, lane, role))
        for anchor, clips in by_anchor.values():
            before = next((one for one in anchor.children if one.tag in AFTER_CONNECTED), None)
            line = line_break(self._original, anchor)
            if before is not None:
                inner = line_break(self._original, before)
                yield inserted(anchor, before, "".join(clip + inner for clip in clips))
            elif anchor.children:
                at = anchor.children[-1].end
                inner = line_break(self._original, anchor.children[-1])
                yield Splice(at, at, "".join(inner + clip for clip in clips))
            else:
                inside = "".join(f"{line}    {clip}" if line else clip for clip in clips)
                yield inserted(anchor, None, inside + line)

    def _clip(self, made: Made, lane: int, role: str) -> str:
        known = self._known(made)
        shift = self._shift(made)
        if shift:
            self._refuse_retime(made, known)
        copied = [
            self._text(child)
            for child in known.node.children
            if child.tag in TIMING or LOOKS.fullmatch(child.tag) or child.tag in FILTERS
        ]
        return element(
            "asset-clip",
            *copied,
            ref=self._ids[made.shot.id],
            lane=str(lane),
            offset=time_text(known.offset),
            name=Path(made.output).name,
            start=time_text(known.begins + shift),
            duration=time_text(made.shot.end - made.shot.start),
            format=known.asset.get("format") or None,
            videoRole=role,
        )

    def _asset(self, made: Made) -> str:
        known = self._known(made)
        rate = made.shot.source_rate
        self._ids[made.shot.id] = self._free("relip")
        url = media_url(made.output)
        inside = known.asset.first("media-rep") is not None  # as of version 1.9
        return element(
            "asset",
            *([element("media-rep", kind="original-media", src=url)] if inside else []),
            id=self._ids[made.shot.id],
            name=Path(made.output).stem,
            src=None if inside else url,
            start=time_text(origin(made)),
            duration=time_text(made.frames / rate),
            hasVideo="1",
            format=known.asset.get("format") or None,
            colorSpaceOverride=known.asset.get("colorSpaceOverride") or None,
        )

    def _shift(self, made: Made) -> Fraction:
        """Seconds from the clock of the shot's file to that of the result."""
        return origin(made) - (self._known(made).origin + made.first)

    def _refuse_retime(self, made: Made, known: Known) -> None:
        """A retime counts on the clock of the file, which the result has to go on with."""
        if made.shot.speed != 1:
            raise JobError(
                f"{made.shot.name} is retimed and its file has no timecode",
                "give the file a timecode, or take the retime off",
            )

    def _known(self, made: Made) -> Known:
        known = self._places.shots.get(made.shot.id)
        if known is None:
            raise JobError(f"{made.shot.name} shows no file", "choose another shot")
        return known

    def _text(self, node: Node) -> str:
        return self._original[node.start : node.end].decode("utf-8")

    def _free(self, word: str) -> str:
        number = 1
        while f"{word}{number}" in self._taken:
            number += 1
        self._taken.add(f"{word}{number}")
        return f"{word}{number}"
