from __future__ import annotations

from pathlib import Path

import pytest

from relip import sample
from relip.memory import FORGETFUL, Memory, key_of
from relip.pipeline import resync
from relip_job.job import ResyncJob
from tests.core.relip.memory_made import Notebook
from tests.core.relip.pipeline_media import spoken, written

LINE = str(sample.line())


def test_a_key_names_what_it_is_of_and_all_it_depends_on() -> None:
    keys = {key_of("people", 1, 23), key_of("people", 12, 3), key_of("heard", 1, 23)}
    assert len(keys) == 3
    assert key_of("people", 1, 23) in keys


def test_a_run_that_remembers_makes_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = written(tmp_path / "take.mkv", spoken(14))
    other = written(tmp_path / "other.mkv", spoken(30))
    book = Notebook()
    memories: dict[str, Memory] = {"fresh": FORGETFUL, "kept": book, "remembered": book}
    for name, memory in memories.items():
        if name == "remembered":
            # It needs no network.
            monkeypatch.setattr("relip.faces.follow.Follower.take", None)
            monkeypatch.setattr("relip.hearing.listening", None)
        output = str(tmp_path / f"{name}.mov")
        list(resync(ResyncJob(str(clip), LINE, output=output, library=(str(other),)), memory))

    made = [(tmp_path / f"{name}.mov").read_bytes() for name in memories]
    assert made[0] == made[1] == made[2]
    assert len(book.kept) == book.found == 3
    pages = [(tmp_path / f"{name}.mov.relip.json").read_text("utf-8") for name in memories]
    assert pages[2].replace("remembered.mov", "fresh.mov") == pages[0]
