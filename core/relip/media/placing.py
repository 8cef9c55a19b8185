"""A part of a file's sound on its way to where it is heard, at the rate it is heard at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from relip.media.channels import Loudness
from relip.media.sound import SoundBlock
from relip_job.job import SpeechPart

_FILTER: Final = 32
"""Samples of the slower rate that the resampler's filter reaches to either side, with room."""
_LONGEST_FILL: Final = 1 << 16


@dataclass(frozen=True, eq=False)
class Piece:
    """Samples ``[n, channels]``, the first of which has number ``first`` where they are heard."""

    samples: NDArray[np.float32]
    first: int


class Placed:
    """One part: takes the file's blocks in order, gives pieces of what is heard.

    Its samples keep the file's own grid, which is moved by whole samples of the file's rate to
    where the part belongs: at most half a sample off. Resampling is done so that the parts of one
    recording, put together again, are that recording.

    Parameters
    ----------
    columns : of the blocks' channels; None is all of them.
    rate, channels : of what is heard; several channels are made one voice where one is wanted,
        and one is put into both of two.
    shift : seconds that are added to the part's time.

    Attributes
    ----------
    first, stop : samples ``[first, stop)`` are what was heard so far, without the filter's tails.
    reached : whether the file goes on where the part begins.
    """

    def __init__(
        self,
        part: SpeechPart,
        columns: tuple[int, ...] | None,
        rate: int,
        channels: int,
        shift: Fraction,
    ) -> None:
        self.part = part
        self.first = self.stop = 0
        self.reached = False
        self._columns, self._rate, self._channels = columns, rate, channels
        self._at = part.at + shift
        self._loudness = Loudness()
        self._weights: NDArray[np.float32] | None = None
        self._resampler: _Resampler | None = None
        self._span: _Span | None = None

    def is_weighed(self, width: int) -> bool:
        """Whether it must be listened to beforehand, when blocks have so many channels."""
        return (width if self._columns is None else len(self._columns)) > self._channels

    def weigh(self, block: SoundBlock) -> None:
        """Listen to a block beforehand, where several channels become one voice."""
        samples, _ = self._cut(block)
        if len(samples):
            self._loudness.take(samples, "" if self._columns else block.layout)

    def take(self, block: SoundBlock) -> Iterator[Piece]:
        """What the next block adds."""
        samples, start = self._cut(block)
        if not len(samples):
            return
        voice = self._mixed(samples)
        if self.stop <= self.first:
            self.first = start * self._rate // block.rate
        self.stop = -(-(start + len(voice)) * self._rate // block.rate)
        if block.rate == self._rate:
            yield Piece(voice, start)
            return
        if self._resampler is None:
            self._resampler = _Resampler(block.rate, self._rate, self._channels)
        yield from self._resampler.take(voice, start)

    def end(self) -> Iterator[Piece]:
        """What is left when the part is over."""
        if self._resampler is not None:
            yield from self._resampler.end()

    def _cut(self, block: SoundBlock) -> tuple[NDArray[np.float32], int]:
        """What of the block belongs to the part, and its number on the clock it is heard on."""
        span = self._span or _span(self.part, self._at, block.rate)
        self._span = span
        end = block.start + len(block.samples)
        self.reached |= end > span.first
        low, high = max(span.first, block.start), end
        if span.stop is not None:
            high = min(end, span.stop)
        samples = block.samples[low - block.start : max(high - block.start, 0)]
        if self._columns is not None:
            samples = samples[:, self._columns]
        return samples, low + span.moved

    def _mixed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        if samples.shape[1] > self._channels:
            if self._weights is None:
                self._weights = self._loudness.weights(samples)
            samples = (samples @ self._weights)[:, None]
        loud = samples * np.float32(self.part.gain)
        return np.asarray(np.broadcast_to(loud, (len(samples), self._channels)))


@dataclass(frozen=True)
class _Span:
    """Samples ``[first, stop)`` of a file and how many they are moved; None is to its end."""

    first: int
    stop: int | None
    moved: int


def _span(part: SpeechPart, at: Fraction, rate: int) -> _Span:
    stop = None if part.duration is None else round((part.start + part.duration) * rate)
    return _Span(round(part.start * rate), stop, round((at - part.start) * rate))


class _Resampler:
    """Brings runs of samples to another rate; every sample stays where it was."""

    def __init__(self, rate: int, wanted: int, channels: int) -> None:
        self._rate, self._wanted = rate, wanted
        self._layout = {1: "mono", 2: "stereo"}[channels]
        self._resampler = av.AudioResampler(format="flt", layout=self._layout, rate=wanted)
        self._tail = ceil(_FILTER * max(Fraction(1), Fraction(rate, wanted)))
        self._begun: int | None = None
        self._fed = self._given = 0

    def take(self, samples: NDArray[np.float32], start: int) -> Iterator[Piece]:
        """What comes out when samples go in whose first has number ``start``."""
        if self._begun is None:
            # Both rates have a sample here, and before it the filter finds silence.
            common = self._rate // gcd(self._rate, self._wanted)
            self._begun = (start - self._tail) // common * common
            self._given = self._begun // common * (self._wanted // gcd(self._rate, self._wanted))
        yield from self._silence(start - self._begun - self._fed)
        yield from self._feed(samples)

    def end(self) -> Iterator[Piece]:
        """What the filter still holds."""
        yield from self._silence(self._tail)
        yield from self._pieces(self._resampler.resample(None))

    def _silence(self, count: int) -> Iterator[Piece]:
        while count > 0:
            filled = min(count, _LONGEST_FILL)
            yield from self._feed(np.zeros((filled, 1), np.float32))
            count -= filled

    def _feed(self, samples: NDArray[np.float32]) -> Iterator[Piece]:
        channels = 2 if self._layout == "stereo" else 1
        packed = np.ascontiguousarray(np.broadcast_to(samples, (len(samples), channels)))
        frame = av.AudioFrame.from_ndarray(packed.reshape(1, -1), format="flt", layout=self._layout)
        frame.sample_rate, frame.time_base = self._rate, Fraction(1, self._rate)
        frame.pts = self._fed
        self._fed += len(samples)
        yield from self._pieces(self._resampler.resample(frame))

    def _pieces(self, frames: list[av.AudioFrame]) -> Iterator[Piece]:
        for frame in frames:
            samples = frame.to_ndarray().astype(np.float32, copy=False)
            samples = samples.reshape(-1, frame.layout.nb_channels)
            yield Piece(samples, self._given)
            self._given += len(samples)
