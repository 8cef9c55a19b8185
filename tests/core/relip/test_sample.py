import wave
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from relip import sample
from relip.faces.follow import Follower
from relip.media.probe import probe
from relip.media.reader import read_frames


def test_the_sample_is_small_enough_to_ship() -> None:
    shipped = [path for path in sample.FOLDER.iterdir() if path.is_file()]

    assert sum(path.stat().st_size for path in shipped) < 3_000_000


def test_the_clip_is_plain_footage_with_sound() -> None:
    clip = probe(sample.picture())

    assert (clip.width, clip.height, clip.rate) == (512, 512, Fraction(25))
    assert (clip.format.name, clip.codec, clip.start_timecode) == ("yuv420p", "h264", "01:00:00:00")
    assert not clip.variable_rate
    assert 7 < clip.duration < 9
    assert [sound.channels for sound in clip.sounds] == [1]


@pytest.mark.parametrize("phones", [sample.phones(), sample.spoken()], ids=["line", "clip"])
def test_phones_follow_each_other_without_gaps(phones: list[sample.Phone]) -> None:
    assert phones[0].start == 0
    assert all(phone.start < phone.end for phone in phones)
    assert [phone.end for phone in phones[:-1]] == pytest.approx(
        [phone.start for phone in phones[1:]], abs=0.002
    )


def test_the_line_is_the_hard_sentence() -> None:
    names = [phone.name for phone in sample.phones()]

    assert sum(name in ("p", "b", "m") for name in names) == 8
    assert sum(name == "f" for name in names) == 4


def test_lips_part_when_it_gets_loud() -> None:
    with wave.open(str(sample.line())) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)

    def level(start: float, end: float) -> float:
        return float(np.sqrt(np.square(samples[int(start * rate) : int(end * rate)]).mean()))

    phones = sample.phones()
    for phone, after in pairwise(phones):
        if phone.name in ("p", "b", "m") and after.name not in ("p", "b", "m"):
            assert level(phone.end - 0.02, phone.end) < level(phone.end + 0.01, phone.end + 0.04)


def test_the_face_is_followed_and_its_lips_do_what_the_phones_say() -> None:
    clip = probe(sample.picture())
    follower = Follower(clip.rate)
    for frame in read_frames(clip):
        follower.take(frame)
    follower.flush()
    (track,) = follower.tracks()

    points = track.landmarks[:, :, :2]
    eyes = np.linalg.norm(points[:, 33] - points[:, 263], axis=1)
    gap = np.linalg.norm(points[:, 13] - points[:, 14], axis=1) / eyes
    assert track.seen.all()
    for phone in sample.spoken():
        middle = round((phone.start + phone.end) / 2 * 25)
        if phone.name in ("p", "b", "m"):
            assert gap[middle] < 0.01, phone
        elif phone.name in ("f", "v"):
            assert gap[middle] < 0.04, phone
    assert np.percentile(gap, 95) > 10 * np.percentile(gap, 10)
    assert gap[:8].max() < 0.01
    assert gap[-20:].max() < 0.01
