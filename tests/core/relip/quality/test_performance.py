from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.frame import Box, Frame
from relip.mouth.shape import EYES
from relip.quality.performance import (
    Performance,
    around,
    eye_distances,
    followed,
    grey,
    known,
    measured,
    unposed,
)
from tests.faces_made import RATE, Picture, frame_of, portrait
from tests.mouths_made import (
    SCALE,
    closed_face,
    grown,
    mouth_of,
    portrait_landmarks,
    posed,
    swaying,
    turned,
)

MEAN = grown(closed_face().astype(np.float32))
EYE = float(np.linalg.norm(MEAN[EYES[0]] - MEAN[EYES[1]]))


@pytest.fixture(scope="module")
def marks() -> NDArray[np.float32]:
    """Landmarks of the portrait, px."""
    found = portrait_landmarks() / np.float32(SCALE)
    found[:, :2] -= np.float32((SCALE - 1) / 2 / SCALE)
    return found


def watched(
    pictures: Sequence[Picture], marks: NDArray[np.float32], rows: Sequence[int] | None = None
) -> Performance:
    """A head that does not move, in frames of these numbers."""
    numbers = range(len(pictures)) if rows is None else rows
    frames = [frame_of(picture, row) for picture, row in zip(pictures, numbers, strict=True)]
    return measured(((frame, marks) for frame in frames), grown(marks))


def lit(gain: float) -> Picture:
    return np.asarray(np.clip(portrait() * gain, 0, 255), np.uint8)


def test_the_gap_of_the_lips_does_not_depend_on_the_head() -> None:
    opening = np.linspace(0, 1, 12)
    level = np.stack([mouth_of(each) for each in opening]).astype(np.float32)
    turning = swaying([mouth_of(each) for each in opening])

    flat, _ = unposed(level, MEAN)
    moved, rotations = unposed(turning, MEAN)

    gaps = [faces[:, 14, 1] - faces[:, 13, 1] for faces in (flat, moved)]
    assert np.ptp(gaps[0]) > 0.1
    np.testing.assert_allclose(gaps[1], gaps[0], atol=0.004)
    assert np.ptp(rotations[:, 0, 2]) > 0.1


def test_sizes_are_told_in_eye_distances() -> None:
    face = mouth_of(1.0)
    near = posed(face, turned(), scale=2.0)

    found = [unposed(each[None].astype(np.float32), MEAN)[0] for each in (face, near)]

    np.testing.assert_allclose(found[0], found[1], atol=1e-3)


def test_a_turned_head_s_eyes_are_as_far_apart_as_ever() -> None:
    face = closed_face()
    turned_away = posed(face, turned(yaw=40))

    found = eye_distances(np.stack([face, turned_away]).astype(np.float32))

    assert found == pytest.approx([EYE, EYE], rel=1e-4)


def test_a_box_lies_around_points_and_within_the_picture() -> None:
    points = np.array([[10.2, 20], [30, 40.5]], np.float32)

    assert around(points, 0, Box(0, 0, 99, 99)) == Box(10, 20, 31, 42)
    assert around(points, 15, Box(0, 0, 40, 99)) == Box(0, 5, 40, 57)
    assert around(points, 0, Box(50, 50, 60, 60)).empty


def test_a_box_outside_the_picture_is_grey_nothing() -> None:
    assert grey(frame_of(portrait()), Box(300, 300, 290, 290)).shape == (1, 1)


def test_light_that_jumps_is_flutter_and_light_that_changes_is_not(
    marks: NDArray[np.float32],
) -> None:
    steady = watched([lit(0.6 + 0.02 * row) for row in range(6)], marks)
    jumping = watched([lit(0.6 + 0.02 * (row % 2)) for row in range(6)], marks)

    assert np.isnan(steady.flutter[[0, -1]]).all()
    assert np.nanmax(steady.flutter) < 0.2 * np.nanmin(jumping.flutter)


def test_there_is_no_flutter_beside_missing_frames(marks: NDArray[np.float32]) -> None:
    found = watched([lit(0.8)] * 8, marks, rows=[3, 4, 5, 8, 9, 10, 12, 13])

    assert np.isfinite(found.flutter).tolist() == [
        *(False, True, False),
        *(False, True, False),
        *(False, False),
    ]
    assert found.rows.tolist() == [3, 4, 5, 8, 9, 10, 12, 13]


def test_blur_of_the_mouth_is_not_blur_of_the_eyes(marks: NDArray[np.float32]) -> None:
    sharp = portrait()
    soft = cv2.GaussianBlur(sharp, (0, 0), 2)
    box = around(marks[[61, 291, 0, 17], :2], 4, Box(0, 0, 288, 288))
    mouth = sharp.copy()
    part = (slice(box.y0, box.y1), slice(box.x0, box.x1))
    mouth[part] = soft[part]

    found = watched([sharp, mouth, np.asarray(soft, np.uint8)], marks)

    assert found.details[1] < 0.5 * found.details[0]
    assert found.blurs[1] > found.blurs[0] + 0.1
    assert found.rest[1] == found.rest[0]
    assert found.rest[2] < 0.5 * found.rest[0]


def test_open_eyes_are_farther_open_than_shut_ones(marks: NDArray[np.float32]) -> None:
    shut = marks.copy()
    shut[[159, 386], 1] = shut[[145, 374], 1]
    frames = [(frame_of(portrait(), row), each) for row, each in enumerate((marks, shut))]

    lids = measured(frames, grown(marks)).lids

    assert lids[0] > 0.05
    assert abs(lids[1]) < 0.02


def test_only_some_frames_keep_all_that_was_measured_in_them(marks: NDArray[np.float32]) -> None:
    found = watched([lit(0.5), lit(0.7), lit(0.9)], marks)

    some = found.only(np.array([True, False, True]))

    assert (len(found), len(some)) == (3, 2)
    assert some.rows.tolist() == [0, 2]
    assert some.details.tolist() == found.details[[0, 2]].tolist()


def test_nobody_seen_is_an_error() -> None:
    with pytest.raises(ValueError, match="nobody"):
        measured([], MEAN)


def test_unknown_landmarks_are_skipped() -> None:
    landmarks = np.zeros((3, 478, 3), np.float32)
    landmarks[1] = np.nan

    seen = known([frame_of(portrait(), row) for row in range(3)], landmarks)

    assert [frame.index for frame, _ in seen] == [0, 2]


def test_the_face_that_lies_where_the_original_s_did_is_followed(
    marks: NDArray[np.float32],
) -> None:
    def frames() -> list[Frame]:
        return [frame_of(portrait(), row) for row in range(4)]

    here = np.repeat(marks[None], 4, 0)
    here[2] = np.nan
    elsewhere = np.repeat(marks[None] + np.float32(90), 4, 0)

    found = list(followed(frames(), RATE, 0, here))

    assert [frame.index for frame, _ in found] == [0, 1, 3]
    assert all(np.abs(points[:, :2] - marks[:, :2]).mean() < 2 for _, points in found)
    assert list(followed(frames(), RATE, 0, elsewhere)) == []
