import numpy as np
import pytest

from relip.faces import steady
from relip.faces.landmarks import Region, take_patch
from tests.faces_made import backdrop, frame_of, placed, placing, portrait


def face(seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).uniform(80, 220, (478, 3)).astype(np.float32)


def test_flow_tells_where_the_picture_went() -> None:
    canvas = backdrop(320, 320)
    before = frame_of(placed(canvas, portrait(), placing(150, 160)))
    after = frame_of(placed(canvas, portrait(), placing(163, 154)))
    region = Region(150.0, 160.0, 160.0, 0.1)
    points = np.array([[121.0, 150], [185, 155], [150, 177], [140, 145]])
    went = steady.flow(take_patch(before, region), take_patch(after, region), region, points)
    assert np.abs(went - points - (13, -6)).max() < 0.25


def test_a_common_motion_is_found_among_points_that_went_astray() -> None:
    points = np.random.default_rng(1).uniform(0, 100, (18, 2))
    away = points - points.mean(0)
    moves = np.array([2.0, -1.0]) + 0.02 * away + 0.03 * np.column_stack([-away[:, 1], away[:, 0]])
    moves[:4] += 25
    moves[4] = np.nan
    motion = steady.fitted_motion(moves, points, 60.0)
    assert motion is not None
    assert motion[2:] == pytest.approx([0.02, 0.03], abs=0.003)


def test_no_motion_is_made_up_where_points_disagree() -> None:
    points = np.random.default_rng(1).uniform(0, 100, (18, 2))
    moves = np.random.default_rng(2).normal(0, 30, (18, 2))
    assert steady.fitted_motion(moves, points, 60.0) is None
    assert steady.fitted_motion(np.full((18, 2), np.nan), points, 60.0) is None


def test_a_correction_leaves_the_shape_of_the_face_alone() -> None:
    before = face()
    after = steady.moved(before, np.array([3.0, -2.0, 0.04, 0.05]))
    gap = np.linalg.norm(before[13, :2] - before[14, :2]) / np.linalg.norm(
        before[33, :2] - before[263, :2]
    )
    moved_gap = np.linalg.norm(after[13, :2] - after[14, :2]) / np.linalg.norm(
        after[33, :2] - after[263, :2]
    )
    assert moved_gap == pytest.approx(gap, rel=1e-4)


def test_trembling_is_what_is_fast() -> None:
    offsets = range(-4, 5)
    slow = [(i, np.array([0.5 * i, 0.0, 0.0, 0.0])) for i in offsets]
    assert steady.trembling(slow) == pytest.approx(np.zeros(4), abs=1e-9)
    fast = [(i, np.array([1.0 if i == 0 else 0.0, 0.0, 0.0, 0.0])) for i in offsets]
    assert steady.trembling(fast)[0] == pytest.approx(0.8, abs=0.05)


def test_at_the_end_of_a_run_nothing_lags() -> None:
    slow = [(i, np.array([2.0 * i, 0.0, 0.0, 0.0])) for i in range(-4, 1)]
    assert steady.trembling(slow) == pytest.approx(np.zeros(4), abs=1e-9)
    assert steady.trembling([(0, np.ones(4))]) == pytest.approx(np.zeros(4))


def test_a_wild_disagreement_is_the_flow_s_fault() -> None:
    before = face()
    now = before.copy()
    now[:, :2] += 60
    went = before[steady.FIRM, :2].astype(np.float64)
    assert steady.drift(before, now, went) == pytest.approx(np.zeros(4))
