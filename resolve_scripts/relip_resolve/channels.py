"""Where the sound of an item really is: Resolve's channel mapping, read as files and channels.

Resolve describes it as JSON::

    {"embedded_audio_channels": 2,
     "linked_audio": {"1": {"channels": 8, "offset": -100, "path": "/a/b.wav"}},
     "track_mapping": {"1": {"channel_idx": [1, 3], "mute": true, "type": "Stereo"}}}

``channel_idx`` counts from 1 over the clip's own channels and then those of each linked file.
``offset`` is in samples: positive is silence before the file, negative begins later in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple


@dataclass(frozen=True)
class Source:
    """Channels of one file. ``path`` None is the clip's own; ``offset`` is samples of silence."""

    channels: Tuple[int, ...] = ()
    path: Optional[str] = None
    offset: int = 0


ALL = Source()


def sources(mapping: Optional[str]) -> Tuple[Source, ...]:
    """The files that an item is heard from; empty if every channel is muted.

    A mapping that says nothing, or that nobody can read, is the clip's own sound, all of it.
    """
    told = _object(mapping)
    tracks = [track for _, track in _numbered(told.get("track_mapping"))]
    if not tracks:
        return (ALL,)
    heard = [
        int(channel)
        for track in tracks
        if not track.get("mute")
        for channel in track.get("channel_idx") or ()
    ]
    own = int(told.get("embedded_audio_channels") or 0)
    files = [Source(tuple(range(1, own + 1)))]
    for _, linked in _numbered(told.get("linked_audio")):
        count = int(linked.get("channels") or 0)
        channels = tuple(range(1, count + 1))
        files.append(Source(channels, str(linked.get("path")), int(linked.get("offset") or 0)))
    return tuple(_heard(files, heard))


def _heard(files: List[Source], wanted: List[int]) -> List[Source]:
    """Of each file only the channels that are wanted, counted within the file."""
    found, before = [], 0
    for file in files:
        count = len(file.channels)
        mine = [number - before for number in wanted if before < number <= before + count]
        before += count
        if mine:
            found.append(Source(tuple(sorted(set(mine))), file.path, file.offset))
    return found


def _object(text: Optional[str]) -> Dict[str, Any]:
    try:
        told = json.loads(text or "")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _numbered(table: object) -> List[Tuple[int, Dict[str, Any]]]:
    """Entries ``"1"``, ``"2"``... in the order of their numbers."""
    if not isinstance(table, dict):
        return []
    return sorted(
        (int(key), entry)
        for key, entry in table.items()
        if str(key).isdigit() and isinstance(entry, dict)
    )
