import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.preview import SOUND_RATE, Preview, cut_sound
from relip_job.errors import SpeechError
from tests.media_made import make_sound

SIZE = (96, 64)


def played(
    times: list[Fraction], length: Fraction, sound: NDArray[np.float32], bits: int = 1_000_000
) -> bytes:
    noise = np.random.default_rng(1)
    preview = Preview(SIZE, Fraction(25), length, sound, bits)
    with preview:
        for number, time in enumerate(times):
            end = times[number + 1] if number + 1 < len(times) else length
            picture = np.full((*SIZE[::-1], 3), (200, 40, 40), np.uint8)
            picture[:32] = noise.integers(0, 255, (32, SIZE[0], 3))
            preview.add(time, end - time, picture)
    return preview.made


def click(at: float, seconds: float, rate: int, channels: int) -> NDArray[np.float32]:
    samples = np.zeros((round(seconds * rate), channels), np.float32)
    samples[round(at * rate) : round(at * rate) + rate // 200] = 0.8
    return samples


def test_the_preview_is_what_every_browser_plays() -> None:
    times = [Fraction(number, 25) for number in range(25)]
    made = played(times, Fraction(1), np.zeros((SOUND_RATE, 2), np.float32))

    with av.open(io.BytesIO(made), "r") as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (audio.codec_context.name, audio.codec_context.layout.name) == ("aac", "stereo")
        frames = list(file.decode(video=0))
    seen = [frame.time for frame in frames if frame.time is not None]
    assert seen == pytest.approx([float(time) for time in times])
    assert frames[3].to_ndarray(format="rgb24")[48, 48] == pytest.approx([200, 40, 40], abs=8)


def test_pictures_keep_their_uneven_times() -> None:
    times = [Fraction(0), Fraction(1, 10), Fraction(1, 8), Fraction(1, 2)]

    made = played(times, Fraction(1), np.zeros((SOUND_RATE, 2), np.float32))

    with av.open(io.BytesIO(made), "r") as file:
        seen = [float(frame.time) for frame in file.decode(video=0) if frame.time is not None]
        assert file.duration is not None
        assert file.duration / av.time_base == pytest.approx(1, abs=0.03)
    assert seen == pytest.approx([float(time) for time in times], abs=1e-4)


def test_the_sound_stays_where_it_is() -> None:
    times = [Fraction(number, 25) for number in range(25)]
    made = played(times, Fraction(1), click(0.5, 1, SOUND_RATE, 2))

    with av.open(io.BytesIO(made), "r") as file:
        heard = np.zeros(SOUND_RATE * 2)
        for frame in file.decode(audio=0):
            assert frame.time is not None
            start = round(frame.time * SOUND_RATE)
            part = frame.to_ndarray()[0][max(0, -start) :]
            heard[max(0, start) : max(0, start) + len(part)] = part
    loud = np.flatnonzero(np.abs(heard) > 0.3)
    assert loud[0] / SOUND_RATE == pytest.approx(0.5, abs=0.005)


def test_the_bit_rate_is_kept() -> None:
    times = [Fraction(number, 25) for number in range(100)]

    made = played(times, Fraction(4), np.zeros((0, 2), np.float32), bits=200_000)

    assert len(made) * 8 < 200_000 * 5 + 100_000


@pytest.mark.parametrize(
    ("rate", "channels", "layout"), [(48_000, 2, "stereo"), (16_000, 1, "mono")]
)
def test_parts_of_a_sound_follow_each_other(
    rate: int, channels: int, layout: str, tmp_path: Path
) -> None:
    path = tmp_path / "line.wav"
    make_sound(path, click(1.25, 2, rate, channels), rate, layout=layout)
    parts = [(Fraction(-1, 2), Fraction(1, 4)), (Fraction(1), Fraction(3))]

    sound = cut_sound(path, parts)

    assert sound.shape == (round(2.75 * SOUND_RATE), 2)
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.3) / SOUND_RATE
    assert loud[0] == pytest.approx(0.75 + 0.25, abs=0.003)
    assert loud[-1] < 1.01


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "line.wav").write_bytes(b"no sound")

    with pytest.raises(SpeechError):
        cut_sound(tmp_path / "line.wav", [(Fraction(0), Fraction(1))])
