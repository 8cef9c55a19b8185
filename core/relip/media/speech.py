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

from relip.media.sound import SoundBlock, sound_blocks

RATE = 16_000
# Channels this much (in power) below the loudest carry no dialogue but spill.
_SPILL = 1e-3
# In a surround mix the centre carries the dialogue, if it carries anything at all.
_CENTRE_SPEAKS = 1e-2
_IN_ANTIPHASE = -0.5
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

    Channels are averaged, so the mix cannot clip, after three corrections that all that is read
    decides: silent channels and the subwoofer are left out, a centre channel that speaks is
    taken alone, and a channel in antiphase to the loudest is turned over, so nothing cancels.

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
    blocks = _within(sound_blocks(path, stream), part)
    first = next(blocks, None)
    if first is None:
        return Speech(np.zeros(0, np.float32))
    # One channel needs no weighing, and no second decoding for it.
    weights = np.ones(1, np.float32)
    if first.samples.shape[1] > 1:
        weights = _weights(_within(sound_blocks(path, stream), part))
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


def _weights(blocks: Iterator[SoundBlock]) -> NDArray[np.float32]:
    """What each channel adds to the mix; the absolute values add up to 1."""
    power: NDArray[np.float64] | None = None
    layout = ""
    for block in blocks:
        wide = block.samples.astype(np.float64)
        products = wide.T @ wide
        power = products if power is None else power + products
        layout = block.layout
    assert power is not None  # an empty stream is an error of its own
    names = [channel.name for channel in av.AudioLayout(layout).channels]
    loudness = np.diag(power).copy()
    if len(names) == len(loudness) and len(names) > 1:
        loudness[[name.startswith("LFE") for name in names]] = 0
        if "FC" in names and len(names) > 2:
            centre = names.index("FC")
            if loudness[centre] > _CENTRE_SPEAKS * loudness.max():
                loudness[np.arange(len(names)) != centre] = 0
    loudest = int(loudness.argmax())
    used = loudness >= _SPILL * loudness[loudest]
    if loudness[loudest] > 0:
        used &= loudness > 0
    alike = power[loudest] / np.sqrt(np.maximum(power[loudest, loudest] * np.diag(power), 1e-30))
    signs = np.where(alike < _IN_ANTIPHASE, -1.0, 1.0)
    weights: NDArray[np.float32] = (signs * used / used.sum()).astype(np.float32)
    return weights


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
