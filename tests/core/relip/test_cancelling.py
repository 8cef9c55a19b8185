"""A run that is ended early, by whoever reads its events or by Ctrl+C."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

import pytest

from relip import sample
from relip.pipeline import resync
from relip_job.events import Progress
from relip_job.job import ResyncJob
from tests.core.relip.pipeline_media import spoken, written

LINE = str(sample.line())


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("cancelling") / "brief.mkv", spoken(14))


@pytest.mark.parametrize("stage", ["track", "draw"])
@pytest.mark.parametrize("how", ["close", "Ctrl+C"])
def test_cancelling_leaves_nothing_behind(
    brief: Path, tmp_path: Path, stage: str, how: str
) -> None:
    events = resync(ResyncJob(str(brief), LINE, output=str(tmp_path / "cancelled.mov")))
    assert isinstance(events, Generator)
    for event in events:
        if isinstance(event, Progress) and event.stage == stage and event.done > 0:
            break

    if how == "close":
        events.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            events.throw(KeyboardInterrupt())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["close", "Ctrl+C"])
def test_a_result_is_let_go_of_before_it_is_removed(
    brief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    output = tmp_path / "cancelled.mov"
    read: list[BinaryIO] = []
    unlink = Path.unlink

    def watching(*_: object, **__: object) -> Generator[Progress, None, None]:
        with output.open("rb") as file:
            read.append(file)
            yield Progress("score", 1, 2)

    def removed(path: Path, missing_ok: bool = False) -> None:
        assert path != output or read[0].closed  # what Windows demands
        unlink(path, missing_ok)

    monkeypatch.setattr("relip.pipeline.assess", watching)
    monkeypatch.setattr(Path, "unlink", removed)
    events = resync(ResyncJob(str(brief), LINE, output=str(output), score=True))
    for event in events:
        if isinstance(event, Progress) and event.stage == "score":
            break

    if how == "close":
        events.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            events.throw(KeyboardInterrupt())

    assert list(tmp_path.iterdir()) == []
