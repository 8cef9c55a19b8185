from __future__ import annotations

import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.sound_preview import SoundPreview, sound_preview
from relip.media.speech import RATE


def tone(seconds: float) -> NDArray[np.float32]:
    """A second of sweep, again and again."""
    at = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * (200 + 400 * (at % 1)) * (at % 1))).astype(np.float32)


def decoded(preview: SoundPreview) -> tuple[NDArray[np.float32], str]:
    resampler = av.AudioResampler("flt", "mono", RATE)
    with av.open(io.BytesIO(preview.made), "r") as file:
        stream = file.streams.audio[0]
        frames = [part for one in file.decode(stream) for part in resampler.resample(one)]
        frames += resampler.resample(None)
        return np.concatenate([one.to_ndarray()[0] for one in frames]), stream.codec.name


@pytest.mark.parametrize(
    ("room", "codec", "kind"), [(100_000, "aac", "audio/mp4"), (8_000, "opus", "audio/webm")]
)
def test_the_sound_stays_where_it_was(room: int, codec: str, kind: str) -> None:
    preview = sound_preview(tone(4), room)

    heard, name = decoded(preview)
    assert (name, preview.kind, preview.seconds) == (codec, kind, 4)
    assert len(preview.made) <= room
    matched = np.correlate(heard[8000:40_000], tone(4)[9000:39_000], "valid")
    assert abs(int(np.argmax(matched)) - 1000) <= 8


def test_of_what_is_too_long_the_beginning_is_kept() -> None:
    preview = sound_preview(tone(30), 15_000)

    assert 8 < preview.seconds < 20
    assert len(preview.made) <= 15_000


def test_no_sound_makes_a_file_too() -> None:
    assert sound_preview(np.zeros(0, np.float32), 10_000).seconds == 0
