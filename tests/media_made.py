"""Media made for the tests: any codec, layout, rate, timecode and tags, written with PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from relip.media.formats import sample_format
from relip.media.frame import Box, Colour, Frame, Plane
from relip.media.reader import plane_views

BT709 = Colour(1, 1, 1, False, 0)
FFV1 = {"level": "3", "g": "1", "slicecrc": "1"}


@dataclass(frozen=True)
class Recipe:
    """What a clip is to be; the defaults make a second of 25 fps FFV1 in Matroska.

    ``ticks`` are the pictures' pts in ``time_base``; without them they lie on ``rate``'s grid.
    ``tone`` adds a stereo sine of that many hertz in ``sound_codec``.
    """

    encoder: str = "ffv1"
    pixels: str = "yuv420p"
    size: tuple[int, int] = (64, 48)
    frames: int = 6
    rate: Fraction = Fraction(25)
    time_base: Fraction | None = None
    ticks: Sequence[int] | None = None
    colour: Colour = BT709
    timecode: str | None = None
    reel: str | None = None
    pixel_aspect: Fraction = Fraction(1)
    rotation: int = 0
    options: dict[str, str] = field(default_factory=dict)
    muxer: str | None = None
    tone: float | None = None
    sound_codec: str = "pcm_s16le"
    flags: int = 0


def picture(pixels: str, size: tuple[int, int], number: int) -> list[Plane]:
    """Planes of a picture that differs from every other number's: soft blobs that move."""
    fmt = sample_format(pixels)
    width, height = size
    noise = np.random.default_rng(1000 + number)
    planes: list[Plane] = []
    for plane in range({"gray": 1}.get(fmt.model, 3) + fmt.alpha):
        chroma = fmt.model == "yuv" and plane in (1, 2)
        sx, sy = (fmt.chroma_x, fmt.chroma_y) if chroma else (1, 1)
        low, high = (16 << (fmt.bits - 8), 235 << (fmt.bits - 8))
        shape = (-(-width // sx), -(-height // sy))
        coarse = noise.integers(low, high, (6, 8)).astype(np.float32)
        smooth = np.clip(cv2.resize(coarse, shape, interpolation=cv2.INTER_CUBIC), low, high)
        planes.append(smooth.astype(np.uint8) if fmt.bits == 8 else smooth.astype(np.uint16))
    return planes


def av_picture(pixels: str, planes: list[Plane]) -> av.VideoFrame:
    """The planes as FFmpeg's frame."""
    height, width = planes[0].shape
    made = av.VideoFrame(width, height, sample_format(pixels).name)
    for view, plane in zip(plane_views(made, True), planes, strict=True):
        np.copyto(view, plane)
    return made if made.format.name == pixels else made.reformat(format=pixels)


def make_clip(path: Path, recipe: Recipe = Recipe()) -> list[list[Plane]]:
    """Write the clip; the planes of every picture that went in."""
    time_base = recipe.time_base or 1 / recipe.rate
    written = []
    scale = {"video_track_timescale": str(time_base.denominator)}
    options = scale if path.suffix in (".mov", ".mp4") else {}
    with av.open(str(path), "w", format=recipe.muxer, container_options=options) as container:
        video = container.add_stream(recipe.encoder, rate=recipe.rate, options=recipe.options)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height = recipe.size
        context.pix_fmt = recipe.pixels
        context.time_base = video.time_base = time_base
        context.sample_aspect_ratio = recipe.pixel_aspect
        context.thread_count = 1
        context.flags |= recipe.flags
        _describe(context, recipe.colour)
        if recipe.timecode:
            video.metadata["timecode"] = recipe.timecode
        if recipe.reel:
            video.metadata["reel_name"] = recipe.reel
        if recipe.rotation:
            video.set_display_rotation(recipe.rotation)
        sound: AudioStream | None = None
        if recipe.tone is not None:
            added = container.add_stream(recipe.sound_codec, rate=48000)
            assert isinstance(added, AudioStream)
            sound = added
            sound.codec_context.layout = "stereo"
        for number in range(recipe.frames):
            planes = picture(recipe.pixels, recipe.size, number)
            written.append(planes)
            frame = av_picture(recipe.pixels, planes)
            _describe(frame, recipe.colour)
            step = round(1 / (recipe.rate * time_base))
            frame.pts = recipe.ticks[number] if recipe.ticks else number * step
            frame.time_base = time_base
            frame.duration = step
            container.mux(video.encode(frame))
            if sound is not None and recipe.tone is not None:
                span = [round(48000 * (number + more) / recipe.rate) for more in (0, 1)]
                _add_tone(container, sound, recipe.tone, span[0], span[1])
        container.mux(video.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    return written


def _describe(what: av.VideoFrame | av.VideoCodecContext, colour: Colour) -> None:
    what.color_primaries, what.color_trc = colour.primaries, colour.transfer
    what.colorspace, what.color_range = colour.matrix, 2 if colour.full else 1


def _add_tone(
    container: av.container.OutputContainer, sound: AudioStream, tone: float, start: int, end: int
) -> None:
    wave = 0.5 * np.sin(2 * np.pi * tone * np.arange(start, end) / 48000)
    frame = av.AudioFrame.from_ndarray(
        np.stack([wave, wave]).astype(np.float32), format="fltp", layout="stereo"
    )
    frame.sample_rate, frame.time_base, frame.pts = 48000, Fraction(1, 48000), start
    for part in av.AudioResampler(sound.codec_context.format.name, "stereo", 48000).resample(frame):
        container.mux(sound.encode(part))


def make_sound(
    path: Path,
    samples: NDArray[np.float32],
    rate: int,
    codec: str = "pcm_s16le",
    layout: str = "mono",
    start: int = 0,
) -> None:
    """Write float samples ``[n, channels]`` as a sound file."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream(codec, rate=rate)
        assert isinstance(sound, AudioStream)
        sound.codec_context.layout = layout
        packed = np.ascontiguousarray(samples, dtype=np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), start
        kind = sound.codec_context.format.name
        resampler = av.AudioResampler(kind, layout, rate, sound.codec_context.frame_size or 1024)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(sound.encode(part))
        container.mux(sound.encode(None))


def made_frame(pixels: str, size: tuple[int, int], colour: Colour = BT709) -> Frame:
    """A frame without a file."""
    planes = tuple(picture(pixels, size, 0))
    box = Box(0, 0, *size)
    return Frame(
        0, 0, Fraction(1, 25), Fraction(0), sample_format(pixels), colour, *size, planes, box
    )
