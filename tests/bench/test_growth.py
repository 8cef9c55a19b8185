from fractions import Fraction
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from relip.media.probe import probe
from tests.bench import cost
from tests.bench.cost import Cost
from tests.bench.crowd import crowd, tiled
from tests.bench.growth import FULL, QUICK, Grid, Plan, Setting, growth

PLAN = Plan(Setting(2, 270, 1), Setting(2, 270, 1), (2, 4), (270,), (1, 2), times=3)


def test_lengths_sizes_and_faces_are_varied_one_at_a_time() -> None:
    for plan in (FULL, QUICK):
        for name, setting in plan.series():
            base = plan.base if name.startswith("length") else plan.short
            changed = [
                setting.seconds != base.seconds,
                setting.height != base.height,
                setting.faces != base.faces,
            ]
            assert sum(changed) <= 1
    assert {setting.seconds for _, setting in FULL.series()} == {5, 15, 60}
    assert {setting.height for _, setting in FULL.series()} == {540, 1080, 2160}
    assert {setting.faces for _, setting in FULL.series()} == {1, 2, 3}


def test_clips_are_as_long_and_as_large_as_asked_for(tmp_path: Path) -> None:
    clip = probe(crowd(tmp_path, 6, 270, 2))

    assert (clip.width, clip.height) == (480, 270)
    assert clip.frames == 150
    assert clip.rate == Fraction(25)
    assert clip.duration == Fraction(6)
    assert clip.sounds


def test_faces_stand_beside_each_other() -> None:
    head = np.full((512, 512, 3), 10, np.uint8)
    head[:, 105:408] = 200
    bright = [tiled(head, [head] * more, 270)[135, (80, 240, 400), 0] for more in range(3)]

    assert [list(place) for place in bright] == [[10, 200, 10], [200, 10, 200], [200, 200, 200]]


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Runs instead of real ones: the whole command takes 3, 9, 6, 6 ... s, the floor 2 s."""
    runs: list[str] = []

    def whole(picture: Path, _line: Path, _output: Path) -> Cost:
        runs.append(picture.stem)
        if "2f" in picture.stem:
            raise RuntimeError("no such face")
        return Cost({0: 3.0, 1: 9.0}.get(len(runs) - 1, 6.0), 200.0, 9.0)

    monkeypatch.setattr(cost, "sync", whole)
    monkeypatch.setattr(cost, "reencode", lambda *_: Cost(2.0, 100.0, 4.0))
    return runs


def test_the_base_is_measured_thrice_and_nothing_twice(tmp_path: Path, costs: list[str]) -> None:
    rows = list(growth(Grid(tmp_path, PLAN)))

    assert costs == ["270p_1f_2s"] * 3 + ["270p_1f_4s", "270p_2f_2s"]
    assert [row.clip for row in rows] == [
        "length: 2 s", "length: 4 s", "size: 480x270", "faces: 1", "faces: 2"
    ]  # fmt: skip
    assert rows[0].value == 3  # the median of 1.5, 4.5 and 3
    assert rows[0].measures["frames/s"] == pytest.approx(50 / 6)


def test_what_fails_is_told_and_the_rest_is_measured(tmp_path: Path, costs: list[str]) -> None:
    rows = list(growth(Grid(tmp_path, PLAN)))

    assert costs
    assert isnan(rows[-1].value)
    assert rows[-1].note == "no such face"
    assert not any(isnan(row.value) for row in rows[:-1])
