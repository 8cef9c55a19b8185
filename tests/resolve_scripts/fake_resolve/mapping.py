"""Channel mappings, in the JSON that Resolve writes."""

from __future__ import annotations

import json

from tests.resolve_scripts.fake_resolve.state import Linked

TYPES = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}


def mapping_json(
    embedded: int,
    linked: tuple[Linked, ...],
    tracks: tuple[tuple[int, ...], ...],
    muted: bool = False,
) -> str:
    """``embedded`` channels of the file itself, then the linked ones, on these tracks."""
    return json.dumps(
        {
            "embedded_audio_channels": embedded,
            "linked_audio": {
                str(number): {"channels": file.channels, "offset": file.offset, "path": file.path}
                for number, file in enumerate(linked, 1)
            },
            "track_mapping": {
                str(number): {
                    "channel_idx": list(channels),
                    "mute": muted,
                    "type": TYPES.get(len(channels), f"Adaptive {len(channels)}"),
                }
                for number, channels in enumerate(tracks, 1)
            },
        }
    )
