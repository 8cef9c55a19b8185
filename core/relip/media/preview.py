"""A small clip for a browser: H.264 and AAC in MP4, made in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

from relip.media.mix import Spoken, mixed_blocks
from relip.media.sound import sound_blocks
from relip.media.speech import Part
from relip_job.errors import OutputError

SOUND_RATE: Final = 48_000
"""Samples per second of the preview's sound."""
_TICKS: Final = 90_000
_AAC_SAMPLES: Final = 1024
_AAC_BITS: Final = 128_000
_BT709: Final = 1
_QUALITY: Final = "20"  # x264's rate factor, where the bit rate allows it


class Preview:
    """A context to which pictures are added in order; ``made`` holds the file after it.

    Parameters
    ----------
    size : width and height of every picture in px, both even.
    rate : pictures per second, for the encoder; the pictures bring their own times.
    length : seconds.
    sound : float32 ``[n, 2]`` at ``SOUND_RATE``, from the first picture's time on.
    most_bits : per second of picture, at most, averaged over a second.
    """

    def __init__(
        self,
        size: tuple[int, int],
        rate: Fraction,
        length: Fraction,
        sound: NDArray[np.float32],
        most_bits: int,
    ) -> None:
        self._size, self._rate, self._length = size, rate, length
        self._sound, self._sounded, self._most_bits = sound, 0, most_bits
        self._memory = io.BytesIO()
        self.made = b""

    def __enter__(self) -> Self:
        self._output = av.open(self._memory, mode="w", format="mp4")
        options = {
            "preset": "veryfast",
            "crf": _QUALITY,
            # A key picture every half second: whoever clicks on a moment sees it at once.
            "g": str(max(1, round(self._rate / 2))),
            "maxrate": str(self._most_bits),
            "bufsize": str(self._most_bits),
        }
        video = self._output.add_stream("libx264", rate=self._rate, options=options)
        assert isinstance(video, VideoStream)
        self._video = video
        context = video.codec_context
        context.width, context.height = self._size
        context.pix_fmt = "yuv420p"
        context.time_base = video.time_base = Fraction(1, _TICKS)
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = 1
        audio = self._output.add_stream("aac", rate=SOUND_RATE)
        assert isinstance(audio, AudioStream)
        audio.codec_context.layout = "stereo"
        audio.codec_context.bit_rate = _AAC_BITS
        self._audio = audio
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            with _told():
                self._output.mux(self._video.encode(None))
                self._add_sound(self._length)
                self._output.mux(self._audio.encode(None))
                self._output.close()
            self.made = self._memory.getvalue()

    def add(self, time: Fraction, duration: Fraction, picture: NDArray[np.uint8]) -> None:
        """Add a picture, RGB ``[h, w, 3]``, that is shown from ``time`` seconds on."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
        frame.color_primaries = frame.color_trc = frame.colorspace = _BT709
        frame.color_range = 1
        frame.time_base = Fraction(1, _TICKS)
        frame.pts = round(time * _TICKS)
        frame.duration = max(1, round((time + duration) * _TICKS) - frame.pts)
        with _told():
            self._output.mux(self._video.encode(frame))
            self._add_sound(time)

    def _add_sound(self, until: Fraction) -> None:
        last = min(round(until * SOUND_RATE), len(self._sound))
        whole = until >= self._length
        while self._sounded < last and (whole or self._sounded + _AAC_SAMPLES <= last):
            part = self._sound[self._sounded : min(self._sounded + _AAC_SAMPLES, last)]
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(part.T), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.time_base = SOUND_RATE, Fraction(1, SOUND_RATE)
            frame.pts = self._sounded
            self._output.mux(self._audio.encode(frame))
            self._sounded += len(part)


@contextmanager
def _told() -> Iterator[None]:
    """Turn FFmpeg's refusals into ours."""
    try:
        yield
    except FFmpegError as error:
        raise OutputError(
            f"the clip of the report cannot be made ({error.strerror})",
            "'relip doctor' tells which codecs this installation can write",
        ) from error


def cut_sound(speech: Spoken, parts: Sequence[Part]) -> NDArray[np.float32]:
    """The parts of a speech's sound one after the other, float32 ``[n, 2]`` at ``SOUND_RATE``.

    Parameters
    ----------
    parts : half-open seconds on the clock of :func:`relip.media.mix.read_mix`, rising; silence
        where it has no sound.

    Raises
    ------
    SpeechError
        A file has no sound, or is damaged.
    """
    if isinstance(speech, tuple):
        mixed = (
            block.samples[:, [0, -1]]
            for start, end in parts
            for block in mixed_blocks(speech, -start, end - start)
        )
        return np.concatenate([np.zeros((0, 2), np.float32), *mixed])
    pieces: list[NDArray[np.float32]] = []
    rate, layout = SOUND_RATE, "stereo"
    for block in sound_blocks(Path(speech)):
        if not pieces:
            rate, layout = block.rate, block.layout
            channels = block.samples.shape[1]
            pieces = [
                np.zeros((round((end - start) * rate), channels), np.float32)
                for start, end in parts
            ]
        first = block.start
        for (start, _), piece in zip(parts, pieces, strict=True):
            begin = round(start * rate)
            low, high = max(first, begin), min(first + len(block.samples), begin + len(piece))
            if low < high:
                piece[low - begin : high - begin] = block.samples[low - first : high - first]
        if all(first >= end * rate for _, end in parts):
            break
    stereo = [
        _fitted(
            np.concatenate(list(_stereo(piece, rate, layout))), round((end - start) * SOUND_RATE)
        )
        for piece, (start, end) in zip(pieces, parts, strict=True)
    ]
    return np.concatenate(stereo or [np.zeros((0, 2), np.float32)])


def _stereo(samples: NDArray[np.float32], rate: int, layout: str) -> Iterator[NDArray[np.float32]]:
    yield np.zeros((0, 2), np.float32)
    if not len(samples):
        return
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout=layout)
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        yield part.to_ndarray().T.astype(np.float32, copy=False)


def _fitted(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Exactly ``count`` rows; a resampler's filter may add or miss a few."""
    return np.pad(samples[:count], ((0, max(0, count - len(samples))), (0, 0)))
