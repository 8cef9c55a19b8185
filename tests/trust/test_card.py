"""On the shipped sample: the true performance wins, and every planted fault costs its point."""

from __future__ import annotations

from pathlib import Path

import pytest

from relip import sample
from relip.pipeline import resync
from relip.quality.score import ScoreRequest, score
from relip_job.job import ResyncJob
from tests.bench.lines import bilabials
from tests.trust.cases import (
    MOTION_FAULTS,
    OWN,
    PICTURE_FAULTS,
    WHOLE_FAULTS,
    fault_cases,
    true_cases,
)
from tests.trust.run import Judge, Outcome, known_closures, outcome
from tests.trust.shown import last
from tests.trust.subjects import SAMPLE, picture
from tests.trust.table import verdict

FAULTS = [*PICTURE_FAULTS, *MOTION_FAULTS, *WHOLE_FAULTS, "sound a frame early"]
SECONDS = 3


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("trust")
    path, judge = picture(SAMPLE, folder, SECONDS), Judge()
    found = [outcome(next(true_cases(SAMPLE, path, folder)), judge, None)]
    found += [outcome(case, judge, None) for case in fault_cases(SAMPLE, path, folder)]
    return {one.case.name: one for one in found}


def test_the_true_performance_earns_every_point(outcomes: dict[str, Outcome]) -> None:
    given = verdict(outcomes[OWN], None)

    assert given.holds, given.says


@pytest.mark.parametrize("name", [*FAULTS, "moving in silence"])
def test_a_planted_fault_costs_exactly_its_point(name: str, outcomes: dict[str, Outcome]) -> None:
    given = verdict(outcomes[name], outcomes[OWN])

    assert given.holds, given.says


def test_closures_of_the_hard_sentence_are_met_where_they_are_known_to_be(tmp_path: Path) -> None:
    original, made = picture(SAMPLE, tmp_path, 4), tmp_path / "dubbed.mkv"
    job = ResyncJob(str(original), str(sample.line()), output=str(made), codec="ffv1")
    for _ in resync(job):
        pass

    found = last(score(ScoreRequest(original, made, sample.line())))

    known = bilabials(sample.phones())
    heard, met = known_closures(known, found)
    assert heard >= len(known) - 1, found.timeline.contacts
    assert met >= len(known) - 1, found.timeline.contacts
