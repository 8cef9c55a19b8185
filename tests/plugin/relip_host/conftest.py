from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.fake_host import FakeHost
from relip_host.host import DubItem, Shot


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    """Three shots of a second each, two of the same clip, with a line under each."""
    media = tmp_path / "media"
    media.mkdir()
    shots = []
    for number, clip in enumerate(["a.mov", "b.mov", "a.mov"]):
        (media / clip).touch()
        start, end = Fraction(number), Fraction(number + 1)
        path, name = str(media / clip), f"shot {number + 1}"
        shots.append(
            Shot(f"v{number + 1}", name, 1, start, end, path, Fraction(4), Fraction(25), 1000)
        )
    line = str(media / "dub.wav")
    items = [DubItem("line", 2, shot.start, shot.start + Fraction(1, 2), line) for shot in shots]
    return FakeHost(shots, items)
