"""A timeline with one retimed clip, in the shape of OTIO that Resolve takes."""

from __future__ import annotations

from typing import Dict

from relip_contract.stage import FRAMES, HOUR, RATE

Value = Dict[str, object]


def time(frames: int) -> Value:
    """Frames as OTIO writes them."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(RATE), "value": float(frames)}


def spread(start: int, frames: int) -> Value:
    """A range of frames."""
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start), "duration": time(frames)}


def retimed(path: str, speed: float) -> Value:
    """24 frames of the film at ``path``, from its 12th on, at this speed."""
    bare: Value = {"enabled": True, "effects": [], "markers": [], "metadata": {}}
    reference: Value = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": "shot.mov",
        "available_range": spread(10 * HOUR, FRAMES),
        "target_url": path,
    }
    warp: Value = {
        "OTIO_SCHEMA": "LinearTimeWarp.1",
        "metadata": {},
        "name": "",
        "effect_name": "",
        "time_scalar": speed,
    }
    clip: Value = {
        **bare,
        "OTIO_SCHEMA": "Clip.2",
        "name": "shot.mov",
        "source_range": spread(10 * HOUR + 12, 24),
        "effects": [warp],
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }
    track: Value = {
        **bare,
        "OTIO_SCHEMA": "Track.1",
        "metadata": {"Resolve_OTIO": {"Locked": False}},
        "name": "Video 1",
        "kind": "Video",
        "source_range": None,
        "children": [clip],
    }
    stack: Value = {**bare, "OTIO_SCHEMA": "Stack.1", "name": "", "source_range": None}
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": "retimed",
        "global_start_time": time(HOUR),
        "tracks": {**stack, "children": [track]},
    }
