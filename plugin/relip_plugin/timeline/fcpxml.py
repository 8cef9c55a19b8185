"""Timelines in FCPXML, the format of Final Cut Pro; a bundle's ``Info.fcpxml`` as well.

Times are fractions of seconds. An item's ``offset`` counts on the clock of what it is in, its
``start`` begins its own clock, which is the timecode of its file. There are no tracks: what is
connected to the primary storyline lies in lanes above (1, 2...) and below (-1...) it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from relip_host.host import Made, Obstacle, Shot, Timeline, Track
from relip_job.errors import JobError
from relip_plugin.timeline.exact import exact_rate
from relip_plugin.timeline.fcpxml_clock import conformed, shown, time
from relip_plugin.timeline.fcpxml_results import Known, Places, edited
from relip_plugin.timeline.media_path import media_path, unusable
from relip_plugin.timeline.model import Contents, Document, Line, dissolving, nested, retimed
from relip_plugin.timeline.xml_safe import Node

NESTED = {
    "ref-clip": ("compound", "a compound clip"),
    "sync-clip": ("compound", "a synchronized clip"),
    "mc-clip": ("multicam", "a multicam clip"),
    "audition": ("compound", "an audition"),
}
ITEMS = frozenset({"asset-clip", "clip", "video", "audio", "title", "gap", "spine", *NESTED})
_NAMED_RATE = re.compile(r"(?:\d+[pi]|Rate)(2398|24|25|2997|30|50|5994|60)$")


class FcpxmlDocument(Document):
    """A project of FCPXML."""

    def __init__(self, contents: Contents, document: bytes, places: Places) -> None:
        super().__init__(contents)
        self._document = document
        self._places = places

    def with_results(self, results: Sequence[Made], name: str, in_place: bool = False) -> bytes:
        """See :meth:`Document.with_results`."""
        return edited(self, self._document, self._places, results, name, in_place)


def read_fcpxml(document: bytes, root: Node, name: str, folder: Path) -> FcpxmlDocument:
    """The one project of a document; files named relatively are in ``folder``.

    Raises
    ------
    JobError
        It holds no project, or several, or one that cannot be read exactly.
    """
    projects = [node for node in root.within() if node.tag == "project"]
    if len(projects) != 1:
        names = ", ".join(one.get("name") for one in projects) or "none"
        raise JobError(
            f"{name} holds {len(projects)} timelines ({names})", "export one project alone"
        )
    sequence = projects[0].first("sequence")
    spine = None if sequence is None else sequence.first("spine")
    if sequence is None or spine is None:
        raise JobError(f"the project of {name} is empty", "export a project with clips")
    return _Reading(root, projects[0], sequence, spine, folder).document(document, name)


@dataclass(frozen=True)
class _Item:
    """An item with its record time, and what a result would be connected to.

    Attributes
    ----------
    base : record time of zero on the clock of what the item is in.
    anchor, anchor_base : an item of the primary storyline, and record time of zero on its clock.
    """

    node: Node
    lane: int
    start: Fraction
    end: Fraction
    dissolves: bool
    anchor: Node
    anchor_base: Fraction


@dataclass(frozen=True)
class _Asset:
    """What is told of a file; seconds, and frames per second of its pictures if it has any."""

    node: Node
    path: str
    start: Fraction
    duration: Fraction
    rate: Fraction | None


class _Reading:
    def __init__(
        self, root: Node, project: Node, sequence: Node, spine: Node, folder: Path
    ) -> None:
        self._root = root
        self._project = project
        self._sequence = sequence
        self._spine = spine
        self._folder = folder
        self._resources = {
            node.get("id"): node
            for resources in root.all("resources")
            for node in resources.children
        }
        rate = self._format_rate(sequence.get("format"))
        if rate is None:
            raise JobError("the project has no frame rate", "export it again")
        self._rate = rate
        self._known: dict[str, Known] = {}

    def document(self, document: bytes, name: str) -> FcpxmlDocument:
        items = sorted(self._in_spine(self._spine), key=lambda item: item.start)
        pictures = []
        lanes = sorted({item.lane for item in items if item.lane >= 0} | {0})
        for number, lane in enumerate(lanes, 1):
            here = [item for item in items if item.lane == lane]
            shots = tuple(
                shot
                for place, item in enumerate(here, 1)
                for shot in self._shot(item, number, place)
            )
            title = f"Lane {lane}" if lane else "Primary storyline"
            pictures.append((Track(number, title, len(shots)), shots))
        sounds: list[tuple[Track, tuple[Line, ...]]] = []
        for lane in sorted({item.lane for item in items}, key=lambda lane: (lane >= 0, abs(lane))):
            number = len(sounds) + 1
            lines = tuple(
                line for item in items if item.lane == lane for line in self._lines(item, number)
            )
            if lines:
                title = f"Lane {lane}" if lane else "Primary storyline"
                sounds.append((Track(number, title, len(lines)), lines))
        found = Timeline(
            name,
            self._project.get("name"),
            self._rate,
            round(time(self._sequence.get("tcStart", "0s")) * self._rate),
            self._sequence.get("tcFormat") == "DF",
        )
        used = tuple({node.get("videoRole").split(".")[0] for node in self._root.within()})
        top = max((int(node.get("lane") or 0) for node in self._root.within()), default=0)
        places = Places(self._root, self._project, self._known, max(top, 0))
        return FcpxmlDocument(
            Contents(found, tuple(pictures), tuple(sounds), used), document, places
        )

    def _in_spine(self, spine: Node) -> Iterator[_Item]:
        """Items of the primary storyline and all that is connected to them.

        The first item stands at the first frame, whatever its offset: programs differ in whether
        offsets count from zero or from the timecode.
        """
        children = [
            node for node in spine.children if node.tag in ITEMS or node.tag == "transition"
        ]
        plain = [node for node in children if node.tag != "transition"]
        if not plain:
            return
        base = -time(plain[0].get("offset") or "0s")
        yield from self._row(children, base, 0, None)

    def _row(
        self,
        children: list[Node],
        base: Fraction,
        lane: int,
        anchor: tuple[Node, Fraction] | None,
    ) -> Iterator[_Item]:
        """Items one after the other."""
        follows = -base
        for place, node in enumerate(children):
            if node.tag == "transition":
                continue
            offset = time(node.get("offset")) if node.get("offset") else follows
            beside = children[max(place - 1, 0) : place] + children[place + 1 : place + 2]
            joins = any(one.tag == "transition" for one in beside)
            yield from self._item(node, base + offset, lane, joins, anchor)
            follows = offset + self._length(node)

    def _item(
        self,
        node: Node,
        start: Fraction,
        lane: int,
        joins: bool,
        anchor: tuple[Node, Fraction] | None,
    ) -> Iterator[_Item]:
        """An item and what is connected to it; each storyline is a row of its own."""
        if node.tag == "spine":
            row = [one for one in node.children if one.tag in ITEMS or one.tag == "transition"]
            assert anchor is not None
            yield from self._row(row, start, lane, anchor)
            return
        base = start - self._begins(node)
        held = anchor or (node, base)
        if node.tag != "gap" and node.get("enabled", "1") != "0":
            yield _Item(node, lane, start, start + self._length(node), joins, *held)
        for child in node.children:
            if child.tag in ITEMS and child.get("lane"):
                number = int(child.get("lane"))
                offset = base + time(child.get("offset") or "0s")
                yield from self._item(child, offset, lane + number, False, held)

    def _begins(self, node: Node) -> Fraction:
        """Where an item's own clock begins."""
        if node.get("start"):
            return time(node.get("start"))
        asset = self._asset(node) if node.tag == "asset-clip" else None
        return asset.start if asset is not None else Fraction(0)

    def _length(self, node: Node) -> Fraction:
        if node.get("duration"):
            return time(node.get("duration"))
        if node.tag == "spine":
            return sum(
                (self._length(one) for one in node.children if one.tag in ITEMS), Fraction(0)
            )
        asset = self._asset(node)
        if asset is None:
            raise JobError(f"{node.get('name') or node.tag} has no duration", "export it again")
        return asset.duration

    def _asset(self, node: Node) -> _Asset | None:
        found = self._resources.get(node.get("ref"))
        if found is None or found.tag != "asset":
            return None
        url = found.get("src") or next((one.get("src") for one in found.all("media-rep")), "")
        return _Asset(
            found,
            media_path(url, self._folder) if url else "",
            time(found.get("start") or "0s"),
            time(found.get("duration") or "0s"),
            self._format_rate(found.get("format")) if found.get("hasVideo") == "1" else None,
        )

    def _format_rate(self, name: str) -> Fraction | None:
        """Frames per second of a format, told by its duration of a frame, or by its name alone."""
        found = self._resources.get(name)
        if found is None or found.tag != "format":
            return None
        if found.get("frameDuration"):
            duration = time(found.get("frameDuration"))
            return 1 / duration if duration > 0 else None
        named = _NAMED_RATE.search(found.get("name"))
        if named is None:
            return None
        return exact_rate(Fraction(named[1]) / (100 if len(named[1]) == 4 else 1))

    def _footage(self, item: _Item) -> tuple[Node, Fraction] | None:
        """What shows a file: the item or, in a ``clip``, the video of it; and its clock's shift.

        The shift is added to times on the item's clock.
        """
        if item.node.tag in ("asset-clip", "video"):
            return item.node, Fraction(0)
        if item.node.tag == "clip":
            inside = [one for one in item.node.all("video") if not one.get("lane")]
            if len(inside) == 1:
                video = inside[0]
                return video, time(video.get("start") or "0s") - time(video.get("offset") or "0s")
        return None

    def _shot(self, item: _Item, number: int, place: int) -> Iterator[Shot]:
        node = item.node
        id_ = f"V{number}/{place}"
        name = node.get("name") or id_
        obstacle, path = None, ""
        footage = self._footage(item)
        asset = None if footage is None else self._asset(footage[0])
        if node.tag in NESTED:
            obstacle = nested(name, *NESTED[node.tag])
        elif node.tag == "title" or (node.tag == "video" and asset is None):
            obstacle = Obstacle("title", f"{name} is made by a generator", "choose footage")
        elif footage is None or asset is None:
            if node.tag in ("audio", "clip"):
                return  # a clip of sound alone
            obstacle = Obstacle("offline", f"{name} has no file", "relink it and export again")
        elif asset.node.get("hasVideo") != "1" or node.get("srcEnable") == "audio":
            return
        elif asset.rate is None:
            obstacle = Obstacle("still", f"{name} is a still picture", "render it as a clip")
        else:
            path = asset.path
            obstacle = (
                unusable(path, name, True)
                if path
                else Obstacle("offline", f"{name} has no file", "relink it and export again")
            )
        if obstacle is None and item.dissolves:
            obstacle = dissolving(name)
        played = None
        if (
            obstacle is None
            and asset is not None
            and asset.rate is not None
            and footage is not None
        ):
            begins = self._begins(node) + footage[1]
            played = shown(
                conformed(node, self._rate, asset.rate),
                node.first("timeMap"),
                begins,
                item.end - item.start,
                (asset.start, asset.start + asset.duration),
            )
            obstacle = retimed(name, None) if played is None else retimed(name, played.speed)
        if obstacle is not None or played is None or asset is None or asset.rate is None:
            yield Shot(id_, name, number, item.start, item.end, path or None, obstacle=obstacle)
            return
        self._known[id_] = Known(
            node,
            asset.node,
            item.anchor,
            item.start - item.anchor_base,
            self._begins(node) + (footage[1] if footage else 0),
        )
        yield Shot(
            id_,
            name,
            number,
            item.start,
            item.end,
            path,
            played.source - asset.start,
            asset.rate,
            round(asset.duration * asset.rate),
            round(asset.start * asset.rate),
            speed=played.speed,
        )

    def _lines(self, item: _Item, number: int) -> Iterator[Line]:
        """The sounds of an item: one for each role its channels have."""
        node = item.node
        name = node.get("name")
        if node.tag in NESTED:
            yield Line(
                name, number, item.start, item.end, None, obstacle=nested(name, *NESTED[node.tag])
            )
            return
        for sound, begins in self._sounding(item):
            asset = self._asset(sound)
            if asset is None or asset.node.get("hasAudio") != "1":
                continue
            obstacle = (
                unusable(asset.path, name, False)
                if asset.path
                else Obstacle("offline", f"{name} has no file", "relink it and export again")
            )
            if node.first("timeMap") is not None:
                obstacle = Obstacle(
                    "retimed", f"{name} is played at another speed", "render it as it sounds"
                )
            sources = list(node.all("audio-channel-source"))
            heard = [one for one in sources if one.get("enabled", "1") != "0"]
            if sources and not heard:
                continue
            role = sound.get("audioRole") or sound.get("role") or node.get("audioRole")
            by_role: dict[str, list[int]] = {}
            for one in heard or [sound]:
                channels = by_role.setdefault(one.get("role") or role, [])
                channels += [int(each) for each in one.get("srcCh").split(",") if each.strip()]
            for each, numbers in by_role.items():
                yield Line(
                    name,
                    number,
                    item.start,
                    item.end,
                    asset.path or None,
                    begins - asset.start,
                    tuple(dict.fromkeys(numbers)),
                    obstacle,
                    each,
                )

    def _sounding(self, item: _Item) -> Iterator[tuple[Node, Fraction]]:
        """What may sound of an item, and the time on its file's clock at the item's start."""
        begins = self._begins(item.node)
        if item.node.tag in ("asset-clip", "audio") and item.node.get("srcEnable") != "video":
            yield item.node, begins
        elif item.node.tag == "clip":
            yield from self._inside(item.node, begins)

    def _inside(self, holder: Node, at: Fraction) -> Iterator[tuple[Node, Fraction]]:
        """Audio in a ``clip``, or in its video; ``at`` is on the clock of the holder."""
        for child in holder.all("video", "audio"):
            if child.get("lane") and holder.tag == "clip":
                continue  # connected: an item of its own
            own = at - time(child.get("offset") or "0s") + time(child.get("start") or "0s")
            if child.tag == "audio":
                yield child, own
            yield from self._inside(child, own)
