from pathlib import Path

import pytest

from relip_host.naming import free_output
from relip_job.errors import OutputError
from relip_plugin.batch.names import Names


def test_names_are_those_of_a_single_result(tmp_path: Path) -> None:
    for name in (
        "take_relip_v003.mov",
        "take_relip_v007.mov.relip.json",
        "TAKE_relip_v008.tmp.partial",
        "a.b_relip_v002.mov",
        "other.mov",
    ):
        (tmp_path / name).touch()
    names = Names(tmp_path)

    for media in ("/x/take.mp4", "/x/take_relip_v002.mov", "/x/a.b.mov", "/x/other.mov", "/x/n"):
        for codec in ("match", "ffv1"):
            assert names.free(media, codec) == free_output(tmp_path, media, codec)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    names = Names(tmp_path)
    first = names.free("take.mov", "match")
    names.take(first)

    assert names.is_taken(first)
    assert names.free("take.mov", "ffv1").name == "take_relip_v002.mkv"


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose another"):
        Names(tmp_path / "none")
