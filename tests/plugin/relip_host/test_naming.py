from __future__ import annotations

from pathlib import Path

import pytest

from relip_host import naming
from relip_host.naming import folder_name, free_output, output_folder
from relip_job.errors import OutputError


def test_versions_count_up_over_every_ending(tmp_path: Path) -> None:
    assert free_output(tmp_path, "/x/take.mov", "match") == tmp_path / "take_relip_v001.mov"
    for name in ("take_relip_v001.mov", "take_relip_v007.mkv.partial", "take2_relip_v009.mov"):
        (tmp_path / name).touch()

    assert free_output(tmp_path, "/x/take.mov", "ffv1").name == "take_relip_v008.mkv"
    taken = [tmp_path / "take_relip_v008.mov", tmp_path / "sub" / "take_relip_v020.mov"]
    assert free_output(tmp_path, "/x/take.mov", "h264", taken).name == "take_relip_v009.mov"


def test_a_result_of_a_result_counts_on(tmp_path: Path) -> None:
    (tmp_path / "take_relip_v003.mov").touch()

    assert free_output(tmp_path, "take_relip_v001.mov", "match").name == "take_relip_v004.mov"


def test_names_with_marks_of_their_own_are_taken_literally(tmp_path: Path) -> None:
    (tmp_path / "a (1)+_relip_v002.mov").touch()

    assert free_output(tmp_path, "a (1)+.mp4", "match").name == "a (1)+_relip_v003.mov"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose another folder"):
        free_output(tmp_path / "none", "a.mov", "match")


def test_results_lie_beside_the_clip(tmp_path: Path) -> None:
    assert output_folder(str(tmp_path / "a.mov"), None, tmp_path / "own") == (tmp_path, "")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_beside_it_they_go_elsewhere_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own" / "project"
    monkeypatch.setattr(naming, "writable", lambda folder: folder == own)

    folder, note = output_folder(str(tmp_path / "a.mov"), None, own)

    assert folder == own
    assert own.is_dir()
    assert str(tmp_path) in note
    assert str(own) in note


def test_the_chosen_folder_is_made(tmp_path: Path) -> None:
    chosen = tmp_path / "a" / "b"

    assert output_folder("/x/a.mov", str(chosen), tmp_path) == (chosen, "")
    assert chosen.is_dir()


def test_a_chosen_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be made"):
        output_folder("/x/a.mov", str(tmp_path / "file" / "b"), tmp_path)


def test_any_project_name_makes_a_folder() -> None:
    assert folder_name('A/B: "cut" 2.') == "A_B_ _cut_ 2"
    assert folder_name("..") == "project"
