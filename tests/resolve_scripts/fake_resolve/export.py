"""Timelines written to files, as far as scripts look into them for retimes."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

from tests.resolve_scripts.fake_resolve.clock import timecode_of
from tests.resolve_scripts.fake_resolve.state import ItemState, TimelineState, TrackState


def export(timeline: TimelineState, path: Path, kind: str) -> bool:
    """Write OTIO, an EDL or a bundle with FCPXML; False for what is not modelled."""
    if not path.parent.is_dir():
        return False
    if kind == "OTIO":
        path.write_text(json.dumps(otio(timeline), indent=4), encoding="utf-8")
    elif kind == "EDL":
        path.write_text(edl(timeline), encoding="utf-8")
    elif kind.startswith("FCPXML"):
        path.mkdir()  # a folder, whatever its name says
        (path / "Info.fcpxml").write_text("<fcpxml version='1.10'/>", encoding="utf-8")
    else:
        return False
    return True


def _time(value: Fraction, rate: Fraction) -> dict[str, object]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def _range(start: Fraction, frames: Fraction, rate: Fraction) -> dict[str, object]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(start, rate),
        "duration": _time(frames, rate),
    }


def otio(timeline: TimelineState) -> dict[str, object]:
    """In the shape that Resolve writes and demands."""
    tracks = [
        _otio_track(track)
        for kind in ("video", "audio")
        for track in (timeline.tracks.get(kind, []) if kind in ("video", "audio") else ())
    ]
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": timeline.name,
        "global_start_time": _time(Fraction(timeline.start), timeline.rate),
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "name": "",
            "metadata": {},
            "enabled": True,
            "children": tracks,
        },
    }


def _otio_track(track: TrackState) -> dict[str, object]:
    rate, position = track.timeline.rate, Fraction(track.timeline.start)
    children: list[dict[str, object]] = []
    for item in track.items:
        if item.kind == "transition":
            continue
        if item.start > position:
            gap = _range(Fraction(0), item.start - position, rate)
            children.append({"OTIO_SCHEMA": "Gap.1", "source_range": gap})
        children.append(_otio_clip(item))
        position = item.end
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": track.name,
        "kind": track.kind.capitalize(),
        "metadata": {"Resolve_OTIO": {"Locked": track.locked}},
        "enabled": track.enabled,
        "children": children,
    }


def _otio_clip(item: ItemState) -> dict[str, object]:
    media = item.media
    rate = item.track.timeline.rate
    clip: dict[str, object] = {
        "OTIO_SCHEMA": "Clip.2",
        "name": item.name or (media.name if media else item.kind),
        "enabled": item.enabled,
        "effects": [],
        "markers": [],
        "metadata": {},
    }
    if media is None:
        return {**clip, "source_range": _range(Fraction(0), item.frames, rate)}
    first = min(item.source, item.source_end) + media.start
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": media.path,
        "available_range": _range(Fraction(media.start), Fraction(media.frames), media.rate),
    }
    clip["source_range"] = _range(first * rate / media.rate, item.frames, rate)
    clip["media_references"] = {"DEFAULT_MEDIA": reference}
    clip["active_media_reference_key"] = "DEFAULT_MEDIA"
    if item.speed == 0:
        clip["effects"] = [{"OTIO_SCHEMA": "FreezeFrame.1", "time_scalar": 0.0}]
    elif item.speed != 1:
        speed = float(item.speed)
        clip["effects"] = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": speed}]
    return clip


def edl(timeline: TimelineState) -> str:
    """The first video track, with ``M2`` for what is retimed."""
    lines = [f"TITLE: {timeline.name}", f"FCM: {'' if timeline.drop else 'NON-'}DROP FRAME", ""]
    tracks = timeline.tracks.get("video", [])
    clips = [item for item in (tracks[0].items if tracks else []) if item.media is not None]
    for number, item in enumerate(clips, 1):
        media = item.media
        assert media is not None
        ends = sorted((item.source, item.source_end))
        source = [timecode_of(media.start + int(end), media.rate, media.drop) for end in ends]
        record = [
            timecode_of(int(end), timeline.rate, timeline.drop) for end in (item.start, item.end)
        ]
        lines.append(f"{number:03d}  AX       V     C        {' '.join(source + record)}")
        if item.speed != 1:
            speed = float(item.speed * media.rate)
            lines.append(f"M2   AX       {speed:05.1f}                {source[0]}")
        lines.append(f"* FROM CLIP NAME: {media.name}")
    return "\n".join(lines) + "\n"
