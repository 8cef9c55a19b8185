from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.engines.neural.engine import NeuralEngine
from relip.media.colour import to_rgb
from relip.quality.blur import detail
from relip.quality.region import allowed_region, filled
from relip_job.errors import FaceError
from tests.core.relip.engines.neural.drawing import (
    SIDE,
    Shows,
    around,
    engine_of,
    face_at,
    gap_in,
    gaps_of,
    result,
    task_of,
)
from tests.core.relip.sample_followed import Followed
from tests.mouths_made import line_of

Picture = NDArray[np.float32]


@pytest.fixture(scope="module")
def unchanged(followed: Followed) -> NeuralEngine:
    """A network that gives back what it is given, while somebody speaks without closures."""
    return engine_of(task_of(followed), Shows())


@pytest.fixture(scope="module")
def wide(followed: Followed) -> NDArray[np.float32]:
    """The face with its mouth wide open."""
    return face_at(followed, int(gaps_of(followed.footage).argmax()))


def lips_of(followed: Followed, row: int) -> tuple[slice, slice]:
    lips = followed.footage.track.landmarks[row, [61, 291, 0, 17], :2]
    low, high = lips.min(0).astype(int) - 6, lips.max(0).astype(int) + 7
    return slice(low[1], high[1]), slice(low[0], high[0])


def test_faces_given_back_leave_the_picture_as_it_was(
    followed: Followed, unchanged: NeuralEngine
) -> None:
    # What a crop of 96 samples cannot hold comes back from the library.
    errors = []
    for row in range(2, 60, 6):
        before = to_rgb(followed.frames[row])
        after = to_rgb(result(unchanged, followed.frames[row]))
        part = lips_of(followed, row)
        errors.append(float(((after - before)[part] ** 2).mean()))
    assert -10 * np.log10(np.median(errors)) > 40
    assert -10 * np.log10(max(errors)) > 25


def test_nothing_outside_the_mouth_region_changes(
    followed: Followed, wide: NDArray[np.float32]
) -> None:
    engine = engine_of(task_of(followed, wanted=around(8, 25)), Shows(wide))
    for row in (8, 25):
        frame = followed.frames[row]
        after = result(engine, frame)
        allowed = filled(allowed_region(followed.footage.track.landmarks[row]), frame.box)
        for plane, other, step in zip(frame.planes, after.planes, (1, 2, 2), strict=True):
            assert (plane != other).any()
            free = allowed.reshape(512 // step, step, 512 // step, step).any((1, 3))
            np.testing.assert_array_equal(plane[~free], other[~free])


def test_a_closed_mouth_opens_as_the_network_drew_it(
    followed: Followed, wide: NDArray[np.float32]
) -> None:
    gaps = gaps_of(followed.footage)
    row = int(gaps.argmin())
    engine = engine_of(task_of(followed, wanted=around(row)), Shows(wide))
    marks = followed.footage.track.landmarks[row]
    before = gap_in(followed.frames[row], marks)
    after = gap_in(result(engine, followed.frames[row]), marks)
    assert before < 0.03
    assert after > 0.7 * gaps.max()


def test_lips_that_should_meet_meet_whatever_the_network_drew(
    followed: Followed, wide: NDArray[np.float32]
) -> None:
    dub = line_of(("OPEN", 1.3), ("PBM", 0.12), ("OPEN", 2.5))
    row = round((1.36 - 0.5) * 25)
    engine = engine_of(task_of(followed, dub, around(row, row + 12)), Shows(wide))
    frame, marks = followed.frames[row], followed.footage.track.landmarks[row]
    assert gap_in(result(engine, frame), marks) < 0.04
    assert engine.page["closures"] == engine.page["closed_by_guard"] == 1
    away = row + 12
    opened = gap_in(result(engine, followed.frames[away]), followed.footage.track.landmarks[away])
    assert opened > 0.1


def test_closures_that_the_network_drew_are_left_to_it(followed: Followed) -> None:
    closed = face_at(followed, int(gaps_of(followed.footage).argmin()))
    dub = line_of(("OPEN", 1.3), ("PBM", 0.12), ("OPEN", 2.5))
    engine = engine_of(task_of(followed, dub, around(22)), Shows(closed))
    assert engine.page["closures"] == 1
    assert engine.page["closed_by_guard"] == 0


def test_nobody_babbles_in_silence(followed: Followed) -> None:
    babble = Babbling(followed)
    wanted = np.arange(60) < 18
    silent = engine_of(task_of(followed, line_of(("SIL", 4.0)), wanted), babble)
    spoken = engine_of(task_of(followed, wanted=wanted), babble)
    gaps, loud = [], []
    for row in range(3, 15, 3):
        marks = followed.footage.track.landmarks[row]
        gaps.append(gap_in(result(silent, followed.frames[row]), marks))
        loud.append(gap_in(result(spoken, followed.frames[row]), marks))
    assert max(gaps) < 0.04
    assert np.ptp(gaps) < 0.2 * np.ptp(loud)
    assert silent.page["at_rest"] == 18


class Babbling(Shows):
    """Shows another of the sample's faces each time."""

    def __init__(self, followed: Followed) -> None:
        super().__init__()
        self._shown = np.stack([face_at(followed, row) for row in (0, 7, 11, 22, 28)])

    def draw(self, faces: NDArray[np.float32], seconds: NDArray[np.float64]) -> NDArray[np.float32]:
        chosen = np.rint(seconds * 25).astype(int) % len(self._shown)
        return np.asarray(self._shown[chosen])


def test_every_wanted_frame_is_asked_for_once_at_its_own_time_to_the_last(
    followed: Followed,
) -> None:
    network = Shows(batch=7)
    task = task_of(followed, wanted=np.arange(60) >= 45)
    engine = engine_of(task, network)
    assert [len(seconds) for seconds in network.asked] == [7, 7, 1]
    np.testing.assert_array_equal(np.concatenate(network.asked), task.seconds[45:])
    assert engine.draw(followed.frames[-1]) is not None
    assert engine.page["drawn"] == 15


def test_frames_that_are_not_wanted_or_show_no_mouth_pass_through(followed: Followed) -> None:
    hidden = followed.footage.hidden.copy()
    hidden[20:24] = 1
    footage = replace(followed.footage, hidden=hidden)
    wanted = np.arange(60) // 20 == 1
    wanted[15:20] = True
    network = Shows()
    task = task_of(followed, wanted=wanted, footage=footage)
    engine = engine_of(task, network)
    drawn = [engine.draw(frame) is not None for frame in followed.frames]
    np.testing.assert_array_equal(drawn, wanted & (hidden < 0.5))
    np.testing.assert_array_equal(np.concatenate(network.asked), task.seconds[drawn])


def test_batches_of_one_give_the_same_again(followed: Followed) -> None:
    wanted = np.arange(60) < 10
    frame = followed.frames[6]
    pictures = []
    for batch in (8, 1):
        engine = engine_of(task_of(followed, wanted=wanted), Shows(batch=batch))
        pictures.append(to_rgb(result(engine, frame)))
    one, other = pictures
    np.testing.assert_array_equal(one, other)


def sharpness(picture: Picture) -> float:
    grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
    return detail(np.rint(np.clip(grey, 0, 1) * 255).astype(np.uint8))


def test_detail_comes_back_from_the_footage(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mouth of another moment, as soft as a real network's; all of the lips must be drawn anew.
    gaps = gaps_of(followed.footage)
    row, other = int(gaps.argmin()), 11
    network = Shows(np.asarray(cv2.GaussianBlur(face_at(followed, other), (0, 0), 1), np.float32))
    engine = engine_of(task_of(followed, wanted=around(row)), network)
    own = sharpness(to_rgb(followed.frames[other])[lips_of(followed, other)])

    def shown() -> float:
        picture = to_rgb(result(engine, followed.frames[row]))
        return sharpness(picture[lips_of(followed, other)])

    after = shown()
    monkeypatch.setattr(
        "relip.engines.neural.engine.detailed", lambda mouth, source, artist: mouth.picture
    )
    before = shown()
    print(f"sharpness {before:.0f} drawn, {after:.0f} with detail, {own:.0f} the person's own")
    assert before < 0.6 * after
    assert 0.75 < after / own < 1.35


def test_a_strength_of_nothing_keeps_the_mouth_at_rest(
    followed: Followed, wide: NDArray[np.float32]
) -> None:
    row = 20
    engine = engine_of(task_of(followed, wanted=around(row), strength=0.0), Shows(wide))
    marks = followed.footage.track.landmarks[row]
    assert gap_in(result(engine, followed.frames[row]), marks) < 0.05


def test_a_network_that_draws_no_faces_is_told(followed: Followed) -> None:
    noise = np.random.default_rng(0).uniform(0, 1, (SIDE, SIDE, 3)).astype(np.float32)
    with pytest.raises(FaceError, match="no face is to be seen"):
        engine_of(task_of(followed, wanted=around(20)), Shows(noise))


def test_frames_whose_drawing_shows_no_face_stay_the_original(followed: Followed) -> None:
    wanted = (np.arange(60) >= 16) & (np.arange(60) < 28)
    engine = engine_of(task_of(followed, wanted=wanted), Failing())
    assert [notice.code for notice in engine.notices] == ["no-drawn-face"]
    # Rows 20 to 23 of a part that begins at frame 18, 25 to the second.
    assert "01:00:01:13 to 01:00:01:16" in engine.notices[0].message
    drawn = [engine.draw(frame) is not None for frame in followed.frames]
    assert drawn == [wants and row not in range(20, 24) for row, wants in enumerate(wanted)]


class Failing(Shows):
    """Gives faces back, but noise for four of them."""

    def draw(self, faces: NDArray[np.float32], seconds: NDArray[np.float64]) -> NDArray[np.float32]:
        found = faces.copy()
        noise = np.random.default_rng(0).uniform(0, 1, faces.shape[1:]).astype(np.float32)
        rows = np.rint((seconds - 0.5) * 25)
        found[(rows >= 20) & (rows < 24)] = noise
        return found
