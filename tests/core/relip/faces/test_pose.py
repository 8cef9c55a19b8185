import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.faces.pose import angles, head_pose, mean_face, similarity


def turned(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Yaw after pitch after roll; degrees, as relip counts them."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, np.float64)


def head() -> NDArray[np.float64]:
    """478 points on a half ellipsoid, nose toward -z, with the landmarks that define the axes."""
    rng = np.random.default_rng(3)
    points = rng.normal(size=(478, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points[:, 2] = -np.abs(points[:, 2])
    points *= (60, 80, 50)
    named = {10: (0, -80, 0), 152: (0, 80, 0), 33: (-35, -20, -25), 263: (35, -20, -25)}
    named |= {234: (-60, 0, 0), 454: (60, 0, 0), 4: (0, 10, -60)}
    for number, place in named.items():
        points[number] = place
    return points


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.2, 5.0),
    st.floats(-60, 60),
    st.floats(-40, 40),
    st.floats(-170, 170),
    st.integers(0, 2**16),
)
def test_a_similarity_is_recovered(
    scale: float, yaw: float, pitch: float, roll: float, seed: int
) -> None:
    source = np.random.default_rng(seed).normal(size=(12, 3))
    rotation, shift = turned(yaw, pitch, roll), np.array([3.0, -7.0, 2.0])
    found = similarity(source, scale * source @ rotation.T + shift)
    assert found[0] == pytest.approx(scale)
    assert np.allclose(found[1], rotation, atol=1e-8)
    assert np.allclose(found[2], shift, atol=1e-8)


def test_many_similarities_at_once_are_the_single_ones() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(5, 9, 3)), rng.normal(size=(9, 3))
    scale, rotation, shift = similarity(source, target)
    for i in range(5):
        one = similarity(source[i], target)
        assert scale[i] == pytest.approx(one[0])
        assert np.allclose(rotation[i], one[1])
        assert np.allclose(shift[i], one[2])


def test_a_mirror_image_is_turned_never_mirrored() -> None:
    source = np.random.default_rng(1).normal(size=(20, 2))
    _, rotation, _ = similarity(source, source * (-1, 1))
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_points_in_one_place_have_a_pose_of_size_0() -> None:
    scale, rotation, _ = similarity(np.ones((6, 3)), np.random.default_rng(0).normal(size=(6, 3)))
    assert scale == pytest.approx(0)
    assert np.isfinite(rotation).all()


def test_the_pose_lays_the_mean_face_onto_the_picture() -> None:
    rotation = turned(25, -10, 5)
    picture = np.stack([head() + 300, (1.4 * head() @ rotation.T) + (200, 150, 0)])
    seen = picture.astype(np.float32)
    face = mean_face(seen)
    scale, found, shift = head_pose(seen, face)
    again = scale[:, None, None] * face @ np.swapaxes(found, 1, 2) + shift[:, None]
    assert np.abs(again - picture).max() < 0.05
    assert scale[1] / scale[0] == pytest.approx(1.4, rel=1e-4)


@pytest.mark.parametrize(
    "expected",
    [(0.0, 0.0, 0.0), (30.0, 0.0, 0.0), (0.0, 20.0, 0.0), (0.0, 0.0, -15.0), (-20, 10, 5)],
)
def test_angles_are_the_ones_the_head_was_turned_by(expected: tuple[float, float, float]) -> None:
    straight = head()
    picture = np.stack([straight, straight @ turned(*expected).T]).astype(np.float32)
    _, rotation, _ = head_pose(picture, mean_face(np.stack([straight]).astype(np.float32)))
    found = [float(angle[1] - angle[0]) for angle in angles(rotation)]
    assert found == pytest.approx(list(expected), abs=0.5)


def test_a_nose_to_the_right_is_positive_yaw() -> None:
    picture = np.stack([head(), head() @ turned(30, 0, 0).T]).astype(np.float32)
    nose = picture[:, 4, 0] - picture[:, [234, 454], 0].mean(1)
    assert nose[1] > nose[0]
    pitched = head() @ turned(0, 20, 0).T
    assert pitched[4, 1] < head()[4, 1]


def test_frames_without_the_face_have_no_pose() -> None:
    picture = np.stack([head(), np.full((478, 3), np.nan)]).astype(np.float32)
    scale, rotation, shift = head_pose(picture)
    assert np.isfinite(scale[0])
    assert np.isnan(scale[1])
    assert np.isnan(rotation[1]).all()
    assert np.isnan(shift[1]).all()


@pytest.mark.parametrize("roll", [90, -60, 180])
def test_the_mean_face_of_a_head_that_lies_is_upright(roll: float) -> None:
    heads = np.stack([head() @ turned(yaw, 5, 0).T for yaw in (-50, -20, 0, 45)])
    straight = mean_face(heads.astype(np.float32))
    lying = mean_face((heads @ turned(0, 0, roll).T).astype(np.float32))
    assert np.abs(lying - straight).max() < 0.5


def test_nobody_has_no_mean_face() -> None:
    with pytest.raises(ValueError, match="no face"):
        mean_face(np.full((3, 478, 3), np.nan, np.float32))
