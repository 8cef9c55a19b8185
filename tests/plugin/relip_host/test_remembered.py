from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip_host import remembered
from relip_host.choice import Choice
from relip_host.remembered import recall, remember
from relip_job.errors import OutputError


def test_a_project_remembers_its_own_choice(tmp_path: Path) -> None:
    first = Choice((2, 3), "above", nudge=Fraction(-1001, 24000), folder="/out", speaker=2)
    remember(tmp_path / "state", "resolve", "Film", first)
    remember(tmp_path / "state", "resolve", "Spot é", Choice((1,)))
    remember(tmp_path / "state", "blender", "Film", Choice((9,)))

    assert recall(tmp_path / "state", "resolve", "Film") == first
    assert recall(tmp_path / "state", "resolve", "Spot é") == Choice((1,))
    assert recall(tmp_path / "state", "resolve", "New") == Choice()
    assert recall(tmp_path / "none", "resolve", "Film") == Choice()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"resolve": 3}', '{"resolve": {"Film": {"tracks": ["x"]}}}', "\x00"]
)
def test_what_cannot_be_read_is_forgotten(tmp_path: Path, text: str) -> None:
    (tmp_path / remembered.FILE).write_text(text)

    assert recall(tmp_path, "resolve", "Film") == Choice()
    remember(tmp_path, "resolve", "Film", Choice((4,)))
    assert recall(tmp_path, "resolve", "Film") == Choice((4,))


def test_old_projects_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "PROJECTS", 2)
    for project, track in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        remember(tmp_path, "resolve", project, Choice((track,)))

    assert recall(tmp_path, "resolve", "b") == Choice()
    assert recall(tmp_path, "resolve", "a") == Choice((3,))


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        remember(tmp_path / "file", "resolve", "Film", Choice())
