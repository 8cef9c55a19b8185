"""Items of an FCPXML storyline with their record time, and the files they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from relip_job.errors import JobError
from relip_plugin.timeline.exact import exact_rate
from relip_plugin.timeline.fcpxml_clock import time, whole
from relip_plugin.timeline.media_path import media_path
from relip_plugin.timeline.xml_safe import Node

NESTED = {
    "ref-clip": ("compound", "a compound clip"),
    "sync-clip": ("compound", "a synchronized clip"),
    "mc-clip": ("multicam", "a multicam clip"),
    "audition": ("compound", "an audition"),
}
ITEMS = frozenset({"asset-clip", "clip", "video", "audio", "title", "gap", "spine", *NESTED})
_NAMED_RATE = re.compile(r"(?:\d+[pi]|Rate)(2398|24|25|2997|30|50|5994|60)$")


@dataclass(frozen=True)
class Item:
    """An item with its record time, and what a result would be connected to.

    ``anchor`` is an item of the primary storyline, ``anchor_base`` record time of zero on its
    clock.
    """

    node: Node
    lane: int
    start: Fraction
    end: Fraction
    dissolves: bool
    anchor: Node
    anchor_base: Fraction


@dataclass(frozen=True)
class Asset:
    """What is told of a file; seconds, and frames per second of its pictures if it has any."""

    node: Node
    path: str
    start: Fraction
    duration: Fraction
    rate: Fraction | None


class Storyline:
    """What is in a project's spine; files named relatively are in ``folder``."""

    def __init__(self, root: Node, folder: Path) -> None:
        self._folder = folder
        self._resources = {
            node.get("id"): node
            for resources in root.all("resources")
            for node in resources.children
        }

    def items(self, spine: Node) -> Iterator[Item]:
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
    ) -> Iterator[Item]:
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
    ) -> Iterator[Item]:
        """An item and what is connected to it; each storyline is a row of its own."""
        if node.tag == "spine":
            row = [one for one in node.children if one.tag in ITEMS or one.tag == "transition"]
            if anchor is None:
                raise JobError("a storyline is beside the project's own", "export it again")
            yield from self._row(row, start, lane, anchor)
            return
        base = start - self.begins(node)
        held = anchor or (node, base)
        if node.tag != "gap" and node.get("enabled", "1") != "0":
            yield Item(node, lane, start, start + self._length(node), joins, *held)
        for child in node.children:
            if child.tag in ITEMS and child.get("lane"):
                number = whole(child.get("lane"))
                offset = base + time(child.get("offset") or "0s")
                yield from self._item(child, offset, lane + number, False, held)

    def begins(self, node: Node) -> Fraction:
        """Where an item's own clock begins."""
        if node.get("start"):
            return time(node.get("start"))
        asset = self.asset(node) if node.tag == "asset-clip" else None
        return asset.start if asset is not None else Fraction(0)

    def _length(self, node: Node) -> Fraction:
        if node.get("duration"):
            return time(node.get("duration"))
        if node.tag == "spine":
            return sum(
                (self._length(one) for one in node.children if one.tag in ITEMS), Fraction(0)
            )
        asset = self.asset(node)
        if asset is None:
            raise JobError(f"{node.get('name') or node.tag} has no duration", "export it again")
        return asset.duration

    def asset(self, node: Node) -> Asset | None:
        """The file of an item, if it refers to one."""
        found = self._resources.get(node.get("ref"))
        if found is None or found.tag != "asset":
            return None
        url = found.get("src") or next((one.get("src") for one in found.all("media-rep")), "")
        return Asset(
            found,
            media_path(url, self._folder) if url else "",
            time(found.get("start") or "0s"),
            time(found.get("duration") or "0s"),
            self.format_rate(found.get("format")) if found.get("hasVideo") == "1" else None,
        )

    def format_rate(self, name: str) -> Fraction | None:
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
