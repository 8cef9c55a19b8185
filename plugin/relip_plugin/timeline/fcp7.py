"""Timelines in Final Cut Pro 7's XML, which Resolve, Premiere and others exchange.

Numbers of frames count at the rate beside them: ``in`` and ``out`` from the first frame of the
file, ``start`` and ``end`` from the first of the timeline, or -1 inside a transition.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from relip_host.host import Made, Obstacle, Shot, Timeline, Track
from relip_job.errors import JobError
from relip_plugin.timeline.fcp7_results import Known, Places, edited
from relip_plugin.timeline.media_path import media_path, unusable
from relip_plugin.timeline.model import Contents, Document, Line, dissolving, nested, retimed
from relip_plugin.timeline.xml_safe import Node

HANDLES = 12
"""Frames of a file that results of it hold at least, where they have to begin at certain ones."""


class Fcp7Document(Document):
    """A sequence of Final Cut Pro 7 XML."""

    def __init__(self, contents: Contents, document: bytes, places: Places) -> None:
        super().__init__(contents)
        self._document = document
        self._places = places

    def with_results(self, results: Sequence[Made], name: str, in_place: bool = False) -> bytes:
        """See :meth:`Document.with_results`."""
        return edited(self, self._document, self._places, results, name, in_place)


def read_fcp7(document: bytes, root: Node, name: str, folder: Path) -> Fcp7Document:
    """The one sequence of a document; files named relatively are in ``folder``.

    Raises
    ------
    JobError
        It holds no sequence, or several, or one that cannot be read exactly.
    """
    sequences = list(_sequences(root))
    if len(sequences) != 1:
        names = ", ".join(one.said("name") for one in sequences) or "none"
        raise JobError(
            f"{name} holds {len(sequences)} timelines ({names})", "export one timeline alone"
        )
    return _Reading(sequences[0], root, name, folder).document(document)


def _sequences(node: Node) -> Iterator[Node]:
    """Not those inside clips of others."""
    for child in node.children:
        if child.tag == "sequence":
            yield child
        elif child.tag in ("project", "bin", "children"):
            yield from _sequences(child)


@dataclass(frozen=True)
class _Item:
    """A clip item with its record time in frames of the timeline."""

    id: str
    node: Node
    start: int
    end: int
    dissolves: bool


@dataclass(frozen=True)
class _Played:
    """Where in the file an item begins (seconds), and what a frame of ``in`` lasts."""

    source: Fraction
    counts: Fraction


class _Reading:
    def __init__(self, sequence: Node, root: Node, name: str, folder: Path) -> None:
        self._root = root
        self._sequence = sequence
        self._name = name
        self._folder = folder
        rate = _rate(sequence)
        if rate is None:
            raise JobError(f"the timeline of {name} has no rate", "export it again")
        self._frames = rate
        self._known: dict[str, Known] = {}
        # A file is told of where it is first used, and only named from there on.
        self._files: dict[str, Node] = {}
        for node in root.within():
            if node.tag == "file" and node.children:
                self._files.setdefault(node.get("id"), node)

    def document(self, document: bytes) -> Fcp7Document:
        pictures = []
        for number, node in enumerate(self._tracks("video"), 1):
            shots = tuple(self._shots(node, number))
            pictures.append((self._track(node, number, "Video", len(shots)), shots))
        sounds = []
        for number, node in enumerate(self._tracks("audio"), 1):
            lines = tuple(self._lines(node, number))
            sounds.append((self._track(node, number, "Audio", len(lines)), lines))
        code = self._sequence.first("timecode")
        found = Timeline(
            self._name,
            self._sequence.said("name"),
            self._frames,
            0 if code is None else _whole(code.said("frame", "0"), self._name),
            code is not None and code.said("displayformat") == "DF",
        )
        contents = Contents(found, tuple(pictures), tuple(sounds))
        return Fcp7Document(contents, document, Places(self._root, self._sequence, self._known))

    def _tracks(self, kind: str) -> list[Node]:
        media = self._sequence.first(f"media/{kind}")
        return [] if media is None else list(media.all("track"))

    def _track(self, node: Node, number: int, kind: str, items: int) -> Track:
        name = node.get("MZ.TrackName") or f"{kind} {number}"
        return Track(number, name, items, node.said("enabled", "TRUE").upper() != "FALSE")

    def _items(self, track: Node, letter: str) -> Iterator[_Item]:
        number = 0
        for place, node in enumerate(track.children):
            if node.tag not in ("clipitem", "generatoritem"):
                continue
            number += 1
            name = node.said("name")
            start, end = (_whole(node.said(edge, "-1"), name) for edge in ("start", "end"))
            before, after = track.children[:place], track.children[place + 1 :]
            joins = False
            if before and before[-1].tag == "transitionitem":
                joins = True
                start = _whole(before[-1].said("start"), name) if start < 0 else start
            if after and after[0].tag == "transitionitem":
                joins = True
                end = _whole(after[0].said("end"), name) if end < 0 else end
            if min(start, end) < 0:
                raise JobError(f"{name} has no place on the timeline", "export it again")
            if node.said("enabled", "TRUE").upper() != "FALSE" and end > start:
                yield _Item(f"{letter}/{number}", node, start, end, joins)

    def _shots(self, track: Node, number: int) -> Iterator[Shot]:
        for item in self._items(track, f"V{number}"):
            node = item.node
            name = node.said("name") or item.id
            start, end = item.start / self._frames, item.end / self._frames
            obstacle = _foreign(node, name) or (dissolving(name) if item.dissolves else None)
            file, path = self._file(node)
            obstacle = obstacle or _offline(file, name) or unusable(path, name, True)
            played = None
            if obstacle is None:
                played = self._played(item)
                obstacle = retimed(name, None) if played is None else None
            if played is None or file is None:
                yield Shot(item.id, name, number, start, end, path or None, obstacle=obstacle)
                continue
            rate = _rate(file) or played.counts
            frames = _whole(file.said("duration", "0"), name)
            self._known[item.id] = Known(node, file, played.counts)
            yield Shot(
                item.id,
                name,
                number,
                start,
                end,
                path,
                played.source,
                rate,
                frames,
                self._code(file, rate),
                holds=_holds(played, end - start, rate, frames),
            )

    def _lines(self, track: Node, number: int) -> Iterator[Line]:
        for item in self._items(track, f"A{number}"):
            node = item.node
            name = node.said("name") or item.id
            file, path = self._file(node)
            played = self._played(item)
            obstacle = _foreign(node, name) or _offline(file, name) or unusable(path, name, False)
            if obstacle is None and played is None:
                obstacle = retimed(name, None)
            channel = node.said("sourcetrack/trackindex")
            yield Line(
                name,
                number,
                item.start / self._frames,
                item.end / self._frames,
                path or None,
                Fraction(0) if played is None else played.source,
                (_whole(channel, name),) if channel else (),
                obstacle,
            )

    def _file(self, node: Node) -> tuple[Node | None, str]:
        named = node.first("file")
        if named is None:
            return None, ""
        file = self._files.get(named.get("id"), named)
        url = file.said("pathurl")
        return file, media_path(url, self._folder) if url else ""

    def _played(self, item: _Item) -> _Played | None:
        """Where the item begins in its file; ``None`` if it is not played as it was filmed.

        ``in`` and ``out`` count at the rate of the item, as the format says, or at that of the
        timeline, as Resolve writes them: at the one where they last as long as the item does.
        """
        first, stop = (
            Fraction(_whole(item.node.said(edge, "-1"), item.id)) for edge in ("in", "out")
        )
        if first < 0 or _is_remapped(item.node):
            return None
        for counts in (_rate(item.node) or self._frames, self._frames):
            longer = (stop - first) / counts - (item.end - item.start) / self._frames
            slack = Fraction(0) if counts == self._frames else 1 / min(counts, self._frames)
            if abs(longer) <= slack:
                return _Played(first / counts, counts)
        return None

    def _code(self, file: Node, rate: Fraction) -> int:
        """The number of a file's first frame; its timecode may run at another rate."""
        code = file.first("timecode")
        if code is None:
            return 0
        frame = _whole(code.said("frame", "0"), file.said("name"))
        at = _rate(code) or rate
        return frame if at == rate else round(frame / at * rate)


def _rate(node: Node) -> Fraction | None:
    """Frames per second; an NTSC rate is told by its round number and a flag."""
    base = node.said("rate/timebase")
    if not base:
        return None
    whole = _whole(base, node.said("name"))
    if whole <= 0:
        raise JobError(f"no timeline runs at {whole} frames per second", "export it again")
    ntsc = node.said("rate/ntsc").upper() == "TRUE"
    return Fraction(whole * 1000, 1001) if ntsc else Fraction(whole)


def _whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise JobError(f"{text!r} of {name} is no number of frames", "export it again") from error


def _foreign(node: Node, name: str) -> Obstacle | None:
    """Why an item shows no file, if so."""
    if node.tag == "generatoritem":
        return Obstacle("title", f"{name} is made by a generator", "choose footage")
    if node.first("sequence") is not None:
        return nested(name, "compound", "a timeline of its own")
    if node.first("multiclip") is not None:
        return nested(name, "multicam", "a multicam clip")
    if node.said("stillframe").upper() == "TRUE":
        return Obstacle("frozen", f"{name} is a freeze frame", "choose another shot")
    return None


def _offline(file: Node | None, name: str) -> Obstacle | None:
    if file is None or not file.said("pathurl"):
        return Obstacle("offline", f"{name} has no file", "relink it and export again")
    return None


def _is_remapped(node: Node) -> bool:
    """Whether a filter changes the speed."""
    for one in node.all("filter"):
        effect = one.first("effect")
        if effect is None or effect.said("effectid") != "timeremap":
            continue
        told = {each.said("parameterid"): each.said("value") for each in effect.all("parameter")}
        try:
            speed = Fraction(told.get("speed", "100"))
        except ValueError:
            return True
        flags = (told.get(flag, "FALSE").upper() for flag in ("reverse", "variablespeed"))
        if speed != 100 or any(flag not in ("FALSE", "0") for flag in flags):
            return True
    return False


def _holds(
    played: _Played, length: Fraction, rate: Fraction, frames: int
) -> tuple[int, int] | None:
    """Frames a result has to hold so that its first one has a whole number for ``in``.

    Only where ``in`` counts at another rate than the file has.
    """
    step = (played.counts / rate).denominator
    if step == 1:
        return None
    first = max(math.floor(played.source * rate) - HANDLES, 0) // step * step
    stop = math.ceil((played.source + length) * rate) + HANDLES
    return first, min(stop, frames) if frames else stop
