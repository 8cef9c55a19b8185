"""The line to be spoken, as one voice: mono, 16 kHz, on the picture's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from relip.media.channels import Loudness
from relip.media.sound import SoundBlock, sound_blocks

RATE = 16_000
_LONGEST_FILL = 1 << 16


@dataclass(frozen=True, eq=False)
class Speech:
    """Sound as the networks hear it.

    Attributes
    ----------
    samples : float32 ``[n]``, mono, full scale is 1.
    rate : samples per second.
    start : seconds from the clip's first picture to the first sample; 0 for plain sound files.
    """

    samples: NDArray[np.float32]
    rate: int = RATE
    start: Fraction = Fraction(0)

    @property
    def duration(self) -> Fraction:
        """Length in seconds."""
        return Fraction(len(self.samples), self.rate)


Part = tuple[Fraction, Fraction]
"""Half-open seconds on the clock of :attr:`Speech.start`."""


def read_speech(path: str | Path, stream: int | None = None, part: Part | None = None) -> Speech:
    """Read the sound of any file as mono at 16 kHz.

    Channels become one voice as in :class:`relip.media.channels.Loudness`.

    Parameters
    ----------
    stream : index of the audio stream in the file; ``None`` takes the default one.
    part : what to read; ``None`` is all. Where the file has no sound, there are no samples.

    Raises
    ------
    MissingMedia
        There is no such file.
    SpeechError
        It has no sound, or is damaged.
    """
    path = Path(path)
    since = None if part is None else part[0]
    blocks = _within(sound_blocks(path, stream, since), part)
    first = next(blocks, None)
    if first is None:
        return Speech(np.zeros(0, np.float32))
    # One channel needs no weighing, and no second decoding for it.
    weights = np.ones(1, np.float32)
    if first.samples.shape[1] > 1:
        loudness = Loudness()
        for block in _within(sound_blocks(path, stream, since), part):
            loudness.take(block.samples, block.layout)
        weights = loudness.weights()
    samples = _resampled(_mixed(chain([first], blocks), weights), first.rate)
    joined = np.concatenate(list(samples) or [np.zeros(0, np.float32)])
    return Speech(joined, RATE, Fraction(first.start, first.rate))


def _within(blocks: Iterator[SoundBlock], part: Part | None) -> Iterator[SoundBlock]:
    """The blocks, cut to the part; what lies after it is not decoded."""
    if part is None:
        yield from blocks
        return
    for block in blocks:
        first, stop = (round(second * block.rate) - block.start for second in part)
        if stop <= 0:
            return
        first = max(first, 0)
        if first < len(block.samples):
            yield replace(block, samples=block.samples[first:stop], start=block.start + first)


def _mixed(
    blocks: Iterator[SoundBlock], weights: NDArray[np.float32]
) -> Iterator[NDArray[np.float32]]:
    """Mono runs of samples, with silence where the file has gaps."""
    expected: int | None = None
    for block in blocks:
        gap = 0 if expected is None else block.start - expected
        while gap > 0:
            filled = min(gap, _LONGEST_FILL)
            yield np.zeros(filled, np.float32)
            gap -= filled
        yield block.samples @ weights
        expected = block.start + len(block.samples)


def _resampled(runs: Iterator[NDArray[np.float32]], rate: int) -> Iterator[NDArray[np.float32]]:
    """The same at 16 kHz; the filter's delay is taken off, sample 0 stays where it was."""
    if rate == RATE:
        yield from runs
        return
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    done = 0
    for run in runs:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(run)[None], format="flt", layout="mono"
        )
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        frame.pts = done
        done += len(run)
        yield from _arrays(resampler.resample(frame))
    yield from _arrays(resampler.resample(None))


def _arrays(frames: list[av.AudioFrame]) -> Iterator[NDArray[np.float32]]:
    for frame in frames:
        yield frame.to_ndarray().astype(np.float32, copy=False).reshape(-1)
