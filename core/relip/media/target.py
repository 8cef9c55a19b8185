"""What the result is made as: codec, sample layout, container, by the class of the source."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

import av

from relip.media.clip import Clip
from relip.media.formats import sample_format
from relip.media.frame import Colour, SampleFormat
from relip_job.errors import JobError

CodecName = Literal["match", "prores", "dnxhr", "h264", "hevc", "ffv1"]

_PRORES = {
    "Proxy": "proxy",
    "LT": "lt",
    "Standard": "standard",
    "HQ": "hq",
    "4444": "4444",
    "XQ": "4444xq",
}
_DNXHR = {
    "DNXHR LB": "dnxhr_lb",
    "DNXHR SQ": "dnxhr_sq",
    "DNXHR HQ": "dnxhr_hq",
    "DNXHR HQX": "dnxhr_hqx",
    "DNXHR 444": "dnxhr_444",
}
# Which sample layouts each profile of these encoders takes.
_PROFILE_LAYOUTS = {
    "proxy": ("yuv422p10le",),
    "lt": ("yuv422p10le",),
    "standard": ("yuv422p10le",),
    "hq": ("yuv422p10le",),
    "4444": ("yuv444p10le", "yuva444p10le"),
    "4444xq": ("yuv444p10le", "yuva444p10le"),
    "dnxhr_lb": ("yuv422p",),
    "dnxhr_sq": ("yuv422p",),
    "dnxhr_hq": ("yuv422p",),
    "dnxhr_hqx": ("yuv422p10le",),
    "dnxhr_444": ("yuv444p10le", "gbrp10le"),
}
# At these rate factors x264 and x265 stay above 50 dB of luma PSNR on camera footage.
_H264_OPTIONS = {"crf": "8", "preset": "fast"}
_HEVC_OPTIONS = {"crf": "8", "preset": "fast", "x265-params": "log-level=error"}
_FFV1_OPTIONS = {"level": "3", "slicecrc": "1", "g": "1"}
# Where the encoder has no planar layout of these samples, a packed one holds the same.
_PACKED = {"gbrp": "bgr0", "gbrap": "bgra", "gbrap16le": "rgba64le"}
_SITINGS = ("unspecified", "left", "center", "topleft", "top", "bottomleft", "bottom")
PATCH_FORMAT = "yuva444p10le"


@dataclass(frozen=True)
class Target:
    """How a result is written.

    Attributes
    ----------
    codec : ``prores``, ``dnxhr``, ``h264``, ``hevc`` or ``ffv1``.
    encoder, profile : FFmpeg's encoder and its profile, ``""`` where there is none.
    format, colour : samples the encoder is given.
    pixels : FFmpeg's name of the layout the encoder takes; another one than ``format`` only
        where it holds the same samples packed.
    suffix : of the file, with its dot.
    options : the encoder's.
    tag : four-character code that editors expect, or ``""`` for the container's choice.
    notes : what cannot be kept, one sentence each.
    """

    codec: str
    encoder: str
    profile: str
    format: SampleFormat
    colour: Colour
    pixels: str
    suffix: str
    options: dict[str, str] = field(default_factory=dict)
    tag: str = ""
    notes: tuple[str, ...] = ()


def target_for(clip: Clip, codec: str = "match", patch: bool = False) -> Target:
    """Choose the target for ``clip``.

    ``match`` keeps ProRes and DNxHR with their profiles; everything else becomes ProRes 422 HQ,
    or 4444 where there is alpha, full-size chroma or more than ten bits. ``patch`` is always
    ProRes 4444 with alpha.

    Raises
    ------
    JobError
        There is no such codec, or it cannot be as small as the clip.
    """
    if patch:
        return _prores(clip, "4444", sample_format(PATCH_FORMAT))
    if codec == "match":
        codec = {"prores": "prores", "dnxhd": "dnxhr"}.get(clip.codec, "prores")
    if codec == "prores":
        return _prores(clip, _PRORES.get(clip.profile) if clip.codec == "prores" else None)
    if codec == "dnxhr":
        return _dnxhr(clip)
    if codec == "h264":
        return _coded(clip, "h264", "libx264", ".mov", _H264_OPTIONS)
    if codec == "hevc":
        return _coded(clip, "hevc", "libx265", ".mov", _HEVC_OPTIONS, tag="hvc1")
    if codec == "ffv1":
        # FFmpeg writes FFV1 into no QuickTime file. Matroska keeps rate, timecode and colour;
        # its clock has milliseconds, which the exact rate survives but single times do not.
        target = _coded(clip, "ffv1", "ffv1", ".mkv", _FFV1_OPTIONS)
        if not clip.variable_rate:
            return target
        note = "Matroska rounds the variable times of the pictures to milliseconds"
        return dataclasses.replace(target, notes=(*target.notes, note))
    raise JobError(
        f"there is no codec {codec!r}", "choose match, prores, dnxhr, h264, hevc or ffv1"
    )


def _prores(clip: Clip, profile: str | None, exactly: SampleFormat | None = None) -> Target:
    source = clip.format
    if profile is None:
        rich = source.alpha or source.model == "rgb" or source.bits > 10
        profile = "4444" if rich or (source.model == "yuv" and source.chroma_x == 1) else "hq"
    fmt, notes = nearest(source, _PROFILE_LAYOUTS[profile])
    fmt = exactly or fmt
    # FFmpeg has two ProRes encoders; prores_aw is as good at the same size and 3.5 times as
    # fast, but takes even widths only.
    encoder = "prores_ks" if clip.width % 2 else "prores_aw"
    number = list(_PRORES.values()).index(profile)
    options = {"profile": str(number), "vendor": "apl0"}
    colour = _limited_yuv(clip)
    return Target("prores", encoder, profile, fmt, colour, fmt.name, ".mov", options, notes=notes)


def _dnxhr(clip: Clip) -> Target:
    source = clip.format
    if clip.width < 256 or clip.height < 120:
        raise JobError(
            f"DNxHR does not go below 256 x 120, and {clip.path.name} is "
            f"{clip.width} x {clip.height}",
            "choose prores",
        )
    profile = _DNXHR.get(clip.profile) if clip.codec == "dnxhd" else None
    if profile is None:
        full_chroma = source.model == "rgb" or (source.model == "yuv" and source.chroma_x == 1)
        deep = "dnxhr_hqx" if source.bits > 8 else "dnxhr_hq"
        profile = "dnxhr_444" if full_chroma else deep
    fmt, notes = nearest(source, _PROFILE_LAYOUTS[profile])
    colour = clip.colour if fmt.model == "rgb" else _limited_yuv(clip)
    if colour.transfer == 2 and colour.primaries == 1 and colour.matrix == 1:
        # QuickTime's colour atom is all or nothing; the transfer of BT.709 goes without saying.
        colour = dataclasses.replace(colour, transfer=1)
    options = {"profile": profile}
    return Target("dnxhr", "dnxhd", profile, fmt, colour, fmt.name, ".mov", options, notes=notes)


def _coded(
    clip: Clip, codec: str, encoder: str, suffix: str, options: dict[str, str], tag: str = ""
) -> Target:
    """An encoder that takes many layouts: the source's own, or the nearest that holds it."""
    offered = [one.name for one in av.Codec(encoder, "w").video_formats or ()]
    pixels = {sample_format(name).name: name for name in offered if _usable(name)}
    pixels.update({plain: packed for plain, packed in _PACKED.items() if packed in offered})
    if encoder != "ffv1":
        # These take no half chroma samples; a picture of odd size gets full-size chroma.
        for name in list(pixels):
            layout = sample_format(name)
            if clip.width % layout.chroma_x or clip.height % layout.chroma_y:
                del pixels[name]
    fmt, notes = nearest(clip.format, tuple(pixels))
    colour = clip.colour
    if fmt.model == "yuv" and clip.format.model == "rgb":
        colour = _limited_yuv(clip)
    options = {**options, "chroma_sample_location": _SITINGS[colour.siting]}
    pixel_name = pixels[fmt.name]
    return Target(codec, encoder, "", fmt, colour, pixel_name, suffix, options, tag, notes)


def _usable(name: str) -> bool:
    """Whether the encoder's layout is one a frame can have."""
    planar = av.VideoFormat(name, 16, 16)
    single = sorted(part.plane for part in planar.components)
    exotic = planar.is_big_endian or "f16" in name or "f32" in name or name.startswith("yuvj")
    return single == list(range(len(single))) and len(single) in (1, 3, 4) and not exotic


def nearest(fmt: SampleFormat, names: tuple[str, ...]) -> tuple[SampleFormat, tuple[str, ...]]:
    """Return the leanest of the layouts that holds ``fmt``, and what even it cannot keep."""

    def cost(other: SampleFormat) -> tuple[float, ...]:
        keeps_model = other.model == fmt.model or (fmt.model, other.model) in (
            ("gray", "yuv"),
            ("rgb", "yuv"),
        )
        full = 1 if fmt.model == "rgb" else None
        coarser = other.model == "yuv" and (
            other.chroma_x > (full or fmt.chroma_x) or other.chroma_y > (full or fmt.chroma_y)
        )
        if fmt.model == "gray":
            coarser = False
        return (
            not keeps_model,
            coarser,
            fmt.alpha and not other.alpha,
            max(0, fmt.bits - other.bits),
            other.model != fmt.model,
            other.alpha and not fmt.alpha,
            other.bits - fmt.bits,
            (fmt.chroma_x / other.chroma_x) * (fmt.chroma_y / other.chroma_y),
        )

    best = min((sample_format(name) for name in names), key=cost)
    notes = []
    if fmt.alpha and not best.alpha:
        notes.append("the codec has no alpha, so the clip's alpha is left out")
    if best.bits < fmt.bits:
        notes.append(f"the encoder takes {best.bits} bits, the clip has {fmt.bits}")
    return best, tuple(notes)


def _limited_yuv(clip: Clip) -> Colour:
    """Limited-range YUV of the clip's primaries; chroma lies left, as in all 4:2:2."""
    matrix = clip.colour.matrix
    if clip.format.model == "rgb":
        matrix = 9 if clip.colour.primaries == 9 else 1
    return dataclasses.replace(clip.colour, matrix=matrix, full=False, siting=0)
