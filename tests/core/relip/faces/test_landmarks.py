import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.faces.detect import FaceDetector
from relip.faces.landmarks import (
    LandmarkNetwork,
    Region,
    region_of_detection,
    region_of_landmarks,
    take_patch,
)
from relip.media.frame import Frame
from tests.faces_made import backdrop, frame_of, placed, placing, portrait


def read(frame: Frame) -> tuple[NDArray[np.float32], float]:
    region = region_of_detection(FaceDetector().search(frame)[0])
    network = LandmarkNetwork()
    for _ in range(3):
        face = network.read(take_patch(frame, region).crop(region), region)
        region = region_of_landmarks(face.landmarks)
    return face.landmarks, face.presence


def eye_distance(landmarks: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(landmarks[33, :2] - landmarks[263, :2]))


@pytest.fixture(scope="module")
def still() -> NDArray[np.float32]:
    landmarks, presence = read(frame_of(portrait()))
    assert presence > 0.9
    return landmarks


def test_the_parts_of_the_face_lie_where_they_are_seen(still: NDArray[np.float32]) -> None:
    # Read off the portrait by eye: eyes' outer corners, tip of the nose, lips.
    for number, seen in ((33, (114, 102)), (263, (178, 107)), (4, (143, 127)), (13, (143, 148))):
        assert np.linalg.norm(still[number, :2] - seen) < 6


def test_a_mirrored_picture_has_mirrored_landmarks(still: NDArray[np.float32]) -> None:
    picture = portrait()
    mirrored, _ = read(frame_of(np.ascontiguousarray(picture[:, ::-1])))
    # The mean over all landmarks is the same point of the face either way.
    across = picture.shape[1] - 1 - mirrored[:468, 0].mean() - still[:468, 0].mean()
    down = mirrored[:468, 1].mean() - still[:468, 1].mean()
    assert abs(across) < 0.004 * eye_distance(still) * 2
    assert abs(down) < 0.02 * eye_distance(still)


@pytest.mark.parametrize(("scale", "degrees"), [(1.0, 25.0), (0.6, 0.0), (3.0, -10.0), (7.0, 5.0)])
def test_landmarks_follow_scale_and_turn(
    still: NDArray[np.float32], scale: float, degrees: float
) -> None:
    side = round(320 * max(1.0, scale))
    place = placing(side / 2, side / 2, scale, degrees)
    found, _ = read(frame_of(placed(backdrop(side, side), portrait(), place)))
    expected = still[:, :2] @ place[:, :2].T + place[:, 2]
    off = np.linalg.norm(found[:, :2] - expected, axis=1) / eye_distance(found)
    assert off.mean() < 0.03


def test_a_face_cut_by_the_picture_s_edge_is_read(still: NDArray[np.float32]) -> None:
    place = placing(70, 100)
    frame = frame_of(placed(backdrop(300, 400), portrait(), place))
    region = region_of_landmarks(still)
    moved = place @ [region.x, region.y, 1]
    region = Region(float(moved[0]), float(moved[1]), region.side, region.angle)
    face = LandmarkNetwork().read(take_patch(frame, region).crop(region), region)
    expected = still[:, :2] @ place[:, :2].T + place[:, 2]
    assert np.linalg.norm(face.landmarks[:, :2] - expected, axis=1).mean() < 3


def test_where_nobody_is_presence_is_low() -> None:
    region = Region(150.0, 150.0, 150.0, 0.0)
    frame = frame_of(backdrop(300, 300))
    assert LandmarkNetwork().read(take_patch(frame, region).crop(region), region).presence < 0.1


def test_a_crop_shows_the_region_upright() -> None:
    picture = np.zeros((200, 300, 3), np.uint8)
    cv2.line(picture, (100, 60), (180, 140), (255, 255, 255), 9)
    region = Region(140.0, 100.0, 120.0, np.pi / 4)
    crop = take_patch(frame_of(picture), region).crop(region, 64)
    assert crop.shape == (64, 64, 3)
    assert (crop[31:34, 8:56] > 200).all()
    assert (crop[:24] < 30).all()
    assert (crop[40:] < 30).all()


def test_a_patch_knows_what_it_covers() -> None:
    frame = frame_of(backdrop(400, 400))
    patch = take_patch(frame, Region(200.0, 200.0, 100.0, 0.0))
    assert patch.covers(Region(205.0, 195.0, 100.0, 0.0))
    assert not patch.covers(Region(240.0, 200.0, 100.0, 0.0))


def test_a_region_outside_the_picture_gives_a_crop_all_the_same() -> None:
    region = Region(-300.0, 50.0, 100.0, 0.0)
    assert take_patch(frame_of(backdrop(100, 100)), region).crop(region).shape == (256, 256, 3)
