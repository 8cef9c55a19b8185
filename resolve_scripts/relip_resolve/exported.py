"""Where an item is in its file, from an export of the timeline: for items that do not say it.

Items of imported timelines read 0 to 0. An OTIO export tells of each clip its source range, which
counts from the timecode of the media, and its retimes.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Tuple

from relip_host.host import HostError
from relip_resolve.clock import rate_of

if TYPE_CHECKING:
    from fusionscript import Resolve
    from fusionscript import Timeline as ResolveTimeline

Place = Tuple[str, int, int]
"""Kind of track, its number from 1, and frames from the timeline's first."""


@dataclass(frozen=True)
class Told:
    """What an export tells of an item.

    ``first`` is in seconds from the head of the file, ``frames`` its length on the timeline;
    ``speed`` is None if it is retimed in a way nobody can follow.
    """

    path: str
    first: Fraction
    frames: int
    speed: Optional[Fraction]


def export(resolve: Resolve, timeline: ResolveTimeline) -> Dict[Place, Told]:
    """What an OTIO export tells of every clip; empty if Resolve does not export."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "timeline.otio"
        # Only the constants of the live object work; a call that fails writes no file.
        timeline.Export(str(path), resolve.EXPORT_OTIO, resolve.EXPORT_NONE)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
    try:
        return dict(_clips(document))
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError, HostError):
        return {}  # of another make than the one that is known


def _clips(document: Dict[str, Any]) -> Iterator[Tuple[Place, Told]]:
    numbers: Dict[str, int] = {}
    for track in document["tracks"]["children"]:
        kind = str(track["kind"]).lower()
        numbers[kind] = numbers.get(kind, 0) + 1
        at = 0
        for child in track["children"]:
            if str(child["OTIO_SCHEMA"]).startswith("Transition"):
                continue
            frames = round(Fraction(child["source_range"]["duration"]["value"]))
            told = _clip(child, frames)
            if told is not None:
                yield (kind, numbers[kind], at), told
            at += frames


def _clip(clip: Dict[str, Any], frames: int) -> Optional[Told]:
    media = clip.get("media_references", {}).get(clip.get("active_media_reference_key", ""))
    if not media or not media.get("target_url"):
        return None
    begins = _seconds(media["available_range"]["start_time"])
    first = _seconds(clip["source_range"]["start_time"]) - begins
    return Told(str(media["target_url"]), first, frames, _speed(clip))


def _speed(clip: Dict[str, Any]) -> Optional[Fraction]:
    speed = Fraction(1)
    for effect in clip.get("effects") or ():
        schema = str(effect.get("OTIO_SCHEMA", ""))
        if schema.startswith(("LinearTimeWarp", "FreezeFrame")):
            speed *= Fraction(effect["time_scalar"]).limit_denominator(10_000)
        elif "Time" in schema:
            return None
    return speed


def _seconds(time: Dict[str, Any]) -> Fraction:
    rate, _ = rate_of(time["rate"])
    return Fraction(time["value"]).limit_denominator(100_000) / rate
