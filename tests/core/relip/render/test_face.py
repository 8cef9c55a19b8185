from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.colour import to_rgb, to_rgb8
from relip.media.frame import Box, Frame
from relip.mouth.shape import (
    EYES,
    LIPS_INNER,
    LIPS_OUTER,
    POINTS,
    PersonShapes,
    learn_shapes,
)
from relip.render.face import FaceArtist, MouthSource, around, outline
from relip.render.lay import lay
from relip.render.patch import MouthPatch
from tests.core.relip.sample_followed import Followed
from tests.faces_made import backdrop, frame_of
from tests.mouths_made import mouth_of, posed, swaying, turned, wandering

Marks = NDArray[np.float32]
Picture = NDArray[np.float32]


@pytest.fixture(scope="module")
def shapes(followed: Followed) -> PersonShapes:
    return learn_shapes(followed.footage.track.landmarks)


@pytest.fixture(scope="module")
def artist(shapes: PersonShapes) -> FaceArtist:
    return FaceArtist(shapes)


@pytest.fixture(scope="module")
def widest(shapes: PersonShapes) -> int:
    return int(shapes.gaps(shapes.coefficients).argmax())


@pytest.fixture(scope="module")
def tightest(shapes: PersonShapes) -> int:
    return int(shapes.gaps(shapes.coefficients).argmin())


def source(followed: Followed, row: int, share: float = 1.0) -> MouthSource:
    footage = followed.footage
    crop = followed.spool.get(int(footage.crops[row]))
    return MouthSource(crop, footage.track.landmarks[row], share)


def drawn(
    followed: Followed, artist: FaceArtist, at: int, shape: int, *sources: MouthSource
) -> MouthPatch:
    """Frame ``at`` with the shape of row ``shape``."""
    patch = artist.draw(
        followed.frames[at],
        at,
        followed.footage.track.landmarks[at],
        artist.shapes.coefficients[shape],
        sources or (source(followed, shape),),
    )
    assert patch is not None
    return patch


def shown(frame: Frame, patch: MouthPatch) -> Picture:
    """The frame with the patch laid over it, RGB."""
    return to_rgb(lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0))


def box_of(patch: MouthPatch) -> Box:
    height, width = patch.alpha.shape
    return Box(patch.x0, patch.y0, patch.x0 + width, patch.y0 + height)


def between_lips(picture: Picture, landmarks: Marks) -> float:
    """How light it is right between the lips."""
    x, y = landmarks[[13, 14], :2].mean(0).round().astype(int)
    return float(picture[y - 1 : y + 2, x - 3 : x + 4].mean())


def test_a_frame_drawn_in_its_own_shape_hardly_changes(
    followed: Followed, artist: FaceArtist
) -> None:
    for at in (5, 33, 50):
        before = to_rgb(followed.frames[at])
        after = shown(followed.frames[at], drawn(followed, artist, at, at))
        change = np.abs(after - before)
        lips = followed.footage.track.landmarks[at, LIPS_OUTER, :2]
        low, high = lips.min(0).astype(int), lips.max(0).astype(int)
        mouth = change[low[1] : high[1], low[0] : high[0]]
        assert mouth.mean() < 0.01
        assert change.max() < 0.15


def test_between_the_lips_the_library_shows_even_where_nothing_moves(
    followed: Followed, artist: FaceArtist, shapes: PersonShapes, widest: int
) -> None:
    patch = drawn(followed, artist, widest, widest)
    x, y = shapes.on_face(widest, shapes.coefficients[widest])[[13, 14], :2].mean(0).astype(int)
    assert patch.alpha[y - patch.y0, x - patch.x0] == pytest.approx(1, abs=1e-3)


def test_a_patch_is_inside_the_picture_and_in_range(
    followed: Followed, artist: FaceArtist, widest: int
) -> None:
    patch = drawn(followed, artist, 5, widest)
    box = box_of(patch)
    assert box.within(Box(0, 0, 512, 512)) == box
    assert patch.rgb.shape == (box.height, box.width, 3)
    assert patch.rgb.dtype == patch.alpha.dtype == np.float32
    assert np.isfinite(patch.rgb).all()
    assert patch.alpha.min() >= 0
    assert patch.alpha.max() == pytest.approx(1, abs=1e-3)


def test_eyes_and_backdrop_are_left_alone(
    followed: Followed, artist: FaceArtist, widest: int
) -> None:
    patch = drawn(followed, artist, 5, widest)
    whole = np.zeros((512, 512), np.float32)
    box = box_of(patch)
    whole[box.y0 : box.y1, box.x0 : box.x1] = patch.alpha
    face = followed.footage.track.landmarks[5, :POINTS].astype(float)
    ring = outline(face)
    assert not whole[: int(face[list(EYES), 1].max())].any()
    rows, columns = np.nonzero(whole)
    assert columns.min() > ring[:, 0].min() - 8
    assert columns.max() < ring[:, 0].max() + 8
    assert rows.max() < ring[:, 1].max() + 8


def test_a_patch_ends_without_a_seam(followed: Followed, artist: FaceArtist, widest: int) -> None:
    patch = drawn(followed, artist, 5, widest)
    original = to_rgb(followed.frames[5], box_of(patch))
    change = np.abs(patch.rgb - original).max(2) * patch.alpha
    border = np.ones(change.shape, bool)
    border[1:-1, 1:-1] = False
    assert change[border].max() < 0.01
    faint = (patch.alpha > 0) & (patch.alpha < 0.1)
    assert change[faint].max() < 0.03


def test_a_closed_mouth_is_opened_and_an_open_one_closed(
    followed: Followed, artist: FaceArtist, shapes: PersonShapes, widest: int, tightest: int
) -> None:
    for at, shape in ((tightest, widest), (widest, tightest)):
        after = shown(followed.frames[at], drawn(followed, artist, at, shape))
        truth = to_rgb(followed.frames[shape])
        moved = shapes.on_face(at, shapes.coefficients[shape]).astype(np.float32)
        wanted = between_lips(truth, followed.footage.track.landmarks[shape])
        before = between_lips(to_rgb(followed.frames[at]), followed.footage.track.landmarks[at])
        found = between_lips(after, moved)
        assert abs(found - wanted) < 0.6 * abs(before - wanted)


def test_the_chin_goes_with_the_mouth(
    followed: Followed, artist: FaceArtist, widest: int, tightest: int
) -> None:
    patch = drawn(followed, artist, tightest, widest)
    original = to_rgb(followed.frames[tightest], box_of(patch))
    lips = followed.footage.track.landmarks[tightest, LIPS_OUTER, 1]
    below = int(lips.max() + 0.4 * np.ptp(lips)) - patch.y0
    assert np.abs(patch.rgb - original)[below:].max() > 0.03


def test_half_and_half_of_one_mouth_is_that_mouth(
    followed: Followed, artist: FaceArtist, widest: int
) -> None:
    whole = drawn(followed, artist, 5, widest)
    halves = drawn(
        followed, artist, 5, widest, *(source(followed, widest, share) for share in (0.5, 0.5))
    )
    np.testing.assert_allclose(halves.rgb, whole.rgb, atol=1e-5)
    np.testing.assert_array_equal(halves.alpha, whole.alpha)


def test_a_darker_library_gives_the_same_mouth(
    followed: Followed, artist: FaceArtist, widest: int
) -> None:
    bright = drawn(followed, artist, 5, widest)
    one = source(followed, widest)
    # The crop in RGB, at four fifths of its light.
    box = one.frame.box
    whole = np.zeros((512, 512, 3), np.uint8)
    whole[box.y0 : box.y1, box.x0 : box.x1] = to_rgb8(one.frame) * np.float32(0.8)
    dim = replace(one, frame=frame_of(whole).crop(box))
    dark = drawn(followed, artist, 5, widest, dim)
    lips = followed.footage.track.landmarks[5, LIPS_OUTER, :2].mean(0).astype(int)
    x, y = lips[0] - bright.x0, lips[1] - bright.y0
    part = (slice(y - 6, y + 7), slice(x - 12, x + 13))
    assert np.abs(bright.rgb[part] - dark.rgb[part]).mean() < 0.02


def moved_frame(frame: Frame, x: int, y: int) -> Frame:
    """The picture moved by whole pixels, RGB; what comes into view is black."""
    whole = np.zeros((1536, 1536, 3), np.uint8)
    whole[512 + y : 1024 + y, 512 + x : 1024 + x] = to_rgb8(frame)
    return frame_of(np.ascontiguousarray(whole[512:1024, 512:1024]))


@pytest.mark.parametrize(
    ("x", "y"), [(-250, 0), (250, 0), (0, 220), (0, -240), (-262, 200), (230, 210), (0, 238)]
)
def test_a_face_leaving_the_picture_is_drawn_as_far_as_it_is_seen(
    followed: Followed, artist: FaceArtist, widest: int, x: int, y: int
) -> None:
    frame = moved_frame(followed.frames[5], x, y)
    landmarks = followed.footage.track.landmarks[5] + np.array([x, y, 0], np.float32)
    pose = replace(
        artist.shapes.pose,
        shift=artist.shapes.pose.shift
        - artist.shapes.pose.scale[:, None] * (artist.shapes.pose.rotation @ np.array([x, y, 0.0])),
    )
    leaving = FaceArtist(replace(artist.shapes, pose=pose))
    patch = leaving.draw(
        frame, 5, landmarks, artist.shapes.coefficients[widest], [source(followed, widest)]
    )
    if patch is None:
        return
    box = box_of(patch)
    assert box.within(frame.box) == box
    assert np.isfinite(patch.rgb).all()
    # Where both can be seen, it is what is drawn in the middle of the picture.
    inside = drawn(followed, artist, 5, widest)
    middle = landmarks[LIPS_INNER, :2].mean(0).round().astype(int)
    if box.x0 + 4 < middle[0] < box.x1 - 4 and box.y0 + 4 < middle[1] < box.y1 - 4:
        here = patch.rgb[middle[1] - box.y0, middle[0] - box.x0]
        there = inside.rgb[middle[1] - y - inside.y0, middle[0] - x - inside.x0]
        assert np.abs(here - there).max() < 0.06


def test_a_face_out_of_the_picture_is_not_drawn(followed: Followed, artist: FaceArtist) -> None:
    pose = replace(artist.shapes.pose, shift=artist.shapes.pose.shift + 3000)
    away = FaceArtist(replace(artist.shapes, pose=pose))
    landmarks = away.shapes.pose.image(5, artist.shapes.canonical[5].astype(float))
    patch = away.draw(
        followed.frames[5],
        5,
        landmarks.astype(np.float32),
        artist.shapes.coefficients[20],
        [source(followed, 20)],
    )
    assert patch is None


@pytest.mark.parametrize("yaw", [-80.0, -55.0, 35.0, 65.0, 85.0])
def test_profiles_are_drawn_with_finite_values(yaw: float) -> None:
    faces = [posed(face, turned(yaw), 0.6) for face in wandering(20)]
    marks = swaying(faces, degrees=3)
    shapes = learn_shapes(marks)
    frame = frame_of(backdrop(864, 864))
    gaps = shapes.gaps(shapes.coefficients)
    patch = FaceArtist(shapes).draw(
        frame,
        2,
        marks[2],
        shapes.coefficients[int(gaps.argmax())],
        [MouthSource(frame, marks[int(gaps.argmax())], 1.0)],
    )
    if patch is not None:
        assert np.isfinite(patch.rgb).all()
        assert np.isfinite(patch.alpha).all()
        assert 0 <= patch.alpha.min() <= patch.alpha.max() <= 1
        assert patch.rgb.min() > -0.2
        assert patch.rgb.max() < 1.2


@pytest.mark.parametrize("scale", [0.12, 0.3, 2.5])
def test_small_and_large_faces_are_drawn(scale: float) -> None:
    marks = swaying([posed(face, turned(), scale) for face in wandering(12)])
    shapes = learn_shapes(marks)
    frame = frame_of(backdrop(1000, 1000))
    patch = FaceArtist(shapes).draw(
        frame, 1, marks[1], shapes.coefficients[3], [MouthSource(frame, marks[3], 1.0)]
    )
    assert patch is not None
    assert np.isfinite(patch.rgb).all()


def test_a_library_mouth_beyond_its_pictures_edge_is_drawn_finite(
    followed: Followed, artist: FaceArtist
) -> None:
    one = source(followed, 20)
    for shift in (-250, 300):
        marks = one.landmarks + np.array([shift, 0, 0], np.float32)
        patch = drawn(followed, artist, 5, 20, replace(one, landmarks=marks))
        assert np.isfinite(patch.rgb).all()


def test_a_frozen_face_can_be_drawn_in_its_own_shape() -> None:
    marks = np.repeat(mouth_of(0.3)[None], 8, 0).astype(np.float32)
    shapes = learn_shapes(marks)
    frame = frame_of(backdrop(864, 864))
    patch = FaceArtist(shapes).draw(
        frame, 0, marks[0], shapes.coefficients[1], [MouthSource(frame, marks[1], 1.0)]
    )
    if patch is not None:
        original = to_rgb(frame, box_of(patch))
        assert (np.abs(patch.rgb - original).max(2) * patch.alpha).max() < 0.01


def test_boxes_hold_their_points_and_a_margin() -> None:
    points = np.array([[3.2, -4.9], [10.0, 7.5]])
    assert around(points, 2) == Box(1, -7, 13, 11)


def test_the_frames_index_does_not_matter_to_the_artist(
    followed: Followed, artist: FaceArtist, widest: int
) -> None:
    later = replace(followed.frames[5], index=999, time=Fraction(40))
    patch = artist.draw(
        later,
        5,
        followed.footage.track.landmarks[5],
        artist.shapes.coefficients[widest],
        [source(followed, widest)],
    )
    assert patch is not None
    np.testing.assert_array_equal(patch.rgb, drawn(followed, artist, 5, widest).rgb)
