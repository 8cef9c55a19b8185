"""A small sound for a browser, made in memory: AAC in MP4, Opus in WebM where room is short."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.error import FFmpegError
from numpy.typing import NDArray

from relip.media.speech import RATE
from relip_job.errors import OutputError

_MOST_BITS: Final = 64_000
_AAC_BITS: Final = 28_000
"""Bits per second under which AAC of speech at 16 kHz falls apart; Opus does not."""
_OPUS_BITS: Final = 6_000
"""Bits per second under which Opus does, too: then not all of the sound is made."""
_SPARE: Final = 0.97
_HEAD: Final = 2_000
"""Bytes of the container's own, and per second, at most:"""
_BOX_BITS: Final = 1_000
_OPUS: Final = {
    "application": "voip",
    "frame_duration": "60",  # fewer packets, less of the container
    "vbr": "off",  # the size can be told beforehand
    "compression_level": "3",  # three times as fast as 10, and hardly worse
}
_BLOCK: Final = 1 << 14


@dataclass(frozen=True)
class SoundPreview:
    """A file for an ``audio`` element.

    Attributes
    ----------
    made : the bytes, ``kind`` their media type.
    seconds : how much of the sound is in it, from its beginning.
    """

    made: bytes
    kind: str
    seconds: float


def sound_preview(samples: NDArray[np.float32], most_bytes: int) -> SoundPreview:
    """As good a sound as fits into ``most_bytes``; of a very long one the beginning.

    Parameters
    ----------
    samples : float32 ``[n]``, mono, 16 kHz.

    Raises
    ------
    OutputError
        This FFmpeg has neither encoder.
    """
    room = 8 * _SPARE * max(most_bytes - _HEAD, 0)
    bits = int(min(_MOST_BITS, room * RATE / max(len(samples), RATE) - _BOX_BITS))
    if bits >= _AAC_BITS:
        return SoundPreview(
            _encoded(samples, "mp4", "aac", bits, {}), "audio/mp4", len(samples) / RATE
        )
    bits = max(bits, _OPUS_BITS)
    kept = samples[: int(room / (bits + _BOX_BITS) * RATE)]
    return SoundPreview(
        _encoded(kept, "webm", "libopus", bits, _OPUS), "audio/webm", len(kept) / RATE
    )


def _encoded(
    samples: NDArray[np.float32], form: str, codec: str, bits: int, options: dict[str, str]
) -> bytes:
    memory = io.BytesIO()
    try:
        with av.open(memory, mode="w", format=form) as output:
            stream = output.add_stream(codec, rate=RATE, options=options)
            assert isinstance(stream, AudioStream)
            stream.codec_context.layout = "mono"
            stream.codec_context.bit_rate = bits
            resampler = av.AudioResampler(
                format=stream.codec_context.format,
                layout="mono",
                rate=RATE,
                frame_size=stream.codec_context.frame_size or 0,
            )
            for first in range(0, len(samples), _BLOCK):
                part = np.clip(samples[first : first + _BLOCK], -1, 1)
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(part)[None], format="flt", layout="mono"
                )
                frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
                frame.pts = first
                for piece in resampler.resample(frame):
                    output.mux(stream.encode(piece))
            for piece in resampler.resample(None):
                output.mux(stream.encode(piece))
            output.mux(stream.encode(None))
    except FFmpegError as error:
        raise OutputError(
            f"the sound of the report cannot be made ({error.strerror})",
            "'relip doctor' tells which codecs this installation can write",
        ) from error
    return memory.getvalue()
