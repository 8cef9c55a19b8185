"""Everything about a clip that can be known without reading all of its pictures."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av import VideoFrame
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from relip.media.clip import Clip, Sound
from relip.media.fields import refuse_fields
from relip.media.formats import is_full_range_by_name, sample_format
from relip.media.frame import Colour, SampleFormat
from relip.media.opening import damaged, decode_tolerantly, opened
from relip.media.timing import fit_rate, has_index, timing_of_index, timing_of_packets
from relip_job.errors import JobError, MediaError, NoPicture
from relip_job.timecode import Timecode

STILL_CONTAINERS = ("image2", "_pipe", "ico", "webp")
KEPT_TAGS = ("title", "comment", "artist", "copyright", "creation_time", "scene", "shot", "take")
REEL_TAGS = ("reel_name", "com.apple.proapps.reel", "com.apple.proapps.reelname", "tape", "reel")
# Matroska's writer is not told the pixel aspect by PyAV; relip notes and looks for it here, too.
PIXEL_ASPECT_TAG = "PIXEL_ASPECT"
# H.273 codes travel through FFmpeg as they are; 0 is reserved and means nobody said.
UNSPECIFIED = 2
CENTRE_SITED = frozenset(("mpeg1video", "mjpeg"))


def probe(path: str | Path) -> Clip:
    """Look at a clip without reading more of it than needed.

    Raises
    ------
    MissingMedia, DamagedMedia, NoPicture, Interlaced
        It cannot be worked on, each with its remedy.
    MediaError
        The layout of its samples is not supported.
    """
    path = Path(path)
    with opened(path) as container:
        video = _picture(container, path)
        _refuse_cut_short(container, video, path)
        first = _first_frames(container, video, path)
        timing = timing_of_index(video, container)
        declared = (video.average_rate, video.guessed_rate, video.base_rate)
    refuse_fields(path, first.stream, first.fields, first.field_order, first.codec)
    if timing is None:
        with opened(path) as container:
            timing = timing_of_packets(container, first.stream, path, first.codec)
    # Pictures before the first one the decoder shows lean on pictures that were cut away.
    pts = timing.pts[timing.pts >= first.pts] if first.pts is not None else timing.pts
    if len(pts) == 0:
        raise damaged(path, "no picture in it can be decoded")
    if len(pts) == 1 and first.still:
        raise NoPicture(f"{path.name} is a still image", "choose a clip with moving pictures")
    rate, variable = fit_rate(pts, first.time_base, [rate for rate in declared if rate])
    last = timing.last * first.time_base
    if not variable or last <= 0:
        last = 1 / rate
    if variable:
        # Containers tell a mean of decoding times, or of the first seconds; this is the clip's.
        rate = len(pts) / (int(pts[-1] - pts[0]) * first.time_base + last)
    timecode = _usable_timecode(first.timecode, rate)
    return Clip(
        path=path,
        container=first.container,
        codec=first.codec,
        profile=first.profile,
        stream=first.stream,
        width=first.width,
        height=first.height,
        format=first.format,
        colour=first.colour,
        rate=rate,
        variable_rate=variable,
        time_base=first.time_base,
        pts=pts,
        keys=timing.keys,
        last_duration=last,
        start_timecode=timecode,
        reel=first.reel,
        pixel_aspect=first.pixel_aspect,
        rotation=first.rotation,
        sounds=_sounds(first, int(pts[0]) * first.time_base),
        metadata=first.tags,
    )


@dataclass(frozen=True)
class _First:
    """What the head of the file and its first pictures tell."""

    container: str
    stream: int
    codec: str
    profile: str
    width: int
    height: int
    format: SampleFormat
    colour: Colour
    time_base: Fraction
    pts: int | None
    fields: bool
    field_order: int
    still: bool
    pixel_aspect: Fraction
    rotation: int
    timecode: str | None
    reel: str | None
    tags: dict[str, str]
    sounds: tuple[tuple[int, str, int, int, Fraction | None], ...]


def _picture(container: InputContainer, path: Path) -> VideoStream:
    """The file's moving picture."""
    streams = container.streams.video
    moving = [one for one in streams if not one.disposition & Disposition.attached_pic]
    if not moving:
        kind = "a sound file with a cover picture" if streams else "a sound file"
        if not streams and not container.streams.audio:
            kind = "no picture or sound file"
        raise NoPicture(f"{path.name} is {kind}", "choose a clip with moving pictures")
    name = container.format.name
    if any(name == kind or name.endswith(kind) for kind in STILL_CONTAINERS):
        raise NoPicture(f"{path.name} is a still image", "choose a clip with moving pictures")
    video = next((one for one in moving if one.disposition & Disposition.default), moving[0])
    if video.codec_context is None:
        raise MediaError(
            f"{path.name} has pictures of a codec that cannot be read",
            "convert the clip to ProRes, DNxHR, H.264 or HEVC first",
        )
    return video


def _refuse_cut_short(container: InputContainer, video: VideoStream, path: Path) -> None:
    """Refuse a file whose index points past its end."""
    if not has_index(container) or not len(video.index_entries):
        return
    size = path.stat().st_size
    ends = [entry.pos + entry.size for entry in video.index_entries]
    if max(ends) > size:
        missing = sum(end > size for end in ends)
        raise damaged(path, f"it is cut short: {missing} of its {len(ends)} pictures are missing")


def _first_frames(container: InputContainer, video: VideoStream, path: Path) -> _First:
    """Decode the first few pictures and describe what they are."""
    context = video.codec_context
    context.thread_count = 1
    shown: list[VideoFrame] = []
    for frame in decode_tolerantly(container, video):
        shown.append(frame)
        if len(shown) == 4:
            break
    if not shown or video.time_base is None:
        raise damaged(path, "no picture in it can be decoded")
    frame = shown[0]
    name = frame.format.name
    layout = sample_format(name)
    full_range = (
        is_full_range_by_name(name)
        or (frame.color_range or context.color_range) == 2
        or layout.model == "rgb"
    )
    told = [
        (int(frame.color_primaries), int(context.color_primaries)),
        (int(frame.color_trc), int(context.color_trc)),
        (int(frame.colorspace), int(context.colorspace)),
    ]
    if context.name == "dnxhd":
        # Its header has two bits for the matrix, and most writers leave them at BT.709.
        told = [(container_says, picture_says) for picture_says, container_says in told]
    codes = [best if best not in (0, UNSPECIFIED) else other or UNSPECIFIED for best, other in told]
    if layout.model == "rgb":
        codes[2] = 0
    siting = 2 if context.name in CENTRE_SITED else 0
    tags = {**container.metadata, **video.metadata}
    data = [dict(one.metadata) for one in container.streams.data]
    everywhere = [dict(video.metadata), *data, dict(container.metadata)]
    sounds = tuple(
        (
            one.index,
            one.codec_context.name,
            one.codec_context.sample_rate,
            one.codec_context.channels,
            None
            if one.start_time is None or one.time_base is None
            else one.start_time * one.time_base,
        )
        for one in container.streams.audio
        if one.codec_context is not None
    )
    return _First(
        container=container.format.name,
        stream=video.index,
        codec=context.codec.canonical_name,
        profile=video.profile or "",
        width=frame.width,
        height=frame.height,
        format=layout,
        colour=Colour(codes[0], codes[1], codes[2], full_range, siting),
        time_base=video.time_base,
        pts=frame.pts,
        fields=any(one.interlaced_frame for one in shown),
        field_order=int(context.field_order),
        still=bool(video.disposition & Disposition.still_image)
        or not video.average_rate
        or container.format.name == "gif",
        pixel_aspect=video.sample_aspect_ratio or _tagged_aspect(video) or Fraction(1),
        rotation=round(frame.rotation / 90) * 90 % 360,
        timecode=_first_tag(everywhere, ("timecode",)),
        reel=_first_tag(everywhere, REEL_TAGS),
        tags={key: tags[key] for key in KEPT_TAGS if tags.get(key)},
        sounds=sounds,
    )


def _sounds(first: _First, picture_start: Fraction) -> tuple[Sound, ...]:
    return tuple(
        Sound(
            stream,
            codec,
            rate,
            channels,
            (picture_start if start is None else start) - picture_start,
        )
        for stream, codec, rate, channels, start in first.sounds
    )


def _tagged_aspect(video: VideoStream) -> Fraction | None:
    """The pixel aspect as relip notes it in Matroska."""
    found = _first_tag([dict(video.metadata)], (PIXEL_ASPECT_TAG.lower(),))
    if found is None:
        return None
    wide, _, high = found.partition(":")
    return Fraction(int(wide), int(high)) if wide.isdigit() and high.isdigit() else None


def _first_tag(places: list[dict[str, str]], names: tuple[str, ...]) -> str | None:
    """The first non-empty value; Matroska writes its tags in capitals."""
    for place in places:
        lower = {key.lower(): value.strip() for key, value in place.items()}
        for name in names:
            if lower.get(name):
                return lower[name]
    return None


def _usable_timecode(text: str | None, rate: Fraction) -> str | None:
    """The timecode as it counts at that rate; ``None`` if it cannot."""
    if text is None:
        return None
    for form in (text, text.replace(";", ":").replace(".", ":")):
        with suppress(JobError):
            return str(Timecode.parse(form, rate))
    return None
