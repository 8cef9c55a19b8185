import os
import shutil
from pathlib import Path

import pytest

from relip.media.identity import BLOCK, media_identity
from relip_job.errors import MissingMedia


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "Übung 1.mov"
    path.write_bytes(b"x" * (5 * BLOCK))
    return path


def test_a_file_is_the_same_wherever_it_lies(take: Path) -> None:
    known = media_identity(take)
    copied = shutil.copy2(take, take.with_name("copy.mov"))

    assert media_identity(str(copied)) == known
    assert media_identity(take.rename(take.with_name("moved.mov"))) == known


def test_a_share_that_tells_time_in_larger_steps_has_the_same_file(take: Path) -> None:
    when = 1_700_000_000_123_456_700
    os.utime(take, ns=(when, when))
    known = media_identity(take)
    os.utime(take, ns=(when + 89, when + 89))
    assert media_identity(take) == known

    os.utime(take, ns=(when + 100, when + 100))
    assert media_identity(take) != known


@pytest.mark.parametrize("where", [0, 5 * BLOCK // 2 + 7, 5 * BLOCK - 1])
def test_a_change_shows_even_at_the_same_time_and_size(take: Path, where: int) -> None:
    known, when = media_identity(take), take.stat().st_mtime_ns
    with take.open("r+b") as file:
        file.seek(where)
        file.write(b"!")
    os.utime(take, ns=(when, when))

    assert media_identity(take) != known


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    for name in ("none.mov", ".", "nul\0l.mov"):
        with pytest.raises(MissingMedia, match="cannot be read") as caught:
            media_identity(tmp_path / name)
        assert "relink" in caught.value.remedy


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mov")

    with pytest.raises(MissingMedia, match="it is no file"):
        media_identity(tmp_path / "pipe.mov")
