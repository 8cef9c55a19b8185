import numpy as np
import pytest

from relip.faces.detect import FaceDetector, overlap, shared
from relip.media.turn import Turn
from tests.faces_made import backdrop, frame_of, placed, placing, portrait, somebody_else


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector()


def test_a_face_is_found_where_it_is(detector: FaceDetector) -> None:
    canvas = placed(backdrop(480, 640), portrait(), placing(400, 200))
    (face,) = detector.detect(canvas)
    assert np.abs(face.box.mean(0) - (400, 205)).max() < 12
    assert 80 < np.ptp(face.box[:, 1]) < 130
    right_eye, left_eye = face.keypoints[:2]
    assert right_eye[0] < left_eye[0]
    assert face.score > 0.8


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_face_in_a_turned_picture_is_found_where_it_is_coded(
    detector: FaceDetector, rotation: int
) -> None:
    upright = placed(backdrop(480, 640), portrait(), placing(400, 200))
    coded = np.ascontiguousarray(np.rot90(upright, -rotation // 90))
    turn = Turn(rotation, coded.shape[1], coded.shape[0])
    (expected,) = detector.search(frame_of(upright))
    (face,) = detector.search(frame_of(coded), rotation=rotation)
    keypoints = turn.shown(face.keypoints)
    assert np.abs(keypoints - expected.keypoints).max() < 3
    assert (face.box[0] < face.box[1]).all()
    assert np.abs(turn.shown(face.box).mean(0) - expected.box.mean(0)).max() < 3


def test_several_people_are_found_each_once(detector: FaceDetector) -> None:
    canvas = placed(backdrop(480, 640), portrait(), placing(170, 200))
    canvas = placed(canvas, somebody_else(), placing(480, 240))
    faces = detector.search(frame_of(canvas))
    assert sorted(round(float(face.box[:, 0].mean()) / 50) for face in faces) == [3, 9]


def test_a_face_that_fills_the_picture_is_found(detector: FaceDetector) -> None:
    canvas = placed(backdrop(300, 300), portrait(), placing(150, 160, 2.6))
    (face,) = detector.detect(canvas)
    assert np.ptp(face.box[:, 1]) > 200


@pytest.mark.parametrize("size", [(1080, 1920), (2160, 3840)])
def test_a_face_of_60_px_is_found_in_a_large_picture(
    detector: FaceDetector, size: tuple[int, int]
) -> None:
    height, width = size
    place = placing(width * 0.7, height * 0.6, 0.6)
    canvas = placed(backdrop(height, width), portrait(), place)
    faces = detector.search(frame_of(canvas), closely=True)
    assert any(np.abs(face.box.mean(0) - (width * 0.7, height * 0.6)).max() < 15 for face in faces)


def test_nobody_is_found_where_nobody_is(detector: FaceDetector) -> None:
    assert detector.search(frame_of(backdrop(720, 1280)), closely=True) == []


def test_boxes_share_what_they_cover_together() -> None:
    whole = np.array([[0, 0], [10, 10]], np.float32)
    corner = np.array([[5, 5], [10, 10]], np.float32)
    apart = np.array([[20, 0], [30, 10]], np.float32)
    assert overlap(whole, corner) == pytest.approx(0.25)
    assert shared(whole, corner) == pytest.approx(1.0)
    assert overlap(whole, apart) == shared(whole, apart) == 0.0
