"""Two people who speak at once, from a table to the pixels, with the real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from relip import sample
from relip_plugin.cli import main
from tests.core.relip.pipeline_media import written
from tests.core.relip.voices_made import apart, frames, pair

COUNT = 24
ROWS = ("two.mkv,2f,14f,line.wav,0.2s,1", "two.mkv,8f,20f,line.wav,0.5s,2")


def test_each_mouth_moves_in_its_own_row_and_both_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "cache"))
    clip = written(tmp_path / "two.mkv", pair(COUNT))
    (tmp_path / "line.wav").write_bytes(sample.line().read_bytes())
    table = tmp_path / "lines.csv"
    table.write_text("\n".join(["picture,in,out,speech,speech_in,speaker", *ROWS]))

    assert main(["batch", str(table), "--handles", "2", "--codec", "ffv1", "--json"]) == 0

    first, second = json.loads(capsys.readouterr().out)["lines"]
    assert first["file"] == second["file"]
    assert [line["mouth"]["person"] for line in (first, second)] == [1, 2]
    made, original = frames(Path(first["file"])), frames(clip)
    assert len(made) == 22
    middle = original[0].planes[0].shape[1] // 2
    left, right = [], []
    for number, (one, other) in enumerate(zip(original, made, strict=False)):
        box = apart(one, other)
        if box is not None and box.x0 < middle:
            left.append(number)
        if box is not None and box.x1 > middle:
            right.append(number)
    # Who is number 1 is the tracker's to say.
    assert sorted([left, right]) == [list(range(2, 14)), list(range(8, 20))]
