from pathlib import Path

import pytest

from relip.media.naming import next_version, refuse_existing
from relip_job.errors import OutputError


def test_versions_count_up_whatever_the_suffix(tmp_path: Path) -> None:
    clip = tmp_path / "take 3.final.mov"
    assert next_version(clip, ".mov").name == "take 3.final_relip_v001.mov"
    (tmp_path / "take 3.final_relip_v001.mov").touch()
    (tmp_path / "take 3.final_relip_v007.mkv").touch()
    (tmp_path / "take 4_relip_v020.mov").touch()
    assert next_version(clip, ".mov").name == "take 3.final_relip_v008.mov"
    (tmp_path / "take 3.final_relip_v008.mov.partial").touch()
    assert next_version(clip, ".mov").name == "take 3.final_relip_v009.mov"


def test_a_result_of_a_result_counts_on(tmp_path: Path) -> None:
    first = tmp_path / "take_relip_v001.mov"
    first.touch()
    assert next_version(first, ".mov").name == "take_relip_v002.mov"


def test_results_can_go_to_another_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    found = next_version(tmp_path / "take.mxf", ".mov", folder)
    assert found == folder / "take_relip_v001.mov"


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    original = tmp_path / "a.mov"
    original.touch()
    (tmp_path / "link.mov").symlink_to(original)
    with pytest.raises(OutputError, match="original"):
        refuse_existing(original, [original])
    with pytest.raises(OutputError, match="original"):
        refuse_existing(tmp_path / "link.mov", [original])
    with pytest.raises(OutputError, match="exists already"):
        refuse_existing(tmp_path / "link.mov")
    with pytest.raises(OutputError, match="no folder"):
        refuse_existing(tmp_path / "x" / "b.mov")
    refuse_existing(tmp_path / "b.mov", [original])
