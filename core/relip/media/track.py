"""Sound beside the picture of a result: remuxed as it is, or the dub as PCM."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from numpy.typing import NDArray

from relip.media.clip import Clip
from relip.media.mix import Spoken, mixed_blocks
from relip.media.opening import opened
from relip.media.sound import SoundBlock, enter, read_only, sound_blocks

# PyAV's packets are generic for the type checker only.
Timed: TypeAlias = "tuple[Fraction, list[Packet[AudioStream]]]"
_PCM_CHUNK = 4800
_ENOUGH_BEFORE = Fraction(2)
_SILENCE_AT_ONCE = 48_000


@dataclass(frozen=True)
class Span:
    """The part of the clip's time that goes out, in seconds from its first picture."""

    start: Fraction
    end: Fraction


def source_sound(
    output: OutputContainer, clip: Clip, span: Span, stack: ExitStack, keep_early: bool
) -> Iterator[Timed]:
    """Add the clip's audio streams and yield their packets, unchanged, in order of time.

    What the container cannot carry is decoded and written as 24-bit PCM.

    Parameters
    ----------
    stack : keeps the source open as long as packets are wanted.
    keep_early : whether packets before the span's start may stay, for codecs that need the
        one before; the container then has to hide them.
    """
    copied: dict[int, tuple[AudioStream, AudioStream]] = {}
    runs: list[Iterator[Timed]] = []
    source = stack.enter_context(opened(clip.path))
    for sound in clip.sounds:
        stream = source.streams[sound.stream]
        assert isinstance(stream, AudioStream)
        try:
            out = output.add_stream_from_template(stream)
        except ValueError:
            blocks = _from(clip.path, sound.stream, span.start)
            runs.append(_pcm(output, blocks, -span.start, span.end - span.start))
            continue
        out.metadata.update(stream.metadata)
        copied[sound.stream] = (stream, out)
    if copied:
        zero = int(clip.pts[0]) * clip.time_base + span.start
        runs.append(_remuxed(source, copied, zero, span.end - span.start, keep_early))
    return _in_order(runs)


def dub_sound(
    output: OutputContainer, dub: Spoken, dub_start: Fraction, span: Span
) -> Iterator[Timed]:
    """Add one stream of 24-bit PCM with the dub, whose clock begins at ``dub_start``.

    A file keeps its rate and channels, parts are mixed at 48 kHz.
    """
    shift, length = dub_start - span.start, span.end - span.start
    if isinstance(dub, tuple):
        return _pcm(output, mixed_blocks(dub, shift, length), Fraction(0), length)
    return _pcm(output, _from(Path(dub), None, -shift), shift, length)


def _from(path: Path, stream: int | None, since: Fraction) -> Iterator[SoundBlock]:
    """The sound from about that time on; of sound that ends before, all: its rate is wanted."""
    blocks = sound_blocks(path, stream, since)
    first = next(blocks, None)
    return sound_blocks(path, stream) if first is None else chain([first], blocks)


def _remuxed(
    source: InputContainer,
    copied: dict[int, tuple[AudioStream, AudioStream]],
    zero: Fraction,
    length: Fraction,
    keep_early: bool,
) -> Iterator[Timed]:
    """Packets of the source with its second ``zero`` as the new start."""
    streams = tuple(stream for stream, _ in copied.values())
    read_only(source, streams)
    with suppress(FFmpegError):
        enter(source, streams, zero - _ENOUGH_BEFORE)
    waited = {stream.index for stream in streams}
    for packet in source.demux(streams):
        if packet.pts is None or packet.size == 0:
            continue
        tick = packet.time_base
        shift = round(zero / tick)
        start = (packet.pts - shift) * tick
        lasts = (packet.duration or 0) * tick
        # The packet before the start stays where it can: MDCT codecs overlap by one.
        if start + (2 if keep_early else 1) * lasts <= 0 or (start < 0 and not keep_early):
            continue
        if start >= length:
            waited.discard(packet.stream.index)
            if not waited:
                return
            continue
        packet.pts -= shift
        if packet.dts is not None:
            packet.dts -= shift
        packet.stream = copied[packet.stream.index][1]
        yield start, [packet]


def _pcm(
    output: OutputContainer,
    blocks: Iterator[SoundBlock],
    shift: Fraction,
    length: Fraction,
) -> Iterator[Timed]:
    """Add a PCM stream now; yield its packets when asked."""
    first = next(blocks)
    rate = first.rate
    stream = output.add_stream("pcm_s24le", rate=rate)
    assert isinstance(stream, AudioStream)
    stream.codec_context.layout = first.layout
    stream.codec_context.format = "s32"
    stream.codec_context.time_base = Fraction(1, rate)
    offset = round(shift * rate)
    return _encoded(stream, _runs(first, blocks, offset, round(length * rate)), first.layout, rate)


def _runs(
    first: SoundBlock, rest: Iterator[SoundBlock], offset: int, end: int
) -> Iterator[NDArray[np.float32]]:
    """Samples from 0 to ``end`` without a hole; ``offset`` is added to the blocks' numbers."""
    done = 0
    channels = first.samples.shape[1]
    block: SoundBlock | None = first
    while block is not None and done < end:
        start = block.start + offset
        while done < min(start, end):
            silent = min(start, end, done + _SILENCE_AT_ONCE) - done
            yield np.zeros((silent, channels), np.float32)
            done += silent
        part = block.samples[max(0, done - start) : max(0, end - start)]
        if len(part):
            yield part
            done += len(part)
        block = next(rest, None)
    while done < end:
        silent = min(end - done, _SILENCE_AT_ONCE)
        yield np.zeros((silent, channels), np.float32)
        done += silent


def _encoded(
    stream: AudioStream, runs: Iterator[NDArray[np.float32]], layout: str, rate: int
) -> Iterator[Timed]:
    done = 0
    for run in runs:
        for begin in range(0, len(run), _PCM_CHUNK):
            part = run[begin : begin + _PCM_CHUNK]
            # 24 bits in the upper part of 32, as the encoder takes them.
            codes = np.rint(part.astype(np.float64) * (1 << 23)).clip(-(1 << 23), (1 << 23) - 1)
            packed = (codes.astype(np.int32) << 8).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="s32", layout=layout)
            frame.sample_rate = rate
            frame.time_base = Fraction(1, rate)
            frame.pts = done
            yield Fraction(done, rate), stream.encode(frame)
            done += len(part)
    yield Fraction(done, rate), stream.encode(None)


def _in_order(runs: list[Iterator[Timed]]) -> Iterator[Timed]:
    """Merge by time, holding one item of each."""
    held = [(item, run) for run in runs if (item := next(run, None)) is not None]
    while held:
        number = min(range(len(held)), key=lambda which: held[which][0][0])
        item, run = held[number]
        yield item
        following = next(run, None)
        if following is None:
            del held[number]
        else:
            held[number] = (following, run)
