"""A timeline once more: other ids, same media."""

from __future__ import annotations

from dataclasses import replace

from tests.resolve_scripts.fake_resolve.state import MediaState, TimelineState, TrackState, new_id


def duplicate(timeline: TimelineState, name: str) -> TimelineState:
    """A copy with items of its own."""
    made = replace(
        timeline,
        uid=new_id(),
        name=name,
        tracks={},
        marks=dict(timeline.marks),
        marked=dict(timeline.marked),
        settings=dict(timeline.settings),
        selected=[],
    )
    for kind, tracks in timeline.tracks.items():
        made.tracks[kind] = [_track(track, made) for track in tracks]
    made.media = media_of_timeline(made)
    return made


def _track(track: TrackState, timeline: TimelineState) -> TrackState:
    made = replace(track, uid=new_id(), timeline=timeline, items=[])
    for item in track.items:
        made.items.append(
            replace(
                item,
                uid=new_id(),
                track=made,
                marks=dict(item.marks),
                flags=list(item.flags),
                properties=dict(item.properties),
                takes=list(item.takes),
            )
        )
    return made


def media_of_timeline(timeline: TimelineState) -> MediaState:
    """How a timeline appears in the media pool."""
    return MediaState(
        name=timeline.name,
        path="",
        kind="Timeline",
        rate=timeline.rate,
        frames=max(1, timeline.end - timeline.start),
        start=timeline.start,
        drop=timeline.drop,
        timeline=timeline,
    )
