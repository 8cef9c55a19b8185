"""On the shipped sample: the true performance wins, and every planted fault costs its point."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip import sample
from relip.pipeline import resync
from relip.quality.score import ScoreRequest, score
from relip_job.job import ResyncJob
from tests.bench.lines import bilabials
from tests.trust.cases import OWN, fault_cases, true_cases
from tests.trust.run import Judge, Outcome, known_closures, outcome
from tests.trust.shown import last
from tests.trust.subjects import SAMPLE, picture
from tests.trust.table import verdict

# The table has more, which differ little from these.
FAULTS = [
    "blurred mouth",
    "hard rectangle",
    "colour 3 % warmer",
    "flicker, alternate frames",
    "mouth frozen",
    "mouth a frame late",
    "half amplitude",
    "moving in silence",
]
SECONDS = Fraction(12, 5)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("trust")
    path, judge = picture(SAMPLE, folder, SECONDS), Judge()
    found = [outcome(next(true_cases(SAMPLE, path, folder)), judge, None)]
    found += [outcome(case, judge, None) for case in fault_cases(SAMPLE, path, folder, FAULTS)]
    return {one.case.name: one for one in found}


def test_the_true_performance_earns_every_point(outcomes: dict[str, Outcome]) -> None:
    given = verdict(outcomes[OWN], None)

    assert given.holds, given.says


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_costs_exactly_its_point(name: str, outcomes: dict[str, Outcome]) -> None:
    given = verdict(outcomes[name], outcomes[OWN])

    assert given.holds, given.says


def test_closures_of_the_hard_sentence_are_met_where_they_are_known_to_be(tmp_path: Path) -> None:
    original, made = picture(SAMPLE, tmp_path, 4), tmp_path / "dubbed.mkv"
    job = ResyncJob(str(original), str(sample.line()), output=str(made), codec="ffv1")
    for _ in resync(job):
        pass

    found = last(score(ScoreRequest(original, made, sample.line())))

    known = known_closures(bilabials(sample.phones()), found)
    assert known.shown == known.heard == known.there == 7
    assert known.met >= 5
    assert known.missed == 0
