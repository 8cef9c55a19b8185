"""Results cut into a document of Final Cut Pro 7 XML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from relip_host.host import Made
from relip_job.errors import JobError
from relip_job.timecode import Timecode, can_drop, nominal
from relip_plugin.timeline.media_path import media_url
from relip_plugin.timeline.model import Document, checked, first_frame, layers, origin
from relip_plugin.timeline.splice import Splice, spliced
from relip_plugin.timeline.xml_safe import Node, element, inserted, line_break, new_text, with_text

LOOKS = ("pixelaspectratio", "anamorphic", "alphatype", "compositemode", "filter", "fielddominance")
"""Of a clip item: what makes its picture look as it does."""


@dataclass(frozen=True)
class Known:
    """An item, where its file is told of, and the frames per second at which ``in`` counts."""

    node: Node
    file: Node
    counts: Fraction


@dataclass(frozen=True)
class Places:
    """Where the sequence and its items are."""

    root: Node
    sequence: Node
    items: dict[str, Known]


TICKS = 254_016_000_000
"""To a second, in Premiere's own ``pproTicksIn``."""


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
    if in_place:
        edits += editing.swapped(ordered)
    elif ordered:
        edits.append(editing.on_top(layers(ordered)))
    return spliced(original, edits)


class _Editing:
    def __init__(self, original: bytes, places: Places) -> None:
        self._original = original
        self._root = places.root
        self._sequence = places.sequence
        self._known = places.items
        self._taken = {node.get("id") for node in places.root.within()}

    def named(self, name: str) -> Iterator[Splice]:
        found = self._sequence.first("name")
        if found is None:
            yield inserted(self._sequence, self._sequence.children[0], with_text("name", name))
        else:
            yield new_text(found, name)
        unique = self._sequence.first("uuid")
        if unique is not None:  # programs take two sequences of one for the same
            yield new_text(unique, str(uuid5(NAMESPACE_URL, f"{unique.text} {name}")))

    def on_top(self, tracks: Sequence[Sequence[Made]]) -> Splice:
        """After the last picture track: upper ones come later."""
        video = self._sequence.first("media/video")
        assert video is not None
        last = list(video.all("track"))[-1]
        line = line_break(self._original, last)
        written = "".join(line + self._track(track, line) for track in tracks)
        return Splice(last.end, last.end, written)

    def swapped(self, results: Sequence[Made]) -> Iterator[Splice]:
        """Files, ``in`` and ``out`` of the items.

        Where a file is told of in an item that does not use it any more, the next item that
        does has to tell.
        """
        swaps = {id(self._item(made).node.first("file")): made for made in results}
        homeless: dict[str, str] = {}
        for node in self._root.within():
            if node.tag != "file":
                continue
            name = node.get("id")
            if id(node) in swaps:
                if node.children:
                    homeless[name] = self._text(node)
                yield Splice(node.start, node.end, self._file(swaps[id(node)]))
            elif name in homeless:
                told = homeless.pop(name)
                if not node.children:
                    yield Splice(node.start, node.end, told)
        for made in results:
            yield from self._trimmed(self._item(made).node, made)

    def _trimmed(self, node: Node, made: Made) -> Iterator[Splice]:
        first, stop = self._range(made)
        for tag, value in (("in", first), ("out", stop), ("duration", self._length(made))):
            found = node.first(tag)
            if found is not None:
                yield new_text(found, str(value))
        for tag in ("pproTicksIn", "pproTicksOut"):
            found = node.first(tag)
            if found is not None:
                moved = round(first_frame(made) / made.shot.source_rate * TICKS)
                yield new_text(found, str(int(found.text) - moved))
        master = node.first("masterclipid")  # of the original's clip in the bin
        if master is not None:
            yield Splice(master.start, master.end, "")

    def _track(self, layer: Sequence[Made], line: str) -> str:
        items = [line + "\t" + self._clip(made) for made in layer]
        ends = [with_text("enabled", "TRUE"), with_text("locked", "FALSE")]
        return element("track", *items, *(line + "\t" + end for end in ends), line)

    def _clip(self, made: Made) -> str:
        node = self._item(made).node
        first, stop = self._range(made)
        start, end = (node.first(edge) for edge in ("start", "end"))
        assert start is not None and end is not None
        looks = [self._text(child) for child in node.children if child.tag in LOOKS]
        return element(
            "clipitem",
            with_text("name", Path(made.output).name),
            with_text("enabled", "TRUE"),
            with_text("duration", self._length(made)),
            _rate(self._item(made).counts),
            with_text("start", start.text),
            with_text("end", end.text),
            with_text("in", first),
            with_text("out", stop),
            self._file(made),
            *looks,
            id=self._free("relip-clip"),
        )

    def _file(self, made: Made) -> str:
        shot, told = made.shot, self._item(made).file
        drop = told.said("timecode/displayformat") == "DF"
        code = Timecode(
            round(origin(made) * shot.source_rate),
            shot.source_rate,
            drop and can_drop(shot.source_rate),
        )
        host = "localhost" if told.said("pathurl").startswith("file://localhost") else ""
        picture = told.first("media/video")
        return element(
            "file",
            with_text("name", Path(made.output).name),
            with_text("pathurl", media_url(made.output, host)),
            _rate(shot.source_rate),
            with_text("duration", made.frames),
            element(
                "timecode",
                _rate(shot.source_rate),
                with_text("string", code),
                with_text("frame", code.frames),
                with_text("displayformat", "DF" if code.drop else "NDF"),
            ),
            element("media", element("video", *self._picture(picture, made.frames))),
            id=self._free("relip-file"),
        )

    def _picture(self, original: Node | None, frames: int) -> Iterator[str]:
        """What the original tells of its picture, which the result has as well."""
        for node in () if original is None else original.children:
            is_length = node.tag == "duration"
            yield with_text("duration", frames) if is_length else self._text(node)

    def _range(self, made: Made) -> tuple[int, int]:
        """``in`` and ``out`` in the result."""
        item = self._item(made)
        moved = Fraction(first_frame(made)) / made.shot.source_rate * item.counts
        if moved.denominator != 1:
            raise JobError(
                f"the result for {made.shot.name} begins between two frames of the timeline",
                "re-sync the frames that the shot says it has to hold",
            )
        return int(item.node.said("in")) - int(moved), int(item.node.said("out")) - int(moved)

    def _length(self, made: Made) -> int:
        """Of the whole result, in frames as ``in`` counts them."""
        return round(made.frames / made.shot.source_rate * self._item(made).counts)

    def _item(self, made: Made) -> Known:
        known = self._known.get(made.shot.id)
        if known is None:
            raise JobError(f"{made.shot.name} shows no file", "choose another shot")
        return known

    def _text(self, node: Node) -> str:
        return self._original[node.start : node.end].decode("utf-8")

    def _free(self, word: str) -> str:
        number = 1
        while f"{word}-{number}" in self._taken:
            number += 1
        self._taken.add(f"{word}-{number}")
        return f"{word}-{number}"


def _rate(rate: Fraction) -> str:
    ntsc = "TRUE" if rate.denominator == 1001 else "FALSE"
    return element("rate", with_text("timebase", nominal(rate)), with_text("ntsc", ntsc))
