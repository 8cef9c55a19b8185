"""Names of shared storage on machines of any kind."""

from __future__ import annotations

import pytest

from relip_job.errors import JobError
from relip_plugin.batch.farm_paths import here, read_map, renamed


@pytest.mark.parametrize(
    ("folders", "path", "found"),
    [
        ("/Volumes/media=/mnt/media", "/Volumes/media/reel 3/a.mov", "/mnt/media/reel 3/a.mov"),
        ("/Volumes/media=/mnt/media", "/Volumes/media2/a.mov", "/Volumes/media2/a.mov"),
        ("/Volumes/media/=/mnt/media/", "/Volumes/media", "/mnt/media"),
        ("M:\\media=/mnt/media", "m:/Media/reel\\a.mov", "/mnt/media/reel/a.mov"),
        ("\\\\nas\\media=/mnt/media", "\\\\NAS\\media\\a.mov", "/mnt/media/a.mov"),
        ("/mnt/media=M:\\", "/mnt/media/reel/a.mov", "M:\\reel\\a.mov"),
        ("/mnt=/a; /mnt/media = /b", "/mnt/media/a.mov", "/b/a.mov"),
        ("/mnt=/a;/mnt/media=/b;", "/mnt/dub.wav", "/a/dub.wav"),
        ("", "/mnt/dub.wav", "/mnt/dub.wav"),
        ("/mnt=/a", "M:\\mnt\\dub.wav", "M:\\mnt\\dub.wav"),
    ],
)
def test_a_path_is_found_under_the_name_that_this_machine_has_for_it(
    folders: str, path: str, found: str
) -> None:
    assert here(path, read_map(folders)) == found


@pytest.mark.parametrize("folders", ["/mnt", "media=/mnt", "/mnt=media", "=", "/a=/b=/c"])
def test_what_maps_nothing_is_refused(folders: str) -> None:
    with pytest.raises(JobError, match="/Volumes/media=/mnt/media"):
        read_map(folders)


def test_names_are_changed_wherever_they_stand_and_nothing_else() -> None:
    page = {"picture": "/a", "speech": [{"path": "/b", "at": 1}, "/a/c"], "/a": None}

    assert renamed(page, {"/a": "/x", "/b": "/y"}) == {
        "picture": "/x",
        "speech": [{"path": "/y", "at": 1}, "/a/c"],
        "/a": None,
    }
