"""Timelines read from OTIO, in the shape that Resolve takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.resolve_scripts.fake_resolve.clock import rate_of
from tests.resolve_scripts.fake_resolve.copying import media_of_timeline
from tests.resolve_scripts.fake_resolve.facts import media_of
from tests.resolve_scripts.fake_resolve.project_state import ProjectState
from tests.resolve_scripts.fake_resolve.state import (
    ItemState,
    MediaState,
    TimelineState,
    TrackKind,
    TrackState,
)

KINDS: dict[str, TrackKind] = {"Video": "video", "Audio": "audio"}


@dataclass(frozen=True)
class Otio:
    """A file to import into a project; without ``sources`` its clips are offline."""

    project: ProjectState
    sources: bool

    def read(self, path: Path, name: str) -> TimelineState | None:
        """The timeline, or None, without a word, for what Resolve does not take."""
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            if written["OTIO_SCHEMA"] != "Timeline.1" or not written["metadata"]["Resolve_OTIO"]:
                return None
            start = written["global_start_time"]
            rate, _ = rate_of(f"{start['rate']:.3f}")
            timeline = TimelineState(
                name=name or written["name"], rate=rate, start=round(start["value"])
            )
            for track in written["tracks"]["children"]:
                made = timeline.add_track(KINDS[track["kind"]])
                if not self._fill(made, track["children"]):
                    return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        timeline.playhead = timeline.start
        timeline.media = media_of_timeline(timeline)
        return timeline

    def _fill(self, track: TrackState, children: list[dict[str, Any]]) -> bool:
        at = Fraction(track.timeline.start)
        for child in children:
            frames = Fraction(round(child["source_range"]["duration"]["value"]))
            if child["OTIO_SCHEMA"] == "Clip.2":
                item = self._item(track, child, at, frames)
                if item is None or not track.add(item):
                    return False
            elif child["OTIO_SCHEMA"] != "Gap.1":
                return False  # what it does not know is fatal
            at += frames
        return True

    def _item(
        self, track: TrackState, clip: dict[str, Any], at: Fraction, frames: Fraction
    ) -> ItemState | None:
        """Ranges count from the origin of the media's timecode."""
        reference = clip["media_references"][clip["active_media_reference_key"]]
        media = self._media(reference)
        first = clip["source_range"]["start_time"]
        seconds = Fraction(round(first["value"])) / rate_of(f"{first['rate']:.3f}")[0]
        source = seconds * media.rate - media.start
        if not 0 <= source < media.frames:
            return None
        warps = [effect for effect in clip["effects"] if "LinearTimeWarp" in effect["OTIO_SCHEMA"]]
        speed = Fraction(warps[0]["time_scalar"]).limit_denominator(1000) if warps else Fraction(1)
        item = ItemState(
            track=track, start=at, frames=frames, media=media, source=source, speed=speed
        )
        if speed < 0:
            item.source -= item.step * frames
        return item

    def _media(self, reference: dict[str, Any]) -> MediaState:
        path = Path(reference["target_url"])
        known = [clip for clip in self.project.pool.clips() if clip.path == str(path)]
        if known and self.sources:
            return known[0]
        rate = reference["available_range"]["duration"]["rate"]
        if self.sources and path.is_file():
            media = media_of(path, rate_of(f"{rate:.3f}")[0])
        else:
            frames = round(reference["available_range"]["duration"]["value"])
            fps = rate_of(f"{rate:.3f}")[0]
            start = round(reference["available_range"]["start_time"]["value"])
            media = MediaState(
                name=path.name,
                path=str(path),
                kind="Video",
                rate=fps,
                frames=frames,
                start=start,
                online=False,
            )
        self.project.pool.current.clips.append(media)
        return media
