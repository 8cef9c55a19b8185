"""Which FFmpeg lies under PyAV, and which of the codecs relip needs it has."""

from __future__ import annotations

from typing import Final, Literal

import av
from av.codec.codec import UnknownCodecError

DECODERS: Final = ("h264", "hevc", "prores", "dnxhd", "mpeg2video", "ffv1")
ENCODERS: Final = ("prores_aw", "dnxhd", "libx264", "libx265", "ffv1")


def library_version() -> str:
    """FFmpeg's own version, e.g. ``"8.0"``."""
    return av.ffmpeg_version_info


def has(codec: str, kind: Literal["decoder", "encoder"]) -> bool:
    """Whether this FFmpeg was built with it."""
    try:
        av.Codec(codec, "r" if kind == "decoder" else "w")
    except UnknownCodecError:
        return False
    return True
