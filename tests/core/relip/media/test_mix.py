from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from relip.media.mix import mixed_blocks, read_mix, speech_name
from relip.media.sound import SoundBlock, sound_blocks
from relip.media.speech import RATE, read_speech
from relip_job.errors import MissingMedia, RelipError, SpeechError
from relip_job.job import SpeechPart
from tests.media_made import Recipe, make_clip, make_sound

S = Fraction


def sweep(seconds: NDArray[np.float64]) -> NDArray[np.float32]:
    """A voice-like sweep, at any time."""
    wave = 0.4 * np.sin(2 * np.pi * (200 + 90 * seconds) * seconds)
    return np.asarray(wave + 0.2 * np.sin(2 * np.pi * 2700 * seconds), np.float32)


def sound(path: Path, rate: int = 48000, seconds: int = 4, codec: str = "pcm_f32le") -> str:
    make_sound(path, sweep(np.arange(rate * seconds) / rate)[:, None], rate, codec)
    return str(path)


def streams(path: Path, levels: list[list[float]], rates: list[int]) -> str:
    """A second of constant levels: one list per stream, one number per channel."""
    with av.open(str(path), "w") as container:
        outs = []
        for channels, rate in zip(levels, rates, strict=True):
            out = container.add_stream("pcm_f32le", rate=rate)
            assert isinstance(out, AudioStream)
            out.codec_context.layout = {1: "mono", 2: "stereo"}[len(channels)]
            outs.append(out)
        for out, channels, rate in zip(outs, levels, rates, strict=True):
            samples = np.tile(np.array(channels, np.float32), (rate, 1)).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, "flt", out.codec_context.layout.name)
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
            container.mux(out.encode(frame))
            container.mux(out.encode(None))
    return str(path)


def written(parts: list[SpeechPart], shift: Fraction, length: Fraction) -> NDArray[np.float32]:
    return np.concatenate([block.samples for block in mixed_blocks(parts, shift, length)])


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000, 96000])
def test_parts_of_a_recording_put_together_again_are_that_recording(
    tmp_path: Path, rate: int
) -> None:
    path = sound(tmp_path / "a.wav", rate)
    at, first, second = S(7007, 24000), S(10, 7), S(5, 2)
    parts = (
        SpeechPart(path, at + first, first, second - first),
        SpeechPart(path, at, S(0), first),
        SpeechPart(path, at + second, second),
    )

    together = read_mix(parts)
    whole = read_mix((SpeechPart(path, at),))

    assert (together.start, len(together.samples)) == (whole.start, len(whole.samples))
    np.testing.assert_allclose(together.samples, whole.samples, atol=2e-7)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 96000])
def test_a_part_lies_within_half_a_sample_of_its_own_rate(tmp_path: Path, rate: int) -> None:
    part = SpeechPart(sound(tmp_path / "a.wav", rate), S(7007, 24000), S(1237, 1000), S(2))

    heard = read_mix((part,))

    times = float(heard.start) + np.arange(len(heard.samples)) / RATE
    inner = slice(200, -200)
    late = np.linspace(-70e-6, 70e-6, 141)
    errors = [
        np.abs(heard.samples - sweep(times - float(part.at) + float(part.start) - each))[inner]
        for each in late
    ]
    best = int(np.argmin([error.max() for error in errors]))
    assert errors[best].max() < 3e-3
    assert abs(late[best]) <= 0.5 / rate + 1e-6


def test_a_plain_file_is_heard_as_one_part_of_it(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav", 44100)

    heard, plain = read_mix(path), read_speech(path)

    assert heard.start == plain.start == 0
    assert heard.duration == plain.duration == 4
    # The first and the last millisecond differ: before a part there is silence.
    np.testing.assert_allclose(heard.samples[32:-32], plain.samples[32:-32], atol=1e-6)


def test_gaps_are_silent_and_what_overlaps_is_added(tmp_path: Path) -> None:
    make_sound(tmp_path / "one.wav", np.full((RATE, 1), 0.25, np.float32), RATE)
    path = str(tmp_path / "one.wav")
    parts = (
        SpeechPart(path, S(1)),
        SpeechPart(path, S(3, 2), gain=-0.5),
        SpeechPart(path, S(4), duration=S(1, 2)),
    )

    heard = read_mix(parts)

    assert (heard.start, heard.duration) == (S(1), S(7, 2))
    half = RATE // 2
    levels = [heard.samples[place * half] for place in range(7)]
    assert levels == [0.25, 0.125, -0.125, 0, 0, 0, 0.25]
    assert not heard.samples[3 * half : 6 * half].any()


@pytest.mark.parametrize(
    ("channels", "level"),
    [((1,), 0.1), ((3,), 0.3), ((4,), 0.4), ((1, 3), 0.2), ((3, 2), 0.25), ((), 0.15)],
)
def test_channels_count_over_all_streams_of_a_file(
    tmp_path: Path, channels: tuple[int, ...], level: float
) -> None:
    path = streams(tmp_path / "a.mov", [[0.1, 0.2], [0.3], [0.4]], [RATE] * 3)

    heard = read_mix((SpeechPart(path, S(0), channels=channels),))

    np.testing.assert_allclose(heard.samples, level, atol=1e-6)


def test_channels_of_different_rates_are_not_mixed(tmp_path: Path) -> None:
    path = streams(tmp_path / "a.mov", [[0.1], [0.3]], [RATE, 48000])

    assert read_mix((SpeechPart(path, S(0), channels=(2,)),)).duration == 1
    with pytest.raises(SpeechError, match="different sample rates; choose channels of one"):
        read_mix((SpeechPart(path, S(0), channels=(1, 2)),))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.wav", "pcm_s24le"),
        ("a.aiff", "pcm_s16be"),
        ("a.caf", "pcm_s16le"),
        ("a.w64", "pcm_s16le"),
        ("a.flac", "flac"),
        ("a.mov", "pcm_s24le"),
        ("a.m4a", "alac"),
        ("a.mka", "pcm_s16le"),
        ("a.mp3", "libmp3lame"),
        ("a.opus", "libopus"),
    ],
)
def test_what_is_read_from_the_middle_is_what_lies_there(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = sound(tmp_path / name, 48000, 20, codec)
    whole = read_mix(path)

    late = read_mix((SpeechPart(path, S(0), S(31, 2), S(1)), SpeechPart(path, S(1), S(2), S(1))))

    for second, start in ((0, S(31, 2)), (1, S(2))):
        begin = round((start - whole.start) * RATE)
        lies = whole.samples[begin + 32 : begin + RATE - 32]
        found = late.samples[second * RATE + 32 : (second + 1) * RATE - 32]
        np.testing.assert_allclose(found, lies, atol=2e-6)


def test_of_a_file_that_can_be_entered_only_what_is_needed_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sound(tmp_path / "a.wav", RATE, 60, "pcm_s16le")
    read = 0

    def counted(path: Path, stream: int, since: Fraction) -> Iterator[SoundBlock]:
        nonlocal read
        for block in sound_blocks(path, stream, since):
            read += len(block.samples)
            yield block

    monkeypatch.setattr("relip.media.mix.sound_blocks", counted)

    read_mix((SpeechPart(path, S(0), S(5), S(1)), SpeechPart(path, S(3), S(50), S(1))))

    assert read < 5 * RATE


def test_aac_beside_a_picture_is_entered_where_it_lies(tmp_path: Path) -> None:
    recipe = Recipe("libx264", frames=500, sound_codec="aac", tone=300.0, options={"bf": "2"})
    make_clip(tmp_path / "a.mp4", recipe)
    path = str(tmp_path / "a.mp4")

    late = read_mix((SpeechPart(path, S(0), S(15), S(1)),)).samples

    whole = read_speech(path).samples[15 * RATE : 16 * RATE]
    np.testing.assert_allclose(late[32:-32], whole[32:-32], atol=5e-3)


def test_before_and_after_its_sound_a_file_is_silent(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav", RATE, 1)

    early = read_mix((SpeechPart(path, S(2), S(-1, 2), S(5)),))

    assert (early.start, early.duration) == (S(5, 2), S(1))


@pytest.mark.parametrize(
    ("part", "refused"),
    [
        (SpeechPart("a.wav", S(0), S(4)), r"a\.wav ends before 4\.00 s, where a part"),
        (SpeechPart("a.wav", S(0), S(500)), r"a\.wav ends before 500\.00 s"),
        (SpeechPart("a.wav", S(0), S(-2), S(1)), "there is no sound in a.wav"),
        (SpeechPart("a.wav", S(0), channels=(2,)), "has 1 channel of sound, and no channel 2"),
        (SpeechPart("absent.wav", S(0)), r"no file .*absent\.wav"),
        (SpeechPart("noise.wav", S(0)), r"noise\.wav is damaged"),
    ],
)
def test_what_cannot_be_heard_is_told(tmp_path: Path, part: SpeechPart, refused: str) -> None:
    sound(tmp_path / "a.wav", RATE)
    (tmp_path / "noise.wav").write_bytes(bytes(range(256)) * 20)
    where = {**part.__dict__, "path": str(tmp_path / part.path)}

    with pytest.raises(RelipError, match=refused) as told:
        read_mix((SpeechPart(**where),))

    assert isinstance(told.value, SpeechError | MissingMedia)
    assert told.value.remedy


def test_parts_hours_apart_are_a_mistake(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav", RATE, 1)

    with pytest.raises(SpeechError, match="24 hours long"):
        read_mix((SpeechPart(path, S(0)), SpeechPart(path, S(86400))))


def test_a_written_mix_is_the_file_s_own_samples(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(-(1 << 20), 1 << 20, (48000, 2))
    make_sound(
        tmp_path / "a.wav", (codes / (1 << 23)).astype(np.float32), 48000, "pcm_s24le", "stereo"
    )
    part = SpeechPart(str(tmp_path / "a.wav"), S(1, 8), S(1, 4), S(1, 2))

    heard = written([part], S(1, 4), S(1))

    expected = np.zeros((48000, 2))
    expected[18000:42000] = codes[12000:36000]
    np.testing.assert_array_equal(heard * (1 << 23), expected)


def test_a_written_mix_is_as_wide_as_its_widest_part(tmp_path: Path) -> None:
    path = streams(tmp_path / "a.mov", [[0.1, 0.2], [0.4]], [48000, 48000])
    stereo, mono = SpeechPart(path, S(0)), SpeechPart(path, S(1, 2), channels=(3,))

    both = written([stereo, mono], S(0), S(2))

    assert both.shape == (96000, 2)
    for place, levels in ((0, (0.1, 0.2)), (30000, (0.5, 0.6)), (60000, (0.4, 0.4)), (80000, 0)):
        np.testing.assert_allclose(both[place], levels, atol=1e-6)
    assert written([mono], S(0), S(2)).shape == (96000, 1)
    three = SpeechPart(path, S(0), channels=(1, 2, 3))
    np.testing.assert_allclose(written([three], S(0), S(1)), 0.7 / 3, atol=1e-6)


def test_what_lies_outside_a_written_mix_is_left_out(tmp_path: Path) -> None:
    path = sound(tmp_path / "a.wav")
    parts = [SpeechPart(path, S(-2)), SpeechPart(str(tmp_path / "absent.wav"), S(90))]

    heard = written(parts, S(0), S(1))[:, 0]

    np.testing.assert_allclose(heard, sweep(np.arange(96000, 144000) / 48000), atol=1e-6)


def test_a_speech_is_called_by_its_files() -> None:
    parts = tuple(SpeechPart(f"/a/{name}.wav", S(0)) for name in "aabc")

    assert speech_name("/a/line.wav") == "line.wav"
    assert speech_name(parts[:2]) == "a.wav"
    assert speech_name(parts[:3]) == "a.wav and b.wav"
    assert speech_name(parts) == "a.wav and 2 more files"
