"""Speech as worse rooms and lines deliver it."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream

from relip.media.speech import RATE
from tests.bench_speech.utterances import Samples

NOISE: Final = 15.0
"""dB by which pink noise is below the speech."""
ROOM: Final = 0.4
"""Seconds in which the reverberation falls by 60 dB."""
BITS: Final = 16_000
"""Bits a second that Opus is given."""


def with_noise(samples: Samples, rng: np.random.Generator) -> Samples:
    """The samples in pink noise."""
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    white = rng.normal(size=len(frequency)) + 1j * rng.normal(size=len(frequency))
    pink = np.fft.irfft(white / np.sqrt(np.maximum(frequency, 50)), len(samples))
    power = float(np.mean(samples**2) / np.mean(pink**2)) * 10 ** (-NOISE / 10)
    return np.asarray(samples + pink * np.sqrt(power), np.float32)


def in_room(samples: Samples, rng: np.random.Generator) -> Samples:
    """The samples with a tail of decaying noise, half as loud as themselves, after each."""
    length = round(ROOM * RATE)
    tail = rng.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    tail *= 0.5 / np.sqrt((tail**2).sum())
    tail[0] += 1
    size = len(samples) + length - 1
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[: len(samples)], np.float32)


def coded(samples: Samples, rng: np.random.Generator) -> Samples:
    """The samples after Opus; the codec's own delay is taken off by its container."""
    del rng  # a codec leaves nothing to chance
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as made:
        stream = made.add_stream("libopus", rate=RATE, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = BITS
        pcm = np.ascontiguousarray(np.clip(samples, -1, 1)[None] * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm, "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    file.seek(0)
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(file, "r") as container:
        frames = [
            part for each in container.decode(audio=0) for part in resampler.resample(each)
        ] + resampler.resample(None)
    decoded = np.concatenate([part.to_ndarray().reshape(-1) for part in frames])
    missing = max(0, len(samples) - len(decoded))
    return np.pad(decoded, (0, missing))[: len(samples)].astype(np.float32)
