"""Other rooms, microphones, voices and codecs for a labelled utterance.

Every function takes float32 samples ``[n]`` at 16 kHz and gives as many back, but for
:func:`retimed`, which also tells by what factor times grow.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray
from scipy.signal import fftconvolve, istft, resample_poly, stft

Samples = NDArray[np.float32]
RATE: Final = 16_000
CODECS: Final = {"libopus": ("ogg", 16_000), "mp3": ("mp3", 32_000), "pcm_mulaw": ("wav", 64_000)}
"""Encoder to container and bits per second."""


def augmented(
    samples: Samples, rng: np.random.Generator, others: Sequence[Samples]
) -> tuple[Samples, float]:
    """The utterance as it might have been recorded elsewhere, and the factor of its times.

    ``others`` are utterances whose speakers may talk in the background.
    """
    factor = 1.0
    if rng.random() < 0.7:
        samples, factor = retimed(samples, int(rng.integers(84, 119)))
    if rng.random() < 0.06:
        samples = whispered(samples, rng)
    if rng.random() < 0.4:
        samples = reverberant(samples, rng.uniform(0.12, 0.8), rng.uniform(0.2, 0.7), rng)
    samples = equalised(samples, rng)
    if rng.random() < 0.15 and others:
        samples = with_background(samples, babble(others, len(samples), rng), rng.uniform(8, 25))
    if rng.random() < 0.2:
        samples = with_background(samples, music(len(samples), rng), rng.uniform(5, 25))
    if rng.random() < 0.7:
        noise = coloured_noise(len(samples), rng.uniform(0, 2), rng)
        samples = with_background(samples, noise, rng.uniform(8, 45))
    if rng.random() < 0.05:
        limit = np.quantile(np.abs(samples), rng.uniform(0.95, 0.995))
        samples = np.clip(samples, -limit, limit)
    if rng.random() < 0.2:
        samples = coded(samples, str(rng.choice(list(CODECS))))
    return samples.astype(np.float32), factor


def retimed(samples: Samples, percent: int) -> tuple[Samples, float]:
    """Played at ``percent`` of the speed, pitch and all, and the factor by which it is longer."""
    return resample_poly(samples, 100, percent).astype(np.float32), 100 / percent


def whispered(samples: Samples, rng: np.random.Generator) -> Samples:
    """The same spectral envelopes on noise."""
    _, _, spectrum = stft(samples, RATE, nperseg=400, noverlap=300)
    log = np.log(np.abs(spectrum) + 1e-6)
    cepstrum = np.fft.irfft(log, axis=0)
    cepstrum[25:-24] = 0
    envelope = np.exp(np.fft.rfft(cepstrum, axis=0).real)
    # Whispering lifts what is high: it has no voice bar.
    envelope *= np.linspace(0.3, 1.5, len(envelope))[:, None]
    noise = rng.normal(size=envelope.shape) + 1j * rng.normal(size=envelope.shape)
    _, made = istft(envelope * noise, RATE, nperseg=400, noverlap=300)
    made = np.pad(made, (0, max(0, len(samples) - len(made))))[: len(samples)]
    return (made * rms(samples) / max(rms(made), 1e-6)).astype(np.float32)


def reverberant(samples: Samples, decay: float, wet: float, rng: np.random.Generator) -> Samples:
    """In a room whose sound falls by 60 dB in ``decay`` seconds."""
    count = int(decay * RATE)
    tail = rng.normal(size=count) * 10 ** (-3 * np.arange(count) / count)
    tail *= wet / np.sqrt((tail**2).sum())
    tail[0] += 1
    return np.asarray(fftconvolve(samples, tail)[: len(samples)], np.float32)


def equalised(samples: Samples, rng: np.random.Generator) -> Samples:
    """Through another microphone; at times through a telephone."""
    spectrum = np.fft.rfft(samples)
    pitch = np.fft.rfftfreq(len(samples), 1 / RATE)
    mel = 2595 * np.log10(1 + pitch / 700)
    gain = np.interp(mel, np.linspace(0, 2840, 6), rng.normal(0, rng.uniform(1, 6), 6))
    if rng.random() < 0.3:
        gain -= np.where(pitch > rng.uniform(3200, 7000), rng.uniform(20, 60), 0)
    if rng.random() < 0.3:
        gain -= np.clip((rng.uniform(60, 400) - pitch) / 10, 0, 30)
    return np.asarray(np.fft.irfft(spectrum * 10 ** (gain / 20), len(samples)), np.float32)


def with_background(samples: Samples, background: Samples, decibels: float) -> Samples:
    """Both, the speech ``decibels`` louder."""
    level = rms(samples) * 10 ** (-decibels / 20) / max(rms(background), 1e-9)
    return (samples + level * background).astype(np.float32)


def coloured_noise(count: int, slope: float, rng: np.random.Generator) -> Samples:
    """Noise whose power falls as frequency to the power of ``slope``: 0 white, 1 pink, 2 brown."""
    pitch = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 50)
    spectrum = rng.normal(size=len(pitch)) + 1j * rng.normal(size=len(pitch))
    return np.asarray(np.fft.irfft(spectrum / pitch ** (slope / 2), count), np.float32)


def babble(others: Sequence[Samples], count: int, rng: np.random.Generator) -> Samples:
    """Several people who talk at once."""
    total = np.zeros(count)
    for _ in range(int(rng.integers(1, 6))):
        other = np.resize(others[int(rng.integers(len(others)))], count)
        total += np.roll(other, int(rng.integers(count))) / max(rms(other), 1e-6)
    return total.astype(np.float32)


def music(count: int, rng: np.random.Generator) -> Samples:
    """Chords of decaying harmonic notes over a beat."""
    total = np.zeros(count)
    beat = int(RATE * rng.uniform(0.25, 0.7))
    root = rng.uniform(80, 260)
    decay = rng.uniform(1, 8)
    for start in range(0, count, beat):
        time = np.arange(count - start) / RATE
        time = time[: 4 * beat]
        for step in rng.choice([0, 3, 4, 5, 7, 9, 12, 16], 3):
            pitch = root * 2 ** (step / 12)
            note = sum(np.sin(2 * np.pi * pitch * k * time) / k**1.2 for k in range(1, 6))
            total[start : start + len(time)] += note * np.exp(-decay * time)
        drum = rng.normal(size=min(1600, count - start)) * rng.uniform(0, 3)
        total[start : start + len(drum)] += drum * np.exp(-np.arange(len(drum)) / 300)
    return total.astype(np.float32)


def coded(samples: Samples, codec: str) -> Samples:
    """Through an encoder and back; as long as before, not shifted."""
    container, bits = CODECS[codec]
    rate = 48_000 if codec == "libopus" else 8_000 if codec == "pcm_mulaw" else RATE
    given = resample_poly(samples, rate, RATE) if rate != RATE else samples
    buffer = io.BytesIO()
    with av.open(buffer, "w", container) as writer:
        stream = cast(AudioStream, writer.add_stream(codec, rate, layout="mono"))
        stream.bit_rate = bits
        whole = (np.clip(given, -1, 1) * 32767).astype(np.int16)
        given_frame = av.AudioFrame.from_ndarray(whole[None], "s16", "mono")
        given_frame.rate = rate
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
        fifo = av.AudioFifo()
        for part in resampler.resample(given_frame):
            fifo.write(part)
        size = stream.codec_context.frame_size or 1024
        while taken := fifo.read(size, partial=True):
            writer.mux(stream.encode(taken))
        writer.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r") as reader:
        back = av.AudioResampler("fltp", "mono", RATE)
        parts = [
            made.to_ndarray()[0]
            for frame in reader.decode(audio=0)
            for made in back.resample(frame)
        ]
    made = np.concatenate(parts)
    lag = _lag(samples, made)
    made = np.roll(made, -lag)
    return np.pad(made, (0, max(0, len(samples) - len(made))))[: len(samples)].astype(np.float32)


def _lag(before: Samples, after: Samples) -> int:
    """Samples by which ``after`` is late."""
    size = 1 << (max(len(before), len(after)) * 2 - 1).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(after, size) * np.conj(np.fft.rfft(before, size)))
    found = int(np.argmax(likeness[:4000]))
    early = int(np.argmax(likeness[-4000:])) - 4000
    return found if likeness[found] >= likeness[early] else early


def rms(samples: Samples | NDArray[np.float64]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.asarray(samples, float) ** 2) + 1e-12))
