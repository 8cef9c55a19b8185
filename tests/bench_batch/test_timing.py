from math import inf

import pytest

from tests.bench.cost import Cost
from tests.bench_batch.__main__ import main, slower
from tests.bench_batch.film import Farm, Film, LineCost
from tests.bench_batch.film_part import on_paper
from tests.bench_batch.stages import Staged, by_stage
from tests.bench_batch.table import Results, as_json, as_markdown, printed
from tests.bench_batch.timing import Timed, added, compared

alone = added([Cost(2.0, 100.0, 3.0), Cost(4.0, 80.0, 5.0)])


def test_single_runs_add_up() -> None:
    assert alone == Cost(6.0, 100.0, 8.0)
    assert alone.cores == pytest.approx(4 / 3)


def test_a_bar_is_met_as_it_is_printed() -> None:
    def batch(seconds: float, limit: float | None = 1.05) -> Timed:
        return compared("overhead", "batch", Cost(seconds, 1.0, 4.0), alone, (2, 2), limit)

    assert batch(6.3).ratio == pytest.approx(1.05)
    assert batch(6.3).work == pytest.approx(0.5)
    assert not batch(6.3).short
    assert batch(6.31).short
    assert not batch(inf, None).short


def test_a_worker_is_as_much_slower_as_two_are_not_twice_as_fast() -> None:
    def row(ratio: float) -> Timed:
        return Timed("workers", "", alone, (2, 2), ratio)

    assert slower([row(1.0), row(0.9), row(0.6), row(0.7)])[0] == pytest.approx(1.2)
    assert slower([row(1.0), row(0.9), row(0.45), row(0.5)])[0] == 1.0
    assert slower([]) == (1.0, "not measured in this run")


def test_stages_last_from_one_last_word_to_the_next() -> None:
    events = [
        (0.5, "probe", 0), (0.7, "probe", 1), (1.0, "listen", 0), (1.7, "listen", 1),
        (2.7, "track", 50), (3.7, "track", 100), (4.0, "plan", 1), (6.0, "draw", 25),
    ]  # fmt: skip

    seconds, reached = by_stage(events, 6.5)

    assert sum(seconds.values()) == pytest.approx(6.5)
    assert seconds["start"] == pytest.approx(0.7 + 0.5)
    assert [seconds["listen"], seconds["track"]] == pytest.approx([1.0, 2.0])
    cost = Staged("clip", seconds, 0.5, reached["track"], 25, 2.0).cost
    assert cost.start == pytest.approx(1.2 + 0.3)  # planning is done once a line
    assert [cost.listen, cost.analyse, cost.draw] == pytest.approx([0.5, 0.02, 0.08])
    assert cost.recall == pytest.approx(0.005)


def test_the_page_says_what_was_measured_and_what_is_on_paper() -> None:
    staged = [Staged("clip", {"start": 1.0, "listen": 1.0, "track": 2.0, "draw": 2.0}, 0.5, 50,
                     50, 2.0)]  # fmt: skip
    film, farm = Film(lines=20, languages=2), Farm()
    films = on_paper(staged, film, farm, 1.5)
    assert films[0].cost == LineCost(1.5, 0.75, 0.06, 0.015, 0.06)
    timed = [Timed("warm", "first run", alone, (2, 2)),
             compared("warm", "again", Cost(1.0, 1.0, 1.0), alone, (0, 2), 0.1)]  # fmt: skip
    results = Results((), timed, staged, films, film, farm, (1.5, "told"))

    page = as_markdown(results, "python -m tests.bench_batch", {"processor": "one"})

    assert "    python -m tests.bench_batch\n" in page
    assert "| again | 0 of 2 | 1.0 | 0.50 | 0.167 x | 0.125 x | 1.00 | at most 0.1: SHORT |" in page
    assert "log-normal, median 2.5 s" in page
    assert page.count("all machines") == 3
    assert '"short": true' in as_json(results, {})
    assert printed(results).endswith("something falls short")


def test_a_part_that_failed_is_told_and_falls_short() -> None:
    results = Results(failed=[("warm", "RuntimeError: no room")])

    assert results.short
    assert "| warm | RuntimeError: no room |" in as_markdown(results, "", {})


def test_unknown_names_are_refused() -> None:
    assert main(["--only", "beauty"]) == 2
    assert main(["--formats", "edl"]) == 2
    assert main(["--lines", "1"]) == 2
    assert main(["--markdown", "no/such/folder/page.md"]) == 2
