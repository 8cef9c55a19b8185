"""``relip batch --scheduler`` with the real engine on a machine of a farm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relip import sample
from relip.media.probe import probe
from relip_plugin.batch.farm_attempts import HIDDEN
from relip_plugin.cli import main
from tests.plugin.relip_plugin.batch.farms import Farm


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


def test_a_farm_and_workers_of_this_machine_do_not_go_together(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["batch", str(folder / "one.csv"), "--scheduler", "tcp://farm:8786", "--workers", "2"]

    assert main(words) == 2
    assert "--nthreads" in capsys.readouterr().err
