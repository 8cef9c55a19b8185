"""Every planted fault is what it says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.mouth.shape import LIPS_OUTER
from relip.quality.performance import around
from tests.bench.exact import differences
from tests.trust import moved, touched
from tests.trust.cases import MOTION_FAULTS, PICTURE_FAULTS, Planter
from tests.trust.shown import Shown, cut, muted, shown, write

START, FRAMES = Fraction(6, 5), 14


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    part = cut(
        sample.picture(), tmp_path_factory.mktemp("part") / "part.mkv", START, Fraction(FRAMES, 25)
    )
    with shown(part) as found:
        yield found


def changes(given: Shown, plant: Planter) -> list[tuple[Frame, Frame, NDArray[np.bool_]]]:
    """Frames before and after, and where their luma differs."""
    pairs = zip(read_frames(given.clip), list(plant(given)), strict=True)
    return [(one, other, one.planes[0] != other.planes[0]) for one, other in pairs]


@pytest.mark.parametrize("name", [*PICTURE_FAULTS, *MOTION_FAULTS])
def test_a_fault_keeps_times_tags_and_all_that_is_not_the_lower_face(
    name: str, given: Shown, tmp_path: Path
) -> None:
    plant, _ = (PICTURE_FAULTS | MOTION_FAULTS)[name]

    made = probe(write(tmp_path / "fault.mkv", given.clip, plant(given)))

    assert differences(given.clip, made) == []
    changed = 0
    for one, other in zip(read_frames(given.clip), read_frames(made), strict=True):
        eyes = int(given.marks[one.index][[145, 374], 1].max())
        for plane, (old, new) in enumerate(zip(one.planes, other.planes, strict=True)):
            above = eyes // one.steps(plane)[1]
            np.testing.assert_array_equal(old[:above], new[:above])
        changed += int((one.planes[0] != other.planes[0]).any())
    assert changed >= FRAMES // 2 - 1


def test_a_blurred_mouth_has_less_detail_and_the_same_light(given: Shown) -> None:
    for one, other, _ in changes(given, touched.blurred):
        box = around(given.marks[one.index][LIPS_OUTER, :2], 0, one.box)
        before, after = (
            frame.planes[0][box.y0 : box.y1, box.x0 : box.x1].astype(np.float32)
            for frame in (one, other)
        )
        assert (
            cv2.Laplacian(after, cv2.CV_32F).var() < 0.2 * cv2.Laplacian(before, cv2.CV_32F).var()
        )
        assert after.mean() == pytest.approx(before.mean(), rel=0.03)


def test_a_box_has_straight_edges(given: Shown) -> None:
    for _, _, where in changes(given, touched.boxed):
        rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
        inside = where[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert inside.mean() > 0.6
        assert min(inside[0].mean(), inside[-1].mean()) > 0.5


@pytest.mark.parametrize("plant", [touched.lighter, touched.warmer, touched.flickering])
def test_colour_changes_by_a_few_percent_and_fades_out(plant: Planter, given: Shown) -> None:
    for one, other, _ in changes(given, plant):
        off = np.abs(one.planes[0].astype(int) - other.planes[0])
        assert off.max() <= 12
        edge = off.copy()
        edge[cv2.erode((off > 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 0
        assert not edge.any() or np.quantile(edge[edge > 0], 0.9) <= 4


def test_flicker_touches_every_other_frame(given: Shown) -> None:
    touched_frames = [bool(where.any()) for _, _, where in changes(given, touched.flickering)]

    assert touched_frames == [bool(number % 2) for number in range(len(touched_frames))]


def _opening(given: Shown, plant: Planter, folder: Path) -> NDArray[np.float64]:
    """The lips' gap in px, followed again."""
    made = write(folder / "fault.mkv", given.clip, plant(given))
    with shown(made) as found:
        gap = found.marks[:, 14, :2] - found.marks[:, 13, :2]
        return np.asarray(np.linalg.norm(gap, axis=1), np.float64)


def test_a_frozen_mouth_is_still_and_a_small_one_moves_half_as_far(
    given: Shown, tmp_path: Path
) -> None:
    true = np.linalg.norm(given.marks[:, 14, :2] - given.marks[:, 13, :2], axis=1)

    frozen = _opening(given, moved.frozen, tmp_path)
    (tmp_path / "fault.mkv").unlink()
    half = _opening(given, moved.halved, tmp_path)

    assert np.ptp(frozen) < 0.15 * np.ptp(true)
    assert 0.35 < np.ptp(half) / np.ptp(true) < 0.65


def test_a_late_mouth_is_that_of_the_frame_before(given: Shown, tmp_path: Path) -> None:
    true = np.linalg.norm(given.marks[:, 14, :2] - given.marks[:, 13, :2], axis=1)

    late = _opening(given, moved.late, tmp_path)

    assert np.abs(late[1:] - true[:-1]).mean() < 0.25 * np.abs(late[1:] - true[1:]).mean()


def test_muting_leaves_the_rest_as_it_was() -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 32000).astype(np.float32)

    quiet = muted(samples, 0.5, 1.0)

    assert np.abs(quiet[8000:16000]).max() < 1e-3
    np.testing.assert_allclose(quiet[:7000], samples[:7000], atol=1e-3)
    np.testing.assert_allclose(quiet[17000:], samples[17000:], atol=1e-3)
