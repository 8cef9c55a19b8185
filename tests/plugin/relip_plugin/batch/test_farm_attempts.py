"""Attempts become results, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from relip_job.errors import OutputError
from relip_plugin.batch import farm_attempts
from relip_plugin.batch.farm_attempts import HIDDEN, new_batch, place, remove_batch, sweep

FILES = [("take_relip_v001.mov.relip.json", 2), ("take_relip_v001.mov", 5)]


@pytest.fixture
def attempt(tmp_path: Path) -> Path:
    found = new_batch(tmp_path) / "attempt"
    found.mkdir()
    (found / FILES[0][0]).write_bytes(b"{}")
    (found / FILES[1][0]).write_bytes(b"media")
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_attempt_becomes_the_result(tmp_path: Path, attempt: Path) -> None:
    place(attempt, FILES, tmp_path)
    remove_batch(attempt.parent)

    assert names(tmp_path) == sorted(name for name, _ in FILES)
    assert (tmp_path / "take_relip_v001.mov").read_bytes() == b"media"


def test_what_is_not_seen_whole_is_not_moved(
    tmp_path: Path, attempt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farm_attempts, "SEEN_WITHIN", 0.2)
    with pytest.raises(OutputError, match="the same folder"):
        place(attempt, [*FILES[:1], ("take_relip_v001.mov", 6)], tmp_path)

    assert names(tmp_path) == [HIDDEN]


def test_nothing_is_written_over(tmp_path: Path, attempt: Path) -> None:
    (tmp_path / "take_relip_v001.mov").write_bytes(b"mine")
    with pytest.raises(OutputError):
        place(attempt, FILES, tmp_path)

    assert (tmp_path / "take_relip_v001.mov").read_bytes() == b"mine"
    assert names(tmp_path) == [HIDDEN, "take_relip_v001.mov"]


def test_the_next_batch_sweeps_what_was_left(tmp_path: Path, attempt: Path) -> None:
    # Who asked was killed between its two moves.
    (attempt / FILES[0][0]).rename(tmp_path / FILES[0][0])
    (tmp_path / "other_relip_v001.mov.relip.json").write_bytes(b"{}")

    sweep(tmp_path)

    assert names(tmp_path) == ["other_relip_v001.mov.relip.json"]


def test_nobody_can_begin_an_attempt_of_a_batch_that_is_over(tmp_path: Path) -> None:
    batch = new_batch(tmp_path)
    remove_batch(batch)

    with pytest.raises(FileNotFoundError):
        (batch / "attempt").mkdir()
    assert names(tmp_path) == []
