"""Clips made from other clips: another layout, codec, rate, size, length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

_RATE = 48_000


@dataclass(frozen=True)
class Recipe:
    """How to make a clip.

    Attributes
    ----------
    encoder, pixels, options : FFmpeg's names.
    rate : pictures per second; None keeps the source's. Nothing is resampled.
    uneven : every third picture stands twice as long: variable frame rate.
    size : width and height; None keeps the source's.
    frames : how many pictures; beyond its end the source begins again.
    timecode : of the first picture.
    colour : primaries, transfer, matrix by the code points of ITU-T H.273.
    sound : whether to keep it.
    """

    encoder: str = "ffv1"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    rate: Fraction | None = None
    uneven: bool = False
    size: tuple[int, int] | None = None
    frames: int = 25
    timecode: str | None = None
    colour: tuple[int, int, int] = (1, 1, 1)
    sound: bool = True


def remade(source: Path, path: Path, recipe: Recipe) -> Path:
    """Make the clip at ``path``, whose suffix decides the container."""
    with av.open(str(source)) as given, av.open(str(path), "w") as made:
        rate = recipe.rate or given.streams.video[0].average_rate
        assert isinstance(made, OutputContainer) and rate is not None
        clock = Fraction(1, 1000) if path.suffix == ".mkv" else 1 / (rate * 2)
        video = made.add_stream(recipe.encoder, rate=rate, options=recipe.options)
        assert isinstance(video, VideoStream)
        first = next(given.decode(video=0))
        context = video.codec_context
        context.width, context.height = recipe.size or (first.width, first.height)
        context.pix_fmt = recipe.pixels
        context.time_base = video.time_base = clock
        context.color_primaries, context.color_trc, context.colorspace = recipe.colour
        context.color_range = 2 if recipe.pixels.startswith(("gbr", "bgr")) else 1
        if recipe.timecode:
            video.metadata["timecode"] = recipe.timecode
        ends = Fraction(0)
        pcm = made.add_stream("pcm_s16le", rate=_RATE, layout="mono") if recipe.sound else None
        for index, picture in enumerate(_pictures(source, recipe.frames)):
            shown = picture.reformat(context.width, context.height, recipe.pixels)
            shown.color_primaries, shown.color_trc, shown.colorspace = recipe.colour
            shown.color_range = context.color_range
            shown.pts, shown.time_base = round(ends / clock), clock
            shown.pict_type = 0
            ends += (2 if recipe.uneven and index % 3 == 2 else 1) / rate
            made.mux(video.encode(shown))
        made.mux(video.encode(None))
        if pcm is not None:
            samples = sound_of(source, round(ends * _RATE))
            frame = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = _RATE, 0, Fraction(1, _RATE)
            made.mux(pcm.encode(frame))
            made.mux(pcm.encode(None))
    return path


def _pictures(source: Path, count: int) -> Iterator[av.VideoFrame]:
    while count > 0:
        with av.open(str(source)) as container:
            container.streams.video[0].thread_type = "AUTO"
            for picture in container.decode(video=0):
                yield picture
                count -= 1
                if count == 0:
                    return


def sound_of(source: Path, count: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """``count`` samples of the source's sound, beginning again at its end."""
    with av.open(str(source)) as container:
        if not container.streams.audio:
            return np.zeros(count, np.int16)
        resampler = av.AudioResampler("s16", "mono", _RATE)
        parts = [
            part.to_ndarray().reshape(-1)
            for frame in container.decode(audio=0)
            for part in resampler.resample(frame)
        ]
    return np.resize(np.concatenate(parts), count).astype(np.int16)


def write_wav(path: Path, samples: np.ndarray[tuple[int], np.dtype[np.float32]], rate: int) -> Path:
    """Mono 16-bit WAV of samples in -1 to 1."""
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path
