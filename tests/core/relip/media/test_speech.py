from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from relip.media.speech import RATE, read_speech
from relip_job.errors import MissingMedia, SpeechError
from tests.media_made import Recipe, make_clip, make_sound


def chirp(rate: int, seconds: float = 1.0) -> NDArray[np.float32]:
    """A voice-like sweep, mono."""
    time = np.arange(int(rate * seconds)) / rate
    wave = 0.6 * np.sin(2 * np.pi * (200 + 900 * time) * time)
    return wave.astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000])
def test_every_rate_becomes_16_khz_without_delay(tmp_path: Path, rate: int) -> None:
    make_sound(tmp_path / "a.wav", chirp(rate)[:, None], rate)
    speech = read_speech(tmp_path / "a.wav")
    assert speech.rate == RATE and speech.start == 0
    assert abs(speech.duration - 1) < Fraction(1, 1000)
    inner = slice(200, 15800)
    np.testing.assert_allclose(speech.samples[inner], chirp(RATE)[inner], atol=2e-3)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.wav", "pcm_s24le"),
        ("a.wav", "pcm_f32le"),
        ("a.wav", "pcm_u8"),
        ("a.flac", "flac"),
        ("a.mp3", "libmp3lame"),
        ("a.m4a", "aac"),
        ("a.opus", "libopus"),
        ("a.mka", "ac3"),
    ],
)
def test_codec_delay_is_taken_off(tmp_path: Path, name: str, codec: str) -> None:
    make_sound(tmp_path / name, chirp(48000)[:, None], 48000, codec)
    speech = read_speech(tmp_path / name)
    assert speech.start == 0
    length = min(len(speech.samples), RATE)
    matched = np.correlate(speech.samples[2000 : length - 2000], chirp(RATE)[1800 : length - 1800])
    assert abs(int(np.argmax(matched)) - 200) <= (200 if codec == "ac3" else 8)
    assert length > 15500


@pytest.mark.parametrize("codec", ["pcm_s16le", "aac"])
@pytest.mark.parametrize("layout", ["stereo", "5.1", "7.1", "quad"])
def test_channels_are_mixed_without_clipping(tmp_path: Path, layout: str, codec: str) -> None:
    channels = av.AudioLayout(layout).nb_channels
    loud = np.repeat(chirp(RATE)[:, None] / 0.6 * 0.99, channels, axis=1)
    make_sound(tmp_path / "a.mov", loud, RATE, codec, layout)
    speech = read_speech(tmp_path / "a.mov")
    # AAC at its default bit rate overshoots by itself.
    allowed = 0.01 if codec == "pcm_s16le" else 0.3
    assert np.abs(speech.samples).max() == pytest.approx(0.99, abs=allowed)


@pytest.mark.parametrize(
    "shape", [(1.0, -1.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.01), (0.5, -0.9)]
)
def test_a_voice_is_heard_however_the_channels_hold_it(
    tmp_path: Path, shape: tuple[float, float]
) -> None:
    stereo = chirp(RATE)[:, None] * np.array(shape, np.float32)
    make_sound(tmp_path / "a.wav", stereo, RATE, layout="stereo")
    speech = read_speech(tmp_path / "a.wav")
    loudest = max(abs(part) for part in shape)
    assert np.abs(speech.samples).max() >= 0.6 * loudest * 0.7


def test_the_centre_of_a_surround_mix_speaks_alone(tmp_path: Path) -> None:
    mix = np.random.default_rng(2).normal(0, 0.05, (RATE, 6)).astype(np.float32)
    names = [channel.name for channel in av.AudioLayout("5.1").channels]
    mix[:, names.index("FC")] = chirp(RATE)
    make_sound(tmp_path / "a.wav", mix, RATE, layout="5.1")
    np.testing.assert_allclose(read_speech(tmp_path / "a.wav").samples, chirp(RATE), atol=1e-3)


def test_sound_beside_a_picture_is_on_the_pictures_clock(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mov", Recipe("libx264", frames=25, tone=300.0, options={"bf": "2"}))
    speech = read_speech(tmp_path / "a.mov")
    assert speech.start == 0 and speech.duration == 1
    late = tmp_path / "late.mov"
    with av.open(str(tmp_path / "a.mov")) as source, av.open(str(late), "w") as out:
        streams = {one.index: out.add_stream_from_template(one) for one in source.streams.get()}
        for packet in source.demux():
            if packet.pts is None or packet.dts is None:
                continue
            if packet.stream.type == "audio":
                packet.pts += 12000
                packet.dts += 12000
            packet.stream = streams[packet.stream.index]
            out.mux(packet)
    assert read_speech(late).start == Fraction(1, 4)


def test_gaps_are_silence(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mka"), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=RATE)
        assert isinstance(sound, AudioStream)
        sound.codec_context.layout = "mono"
        tone = (np.ones((1, 1600)) * 8000).astype(np.int16)
        for start in (0, 1600, 8000):
            frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), start
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    heard = read_speech(tmp_path / "a.mka").samples
    assert len(heard) == 9600
    assert (heard[:3200] > 0.2).all() and (heard[8000:] > 0.2).all()
    assert not heard[3200:8000].any()


def test_a_stream_is_chosen_by_its_index(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mov", Recipe("libx264", tone=300.0))
    assert len(read_speech(tmp_path / "a.mov", stream=1).samples)
    with pytest.raises(SpeechError, match="stream 0"):
        read_speech(tmp_path / "a.mov", stream=0)


def test_what_cannot_be_heard_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingMedia):
        read_speech(tmp_path / "nothing.wav")
    make_clip(tmp_path / "silent.mov", Recipe("libx264"))
    with pytest.raises(SpeechError, match="has no sound"):
        read_speech(tmp_path / "silent.mov")
    (tmp_path / "empty.wav").touch()
    with pytest.raises(SpeechError, match="empty"):
        read_speech(tmp_path / "empty.wav")
    (tmp_path / "noise.wav").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(SpeechError):
        read_speech(tmp_path / "noise.wav")
    make_sound(tmp_path / "a.flac", chirp(RATE, 3.0)[:, None], RATE, "flac")
    whole = bytearray((tmp_path / "a.flac").read_bytes())
    whole[len(whole) // 4 :] = bytes(len(whole) - len(whole) // 4)
    (tmp_path / "damaged.flac").write_bytes(whole)
    with pytest.raises(SpeechError, match="damaged"):
        read_speech(tmp_path / "damaged.flac")


def test_a_part_lies_where_it_lies_in_the_whole(tmp_path: Path) -> None:
    make_sound(tmp_path / "a.wav", chirp(RATE, 3.0)[:, None], RATE)
    whole = read_speech(tmp_path / "a.wav")

    part = read_speech(tmp_path / "a.wav", part=(Fraction(1, 2), Fraction(2)))

    assert part.start == Fraction(1, 2)
    np.testing.assert_array_equal(part.samples, whole.samples[RATE // 2 : 2 * RATE])


def test_a_part_that_reaches_beyond_the_sound_is_all_there_is(tmp_path: Path) -> None:
    make_sound(tmp_path / "a.wav", chirp(RATE)[:, None], RATE)

    part = read_speech(tmp_path / "a.wav", part=(Fraction(-1), Fraction(60)))

    assert part.start == 0
    assert part.duration == 1


def test_a_part_without_sound_has_no_samples(tmp_path: Path) -> None:
    make_sound(tmp_path / "a.wav", chirp(RATE)[:, None], RATE)

    assert not len(read_speech(tmp_path / "a.wav", part=(Fraction(2), Fraction(3))).samples)
