"""FFmpeg's sample layouts as relip's: planar, little endian, integers."""

from __future__ import annotations

from functools import cache
from typing import Literal

import av

from relip.media.frame import SampleFormat
from relip_job.errors import MediaError

# What is not planar is unpacked without loss before anybody looks at it.
_UNPACKED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "p010le": "yuv420p10le",
    "p012le": "yuv420p12le",
    "p016le": "yuv420p16le",
    "p210le": "yuv422p10le",
    "p212le": "yuv422p12le",
    "p216le": "yuv422p16le",
    "p410le": "yuv444p10le",
    "p412le": "yuv444p12le",
    "yuyv422": "yuv422p",
    "yvyu422": "yuv422p",
    "uyvy422": "yuv422p",
    "y210le": "yuv422p10le",
    "rgb24": "gbrp",
    "bgr24": "gbrp",
    "rgb0": "gbrp",
    "bgr0": "gbrp",
    "0rgb": "gbrp",
    "0bgr": "gbrp",
    "rgba": "gbrap",
    "bgra": "gbrap",
    "argb": "gbrap",
    "abgr": "gbrap",
    "pal8": "gbrap",
    "rgb48le": "gbrp16le",
    "rgb48be": "gbrp16le",
    "bgr48le": "gbrp16le",
    "rgba64le": "gbrap16le",
    "rgba64be": "gbrap16le",
    "bgra64le": "gbrap16le",
}
# The "j" layouts are the plain ones with full range said twice.
_FULL_RANGE = {
    "yuvj420p": "yuv420p",
    "yuvj422p": "yuv422p",
    "yuvj444p": "yuv444p",
    "yuvj440p": "yuv440p",
    "yuvj411p": "yuv411p",
}


def planar_name(name: str) -> str:
    """The planar layout that holds the same samples; the name itself if it is planar."""
    name = _FULL_RANGE.get(name, name)
    return _UNPACKED.get(name, name)


def is_full_range_by_name(name: str) -> bool:
    """Whether the layout itself says full range."""
    return name in _FULL_RANGE


@cache
def sample_format(name: str) -> SampleFormat:
    """Describe FFmpeg's layout ``name`` after unpacking.

    Raises
    ------
    MediaError
        Samples of that layout cannot be worked on.
    """
    planar = planar_name(name)
    try:
        found = av.VideoFormat(planar, 16, 16)
    except ValueError as error:
        raise _unsupported(name) from error
    parts = found.components
    depths = {part.bits for part in parts}
    one_plane_each = sorted(part.plane for part in parts) == list(range(len(parts)))
    float_samples = "f16" in planar or "f32" in planar
    if found.is_big_endian:
        return sample_format(planar.removesuffix("be") + "le")
    if not one_plane_each or len(depths) != 1 or float_samples or found.is_bayer:
        raise _unsupported(name)
    bits = depths.pop()
    if found.has_palette or not 8 <= bits <= 16:
        raise _unsupported(name)
    model: Literal["yuv", "rgb", "gray"] = "rgb" if found.is_rgb else "yuv"
    if len(parts) == 1:
        model = "gray"
    elif len(parts) not in (3, 4):
        raise _unsupported(name)
    chroma_x, chroma_y = 1, 1
    if model == "yuv":
        chroma_x, chroma_y = 16 // parts[1].width, 16 // parts[1].height
    return SampleFormat(planar, model, bits, chroma_x, chroma_y, alpha=len(parts) == 4)


def _unsupported(name: str) -> MediaError:
    return MediaError(
        f"pictures with {name} samples cannot be read",
        "convert the clip to ProRes, DNxHR, H.264 or HEVC first",
    )
