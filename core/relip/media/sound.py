"""Sound of any file, decoded, on one exact clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from numpy.typing import NDArray

from relip.media.opening import opened
from relip_job.errors import MediaError, MissingMedia, SpeechError

# Containers round time stamps, to a millisecond at worst; what lies nearer than this to where
# the last block ended continues it.
_JITTER = Fraction(1, 200)
_TOLERATED_LOSS = 0.02
_ODD_END = Fraction(1, 2)


@dataclass(frozen=True, eq=False)
class SoundBlock:
    """A run of samples without a gap.

    Attributes
    ----------
    samples : float32 ``[n, channels]``, full scale is 1; 24-bit samples are exact.
    start : number of the first sample, counted from the file's first picture, or from the
        first sound where there is no picture; may be negative.
    rate : samples per second.
    layout : FFmpeg's name of the channel layout, ``stereo``, ``5.1(side)`` ...
    """

    samples: NDArray[np.float32]
    start: int
    rate: int
    layout: str


def sound_blocks(path: Path, stream: int | None = None) -> Iterator[SoundBlock]:
    """Yield the sound of a file in order; blocks neither overlap nor change rate or layout.

    Codec delay and edit lists are taken off, gaps stay gaps.

    Parameters
    ----------
    stream : index in the file; ``None`` takes the default audio stream.

    Raises
    ------
    MissingMedia
        There is no such file.
    SpeechError
        There is no sound in it, or it cannot be decoded.
    """
    try:
        with opened(path) as container:
            source = _source(container, path, stream)
            origin = _first_picture_time(path)
            yield from _blocks(container, source, path, origin)
    except MissingMedia:
        raise
    except MediaError as error:
        raise SpeechError(error.message, error.remedy) from error
    except FFmpegError as error:
        raise _damaged(path) from error


def _source(container: InputContainer, path: Path, stream: int | None) -> AudioStream:
    sounds = [one for one in container.streams.audio if one.codec_context is not None]
    if stream is not None:
        sounds = [one for one in sounds if one.index == stream]
    if not sounds:
        where = f"{path.name} has no sound" + ("" if stream is None else f" in stream {stream}")
        raise SpeechError(where, "choose a file or stream that carries the new line")
    return next((one for one in sounds if one.disposition & Disposition.default), sounds[0])


def _first_picture_time(path: Path) -> Fraction | None:
    """Seconds at which the first moving picture is shown; ``None`` if there is none."""
    with opened(path) as container:
        moving = [
            one
            for one in container.streams.video
            if one.codec_context is not None and not one.disposition & Disposition.attached_pic
        ]
        if not moving:
            return None
        for packet in container.demux(moving[0]):
            try:
                for frame in packet.decode():
                    if frame.pts is not None and frame.time_base is not None:
                        return frame.pts * frame.time_base
            except FFmpegError:
                continue  # it may begin inside a group of pictures
    return None


def _blocks(
    container: InputContainer, source: AudioStream, path: Path, origin: Fraction | None
) -> Iterator[SoundBlock]:
    expected: int | None = None
    first: int | None = None
    rate, layout = 0, ""
    packets = lost = 0
    for packet in container.demux(source):
        packets += 1
        try:
            decoded = packet.decode()
        except FFmpegError:
            lost += 1
            continue
        for frame in decoded:
            if not rate:
                rate, layout = frame.sample_rate, frame.layout.name
                # FFmpeg interleaves: PyAV itself reads past planar sound of eight channels.
                interleave = av.AudioResampler(format="flt", layout=layout, rate=rate)
            if (frame.sample_rate, frame.layout.name) != (rate, layout):
                raise SpeechError(
                    f"{path.name} changes its sample rate or channels on the way",
                    "convert it to WAV first",
                )
            time = None if frame.pts is None else frame.pts * (frame.time_base or Fraction(1, rate))
            runs = [part.to_ndarray() for part in interleave.resample(frame)]
            samples = np.concatenate(runs, axis=1).astype(np.float32, copy=False)
            samples = samples.reshape(-1, frame.layout.nb_channels)
            if origin is None:
                origin = time or Fraction(0)
            start = expected if time is None else round((time - origin) * rate)
            if start is None:
                start = 0
            if expected is not None:
                if abs(start - expected) <= _JITTER * rate:
                    start = expected
                elif start < expected:
                    samples = samples[expected - start :]
                    start = expected
            if len(samples):
                yield SoundBlock(samples, start, rate, layout)
                first = start if first is None else first
                expected = start + len(samples)
    if expected is None or lost > max(2, _TOLERATED_LOSS * packets):
        raise _damaged(path)
    promised = _promised(container, source)
    heard = Fraction(expected - (first or 0), rate)
    if promised - heard > max(_ODD_END, promised * Fraction(1, 20)):
        raise _damaged(path)


def _promised(container: InputContainer, source: AudioStream) -> Fraction:
    """How many seconds the file says it holds, where its word can be trusted; else 0."""
    name = container.format.name
    if name not in ("wav", "w64", "aiff", "flac", "caf") and not name.startswith("mov"):
        return Fraction(0)
    return (source.duration or 0) * (source.time_base or Fraction(0))


def _damaged(path: Path) -> SpeechError:
    return SpeechError(
        f"the sound of {path.name} is damaged or cut short", "export it again, best as WAV"
    )
