"""Sound of any file, decoded, on one exact clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition
from numpy.typing import NDArray

from relip.media.opening import opened
from relip_job.errors import MediaError, MissingMedia, SpeechError

# Containers round time stamps, to a millisecond at worst; what lies nearer than this to where
# the last block ended continues it.
_JITTER = Fraction(1, 200)
_TOLERATED_LOSS = 0.02
_ODD_END = Fraction(1, 2)
# After a jump, decoders of compressed sound need a few packets to find their tone.
_RUN_UP = Fraction(1, 2)
# Here the time stamps after a jump are exact to the sample.
_SOUGHT_CONTAINERS = ("wav", "w64", "aiff", "caf", "flac", "mov", "mxf")
_SOUGHT_CODECS = ("pcm_", "flac", "alac", "aac")


@dataclass(frozen=True)
class SoundStream:
    """A stream of sound in a file.

    Attributes
    ----------
    index : among all streams of the file.
    channels : how many.
    main : whether it is the one that is played by default.
    sought : whether reading may begin in the middle of it at no cost, exact to the sample.
    """

    index: int
    channels: int
    main: bool
    sought: bool


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


def sound_blocks(
    path: Path, stream: int | None = None, since: Fraction | None = None
) -> Iterator[SoundBlock]:
    """Yield the sound of a file in order; blocks neither overlap nor change rate or layout.

    Codec delay and edit lists are taken off, gaps stay gaps.

    Parameters
    ----------
    stream : index in the file; ``None`` takes the default audio stream.
    since : seconds on the clock of the blocks: what lies before is not wanted, and left out where
        the file can be entered in the middle. Nothing is yielded of a file that ends before.

    Raises
    ------
    MissingMedia
        There is no such file.
    SpeechError
        There is no sound in it, or it cannot be decoded.
    """
    with _told(path), opened(path) as container:
        source = _source(container, path, stream)
        read_only(container, (source,))
        origin = _first_picture_time(path)
        sought = False
        if since is not None and since > _RUN_UP and _is_sought(container, source):
            start = origin
            if start is None:
                start = origin = _first_sound_time(path, source.index)
            try:
                sought = enter(container, (source,), start + since - _RUN_UP)
            except FFmpegError:
                yield from sound_blocks(path, stream)
                return
        yield from _blocks(container, source, path, origin, sought)


def sound_streams(path: Path) -> tuple[SoundStream, ...]:
    """The streams of sound in the file's order, at least one.

    Raises
    ------
    MissingMedia, SpeechError
        As for :func:`sound_blocks`.
    """
    with _told(path), opened(path) as container:
        main = _source(container, path, None)
        return tuple(
            SoundStream(
                one.index,
                one.codec_context.channels,
                one.index == main.index,
                _is_sought(container, one),
            )
            for one in container.streams.audio
            if one.codec_context is not None
        )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of FFmpeg and of files as those of a dub."""
    try:
        yield
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


def _is_sought(container: InputContainer, source: AudioStream) -> bool:
    codec = source.codec_context.codec.canonical_name
    return _has_exact_times(container) and codec.startswith(_SOUGHT_CODECS)


def _has_exact_times(container: InputContainer) -> bool:
    return any(name in _SOUGHT_CONTAINERS for name in container.format.name.split(","))


def read_only(container: InputContainer, streams: Sequence[AudioStream]) -> None:
    """Leave all other streams unread: pictures are a thousand times as much as sound."""
    wanted = {stream.index for stream in streams}
    for stream in container.streams.get():
        if stream.index not in wanted:
            stream.discard = Discard.all


def enter(container: InputContainer, streams: Sequence[AudioStream], seconds: Fraction) -> bool:
    """Go on reading at that time or somewhat before; whether that left anything out.

    Where times could be wrong after a jump, the container stays where it is.
    """
    tick = streams[0].time_base
    if not _has_exact_times(container) or tick is None:
        return False
    if seconds <= min((stream.start_time or 0) * (stream.time_base or 0) for stream in streams):
        return False
    container.seek(int(seconds / tick), stream=streams[0])
    return True


def _first_sound_time(path: Path, stream: int) -> Fraction:
    """Seconds at which the first sound is heard."""
    with opened(path) as container:
        for packet in container.demux(_source(container, path, stream)):
            for frame in packet.decode():
                if frame.pts is not None and frame.time_base is not None:
                    return frame.pts * frame.time_base
    return Fraction(0)


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
    container: InputContainer,
    source: AudioStream,
    path: Path,
    origin: Fraction | None,
    sought: bool,
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
    if expected is None and sought and not lost:
        return  # it ends before
    if expected is None or lost > max(2, _TOLERATED_LOSS * packets):
        raise _damaged(path)
    promised = _promised(container, source)
    if sought and source.time_base is not None and origin is not None:
        first = round(((source.start_time or 0) * source.time_base - origin) * rate)
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
