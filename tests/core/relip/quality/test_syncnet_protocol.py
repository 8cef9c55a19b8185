from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isnan

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.frame import Box, Colour, Frame, SampleFormat
from relip.media.speech import Speech
from relip.quality.cepstra import cepstra
from relip.quality.lse import FEWEST, LseMeter, LseResult, distances, lse
from relip.quality.syncnet_face import face_crop
from tests.faces_made import frame_of

GRAY = SampleFormat("gray", "gray", 8)
FACE = np.array([[20, 20, 0], [44, 44, 0], [30, 32, 0]], np.float32)
UNSEEN = np.full((3, 3), np.nan, np.float32)
LEVELS = 50
"""Grey levels a second: two from one picture to the next."""
LOUDER = 1.4
"""Growth of the tone's amplitude per second, as an exponent."""
TURN = 60
"""Pictures after which embeddings come back: more than there are shifts."""

NTSC = Fraction(30000, 1001)
ODD = Fraction(22131, 1000)


def swelling(seconds: Fraction, rate: int = 16_000) -> NDArray[np.float32]:
    """A tone that tells the time by its loudness."""
    at = np.arange(int(seconds * rate)) / rate
    return (0.003 * np.exp(LOUDER * at) * np.sin(2 * np.pi * 1000 * at)).astype(np.float32)


_START = float(cepstra(swelling(Fraction(1))[:3440])[:, 0].mean())


@dataclass
class Clock:
    """Embeds both halves as the time, in pictures, at which their window starts."""

    side: int = 8
    batch: int = 8
    seen: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)

    def embed(
        self, lips: NDArray[np.float32], sound: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        assert lips.shape[1:] == (3, 5, self.side, self.side)
        assert sound.shape[1:] == (1, 13, 20)
        assert 0 < len(lips) == len(sound) <= self.batch
        seen = lips.mean((1, 2, 3, 4)) / LEVELS * 25 - 2
        heard = (sound[:, 0, 0].mean(1) - _START) / (2 * LOUDER) * 25
        self.seen += seen.tolist()
        self.heard += heard.tolist()
        return _around(seen), _around(heard)


def _around(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points on a circle, all equally far from the zeros beyond the ends."""
    angle = pictures * (2 * np.pi / TURN)
    return np.stack([10 * np.cos(angle), 10 * np.sin(angle)], axis=1).astype(np.float32)


def clock_frames(seconds: Fraction, rate: Fraction = Fraction(25)) -> Iterator[Frame]:
    """Pictures that tell the time by their brightness."""
    for index in range(int(seconds * rate)):
        time = index / rate
        plane = np.full((64, 64), round(LEVELS * time), np.uint8)
        full = Colour(full=True)
        whole = Box(0, 0, 64, 64)
        yield Frame(index, index, 1 / rate, time, GRAY, full, 64, 64, (plane,), whole)


def measured(
    frames: Iterator[Frame], speech: Speech, clock: Clock | None = None, lost: tuple[int, ...] = ()
) -> LseResult:
    meter = LseMeter(clock or Clock(), speech)
    for frame in frames:
        meter.take(frame, UNSEEN if frame.index in lost else FACE)
    return meter.finish()


LENGTH = Fraction(4)


@pytest.mark.parametrize("early", [-7, 0, 4, 15])
def test_a_known_shift_gives_a_known_offset(early: int) -> None:
    sound = swelling(LENGTH + 1)
    # Earlier sound: what belongs to a picture is heard that many pictures before it.
    if early >= 0:
        sound = sound[early * 640 :]
    else:
        sound = np.concatenate([np.zeros(-early * 640, np.float32), sound])
    result = measured(clock_frames(LENGTH), Speech(sound))
    assert result.offset == early


def test_the_start_of_the_speech_counts() -> None:
    sound = swelling(LENGTH)
    late = Speech(sound[16_000:], start=Fraction(1))
    clock = Clock()
    result = measured(clock_frames(LENGTH), late, clock)
    assert result.offset == 0
    assert result.windows == 75 - 5
    assert clock.seen[0] == pytest.approx(25, abs=0.3)
    assert clock.heard[0] == pytest.approx(25, abs=0.3)


def test_speech_may_start_before_the_clip() -> None:
    early = Speech(
        np.concatenate([np.zeros(8_000, np.float32), swelling(LENGTH)]), 16_000, -1 / Fraction(2)
    )
    assert measured(clock_frames(LENGTH), early).offset == 0


@pytest.mark.parametrize("rate", [NTSC, ODD, Fraction(24000, 1001), Fraction(50)])
def test_other_rates_are_seen_as_25_pictures_a_second(rate: Fraction) -> None:
    clock = Clock()
    result = measured(clock_frames(LENGTH, rate), Speech(swelling(LENGTH)), clock)
    assert result.offset == 0
    assert abs(result.windows - (100 - 5)) <= 1
    # No picture is further than half a frame of the source from where it should be.
    apart = np.array(clock.seen) - np.arange(len(clock.seen))
    assert np.abs(apart).max() < 25 / (2 * rate) + 0.3
    assert abs(apart.mean()) < 0.2


def test_windows_are_counted_as_published() -> None:
    # min(pictures, floor(samples / 640)) - 5
    assert measured(clock_frames(LENGTH), Speech(swelling(LENGTH))).windows == 95
    assert measured(clock_frames(LENGTH), Speech(swelling(LENGTH)[:-1])).windows == 94
    assert measured(clock_frames(LENGTH), Speech(swelling(LENGTH + 1))).windows == 95


def test_batches_do_not_change_the_numbers() -> None:
    one, eight = (
        measured(clock_frames(LENGTH), Speech(swelling(LENGTH)), Clock(batch=batch))
        for batch in (1, 8)
    )
    assert one.distance == pytest.approx(eight.distance, rel=1e-6)
    assert replace(one, distance=0, confidence=0) == replace(eight, distance=0, confidence=0)


@pytest.mark.parametrize("pictures", [0, 1, 5, 6, FEWEST + 4])
def test_too_short_a_clip_has_no_numbers_and_says_why(pictures: int) -> None:
    length = Fraction(pictures, 25)
    result = measured(clock_frames(length), Speech(swelling(LENGTH)))
    assert isnan(result.distance)
    assert isnan(result.confidence)
    assert "never together" in result.note


def test_too_short_a_speech_has_no_numbers() -> None:
    assert measured(clock_frames(LENGTH), Speech(np.zeros(0, np.float32))).note
    assert measured(clock_frames(LENGTH), Speech(swelling(Fraction(1)))).note


def test_the_shortest_clip_has_numbers() -> None:
    result = measured(clock_frames(Fraction(FEWEST + 5, 25)), Speech(swelling(LENGTH)))
    assert (result.windows, result.offset, result.note) == (FEWEST, 0, "")


def test_a_lost_face_parts_the_clip() -> None:
    result = measured(clock_frames(LENGTH), Speech(swelling(LENGTH)), lost=(50,))
    assert result.windows == (50 - 5) + (49 - 5)
    assert result.offset == 0


def test_short_pieces_do_not_count() -> None:
    result = measured(clock_frames(LENGTH), Speech(swelling(LENGTH)), lost=(20,))
    assert result.windows == 79 - 5


def test_nothing_is_compared_across_a_cut() -> None:
    meter = LseMeter(Clock(), Speech(swelling(LENGTH)))
    for frame in clock_frames(LENGTH):
        meter.take(frame, FACE, shot=int(frame.index >= 50))
    assert meter.finish().windows == 2 * 45


def test_a_face_that_leaps_is_another_face() -> None:
    meter = LseMeter(Clock(), Speech(swelling(LENGTH)))
    for frame in clock_frames(LENGTH):
        meter.take(frame, FACE if frame.index < 50 else FACE + np.float32(14))
    assert meter.finish().windows == 2 * 45


def test_a_face_outside_the_picture_is_not_seen() -> None:
    frames = list(clock_frames(LENGTH))
    result = lse(Clock(), frames, [FACE + 500] * len(frames), Speech(swelling(LENGTH)))
    assert result.note


def test_lines_far_apart_are_pieces_of_their_own() -> None:
    frames = [f for f in clock_frames(LENGTH) if not 45 <= f.index < 60]
    result = lse(Clock(), frames, [FACE] * len(frames), Speech(swelling(LENGTH)))
    assert result.windows == (45 - 5) + (40 - 5)


@dataclass
class Canned:
    """Gives the rows it was made of, in order."""

    lips: NDArray[np.float32]
    sound: NDArray[np.float32]
    side: int = 8
    batch: int = 4
    given: int = 0

    def embed(
        self, lips: NDArray[np.float32], sound: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rows = slice(self.given, self.given + len(lips))
        self.given += len(lips)
        return self.lips[rows], self.sound[rows]


def test_distance_and_confidence_are_those_worked_out_by_hand() -> None:
    # Lips always (3, 4), sound always (0, 4): 3 apart; beyond the ends lips are 5 from nothing.
    count = 40
    canned = Canned(
        np.tile(np.array([[3, 4]], np.float32), (count, 1)),
        np.tile(np.array([[0, 4]], np.float32), (count, 1)),
    )
    frames = clock_frames(Fraction(count + 5, 25))
    result = measured(frames, Speech(swelling(LENGTH)), clock=canned)  # type: ignore[arg-type]
    assert result.windows == count
    assert result.distance == pytest.approx(3)
    assert result.offset == 0
    # Shifted by s, s of 40 windows meet nothing: 3 + 2 s / 40; the median of |s| <= 15 is 8.
    assert result.confidence == pytest.approx(2 * 8 / 40)


def test_distances_are_summed_per_shift() -> None:
    noise = np.random.default_rng(3)
    lips, sound = (noise.normal(size=(9, 4)).astype(np.float32) for _ in range(2))
    expected = []
    for shift in range(-15, 16):
        total = 0.0
        for row in range(9):
            other = sound[row + shift] if 0 <= row + shift < 9 else np.zeros(4)
            total += float(np.sqrt(((lips[row] - other) ** 2).sum()))
        expected.append(total)
    np.testing.assert_allclose(distances(lips, sound), expected, rtol=1e-5)


def test_a_crop_is_the_published_one() -> None:
    # A gradient whose colours tell the place: red is x, green is y.
    rows, columns = np.mgrid[0:200, 0:200]
    picture = np.stack([columns, rows, np.full_like(rows, 7)], axis=2).astype(np.uint8)
    crop = face_crop(frame_of(picture), 100.0, 90.0, 40.0, 112)
    # x from 100 - 56 to 100 + 56, y from 90 - 40 to 90 + 72: one to one at 112 px.
    np.testing.assert_array_equal(crop, picture[50:162, 44:156, ::-1])


def test_a_crop_is_grey_where_there_is_no_picture() -> None:
    crop = face_crop(frame_of(np.zeros((64, 64, 3), np.uint8)), 10.0, 20.0, 20.0, 56)
    assert (crop[:, :18] == 110).all()
    assert (crop[:, 18:] == 0).all()
    assert (face_crop(frame_of(np.zeros((8, 8, 3), np.uint8)), -90.0, 0.0, 9.0, 8) == 110).all()


def test_the_box_is_the_median_of_thirteen() -> None:
    """One frame with landmarks gone astray is cropped where its neighbours are."""
    astray = FACE + np.array([4, 0, 0], np.float32)
    rows = np.arange(64, dtype=np.uint8)
    picture = np.repeat((rows * 4)[None, :, None], 64, axis=0).repeat(3, axis=2)
    crops = []
    for odd in (False, True):
        clock = Clock()
        meter = LseMeter(clock, Speech(swelling(LENGTH)))
        for index in range(FEWEST + 5):
            meter.take(frame_of(picture, index), astray if odd and index == 20 else FACE)
        assert meter.finish().windows == FEWEST
        crops.append(clock.seen)
    assert crops[0] == crops[1]


def test_speech_at_another_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="16000 samples a second"):
        LseMeter(Clock(), Speech(np.zeros(9, np.float32), 48_000))
