from math import isnan
from pathlib import Path

import pytest

from tests.bench import peers as bench
from tests.bench.architectures import unet, vae_decoder
from tests.bench.cost import Cost
from tests.bench.growth import Grid, Pair, Plan, Setting
from tests.bench.peers import Peer, peers

SETTING = Setting(2, 270, 1)


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grid:
    """50 frames, decoded and encoded in 1 s, re-synced in 2.5 s; small networks."""
    small = Peer("small", lambda: vae_decoder((64, 32), side=8), quick=True)
    other = Peer("other", lambda: unet((32, 64), side=8), quick=False)
    monkeypatch.setattr(bench, "WAV2LIP", small)
    monkeypatch.setattr(bench, "MUSETALK", (small, other))
    monkeypatch.setattr(bench, "SECONDS", 0)
    pair = Pair(50, Cost(2.5, 200.0, 4.0), Cost(1.0, 100.0, 2.0))
    return Grid(tmp_path, Plan(SETTING, SETTING, (), (), (), times=1), {SETTING: pair})


def test_every_way_is_compared_with_the_same_floor(grid: Grid) -> None:
    bare, copied, ours, one, first, second, both = peers(grid)

    assert (bare.value, copied.value, ours.value) == (1, 1, 2.5)
    assert one.value == pytest.approx(one.measures["ms/frame"] / 20)
    assert both.value == pytest.approx(first.value + second.value)
    assert both.measures["MiB"] > 40
    assert "no quality claim" in one.note
    assert list(grid.folder.iterdir()) == []


def test_a_network_that_does_not_fit_is_counted(
    grid: Grid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "available_memory", lambda: 2**20)
    *_, row = peers(grid)

    assert isnan(row.value)
    assert "too large for the memory" in row.note
    assert row.measures["GFLOP/frame"] > 0
    assert "MiB" not in row.measures


def test_a_short_look_counts_the_slow_ones(grid: Grid) -> None:
    *_, one, first, second, both = peers(grid, quick=True)

    assert not isnan(one.value + first.value)
    assert isnan(second.value)
    assert isnan(both.value)
    assert "--quick" in both.note


def test_without_a_floor_nothing_is_claimed(grid: Grid, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: Grid) -> Pair:
        raise RuntimeError("sync failed with 2")

    monkeypatch.setattr(Grid, "base", failing)
    (row,) = peers(grid)

    assert isnan(row.value)
    assert row.note == "sync failed with 2"
