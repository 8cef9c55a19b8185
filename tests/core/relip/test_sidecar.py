from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path

import pytest

from relip import __version__
from relip.engines.footage import Report
from relip.media.target import target_for
from relip.sidecar import Line, sidecar_page, voice_page, write_sidecar
from relip_job.errors import OutputError
from relip_job.job import ResyncJob, Speaker, TimeRange
from relip_models import CATALOGUE
from tests.core.relip.sample_followed import Followed

REPORT = Report(60, 0.2, 0.01, 0.3, 4, 30, 2)
LINES = [Line("00:00:01:00", "00:00:02:00", 25, 24, 2)]
JOB = ResyncJob(
    "take é.mov",
    "dub.wav",
    ranges=(TimeRange(Fraction(1001, 24000), Fraction(2)),),
    speaker=Speaker(point=(12.5, 30.0, Fraction(1, 3))),
    nudge=Fraction(-1, 50),
)
Write = Callable[[Path, Report], Path]


@pytest.fixture
def write(followed: Followed) -> Write:
    footage = followed.footage
    clip = replace(footage.clip, rate=Fraction(24000, 1001))

    def written(output: Path, report: Report) -> Path:
        target = target_for(clip, "prores", False)
        return write_sidecar(
            output,
            {
                **sidecar_page(JOB, clip, (3, 40), target, 30),
                **voice_page([footage], asdict(report), LINES),
            },
        )

    return written


def test_it_lies_beside_the_output_and_nothing_else_does(tmp_path: Path, write: Write) -> None:
    path = write(tmp_path / "take_relip_v001.mov", REPORT)
    assert path == tmp_path / "take_relip_v001.mov.relip.json"
    assert list(tmp_path.iterdir()) == [path]


def test_fractions_are_exact_text(tmp_path: Path, write: Write) -> None:
    page = json.loads(write(tmp_path / "a.mov", REPORT).read_text(encoding="utf-8"))
    assert page["clip"]["rate"] == "24000/1001"
    assert page["job"]["nudge"] == "-1/50"
    assert page["job"]["ranges"] == [{"start": "1001/24000", "end": "2"}]
    assert page["job"]["speaker"]["point"] == [12.5, 30.0, "1/3"]


def test_it_says_how_the_result_was_made(tmp_path: Path, write: Write, followed: Followed) -> None:
    page = json.loads(write(tmp_path / "a.mov", REPORT).read_text(encoding="utf-8"))
    assert page["relip"] == __version__
    assert page["models"] == {entry.name: entry.sha256 for entry in CATALOGUE}
    assert page["job"]["picture"] == "take é.mov"
    assert page["plan"]["closures"] == 2
    assert page["ranges"][0]["drawn"] == 24
    assert page["written"]["codec"] == "prores"
    assert page["written"]["changed"] == 30
    assert page["speaker"]["number"] == 1
    assert page["library"] == [{"clip": str(followed.footage.clip.path), "mouths": 60}]


def test_text_is_readable_as_it_stands(tmp_path: Path, write: Write) -> None:
    text = write(tmp_path / "a.mov", REPORT).read_text(encoding="utf-8")
    assert "take é.mov" in text
    assert text.endswith("}\n")
    assert text.count("\n") > 30


def test_an_older_sidecar_is_replaced_whole(tmp_path: Path, write: Write) -> None:
    old = tmp_path / "a.mov.relip.json"
    old.write_text("x" * 100_000)
    assert write(tmp_path / "a.mov", REPORT) == old
    assert json.loads(old.read_text(encoding="utf-8"))["written"]["changed"] == 30


def test_what_cannot_be_put_in_place_leaves_nothing(tmp_path: Path, write: Write) -> None:
    (tmp_path / "a.mov.relip.json").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / "a.mov", REPORT)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mov.relip.json"]


def test_a_folder_that_is_gone_is_an_error_with_a_remedy(tmp_path: Path, write: Write) -> None:
    with pytest.raises(OutputError, match="check the folder"):
        write(tmp_path / "gone" / "a.mov", REPORT)


def test_values_that_are_no_json_are_refused_before_anything_is_written(
    tmp_path: Path, write: Write
) -> None:
    strange = replace(REPORT, widest=complex(1, 2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="does not belong"):
        write(tmp_path / "a.mov", strange)
    assert list(tmp_path.iterdir()) == []
