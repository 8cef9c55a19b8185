"""``relip batch`` and ``relip cache`` from their words to their tables."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import pytest

from relip import sample
from relip.media.probe import probe
from relip_host.executor import LocalExecutor
from relip_job.errors import JobError, OutputError
from relip_plugin.batch.csv_lines import read_lines
from relip_plugin.batch.display import BatchDisplay
from relip_plugin.batch.page import SIGN, refuse_report
from relip_plugin.batch.result import Batch
from relip_plugin.cache.command import size_of, size_told
from relip_plugin.cli import main
from tests.plugin.relip_host.stub_runs import stub

F = Fraction
TABLE = """\
picture;in;out;speech;speaker;speech_in
take.mp4;1s;4s;line.wav;;
take.mp4;01:00:02:00;01:00:05:00;line.wav;anna;0.2s

take.mp4;6s;9s;line.wav;;
gone.mp4;6s;7s;line.wav;;
take.mp4;5s;7s;line.wav;320,240@5s;
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "take.mp4").write_bytes(sample.picture().read_bytes())
    (tmp_path / "line.wav").write_bytes(sample.line().read_bytes())
    (tmp_path / "lines.csv").write_text(TABLE, encoding="utf-8-sig")
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are done by an engine that draws nothing."""

    def local(engine: object, workers: int | None = None) -> LocalExecutor:
        return LocalExecutor(stub(), workers)

    monkeypatch.setattr("relip_plugin.batch.command.LocalExecutor", local)


def test_a_table_is_read_row_by_row(folder: Path) -> None:
    lines = read_lines(folder / "lines.csv")

    assert [shot.name for shot in lines.shots] == ["take.mp4"] * 3 + ["gone.mp4", "take.mp4"]
    assert [shot.source for shot in lines.shots[:2]] == [1, 2]
    assert [item.source for item in lines.items[:2]] == [0, F(1, 5)]
    assert [shot.obstacle is None for shot in lines.shots] == [True, True, False, False, True]
    assert [lines.when(shot.start) for shot in lines.shots] == [
        "01:00:01:00",
        "01:00:02:00",
        "6s",
        "6s",
        "01:00:05:00",
    ]
    assert lines.role(lines.items[1]) == "anna"
    assert lines.faces.speakers == {"take, row 6": "320,240@5s"}
    gaps = zip(lines.shots, lines.shots[1:], strict=False)
    assert all(after.start - before.end >= 2 for before, after in gaps)


@pytest.mark.parametrize(
    "text", ["", "picture,in\n", "picture,in,out,speech,colour\n", "picture,in,out,speech\n\n"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(text)

    with pytest.raises(JobError):
        read_lines(path)


@pytest.mark.usefixtures("drawn")
def test_a_batch_does_what_it_can_and_tells_of_the_rest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [folder / name for name in ("r.html", "r.csv", "r.txt")]
    options = [option for report in reports for option in ("--report", str(report))]
    words = ["batch", str(folder / "lines.csv"), "--handles", "3", "--workers", "2", *options]

    assert main(words) == 1

    out, err = capsys.readouterr()
    assert "3 made, 2 failed" in out
    assert "what to do: the clip runs from 01:00:00:00 to 01:00:07:24" in out
    assert "line 1 of 5, 01:00:01:00 take, row 2: made, 4 of 5: take_relip_v001.mov" in err
    page = reports[0].read_text(encoding="utf-8")
    assert SIGN in page
    assert "3 made, 2 failed" in page
    assert "take_relip_v003.mov" in page
    rows = list(csv.DictReader(reports[1].read_text(encoding="utf-8").splitlines()))
    assert [row["state"] for row in rows] == ["made", "made", "failed", "failed", "made"]
    assert rows[0]["timecode"] == "01:00:01:00"
    assert rows[0]["file"] == str((folder / "lines_relip" / "take_relip_v001.mov").resolve())
    assert int(rows[0]["frames"]) == 3 * 25 + 6
    assert "3 made, 2 failed" in reports[2].read_text(encoding="utf-8")

    assert main([*words, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    states = [line["state"] for line in told["lines"]]
    assert states == ["kept", "kept", "failed", "failed", "kept"]


@pytest.mark.usefixtures("drawn")
def test_a_report_that_would_replace_something_else_is_refused_first(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["batch", str(folder / "lines.csv"), "--report"]

    for name in ("lines.csv", "r.pdf", "none/r.html"):
        assert main([*words, str(folder / name)]) == 2
    assert "what to do" in capsys.readouterr().err
    assert not (folder / "lines_relip").exists()


@pytest.mark.parametrize("option", ["-o x.otio", "--in-place", "--dialogue A1", "--workers 0"])
def test_options_that_make_no_sense_are_refused(folder: Path, option: str) -> None:
    assert main(["batch", str(folder / "lines.csv"), *option.split()]) == 2


def test_one_line_goes_through_the_real_engine(folder: Path) -> None:
    (folder / "one.csv").write_text("picture,in,out,speech\ntake.mp4,1s,4s,line.wav\n")

    assert main(["batch", str(folder / "one.csv"), "--codec", "ffv1", "--handles", "5"]) == 0

    result = probe(folder / "one_relip" / "take_relip_v001.mkv")
    original = probe(folder / "take.mp4")
    assert result.frames == 3 * 25 + 10
    assert result.timecode(0).frames == original.timecode(0).frames + 20


def test_the_cache_shows_itself_and_forgets(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cache", "--limit", "1.5G"]) == 0
    assert "0 B of 1.5 GB" in capsys.readouterr().out
    assert main(["cache", "--clear", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["results"] == shown["analyses"] == {"count": 0, "size": 0}
    assert shown["limit"] == 3 << 29
    assert main(["cache", "--limit", "much"]) == 2


def test_sizes_are_read_as_they_are_told() -> None:
    assert [size_of(text) for text in ("0", "1k", "2 MB", "1.5GiB")] == [
        0,
        1024,
        2 << 20,
        3 << 29,
    ]
    assert [size_told(size) for size in (0, 1024, 3 << 29)] == ["0 B", "1.0 KB", "1.5 GB"]


def test_a_page_is_not_written_over_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("<html>mine</html>")
    with pytest.raises(OutputError):
        refuse_report(tmp_path / "r.html")


def test_cancelling_says_what_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def local(engine: object, workers: int | None = None) -> LocalExecutor:
        return LocalExecutor(stub("slow"), 1)

    def show(display: BatchDisplay, batch: Batch) -> None:
        if any(result.state == "made" for result in batch.results):
            raise KeyboardInterrupt

    monkeypatch.setattr("relip_plugin.batch.command.LocalExecutor", local)
    monkeypatch.setattr(BatchDisplay, "show", show)

    words = ["batch", str(folder / "lines.csv"), "--handles", "0"]
    assert main([*words, "--report", str(folder / "r.csv")]) == 130

    out, err = capsys.readouterr()
    assert "1 made, 2 failed, 2 cancelled" in out
    assert "run it again to go on" in err
    assert (folder / "r.csv").is_file()
    assert not list((folder / "lines_relip").glob("*partial"))
