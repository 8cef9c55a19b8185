import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.mouth.shape import (
    CHIN,
    CORNERS,
    EYES,
    LIPS_INNER,
    LIPS_OUTER,
    POINTS,
    STABLE,
    PersonShapes,
    freedom,
    learn_shapes,
    similarities,
    smoothstep,
)
from tests.mouths_made import (
    closed_face,
    grown,
    motions,
    mouth_of,
    portrait_landmarks,
    posed,
    swaying,
    turned,
    wandering,
)

EARS = [234, 454]
ABOVE_NOSE = [33, 133, 263, 362, 168, 6, 4, 10, 105, 334]


@pytest.fixture(scope="module")
def landmarks() -> NDArray[np.float32]:
    return swaying(wandering(80))


@pytest.fixture(scope="module")
def shapes(landmarks: NDArray[np.float32]) -> PersonShapes:
    return learn_shapes(landmarks)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.2, 5),
    st.floats(-70, 70),
    st.floats(-50, 50),
    st.floats(-180, 180),
    st.floats(-2000, 2000),
)
def test_a_known_pose_is_found(
    scale: float, yaw: float, pitch: float, roll: float, shift: float
) -> None:
    face = closed_face()[:POINTS]
    picture = posed(face, turned(yaw, pitch, roll), scale, (shift, -shift, 10))[None]
    pose = similarities(picture[:, STABLE], face[STABLE])
    assert pose.scale[0] == pytest.approx(1 / scale)
    np.testing.assert_allclose(pose.rotation[0], turned(yaw, pitch, roll).T, atol=1e-7)
    np.testing.assert_allclose(pose.canonical(picture)[0], face, atol=1e-3)
    np.testing.assert_allclose(pose.image(0, face), picture[0], atol=1e-5)


def test_a_mirrored_face_is_turned_never_mirrored() -> None:
    face = closed_face()[:POINTS]
    pose = similarities((face * [-1, 1, 1])[None, STABLE], face[STABLE])
    assert np.linalg.det(pose.rotation[0]) == pytest.approx(1)


def test_canonical_shapes_are_free_of_head_pose() -> None:
    faces = [mouth_of(0.6, 0.3)] * 30
    shapes = learn_shapes(swaying(faces, degrees=25))
    trembling = shapes.canonical.std(0)
    assert np.sqrt((trembling**2).sum(1)).max() < 0.3  # px; the landmarks themselves tremble by .09
    assert np.ptp(shapes.gaps(shapes.coefficients)) < 0.004


def test_canonical_shapes_go_back_to_where_they_were_seen(
    landmarks: NDArray[np.float32], shapes: PersonShapes
) -> None:
    for at in (0, 41, 79):
        again = shapes.pose.image(at, shapes.canonical[at].astype(float))
        np.testing.assert_allclose(again, landmarks[at, :POINTS], atol=1e-3)


def test_coefficients_give_the_shapes_they_came_from(shapes: PersonShapes) -> None:
    again = shapes.points(shapes.coefficients)
    assert np.abs(again - shapes.canonical[:, shapes.moving]).max() < 0.3


def test_components_are_orthonormal(shapes: PersonShapes) -> None:
    product = shapes.basis @ shapes.basis.T
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-9)


def test_planted_motions_are_the_first_components(shapes: PersonShapes) -> None:
    spread = shapes.coefficients.std(0)
    assert spread[2:].max() < 0.1 * spread[1]
    for motion in motions():
        seen = motion[shapes.moving].ravel()
        kept = seen @ shapes.basis[:2].T
        assert (kept**2).sum() > 0.97 * (seen**2).sum()


def test_gaps_are_in_eye_distances() -> None:
    faces = wandering(50)
    once = learn_shapes(swaying(faces))
    twice = learn_shapes(swaying(faces) * 2)
    assert twice.eye_distance == pytest.approx(2 * once.eye_distance, rel=0.01)
    eyes = np.linalg.norm(closed_face()[EYES[0]] - closed_face()[EYES[1]])
    moved = motions()[0][[14, 87, 317], 1].mean() / eyes
    found = once.gaps(once.coefficients)
    assert np.ptp(found) == pytest.approx(moved, rel=0.05)
    np.testing.assert_allclose(twice.gaps(twice.coefficients), found, atol=1e-4)


def test_a_shape_put_on_the_frame_it_came_from_changes_nothing(
    landmarks: NDArray[np.float32], shapes: PersonShapes
) -> None:
    for at in (3, 40):
        again = shapes.on_face(at, shapes.coefficients[at])
        assert np.abs(again - landmarks[at, :POINTS]).max() < 0.3


def test_a_shape_put_on_another_frame_keeps_that_frames_head(
    landmarks: NDArray[np.float32], shapes: PersonShapes
) -> None:
    gaps = shapes.gaps(shapes.coefficients)
    wide, closed = int(gaps.argmax()), int(gaps.argmin())
    opened = shapes.on_face(closed, shapes.coefficients[wide])
    seen = grown(landmarks)[closed]
    np.testing.assert_allclose(opened[ABOVE_NOSE], seen[ABOVE_NOSE], atol=1e-3)
    np.testing.assert_allclose(opened[EARS], seen[EARS], atol=0.5)
    assert opened[14, 1] - opened[13, 1] > 0.8 * gaps[wide] * shapes.eye_distance
    assert opened[CHIN, 1] > seen[CHIN, 1] + 3


@pytest.mark.parametrize("face", [closed_face()[:POINTS], portrait_landmarks()[:POINTS]])
def test_speech_moves_lips_and_chin_but_not_eyes_nose_and_ears(face: NDArray[np.float64]) -> None:
    free = freedom(face.astype(float))
    assert free.min() >= 0
    assert free.max() <= 1
    assert (free[ABOVE_NOSE] == 0).all()
    assert free[EARS].max() < 0.05
    assert free[[13, 14, CHIN]].min() > 0.9
    assert free[[*LIPS_INNER, *LIPS_OUTER, *CORNERS]].min() > 0.5


@pytest.mark.parametrize("count", [5, 6, 13])
def test_a_handful_of_frames_is_enough_for_finite_shapes(count: int) -> None:
    shapes = learn_shapes(swaying(wandering(count)))
    assert np.isfinite(shapes.coefficients).all()
    assert len(shapes.basis) <= 12
    assert np.isfinite(shapes.on_face(0, shapes.coefficients[-1])).all()


def test_a_frozen_face_has_one_shape() -> None:
    shapes = learn_shapes(np.repeat(mouth_of(0.4)[None], 20, 0).astype(np.float32))
    assert np.abs(shapes.coefficients).max() < 1e-3
    np.testing.assert_allclose(shapes.gaps(shapes.coefficients), shapes.gaps(np.zeros((1, 12)))[0])


def test_smoothstep_is_flat_outside_0_to_1() -> None:
    found = smoothstep(np.array([-3.0, 0, 0.5, 1, 7]))
    np.testing.assert_allclose(found, [0, 0, 0.5, 1, 1])


@pytest.mark.parametrize("roll", [20, 40])
def test_a_head_held_askew_has_the_same_mouth(roll: float) -> None:
    faces = wandering(40)
    straight = learn_shapes(swaying(faces))
    askew = learn_shapes(swaying([posed(face, turned(roll=roll)) for face in faces]))
    expected = straight.gaps(straight.coefficients)
    found = askew.gaps(askew.coefficients)
    np.testing.assert_allclose(found, expected, atol=0.1 * expected.max())
    np.testing.assert_allclose(askew.weight, straight.weight, atol=0.2)
