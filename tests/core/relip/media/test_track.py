from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relip.media.clip import Clip
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.sound import sound_blocks
from relip.media.target import target_for
from relip.media.writer import Writer
from relip_job.job import SpeechPart
from tests.media_made import Recipe, make_clip, make_sound


def cut(clip: Clip, path: Path, first: int, stop: int, **sound: Any) -> Clip:
    codec = "ffv1" if path.suffix == ".mkv" else "prores"
    with Writer(path, clip, target_for(clip, codec), start=first, stop=stop, **sound) as writer:
        for frame in read_frames(clip, first, stop):
            writer.write(frame)
    return probe(path)


def heard(path: Path, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Samples ``[count, channels]`` from the first picture on."""
    found: np.ndarray[Any, np.dtype[np.float32]] | None = None
    for block in sound_blocks(path):
        if found is None:
            found = np.zeros((count, block.samples.shape[1]), np.float32)
        low, high = max(block.start, 0), min(block.start + len(block.samples), count)
        if low < high:
            found[low:high] = block.samples[low - block.start : high - block.start]
    assert found is not None
    return found


@pytest.mark.parametrize("first", [1, 7, 120])
def test_the_clip_s_own_pcm_is_cut_to_the_sample(tmp_path: Path, first: int) -> None:
    make_clip(tmp_path / "a.mov", Recipe("prores_aw", "yuv422p10le", frames=150, tone=97.3))
    clip = probe(tmp_path / "a.mov")

    cut(clip, tmp_path / "b.mov", first, first + 20, audio="source")

    whole = heard(clip.path, 150 * 1920)
    part = heard(tmp_path / "b.mov", 20 * 1920)
    np.testing.assert_array_equal(part, whole[first * 1920 : (first + 20) * 1920])


def test_parts_beside_a_cut_lie_where_they_are_heard(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(frames=50, size=(64, 48)))
    click = np.zeros((48000, 1), np.float32)
    click[4800] = 0.5
    make_sound(tmp_path / "dub.wav", click, 48000, "pcm_s24le")
    dub = str(tmp_path / "dub.wav")
    parts = (
        SpeechPart(dub, Fraction(1, 2)),
        SpeechPart(dub, Fraction(7, 10), Fraction(1, 10), Fraction(1, 10), (1,), 0.5),
    )

    made = cut(
        probe(tmp_path / "a.mkv"),
        tmp_path / "b.mkv",
        10,
        40,
        audio="dub",
        dub=parts,
        dub_start=Fraction(1, 25),
    )

    (sound,) = made.sounds
    assert (sound.codec, sound.rate, sound.channels) == ("pcm_s24le", 48000, 1)
    samples = heard(made.path, 57600)[:, 0]
    # at + 1/25 - 10/25 + the click's own time
    assert np.flatnonzero(samples).tolist() == [round(48000 * at) for at in (0.24, 0.34)]
    assert samples[samples != 0].tolist() == [0.5, 0.25]


def test_a_file_that_ends_before_the_cut_is_silence_beside_it(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mkv", Recipe(frames=80))
    make_sound(tmp_path / "dub.wav", np.full((24000, 1), 0.5, np.float32), 48000)

    made = cut(
        probe(tmp_path / "a.mkv"),
        tmp_path / "b.mkv",
        70,
        80,
        audio="dub",
        dub=str(tmp_path / "dub.wav"),
    )

    assert len(made.sounds) == 1
    assert not heard(made.path, 19200).any()
