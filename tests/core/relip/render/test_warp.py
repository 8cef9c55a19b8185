from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.media.frame import Box
from relip.render.warp import (
    Field,
    distance,
    facing,
    fetch,
    fill,
    triangulate,
    where_from,
)

Array = NDArray[np.float64]
BOX = Box(20, 10, 120, 90)


def lattice(step: int = 10) -> Array:
    """Points ``[p, 2]`` on a slanted lattice that covers more than the box."""
    ys, xs = np.mgrid[0:101:step, 0:141:step].astype(float)
    return np.column_stack([xs.ravel() + 0.13 * ys.ravel(), ys.ravel() + 0.07 * xs.ravel()])


def smooth(count: int, height: int, width: int) -> NDArray[np.float32]:
    """A picture ``[h, w, count]`` without edges."""
    ys, xs = np.mgrid[:height, :width]
    planes = [0.5 + 0.4 * np.sin(xs / (6 + i) + i) * np.cos(ys / (7 - i)) for i in range(count)]
    return np.stack(planes, 2).astype(np.float32)


def still(box: Box) -> Field:
    """A field that moves nothing."""
    none = np.zeros((box.height, box.width), np.float32)
    return Field(none, none, none + 1)


def carried(here: Array, there: Array, step: int = 1, squeeze: float = 0.0) -> Field:
    mesh = triangulate(lattice())
    return where_from(here, there, mesh, BOX, np.zeros(len(here)), step, squeeze)


def test_triangles_cover_the_points_hull_without_overlap() -> None:
    points = lattice()
    triangles = triangulate(points)
    areas = np.abs(facing(points[triangles])) / 2
    hull = 140 * 100 * (1 - 0.13 * 0.07)
    assert areas.sum() == pytest.approx(hull, rel=0.01)
    assert set(triangles.ravel().tolist()) == set(range(len(points)))


def test_all_triangles_of_a_plane_face_the_same_way() -> None:
    points = np.random.default_rng(0).uniform(-300, 300, (150, 2))
    sides = np.sign(facing(points[triangulate(points)]))
    assert len(set(sides.tolist())) == 1


def test_a_mesh_that_stays_moves_nothing() -> None:
    field = carried(lattice(), lattice())
    assert np.abs(field.dx).max() < 1e-4
    assert np.abs(field.dy).max() < 1e-4
    assert (field.seen == 1).all()


@settings(max_examples=20, deadline=None)
@given(st.floats(-15, 15), st.floats(-15, 15), st.sampled_from([1, 2, 3]))
def test_a_mesh_that_moves_takes_the_picture_along(x: float, y: float, step: int) -> None:
    field = carried(lattice() + np.array([x, y]), lattice(), step)
    inside = field.seen > 0.999
    assert inside.mean() > 0.6
    np.testing.assert_allclose(field.dx[inside], -x, atol=1e-3)
    np.testing.assert_allclose(field.dy[inside], -y, atol=1e-3)


def test_turning_and_stretching_is_exact() -> None:
    middle = np.array([70.0, 50.0])
    matrix = np.array([[1.05, 0.12], [-0.1, 0.95]])
    field = carried((lattice() - middle) @ matrix.T + middle, lattice())
    ys, xs = np.mgrid[BOX.y0 : BOX.y1, BOX.x0 : BOX.x1].astype(float)
    pixels = np.stack([xs, ys], 2)
    source = (pixels - middle) @ np.linalg.inv(matrix).T + middle
    inside = field.seen == 1
    np.testing.assert_allclose(
        np.stack([field.dx, field.dy], 2)[inside], (source - pixels)[inside], atol=1e-3
    )


@pytest.mark.parametrize("step", [2, 3, 4])
def test_a_coarse_field_is_nearly_the_fine_one(step: int) -> None:
    points = lattice()
    bump = 5 * np.exp(-(((points - [70, 50]) / 25) ** 2).sum(1))[:, None]
    here = points + bump * [0.3, 1.0]
    fine, coarse = carried(here, points), carried(here, points, step)
    assert coarse.dx.shape == fine.dx.shape == (BOX.height, BOX.width)
    assert coarse.dx.dtype == coarse.seen.dtype == np.float32
    assert np.abs(coarse.dx - fine.dx).max() < 0.3
    assert np.abs(coarse.dy - fine.dy).max() < 0.3 * step
    assert np.abs(coarse.dy - fine.dy).mean() < 0.03 * step


def folded() -> tuple[Array, Array]:
    """The right third of the mesh turns over and comes back on itself, as behind a cheek."""
    there = lattice()
    here = there.copy()
    beyond = here[:, 0] > 80
    here[beyond, 0] = 80 - 0.5 * (here[beyond, 0] - 80)
    here[~beyond, 0] += 3 * np.clip((here[~beyond, 0] - 20) / 60, 0, 1)
    return here, there


@pytest.mark.parametrize("swap", [False, True])
def test_what_has_turned_away_is_not_drawn(swap: bool) -> None:
    here, there = folded()
    if swap:
        here, there = there, here
    field = carried(here, there)
    assert np.isfinite(field.dx).all()
    assert np.isfinite(field.dy).all()
    columns = np.arange(BOX.x0, BOX.x1)
    # Whichever picture shows the back: nothing right of the fold is taken from it.
    away = columns > 100
    assert (field.seen[20:60][:, away] == 0).all()
    assert (field.seen[20:60][:, columns < 70] == 1).all()


def test_beyond_a_silhouette_the_field_fades_out() -> None:
    here, there = folded()
    field = carried(here, there)
    row = np.abs(field.dx[40])
    edge = int(np.flatnonzero(field.seen[40])[-1])
    assert row[edge] > 2
    assert row[edge + 1 :].max() <= row.max() + 0.1
    assert row[-1] < 0.1
    assert np.abs(np.diff(row[edge:])).max() < 1.5


def test_a_field_with_folds_ends_inside_its_outline() -> None:
    here, there = folded()
    outline = np.array([[22.0, 30.0], [138.0, 30.0], [138.0, 98.0], [22.0, 98.0]])
    mesh, depth = triangulate(lattice()), np.zeros(len(here))
    free = where_from(here, there, mesh, BOX, depth, soften=60)
    confined = where_from(here, there, mesh, BOX, depth, soften=60, within=outline)
    above, deep = slice(30 - BOX.y0), (slice(56 - BOX.y0, 72 - BOX.y0), slice(50 - BOX.x0, 90))
    assert np.abs(free.dx[above]).max() > 1
    assert (confined.dx[above] == 0).all()
    assert (confined.dy[above] == 0).all()
    assert np.array_equal(confined.dx[deep], free.dx[deep])
    assert np.abs(np.diff(confined.dx, axis=0)).max() < 1


def test_the_side_most_triangles_show_is_the_front() -> None:
    points = lattice()
    mirrored = triangulate(points)[:, ::-1]
    here = points + np.array([4, 0])
    field = where_from(here, points, mirrored, BOX, np.zeros(len(points)))
    assert (field.seen[20:60, 20:60] == 1).all()
    np.testing.assert_allclose(field.dx[20:60, 20:60], -4, atol=1e-3)


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_surfaces_the_nearer_is_drawn(order: int) -> None:
    square = np.array([[30.0, 20], [110, 20], [110, 80], [30, 80]])
    here = np.concatenate([square, square])
    there = np.concatenate([square + np.array([x, 0]) for x in (5, -7)])
    triangles = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])[::order]
    for depths, expected in (((1.0, 2.0), 5), ((2.0, 1.0), -7)):
        field = where_from(here, there, triangles, BOX, np.repeat(depths, 4))
        np.testing.assert_allclose(field.dx[20:60, 20:80], expected, atol=1e-3)


def test_what_was_hardly_seen_is_not_stretched() -> None:
    there = lattice()
    there[:, 0] = np.where(there[:, 0] > 90, 90 + (there[:, 0] - 90) * 0.05, there[:, 0])
    field = carried(lattice(), there, squeeze=0.15)
    assert (field.seen[20:60, 85:] == 0).all()
    assert (carried(lattice(), there).seen[20:60, 85:] == 1).all()


def test_nothing_moved_gives_the_picture_itself() -> None:
    picture = np.random.default_rng(0).random((90, 130, 3)).astype(np.float32)
    drawn = fetch(picture, (0, 0), BOX, still(BOX))
    np.testing.assert_allclose(drawn, picture[10:90, 20:120], atol=1e-6)


def test_a_part_of_a_picture_is_found_by_its_origin() -> None:
    picture = smooth(3, 100, 140)
    whole = fetch(picture, (0, 0), BOX, still(BOX))
    part = fetch(picture[5:95, 12:130], (12, 5), BOX, still(BOX))
    np.testing.assert_allclose(part, whole, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(-8, 8), st.floats(-8, 8))
def test_shifts_between_pixels_are_true(x: float, y: float) -> None:
    picture = smooth(2, 120, 160)
    plain = still(BOX)
    field = Field(plain.dx + np.float32(x), plain.dy + np.float32(y), plain.seen)
    ys, xs = np.mgrid[BOX.y0 : BOX.y1, BOX.x0 : BOX.x1] + np.array([y, x])[:, None, None]
    expected = 0.5 + 0.4 * np.sin(xs / 6) * np.cos(ys / 7)
    drawn = fetch(picture, (0, 0), BOX, field)
    np.testing.assert_allclose(drawn[..., 0], expected, atol=0.006)


def test_beyond_the_picture_its_edge_goes_on() -> None:
    picture = np.tile(np.linspace(0, 1, 30, dtype=np.float32)[None, :, None], (20, 1, 3))
    box = Box(-10, -5, 60, 30)
    drawn = fetch(picture, (0, 0), box, still(box))
    np.testing.assert_allclose(drawn[:, 45:], 1, atol=1e-5)
    np.testing.assert_allclose(drawn[:, :6], 0, atol=1e-5)


def test_a_polygon_is_filled_to_within_a_pixel_of_its_outline() -> None:
    corners = np.array([[30.25, 20.5], [90.75, 25.0], [70.0, 80.5], [35.0, 60.0]])
    x, y = corners.T
    area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    around = np.linalg.norm(corners - np.roll(corners, -1, 0), axis=1).sum()
    mask = fill(corners, BOX)
    assert mask.shape == (BOX.height, BOX.width)
    assert mask.sum() == pytest.approx(area, abs=around)
    assert set(np.unique(mask[20:40, 25:40])) == {1.0}


def test_distance_grows_away_from_a_polygon() -> None:
    square = np.array([[50.0, 40], [80, 40], [80, 60], [50, 60]])
    away = distance(square, BOX)
    assert not away[32:48, 32:58].any()
    assert away[40, 75] == pytest.approx(15, abs=0.6)
    assert away[0, 45] == pytest.approx(30, abs=0.6)
    assert np.abs(np.diff(away, axis=1)).max() <= 1.5


def test_only_what_is_needed_is_fetched_and_it_is_the_same() -> None:
    rng = np.random.default_rng(1)
    picture = rng.random((140, 160, 3)).astype(np.float32)
    field = Field(*rng.normal(0, 3, (3, BOX.height, BOX.width)).astype(np.float32))
    ys, xs = np.mgrid[: BOX.height, : BOX.width]
    needed = (xs - 40) ** 2 / 30**2 + (ys - 45) ** 2 / 20**2 < 1
    whole = fetch(picture, (0, 0), BOX, field)
    part = fetch(picture, (0, 0), BOX, field, needed)
    np.testing.assert_array_equal(part[needed], whole[needed])
    assert not fetch(picture, (0, 0), BOX, field, np.zeros_like(needed)).any()
