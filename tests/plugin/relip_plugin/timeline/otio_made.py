"""Small OTIO documents of one track, in the shape of Resolve's, and results for their shots."""

import json
from pathlib import Path
from typing import Any

from relip_host.host import Made, Shot
from tests.plugin.relip_plugin.timeline.reel_made import item, otio_range, otio_time


def clip(path: object, start: float = 86410, frames: float = 20, **more: Any) -> dict[str, Any]:
    return {
        **item("Clip.2", "shot", otio_range(start, frames)),
        "media_references": {
            "PROXY": {**reference("/proxy.mov"), "available_range": otio_range(0, 9)},
            "DEFAULT_MEDIA": reference(path),
        },
        "active_media_reference_key": "DEFAULT_MEDIA",
        **more,
    }


def reference(path: object) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {"kept": 1},
        "name": "",
        "available_range": otio_range(86400, 500),
        "available_image_bounds": None,
        "target_url": str(path),
    }


def warp(scalar: float, schema: str = "LinearTimeWarp.1") -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": "",
        "effect_name": "",
        "time_scalar": scalar,
    }


def gap(frames: float) -> dict[str, Any]:
    return item("Gap.1", "", otio_range(0, frames))


def transition() -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {},
        "name": "",
        "transition_type": "SMPTE_Dissolve",
        "in_offset": otio_time(5),
        "out_offset": otio_time(5),
    }


def written(folder: Path, *children: dict[str, Any], kind: str = "Video", more: Any = ()) -> Path:
    track = {**item("Track.1", "V", None), "children": list(children), "kind": kind}
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"other program": {"deep": [1, {"OTIO": "x"}]}},
        "name": "reel",
        "global_start_time": otio_time(86400),
        "tracks": {**item("Stack.1", "tracks", None), "children": [track, *more]},
    }
    path = folder / "reel.otio"
    path.write_text(json.dumps(timeline))
    return path


def marker() -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": "m",
        "color": "RED",
        "marked_range": otio_range(86410, 1),
        "comment": "",
    }


def result(shot: Shot, folder: Path, first: int | None = None) -> Made:
    begin = round(shot.source * shot.source_rate) if first is None else first
    end = shot.source + (shot.end - shot.start) * shot.speed
    frames = -(-end * shot.source_rate // 1) - begin
    path = folder / f"{shot.id.replace('/', '_')}_relip_v001.mov"
    path.touch()
    return Made("j", shot, str(path), "", begin / shot.source_rate, int(frames))
