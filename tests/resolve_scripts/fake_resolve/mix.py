"""What a timeline sounds like, mixed from its items' files: slow, plain and exact."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.resolve_scripts.fake_resolve.project_state import Job
from tests.resolve_scripts.fake_resolve.state import ItemState, TimelineState


def render_sound(job: Job, path: Path, out_inclusive: bool) -> None:
    """Write the job's range as stereo PCM in a WAV, or in QuickTime if the job says so."""
    timeline, settings = job.timeline, job.done
    rate = int(str(settings.get("AudioSampleRate", 48000)))
    first = int(float(str(settings.get("MarkIn", timeline.start))))
    last = int(float(str(settings.get("MarkOut", timeline.end - out_inclusive))))
    samples = mix(timeline, first, last + out_inclusive, rate)
    bits = int(str(settings.get("AudioBitDepth", 16)))
    if path.suffix == ".wav":
        _write_wav(path, samples, rate, bits)
    else:
        _write_quicktime(path, samples, rate)


def mix(timeline: TimelineState, first: int, end: int, rate: int) -> NDArray[np.float32]:
    """Sum of what is enabled in ``[first, end)``. mix : ndarray [shape=(n, 2)]."""
    count = round(Fraction(end - first) / timeline.rate * rate)
    sound = np.zeros((count, 2), dtype=np.float32)
    for track in timeline.tracks.get("audio", []):
        for item in track.items if track.enabled else ():
            if item.enabled and not item.muted and item.kind == "clip":
                _add(sound, item, first, rate)
    return sound


def _add(sound: NDArray[np.float32], item: ItemState, first: int, rate: int) -> None:
    fps = item.track.timeline.rate
    begin = max(0, round((item.start - first) / fps * rate))
    end = min(len(sound), round((item.end - first) / fps * rate))
    media = item.media
    if media is None or not media.online or begin >= end:
        return
    # Seconds of the media at each sample of the mix.
    head = item.source / media.rate - item.speed * (item.start - first) / fps
    at = float(head) + float(item.speed) * np.arange(begin, end) / rate
    channels = []
    own = [(media.sound or media.path, number, 0) for number in range(media.channels)]
    own += [
        (link.path, number, link.offset) for link in media.linked for number in range(link.channels)
    ]
    wanted = item.channels or (media.tracks[0] if media.tracks else (1,))
    for number in wanted:
        path, channel, offset = own[number - 1]
        samples, source_rate = read_sound(path)
        position = at * source_rate - offset
        grid = np.arange(samples.shape[1])
        channels.append(np.interp(position, grid, samples[channel], left=0.0, right=0.0))
    left, right = (channels[0], channels[1]) if len(channels) == 2 else [np.mean(channels, 0)] * 2
    sound[begin:end] += (np.stack([left, right], 1) * item.gain).astype(np.float32)


def read_sound(path: str) -> tuple[NDArray[np.float32], int]:
    """All channels of all streams. samples : ndarray [shape=(channels, n)], and its rate."""
    streams = []
    with av.open(path) as container:
        count = len(container.streams.audio)
        rate = container.streams.audio[0].codec_context.sample_rate
    for number in range(count):
        with av.open(path) as container:
            planar = av.AudioResampler(format="fltp", rate=rate)
            blocks = []
            for frame in container.decode(audio=number):
                blocks += [made.to_ndarray() for made in planar.resample(frame)]
            blocks += [made.to_ndarray() for made in planar.resample(None)]
            streams.append(np.concatenate(blocks, axis=1).astype(np.float32))
    shortest = min(stream.shape[1] for stream in streams)
    return np.concatenate([stream[:, :shortest] for stream in streams]), rate


def _write_wav(path: Path, samples: NDArray[np.float32], rate: int, bits: int) -> None:
    width = {16: 2, 24: 3, 32: 4}[bits]
    top = 2 ** (bits - 1)
    whole = np.clip(np.round(samples.astype(np.float64) * top), -top, top - 1).astype("<i4")
    packed = whole.reshape(-1, 1).view(np.uint8)[:, :width]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(packed.tobytes())


def _write_quicktime(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    whole = np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=rate)
        assert isinstance(stream, av.audio.stream.AudioStream)
        stream.codec_context.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(whole.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
