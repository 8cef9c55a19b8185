"""Timeline documents as their own formats say them, read without relip's readers.

Only what the reel and its results need: flat tracks, one rate.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from tests.plugin.relip_plugin.timeline.reel_made import RATE, START, Format

OURS = "relip"
"""What the ids of nodes that a batch adds begin with, and the names of its tracks."""


@dataclass(frozen=True)
class Placed:
    """A clip of the new track: frames of the timeline, and of its file where it begins."""

    media: Path
    at: int
    frames: int
    first: int


def placed(path: Path, format_: Format) -> list[Placed]:
    """The clips that a batch has laid on top, in the order of time."""
    if format_ == "otio":
        found = _in_otio(json.loads(path.read_text(encoding="utf-8")))
    else:
        root = ET.fromstring(path.read_bytes())
        found = _in_fcp7(root) if format_ == "fcp7" else _in_fcpxml(root)
    return sorted(found, key=lambda clip: clip.at)


def _in_otio(page: Any) -> Iterator[Placed]:
    pictures = [track for track in page["tracks"]["children"] if track["kind"] == "Video"]
    at = 0
    for item in pictures[-1]["children"]:
        source = item["source_range"]
        frames = round(source["duration"]["value"])
        if item["OTIO_SCHEMA"].startswith("Clip"):
            media = item["media_references"][item["active_media_reference_key"]]
            first = source["start_time"]["value"] - media["available_range"]["start_time"]["value"]
            yield Placed(_file(media["target_url"]), at, frames, round(first))
        at += frames


def _in_fcp7(root: ET.Element) -> Iterator[Placed]:
    files = {node.get("id"): node for node in root.iter("file") if len(node)}
    tracks = root.findall("./sequence/media/video/track")
    for item in tracks[-1].iter("clipitem"):
        start, end, first = (int(item.findtext(name, "")) for name in ("start", "end", "in"))
        file = item.find("file")
        assert file is not None
        url = files[file.get("id")].findtext("pathurl", "")
        yield Placed(_file(url), start, end - start, first)


def _in_fcpxml(root: ET.Element) -> Iterator[Placed]:
    assets = {node.get("id", ""): node for node in root.iter("asset")}
    spine = root.find("./library/event/project/sequence/spine")
    assert spine is not None
    for parent in spine:
        began = _time(parent.get("offset"))
        own = _time(parent.get("start"))
        for item in parent.iter("asset-clip"):
            asset = assets[item.get("ref", "")]
            if item is parent or not asset.get("id", "").startswith(OURS):
                continue
            media = asset.find("media-rep")
            url = asset.get("src", "") if media is None else media.get("src", "")
            at = (began + _time(item.get("offset")) - own) * RATE - START
            first = (_time(item.get("start")) - _time(asset.get("start"))) * RATE
            frames = _time(item.get("duration")) * RATE
            if not at.denominator == first.denominator == frames.denominator == 1:
                raise ValueError(f"{item.get('name')} lies between two frames")
            yield Placed(_file(url), int(at), int(frames), int(first))


def _time(text: str | None) -> Fraction:
    return Fraction((text or "0s").removesuffix("s"))


def _file(url: str) -> Path:
    return Path(unquote(urlparse(url).path) if "://" in url else url)


@dataclass(frozen=True)
class Nodes:
    """How many nodes a document has, and how many of them came back as they were."""

    before: int
    equal: int


def unchanged(before: Path, after: Path, format_: Format) -> Nodes:
    """The nodes of a document that a batch left alone.

    What the batch added is taken out again; the others are compared place by place. The timeline's
    name and FCPXML's unique name of the project are to change and are not counted.
    """
    if format_ == "otio":
        old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
        children = new["tracks"]["children"]
        known = {track["name"] for track in old["tracks"]["children"]}
        children[:] = [
            track
            for track in children
            if track["name"] in known or not track["name"].lower().startswith(OURS)
        ]
        own, others = dict(_values(old)), dict(_values(new))
        own.pop((".name",)), others.pop((".name",))
    else:
        roots = [ET.fromstring(path.read_bytes()) for path in (before, after)]
        _clean(roots[1], {node.get("id", "") for node in roots[0].iter()})
        own, others = (dict(_elements(root)) for root in roots)
    surplus = len(others.keys() - own.keys())
    same = sum(place in others and others[place] == value for place, value in own.items())
    return Nodes(len(own), same - surplus)


Place = tuple[str, ...]


def _values(value: Any, place: Place = ()) -> Iterator[tuple[Place, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values(inner, (*place, f".{key}"))
    elif isinstance(value, list):
        yield (*place, "[]"), len(value)
        for number, inner in enumerate(value):
            yield from _values(inner, (*place, f"[{number}]"))
    else:
        yield place, value


def _elements(node: ET.Element, place: Place = ()) -> Iterator[tuple[Place, object]]:
    """Every element by its place: its attributes, its text, and how many children it has."""
    named = node.tag in ("sequence", "project")
    attributes = {
        key: value for key, value in node.attrib.items() if not (named and key in ("uid", "name"))
    }
    if not (node.tag == "name" and place and place[-1].startswith("sequence")):
        yield (*place, node.tag), (attributes, (node.text or "").strip(), len(node))
    for number, child in enumerate(node):
        yield from _elements(child, (*place, f"{node.tag} {number}"))


def _clean(root: ET.Element, known: set[str]) -> None:
    """Take out what a batch has added to nodes with these ids."""

    def added(node: ET.Element, name: str) -> bool:
        return node.get(name, "").startswith(OURS) and node.get(name) not in known

    for parent in list(root.iter()):
        for child in list(parent):
            items = list(child.iter("clipitem")) if child.tag == "track" else []
            ours = any(added(item, "id") for item in items)
            if ours or added(child, "id") or added(child, "ref"):
                parent.remove(child)
