"""Timelines in FCPXML, the format of Final Cut Pro; a bundle's ``Info.fcpxml`` as well.

Times are fractions of seconds. An item's ``offset`` counts on the clock of what it is in, its
``start`` begins its own clock, which is the timecode of its file. There are no tracks: what is
connected to the primary storyline lies in lanes above (1, 2...) and below (-1...) it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from relip_host.host import Made, Obstacle, Shot, Timeline, Track
from relip_job.errors import JobError
from relip_plugin.timeline.fcpxml_clock import conformed, shown, time, whole
from relip_plugin.timeline.fcpxml_items import NESTED, Item, Storyline
from relip_plugin.timeline.fcpxml_results import Known, Places, edited
from relip_plugin.timeline.media_path import unusable
from relip_plugin.timeline.model import Contents, Document, Line, dissolving, nested, retimed
from relip_plugin.timeline.xml_safe import Node


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


class _Reading:
    def __init__(
        self, root: Node, project: Node, sequence: Node, spine: Node, folder: Path
    ) -> None:
        self._root = root
        self._project = project
        self._sequence = sequence
        self._spine = spine
        self._story = Storyline(root, folder)
        rate = self._story.format_rate(sequence.get("format"))
        if rate is None:
            raise JobError("the project has no frame rate", "export it again")
        self._rate = rate
        self._known: dict[str, Known] = {}

    def document(self, document: bytes, name: str) -> FcpxmlDocument:
        items = sorted(self._story.items(self._spine), key=lambda item: item.start)
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
        top = max((whole(node.get("lane") or "0") for node in self._root.within()), default=0)
        places = Places(self._root, self._project, self._known, max(top, 0))
        return FcpxmlDocument(
            Contents(found, tuple(pictures), tuple(sounds), used), document, places
        )

    def _footage(self, item: Item) -> tuple[Node, Fraction] | None:
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

    def _shot(self, item: Item, number: int, place: int) -> Iterator[Shot]:
        node = item.node
        id_ = f"V{number}/{place}"
        name = node.get("name") or id_
        obstacle, path = None, ""
        footage = self._footage(item)
        asset = None if footage is None else self._story.asset(footage[0])
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
            begins = self._story.begins(node) + footage[1]
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
            self._story.begins(node) + (footage[1] if footage else 0),
            asset.start,
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

    def _lines(self, item: Item, number: int) -> Iterator[Line]:
        """The sounds of an item: one for each role its channels have."""
        node = item.node
        name = node.get("name")
        if node.tag in NESTED:
            yield Line(
                name, number, item.start, item.end, None, obstacle=nested(name, *NESTED[node.tag])
            )
            return
        for sound, begins in self._sounding(item):
            asset = self._story.asset(sound)
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
                channels += [whole(each) for each in one.get("srcCh").split(",") if each.strip()]
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

    def _sounding(self, item: Item) -> Iterator[tuple[Node, Fraction]]:
        """What may sound of an item, and the time on its file's clock at the item's start."""
        begins = self._story.begins(item.node)
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
