from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.footage import Footage
from relip.media.frame import Box
from relip.media.spool import Spool
from relip.media.turn import Turn
from relip.mouth.library import (
    CHUNK,
    MOST,
    build_library,
    detail,
    edge_width,
    gather,
    head_rotations,
    lips_in_grey,
    softness,
    thinned,
)
from relip.mouth.shape import learn_shapes
from tests.core.relip.sample_followed import FIRST, STOP, Followed
from tests.faces_made import frame_of
from tests.mouths_made import large_portrait, portrait_landmarks

Grey = NDArray[np.float32]


def with_cut(footage: Footage, row: int) -> Footage:
    """The same footage with a cut before that row."""
    shots = (np.arange(len(footage.times)) >= row).astype(np.int32)
    return replace(footage, track=replace(footage.track, shots=shots))


def with_hidden(footage: Footage, rows: slice) -> Footage:
    """The same footage with something over the mouth in these rows."""
    hidden = footage.hidden.copy()
    hidden[rows] = 1
    return replace(footage, hidden=hidden)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_turned_clips_show_the_same_head_in_the_same_pose(
    followed: Followed, rotation: int
) -> None:
    mouths = gather([followed.footage])[:6]
    turn = Turn(rotation, 512, 512)
    turned = []
    for mouth in mouths:
        marks = mouth.landmarks.copy()
        marks[:, :2] = turn.coded(marks[:, :2])
        turned.append(replace(mouth, landmarks=marks, rotation=rotation))
    both = [*mouths, *turned]
    shapes = learn_shapes(np.stack([mouth.landmarks for mouth in both]))
    heads = head_rotations(both, shapes)
    np.testing.assert_allclose(heads[6:], heads[:6], atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40_000))
def test_thinning_keeps_to_the_cap_and_keeps_runs(count: int) -> None:
    kept = thinned(count)
    assert len(kept) <= MOST
    assert kept[0] == 0
    assert kept[-1] == count - 1
    assert (np.diff(kept) > 0).all()
    lengths = np.diff(np.flatnonzero(np.r_[True, np.diff(kept) > 1, True]))
    assert lengths.min() >= min(CHUNK, count)
    if count > MOST:
        assert len(kept) > 0.8 * MOST
        assert np.diff(kept).max() <= 2 * count / (MOST // CHUNK)
    else:
        assert len(kept) == count


def test_covered_mouths_are_left_out(followed: Followed) -> None:
    footage = with_hidden(followed.footage, slice(10, 14))
    mouths = gather([footage])
    assert [mouth.index for mouth in mouths] == [
        FIRST + row for row in range(60) if row not in range(10, 14)
    ]


def test_further_clips_come_after_the_first(followed: Followed) -> None:
    mouths = gather([followed.footage, followed.footage])
    assert [mouth.clip for mouth in mouths] == [0] * 60 + [1] * 60
    assert mouths[60].index == mouths[0].index
    np.testing.assert_array_equal(mouths[3].landmarks, followed.footage.track.landmarks[3])


def test_a_library_knows_what_follows_what(followed: Followed) -> None:
    footage = with_hidden(followed.footage, slice(10, 14))
    # The second clip is counted on from the first, which must not make them one run.
    mouths = gather([footage, replace(followed.footage, first=STOP)])
    shapes = learn_shapes(np.stack([mouth.landmarks for mouth in mouths]))
    chosen = np.r_[0:30, 50:80]
    library = build_library(mouths, shapes, chosen, followed.spool)
    assert len(library) == 60
    # A gap where the mouth was covered, one where frames were left out, one between the clips.
    expected = np.repeat([0, 1, 2, 3], [10, 20, 6, 24])
    np.testing.assert_array_equal(library.runs, expected)
    np.testing.assert_array_equal(library.coefficients, shapes.coefficients[chosen])
    assert library.gaps == pytest.approx(shapes.gaps(shapes.coefficients[chosen]))
    assert np.isfinite(library.textures).all()
    assert (library.flaws >= 0).all()


def test_a_cut_ends_a_run(followed: Followed) -> None:
    mouths = gather([with_cut(followed.footage, 20)])
    shapes = learn_shapes(np.stack([mouth.landmarks for mouth in mouths]))
    library = build_library(mouths, shapes, np.arange(60), followed.spool)
    np.testing.assert_array_equal(library.runs, np.repeat([0, 1], [20, 40]))


def test_blurred_mouths_are_flawed(followed: Followed) -> None:
    footage = followed.footage
    crops = footage.crops.copy()
    with Spool() as spool:
        for row, number in enumerate(crops):
            frame = followed.spool.get(int(number))
            if row % 10 == 4:
                planes = tuple(cv2.GaussianBlur(plane, (0, 0), 3) for plane in frame.planes)
                frame = replace(frame, planes=tuple(plane.astype(np.uint8) for plane in planes))
            crops[row] = spool.put(frame)
        mouths = gather([replace(footage, crops=crops)])
        shapes = learn_shapes(np.stack([mouth.landmarks for mouth in mouths]))
        library = build_library(mouths, shapes, np.arange(60), spool)
    blurred = np.arange(60) % 10 == 4
    assert library.flaws[blurred].min() > library.flaws[~blurred].max()


def stripes(blur: float) -> Grey:
    wave = np.where(np.arange(80) % 20 < 10, 40, 200).astype(np.float32)
    sharp = np.tile(wave, (60, 1))
    return np.asarray(cv2.GaussianBlur(sharp, (0, 0), blur) if blur else sharp, np.float32)


def test_soft_pictures_have_less_detail_and_wider_edges() -> None:
    blurs = (0.0, 0.7, 1.5, 3.0)
    details = [detail(stripes(blur)) for blur in blurs]
    edges = [edge_width(stripes(blur)) for blur in blurs]
    assert details == sorted(details, reverse=True)
    assert edges == sorted(edges)
    assert edge_width(stripes(1.5) * 0.4) == pytest.approx(edges[2], rel=0.01)


def test_what_is_not_in_the_picture_has_no_detail() -> None:
    assert detail(None) == 0
    assert np.isnan(edge_width(None))
    frame = frame_of(large_portrait())
    away = portrait_landmarks() + np.array([5000, 0, 0], np.float32)
    assert lips_in_grey(frame, away) is None
    seen = lips_in_grey(frame, portrait_landmarks())
    assert seen is not None
    assert seen.shape[1] > 100
    assert 0 <= seen.min() < seen.max() <= 255


def test_soft_footage_is_known_to_be_soft(followed: Followed) -> None:
    mouths = gather([followed.footage])[::6]
    sharp = softness(mouths, followed.spool)
    with Spool() as spool:
        for mouth in mouths:
            frame = followed.spool.get(mouth.crop)
            planes = tuple(
                cv2.GaussianBlur(plane, (0, 0), 4).astype(np.uint8) for plane in frame.planes
            )
            object.__setattr__(mouth, "crop", spool.put(replace(frame, planes=planes)))
        soft = softness(mouths, spool)
    assert 0 < sharp < soft < 0.3


def test_footage_without_pixels_of_lips_still_has_a_softness(followed: Followed) -> None:
    mouths = gather([followed.footage])[:2]
    with Spool() as spool:
        for mouth in mouths:
            crop = spool.put(followed.frames[0].crop(Box(0, 0, 8, 8)))
            object.__setattr__(mouth, "crop", crop)
        assert 0 < softness(mouths, spool) < 0.3
