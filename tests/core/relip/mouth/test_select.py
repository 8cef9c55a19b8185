from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.mouth.select import (
    MouthLibrary,
    SelectionCosts,
    angles,
    jumps,
    look,
    mismatch,
    openness,
    select,
)
from tests.mouths_made import turned

Array = NDArray[np.float64]
COSTS = SelectionCosts()


def library_of(
    count: int, runs: tuple[int, ...] = (), seed: int = 0, still: bool = False
) -> MouthLibrary:
    """``count`` frames in runs of the given lengths; the texture follows shape and gap."""
    noise = np.random.default_rng(seed)
    phase = np.arange(count) * 0.45
    shapes = np.column_stack([np.sin(phase), np.cos(phase * 0.7), 0.3 * np.sin(phase * 1.7)])
    gaps = 0.1 * np.clip(0.5 + 0.7 * shapes[:, 0], 0, 1)
    look_of = noise.normal(size=(3, 12))
    textures = 0.5 + 0.1 * shapes @ look_of + noise.normal(0, 0.002, (count, 12))
    numbers = np.repeat(np.arange(len(runs) or 1), runs or (count,))
    return MouthLibrary(
        shapes * (0 if still else 1),
        gaps * (0 if still else 1),
        np.repeat(np.eye(3)[None], count, 0),
        (textures * (0 if still else 1)).astype(np.float32),
        numbers,
        np.zeros(count),
    )


def unsuited(
    library: MouthLibrary, wanted: NDArray[np.int64], closing: Array | None = None
) -> Array:
    """What each library frame costs where the frames ``wanted`` are exactly right."""
    cost = mismatch(
        library,
        library.coefficients[wanted],
        library.gaps[wanted],
        np.zeros(len(wanted)) if closing is None else closing,
        np.repeat(np.eye(3)[None], len(wanted), 0),
        COSTS,
    )
    return np.asarray(cost, float)


def price(
    paths: NDArray[np.int64],
    unary: Array,
    library: MouthLibrary,
    costs: SelectionCosts,
    still: Array,
) -> Array:
    """What paths ``[p, t]`` cost by the rules: the cheapest of stepping, holding and jumping."""
    total = unary[0, paths[:, 0]]
    for row in range(1, len(unary)):
        moving = costs.hold * float(still[row])
        ways = jumps(library, costs) + moving
        for before, now in itertools.product(range(len(library)), repeat=2):
            for step, cost in costs.steps:
                if before + step == now and library.runs[before] == library.runs[now]:
                    way = cost + moving if step or not moving else 0.0
                    ways[before, now] = min(ways[before, now], way)
        total = total + ways[paths[:, row - 1], paths[:, row]] + unary[row, paths[:, row]]
    return np.asarray(total)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_the_path_is_the_cheapest_of_all(seed: int, silent: bool) -> None:
    noise = np.random.default_rng(seed)
    library = library_of(5, (3, 2), seed)
    unary = noise.uniform(0, 6, (4, 5))
    still = noise.integers(0, 2, 4).astype(np.float64) * silent
    found = select(unary, library, COSTS, still)
    every = np.array(list(itertools.product(range(5), repeat=4)))
    best = price(every, unary, library, COSTS, still).min()
    assert price(found[None], unary, library, COSTS, still)[0] == pytest.approx(best, abs=1e-4)


def test_where_the_library_fits_it_is_played_as_it_was() -> None:
    library = library_of(60)
    wanted = np.arange(20, 45)
    np.testing.assert_array_equal(select(unsuited(library, wanted), library, COSTS), wanted)


def test_it_may_be_played_backward() -> None:
    library = library_of(60)
    wanted = np.arange(45, 20, -1)
    found = select(unsuited(library, wanted), library, COSTS)
    assert np.abs(found - wanted).max() <= 1
    assert (np.diff(found) <= 0).all()


def test_in_silence_the_picture_is_held() -> None:
    library = library_of(60)
    noise = np.random.default_rng(1)
    unary = noise.uniform(0, 0.5, (30, 60))
    found = select(unary, library, COSTS, np.ones(30))
    assert len(set(found.tolist())) == 1
    assert len(set(select(unary, library, COSTS, np.zeros(30)).tolist())) > 1


def test_a_jump_is_worth_it_only_for_a_much_better_mouth() -> None:
    library = library_of(40)
    for worse, leaves in ((0.05 * COSTS.jump, False), (20 * COSTS.jump, True)):
        unary = np.zeros((10, 40))
        unary[:6, 12:] = 100
        unary[6:] = worse
        unary[6:, 33] = 0
        assert (33 in select(unary, library, COSTS)) == leaves


def test_jumping_to_another_look_costs_more() -> None:
    library = library_of(50)
    cost = jumps(library, COSTS)
    apart = np.square(library.textures[:, None] - library.textures[None]).sum(2)
    assert cost.min() >= COSTS.jump - 1e-3
    assert np.corrcoef(cost.ravel(), apart.ravel())[0, 1] > 0.999
    np.testing.assert_allclose(cost, cost.T, atol=1e-3)


def test_nothing_steps_from_one_run_into_the_next() -> None:
    library = library_of(20, (10, 10))
    dear = SelectionCosts(jump=50.0)
    unary = np.full((6, 20), 3.0)
    unary[np.arange(6), np.arange(7, 13)] = 0
    # In one run walking on is free; with a seam in the way it is a jump and not worth it.
    np.testing.assert_array_equal(select(unary, library_of(20), dear), np.arange(7, 13))
    assert len(set(library.runs[select(unary, library, dear)])) == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_every_change_of_run_is_paid_as_a_jump(seed: int) -> None:
    noise = np.random.default_rng(seed)
    library = library_of(30, (7, 1, 12, 10), seed)
    unary = noise.uniform(0, 4, (15, 30))
    found = select(unary, library, SelectionCosts(jump=1e6))
    assert (np.diff(library.runs[found]) == 0).all()
    assert np.abs(np.diff(found)).max() <= max(step for step, _ in COSTS.steps)


def test_closed_mouths_are_chosen_where_lips_must_touch() -> None:
    library = library_of(80)
    opening = np.array([30, 31, 32, 32, 32, 32, 31, 30, 29])
    closed = int(library.gaps.argmin())
    assert library.gaps[opening].min() > 0.5 * library.gaps.max()
    for length in (1, 3):
        wanted, closing = opening.copy(), np.zeros(9)
        wanted[3 : 3 + length], closing[3 : 3 + length] = closed, 1
        found = library.gaps[select(unsuited(library, wanted, closing), library, COSTS)]
        assert found[3 : 3 + length].max() < 0.2 * library.gaps.max()


def test_only_open_mouths_suffer_from_a_closure() -> None:
    library = library_of(80)
    wanted = np.array([30])
    suffered = (unsuited(library, wanted, np.ones(1)) - unsuited(library, wanted))[0]
    order = library.gaps.argsort()
    assert suffered[order[0]] == pytest.approx(0, abs=1e-4)
    assert (np.diff(suffered[order]) >= -1e-4).all()
    assert suffered[order[-1]] > 1


def test_mismatch_is_least_where_everything_fits() -> None:
    library = library_of(60)
    wanted = np.arange(0, 60, 5)
    cost = unsuited(library, wanted)
    best = cost.argmin(1)
    assert np.abs(library.coefficients[best] - library.coefficients[wanted]).max() < 0.3
    assert np.isfinite(cost).all()
    assert cost.min() >= 0


def test_opening_a_closed_mouth_costs_more_than_closing_an_open_one() -> None:
    library = library_of(60)
    half = np.array([int(np.abs(library.gaps - 0.05).argmin())])
    cost = mismatch(
        library,
        library.coefficients[half],
        library.gaps[half],
        np.zeros(1),
        np.eye(3)[None],
        SelectionCosts(look=0, pose=0),
    )[0]
    ratio = openness(library.gaps) - openness(library.gaps[half])
    shut, open_ = int(ratio.argmin()), int(ratio.argmax())
    assert cost[shut] / ratio[shut] ** 2 > cost[open_] / ratio[open_] ** 2


def test_other_head_poses_and_flawed_pictures_cost_more() -> None:
    library = library_of(60)
    still = library.coefficients[:1].repeat(60, 0)
    poses = np.stack([turned(float(degrees)) for degrees in range(60)])
    same = MouthLibrary(
        still,
        np.full(60, 0.03),
        poses,
        np.tile(library.textures[:1], (60, 1)),
        library.runs,
        np.zeros(60),
    )
    arguments = (still[:1], np.full(1, 0.03), np.zeros(1), np.eye(3)[None], COSTS)
    assert (np.diff(mismatch(same, *arguments)[0]) > 0).all()
    flawed = MouthLibrary(
        still, same.gaps, np.tile(np.eye(3), (60, 1, 1)), same.textures, same.runs, np.arange(60.0)
    )
    assert (np.diff(mismatch(flawed, *arguments)[0]) > 0).all()


@settings(max_examples=20, deadline=None)
@given(st.floats(-89, 89), st.floats(-60, 60))
def test_angles_between_heads_are_in_degrees(first: float, second: float) -> None:
    found = angles(turned(first)[None], np.stack([turned(second), turned(first)]))
    assert found[0, 0] == pytest.approx(abs(first - second), abs=0.01)
    assert found[0, 1] == pytest.approx(0, abs=0.01)


def test_openness_tells_nearly_closed_from_closed() -> None:
    found = openness(np.array([-0.01, 0, 0.01, 0.02, 0.1, 0.11]))
    assert (np.diff(found) >= 0).all()
    assert found[2] - found[1] > found[5] - found[4]


def test_the_look_of_a_shape_is_foretold() -> None:
    library = library_of(300)
    known = np.arange(300) % 2 == 0
    half = MouthLibrary(
        library.coefficients[known],
        library.gaps[known],
        library.rotations[known],
        library.textures[known],
        library.runs[known],
        library.flaws[known],
    )
    found = look(half, library.coefficients[~known], library.gaps[~known])
    truth = library.textures[~known]
    missed = np.square(found - truth).sum() / np.square(truth - truth.mean(0)).sum()
    assert missed < 0.05
    assert found.dtype == np.float32


def test_a_library_of_one_look_is_no_trouble() -> None:
    library = library_of(12, still=True)
    wanted = np.arange(6)
    found = select(unsuited(library, wanted), library, COSTS, np.zeros(6))
    assert len(found) == 6


@pytest.mark.parametrize("count", [5, 6, 7])
def test_a_tiny_library_is_enough(count: int) -> None:
    library = library_of(count)
    wanted = np.arange(20) % count
    found = select(unsuited(library, wanted), library, COSTS)
    assert found.min() >= 0
    assert found.max() < count


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_library_smaller_than_a_step_is_enough(count: int) -> None:
    found = select(np.ones((4, count)), library_of(count), COSTS)
    assert found.max() < count


def test_one_frame_gets_the_mouth_that_suits_it_best() -> None:
    unary = np.array([[3.0, 1.0, 2.0, 5.0, 4.0]])
    assert select(unary, library_of(5), COSTS).tolist() == [1]


def test_a_narrow_beam_still_finds_a_good_path() -> None:
    library = library_of(40)
    unary = np.random.default_rng(4).uniform(0, 4, (12, 40))
    paths = np.stack([select(unary, library, SelectionCosts(beam=beam)) for beam in (40, 10)])
    best, found = price(paths, unary, library, COSTS, np.zeros(12))
    assert best - 1e-4 <= found < 1.1 * best
