"""Whole batches on a farm; one line with the real engine."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from relip import sample
from relip.media.probe import probe
from relip_plugin.batch.farm import FarmExecutor
from relip_plugin.batch.farm_attempts import HIDDEN
from relip_plugin.batch.run import BatchRun
from relip_plugin.cli import main
from tests.plugin.relip_host.stub_runs import stub
from tests.plugin.relip_plugin.batch.farms import Farm
from tests.plugin.relip_plugin.batch.house_made import House


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "take.mp4").write_bytes(sample.picture().read_bytes())
    (tmp_path / "line.wav").write_bytes(sample.line().read_bytes())
    (tmp_path / "one.csv").write_text("picture,in,out,speech\ntake.mp4,1s,3s,line.wav\n")
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_a_line_goes_through_the_engine_of_another_machine_and_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["batch", str(folder / "one.csv"), "--codec", "ffv1", "--handles", "0"]
    farm = Farm(folder / "farm", 1)
    try:
        assert main([*words, "--scheduler", farm.address]) == 0
    finally:
        farm.end()

    assert "1 made" in capsys.readouterr().out
    result = folder / "one_relip" / "take_relip_v001.mkv"
    assert probe(result).frames == 2 * 25
    page = json.loads(result.with_name("take_relip_v001.mkv.relip.json").read_text())
    assert page["job"]["picture"] == str(folder / "take.mp4")
    assert page["job"]["output"] == str(result)
    assert not (folder / "one_relip" / HIDDEN).exists()

    # What another machine made is as good as what this one makes.
    assert main(words) == 0
    assert "1 kept" in capsys.readouterr().out


def test_a_batch_that_loses_its_scheduler_goes_on_in_the_next_run(tmp_path: Path) -> None:
    house, farm = House(tmp_path), Farm(tmp_path / "farm", 1)
    lines = house.lines()
    try:
        doing = FarmExecutor(farm.address, house.results, (), stub("slow"))
        batch = BatchRun(lines, doing, house.cache, house.results, "1")
        with closing(batch.run()) as steps:
            for step in steps:
                if any(result.state == "made" for result in step.results):
                    farm.scheduler.end()
    finally:
        farm.end()

    assert [result.state for result in batch.results] == ["made", "failed", "failed"]
    assert all("run the same again" in result.remedy for result in batch.results[1:])
    assert house.states() == ["kept", "made", "made"]
    assert len(house.files()) == 6


def test_a_farm_and_workers_of_this_machine_do_not_go_together(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["batch", str(folder / "one.csv"), "--scheduler", "tcp://farm:8786", "--workers", "2"]

    assert main(words) == 2
    assert "--nthreads" in capsys.readouterr().err
