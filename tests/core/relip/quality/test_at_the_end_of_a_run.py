"""``relip sync --score``: the card at the end of a run."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from relip import pipeline, sample
from relip.media.probe import probe
from relip.pipeline import resync
from relip.quality.card import Assessment
from relip.quality.page import as_page
from relip_job.errors import FaceError, JobError
from relip_job.events import STAGES, Event, Finished, Notice, Progress
from relip_job.job import ResyncJob
from tests.core.relip.pipeline_media import spoken, written

LINE = str(sample.line())


@dataclass(frozen=True)
class Run:
    clip: Path
    events: list[Event]
    assessment: Assessment | None

    @property
    def finished(self) -> Finished:
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    @property
    def page(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(Path(self.finished.sidecar).read_text("utf-8"))
        return found


def run(clip: Path, output: Path, **asked: Any) -> Run:
    work = resync(ResyncJob(str(clip), LINE, output=str(output), codec="ffv1", **asked))
    events: list[Event] = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as finished:
            return Run(clip, events, finished.value.get(1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def scored(folder: Path) -> Run:
    return run(written(folder / "take.mkv", spoken(40)), folder / "dubbed.mkv", score=True)


def test_the_card_is_told_at_the_end_and_lies_in_the_sidecar(scored: Run) -> None:
    assert scored.assessment is not None
    card = scored.assessment.card

    assert scored.finished.score == card.told
    assert len(card.points) == 5
    expected = as_page(scored.assessment, probe(scored.clip))
    assert scored.page["score"] == json.loads(json.dumps(expected))
    assert scored.page["job"]["score"] is True


def test_what_relip_draws_has_no_seam_and_is_exact_outside(scored: Run) -> None:
    (seam,) = (each for each in scored.page["score"]["points"] if each["name"] == "seam")

    assert seam["state"] == "earned"
    outside = next(each for each in seam["measures"] if each["key"] == "outside")
    assert outside["value"] == 0


def test_scoring_is_the_last_stage_and_time_left_ends_at_nothing(scored: Run) -> None:
    progress = [event for event in scored.events if isinstance(event, Progress)]
    order = [STAGES.index(event.stage) for event in progress]

    assert order == sorted(order)
    assert set(order) == set(range(len(STAGES)))
    assert progress[-1].done == progress[-1].total
    assert progress[-1].left == 0


def test_a_mouth_alone_cannot_be_scored(scored: Run, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="mouth alone") as refused:
        run(scored.clip, tmp_path / "patch.mov", score=True, patch=True)

    assert "--patch" in refused.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_cannot_be_scored_is_done_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_: object, **__: object) -> Generator[Progress, None, Assessment]:
        yield Progress("score", 0, 1)
        raise FaceError("nobody is seen", "look again")

    monkeypatch.setattr(pipeline, "assess", nobody)

    found = run(written(tmp_path / "brief.mkv", spoken(14)), tmp_path / "dubbed.mkv", score=True)

    assert (found.assessment, found.finished.score) == (None, None)
    assert "score" not in found.page
    assert probe(found.finished.output).frames == 14
    told = [event for event in found.events if isinstance(event, Notice)][-1]
    assert told.code == "score"
    assert told.message == "the result is done but could not be scored: nobody is seen"


def test_without_being_asked_nothing_is_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "assess", None)

    found = run(written(tmp_path / "brief.mkv", spoken(8)), tmp_path / "dubbed.mkv")

    assert (found.assessment, found.finished.score) == (None, None)
    assert "score" not in found.page
