from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip import lines
from tests.bench_batch.film import AROUND, GRID, Farm, Film, LineCost, Work, on_farms, simulated

IDEAL = Farm(latency=0.0, failures=0.0, reuse="none")


def test_one_worker_takes_the_sum() -> None:
    works = [Work(3.0, 1.0), Work(0.0, 2.5), Work(7.0, 0.5)]

    found = simulated(works, 4, replace(IDEAL, workers=1))

    assert found.seconds == pytest.approx(4 * 14.0)
    assert found.share == pytest.approx(1.0)
    assert (found.analyses, found.died, found.lost) == (12, 0, 0)


@pytest.mark.parametrize(("machines", "count"), [(1, 7), (5, 100), (10, 3), (100, 1000)])
def test_equal_lines_go_in_waves(machines: int, count: int) -> None:
    found = simulated([Work(1.0, 2.0)] * count, 1, replace(IDEAL, machines=machines))

    assert found.seconds == pytest.approx(3.0 * ceil(count / (2 * machines)))


def test_latency_counts_for_every_job_of_a_lone_worker() -> None:
    farm = replace(IDEAL, workers=1, latency=0.25)

    assert simulated([Work(1.0, 1.0)] * 8, 1, farm).seconds == pytest.approx(8 * 2.25)


def test_a_slow_scheduler_is_all_that_counts() -> None:
    farm = replace(IDEAL, machines=100, latency=1.0)

    # Nobody waits for a worker: the last of n jobs is handed out after n latencies.
    assert simulated([Work(2.0, 1.0)] * 50, 1, farm).seconds == pytest.approx(50 * 1.0 + 3.0)


def test_an_analysis_that_all_know_is_made_once() -> None:
    works = [Work(10.0, 1.0), Work(20.0, 2.0)]
    lone = replace(IDEAL, workers=1, reuse="shared")

    found = simulated(works, 12, lone)

    assert found.seconds == pytest.approx(30.0 + 12 * 3.0)
    assert found.analyses == 2


def test_an_analysis_of_a_machine_is_made_once_on_each() -> None:
    # Equal ones would come back to the same worker in every language.
    works = [Work(10.0 + line % 7, 1.0) for line in range(40)]
    shared, machine, none = (
        simulated(works, 12, replace(IDEAL, machines=4, reuse=reuse))
        for reuse in ("shared", "machine", "none")
    )

    assert shared.analyses == 40
    assert 40 < machine.analyses <= 4 * 40
    assert none.analyses == 12 * 40
    assert shared.seconds < machine.seconds < none.seconds


def test_what_dies_is_done_again_and_costs_half_on_average() -> None:
    share, cost, count = 0.1, 4.0, 20_000
    farm = replace(IDEAL, machines=10, failures=share, attempts=50)

    found = simulated([Work(0.0, cost)] * count, 1, farm)

    # A line dies share / (1 - share) times on average, each time after half its work.
    deaths = count * share / (1 - share)
    assert found.died == pytest.approx(deaths, rel=0.05)
    assert found.worked == pytest.approx(count * cost + deaths * cost / 2, rel=0.01)
    assert found.lost == 0


def test_a_line_that_always_dies_is_given_up() -> None:
    found = simulated([Work(0.0, 1.0)] * 5, 1, replace(IDEAL, failures=1.0, attempts=3))

    assert (found.lost, found.died) == (5, 15)


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(0.1, 9)), min_size=1, max_size=40),
    st.integers(1, 4),
    st.integers(1, 8),
)
def test_no_farm_beats_its_bounds(
    costs: list[tuple[float, float]], languages: int, machines: int
) -> None:
    works = [Work(*cost) for cost in costs]
    found = simulated(works, languages, replace(IDEAL, machines=machines))

    total = languages * sum(work.analysis + work.rest for work in works)
    longest = max(work.analysis + work.rest for work in works)
    workers = 2 * machines
    assert found.seconds >= max(total / workers, longest) - 1e-6
    # Graham, 1969: whoever is free takes the next.
    assert found.seconds <= total / workers + longest * (1 - 1 / workers) + 1e-6


def test_a_line_costs_what_is_listened_to_followed_and_written() -> None:
    cost = LineCost(start=1.0, listen=0.1, analyse=0.01, recall=0.002, draw=0.1)
    film = Film(rate=25.0, take=10.0, handles=5, context=1.0)

    short = film.work(cost, 2.0)
    assert short.analysis == pytest.approx(0.01 * 250)
    assert short.recall == pytest.approx(0.002 * 250)
    assert short.rest == pytest.approx(1.0 + 0.1 * 4 + 0.1 * (50 + 10))
    # From 299 s to 301 s, and 40 s around them: 250 s to 350 s on the grid.
    long = replace(film, take=600.0).work(cost, 2.0)
    assert long.analysis == pytest.approx(0.01 * 100 * 25)
    assert long.part == (0, 250.0, 350.0)


def test_what_is_followed_is_what_the_engine_follows() -> None:
    assert (lines.AROUND, lines.GRID) == (AROUND, GRID)


def test_a_talk_goes_to_and_fro_between_two_takes() -> None:
    film = Film(sharing=3)

    assert [film.take_of(line) for line in range(8)] == [0, 1, 0, 1, 0, 1, 2, 3]


def test_lines_of_one_take_share_what_is_known_of_it() -> None:
    works = [Work(10.0, 1.0, 0.5, (take, 0.0, 60.0)) for take in (0, 0, 1)]

    found = simulated(works, 2, replace(IDEAL, workers=1, reuse="shared"))

    assert found.analyses == 2
    assert found.seconds == pytest.approx(2 * 10.0 + 4 * 0.5 + 6 * 1.0)


def test_lengths_are_spread_around_their_median() -> None:
    cost = LineCost(0.0, 0.0, 0.0, 0.0, draw=1.0)
    film = Film(lines=4001, rate=1.0, handles=0)

    lengths = sorted(work.rest for work in film.works(cost))

    assert lengths[2000] == pytest.approx(2.5, rel=0.05)
    assert (lengths[0], lengths[-1]) >= (0.5, 10.0)
    assert lengths[-1] <= 15.0


def test_farms_are_asked_once_each() -> None:
    found = on_farms([Work(1.0, 1.0)] * 30, 2, Farm(), (1, 10))

    assert [(farm.machines, farm.reuse) for farm, _ in found] == [
        (1, "none"), (10, "none"), (10, "machine"), (1, "shared"), (10, "shared"),
    ]  # fmt: skip
