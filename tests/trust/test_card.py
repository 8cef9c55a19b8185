"""On the shipped sample: the true performance wins, and every planted fault costs its point."""

from __future__ import annotations

from pathlib import Path

import pytest

from relip import sample
from relip.pipeline import resync
from relip.quality.score import ScoreRequest, score
from relip_job.job import ResyncJob
from tests.bench.lines import bilabials
from tests.trust.cases import MOTION_FAULTS, OWN, PICTURE_FAULTS, WHOLE_FAULTS, Group
from tests.trust.run import Outcome, Task, known_closures, on_task
from tests.trust.shown import last
from tests.trust.subjects import SAMPLE
from tests.trust.table import verdict

SECONDS = 5
GROUPS: tuple[Group, ...] = ("true", "fault")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("trust")
    found = [
        outcome for group in GROUPS for outcome in on_task(Task(group, SAMPLE, SECONDS), folder)
    ]
    return {outcome.case.name: outcome for outcome in found}


def test_the_true_performance_earns_every_point(outcomes: dict[str, Outcome]) -> None:
    card = outcomes[OWN].card

    assert card is not None
    assert card.earned == 5, card


@pytest.mark.parametrize(
    "name",
    [
        *PICTURE_FAULTS,
        *MOTION_FAULTS,
        *WHOLE_FAULTS,
        "sound a frame early",
        "moving in silence",
    ],
)
def test_a_planted_fault_costs_exactly_its_point(name: str, outcomes: dict[str, Outcome]) -> None:
    given = verdict(outcomes[name], outcomes[OWN])

    assert given.holds, given.says


def test_closures_of_the_hard_sentence_are_found_where_they_are_known_to_be(
    tmp_path: Path,
) -> None:
    made = tmp_path / "dubbed.mkv"
    job = ResyncJob(str(sample.picture()), str(sample.line()), output=str(made), codec="ffv1")
    for _ in resync(job):
        pass

    found = last(score(ScoreRequest(sample.picture(), made, sample.line())))

    known = bilabials(sample.phones())
    heard, met = known_closures(known, found)
    assert heard >= len(known) - 1
    assert met >= len(known) - 1
