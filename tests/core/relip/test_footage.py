from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.footage import LEAST_EYES, Footage, analyse, opening, stretches
from relip.media.frame import Box
from relip.media.probe import probe
from relip.media.spool import Spool
from relip.mouth.shape import LIPS_OUTER
from relip.people import lower_face
from relip_job.errors import FaceError
from relip_job.job import Speaker
from tests.core.relip.sample_followed import FIRST, Followed
from tests.faces_made import frame_of
from tests.media_made import Recipe, make_clip
from tests.mouths_made import large_portrait, mouth_of, portrait_landmarks, posed, turned


def finished(path: Path, stop: int, speaker: Speaker, spool: Spool) -> Footage:
    work = analyse(probe(str(path)), 0, stop, speaker, spool)
    while True:
        try:
            next(work)
        except StopIteration as done:
            footage: Footage = done.value
            return footage


def with_marks(footage: Footage, marks: NDArray[np.float32]) -> Footage:
    return replace(footage, track=replace(footage.track, landmarks=marks))


def test_rows_are_the_frames_asked_for(followed: Followed) -> None:
    footage = followed.footage
    assert footage.first == FIRST
    assert footage.track.landmarks.shape == (60, 478, 3)
    assert len(footage.crops) == len(footage.hidden) == len(footage.times) == 60
    assert footage.times == pytest.approx((FIRST + np.arange(60)) / 25)
    assert footage.people == 1
    assert footage.usable.all()


def test_crops_hold_each_rows_own_mouth(followed: Followed) -> None:
    footage = followed.footage
    for row in (0, 17, 59):
        crop = followed.spool.get(int(footage.crops[row]))
        frame = followed.frames[row]
        assert crop.index == frame.index == FIRST + row
        lips = footage.track.landmarks[row, LIPS_OUTER, :2]
        width = np.ptp(lips[:, 0])
        assert crop.box.x0 < lips[:, 0].min() - 0.3 * width
        assert crop.box.x1 > lips[:, 0].max() + 0.3 * width
        assert crop.box.y0 < lips[:, 1].min() - 0.3 * width
        assert crop.box.y1 > lips[:, 1].max() + 0.3 * width
        whole = frame.planes[0][crop.box.y0 : crop.box.y1, crop.box.x0 : crop.box.x1]
        np.testing.assert_array_equal(crop.planes[0], whole)


def test_the_sample_speaks_in_time_with_its_sound(followed: Followed) -> None:
    footage = followed.footage
    assert footage.own is not None
    assert abs(footage.delay) < 0.06


def test_covered_small_and_unseen_mouths_are_not_usable(followed: Followed) -> None:
    footage = followed.footage
    hidden = footage.hidden.copy()
    hidden[3] = 0.9
    crops = footage.crops.copy()
    crops[5] = -1
    presence = footage.track.presence.copy()
    presence[7] = 0
    marks = footage.track.landmarks.copy()
    eyes = float(np.linalg.norm(marks[9, 33, :2] - marks[9, 263, :2]))
    marks[9] *= 0.5 * LEAST_EYES / eyes
    marks[11] = np.nan
    track = replace(footage.track, presence=presence, landmarks=marks)
    usable = replace(footage, hidden=hidden, crops=crops, track=track).usable
    assert np.flatnonzero(~usable).tolist() == [3, 5, 7, 9, 11]


def test_a_profile_is_not_small_because_its_eyes_are_close(followed: Followed) -> None:
    face = mouth_of(0.2)
    side = ((face - face[4]) @ turned(80).T * 0.15 + face[4]).astype(np.float32)
    assert np.linalg.norm(side[33, :2] - side[263, :2]) < LEAST_EYES
    marks = followed.footage.track.landmarks.copy()
    marks[8] = side
    assert with_marks(followed.footage, marks).usable[8]


def test_opening_is_in_eye_distances_and_nan_where_unseen(followed: Followed) -> None:
    marks = followed.footage.track.landmarks.copy()
    marks[:2] = mouth_of(0.0), mouth_of(1.0)
    marks[2] = mouth_of(1.0) * 3
    marks[3] = np.nan
    found = opening(with_marks(followed.footage, marks).track)
    assert found[0] == pytest.approx(0, abs=1e-4)
    assert found[1] > 0.05
    assert found[2] == pytest.approx(found[1], rel=1e-4)
    assert np.isnan(found[3])


def test_the_lower_face_is_a_box_inside_the_picture() -> None:
    frame = frame_of(large_portrait())
    marks = portrait_landmarks()
    box = lower_face(marks, frame)
    assert box.within(frame.box) == box
    assert box.y0 > marks[[159, 386], 1].max()
    assert box.y1 > marks[152, 1]
    for shift in ((-400, 0), (300, 0), (0, 380), (0, -300), (3000, 3000)):
        moved = lower_face(marks + np.array([*shift, 0], np.float32), frame)
        assert moved.empty or moved.within(frame.box) == moved


@pytest.mark.parametrize("roll", [-90, -60, 30, 90, 180])
def test_the_lower_face_of_a_head_held_askew_is_the_same_part(roll: float) -> None:
    frame = frame_of(large_portrait())
    level = mouth_of(0.4)
    straight = lower_face(level.astype(np.float32), frame)
    askew = posed(level, turned(roll=roll)).astype(np.float32)
    box = lower_face(askew, frame)
    lips = askew[LIPS_OUTER, :2]
    width = np.linalg.norm(askew[61, :2] - askew[291, :2])
    assert (lips.min(0) - 0.3 * width > (box.x0, box.y0)).all()
    assert (lips.max(0) + 0.3 * width < (box.x1, box.y1)).all()
    if roll % 90 == 0:
        sides = (straight.width, straight.height)[:: -1 if roll % 180 else 1]
        assert (box.width, box.height) == pytest.approx(sides, abs=2)
        eyes = askew[[159, 386], :2]
        assert not ((eyes > (box.x0, box.y0)) & (eyes < (box.x1, box.y1))).all(1).any()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_stretches_are_the_wanted_rows_between_cuts(rows: list[tuple[bool, bool]]) -> None:
    wanted = np.array([want for want, _ in rows], bool)
    shots = np.cumsum([cut for _, cut in rows]).astype(np.int32)
    covered = np.zeros(len(rows), int)
    previous = -1
    for start, stop in stretches(wanted, shots):
        assert previous <= start < stop
        assert wanted[start:stop].all()
        assert len(set(shots[start:stop].tolist())) == 1
        # As long as it can be.
        assert start == 0 or not wanted[start - 1] or shots[start - 1] != shots[start]
        assert stop == len(rows) or not wanted[stop] or shots[stop] != shots[start]
        covered[start:stop] += 1
        previous = stop
    np.testing.assert_array_equal(covered, wanted)


def test_a_clip_without_a_face_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "nobody.mkv"
    make_clip(path, Recipe(frames=5, size=(160, 120)))
    with Spool() as spool, pytest.raises(FaceError, match=r"nobody.mkv.*choose a clip"):
        finished(path, 5, Speaker(), spool)


def test_a_person_who_is_not_there_is_refused(followed: Followed) -> None:
    with Spool() as spool, pytest.raises(FaceError):
        finished(followed.footage.clip.path, 3, Speaker(number=4), spool)


def test_progress_is_told_while_the_clip_is_read(followed: Followed) -> None:
    with Spool() as spool:
        work = analyse(followed.footage.clip, 0, 40, Speaker(), spool)
        done = [next(work), next(work), next(work)]
        work.close()
    assert done == sorted(done)
    assert 0 <= done[0] < done[-1] < 40


def test_boxes_of_crops_are_not_empty(followed: Followed) -> None:
    boxes = [followed.spool.get(int(number)).box for number in followed.footage.crops]
    assert not any(box.empty for box in boxes)
    assert all(box.within(Box(0, 0, 512, 512)) == box for box in boxes)
