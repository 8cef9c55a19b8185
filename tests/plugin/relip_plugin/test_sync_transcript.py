from __future__ import annotations

import json
from pathlib import Path

import pytest

from relip import sample
from relip.pipeline import resync
from relip_job import ResyncJob
from relip_job.errors import JobError, MissingMedia, SpeechError
from relip_plugin.cli import main, parser
from relip_plugin.job_file import job_of
from relip_plugin.sync import job_from

LINE = "Maybe Bob prefers fluffy purple muffins."


def job(*options: str) -> ResyncJob:
    return job_from(parser().parse_args(["sync", "a.mov", "--speech", "b.wav", *options]))


def test_a_line_has_no_transcript_unless_given() -> None:
    assert (job().transcript, job().language) == ("", "")


def test_the_words_are_given_or_read_from_a_file(tmp_path: Path) -> None:
    script = tmp_path / "line.txt"
    script.write_text(f"{LINE}\n", encoding="utf-8")

    for given in (LINE, f"@{script}"):
        found = job("--transcript", given, "--language", "en")
        assert (found.transcript, found.language) == (LINE, "en")


def test_words_without_their_language_are_refused() -> None:
    with pytest.raises(JobError, match="name it: --language de"):
        job("--transcript", LINE)
    with pytest.raises(MissingMedia, match="there is no transcript"):
        job("--transcript", "@nowhere.txt", "--language", "en")


def test_a_job_file_carries_a_transcript() -> None:
    page = {"picture": "a.mov", "speech": "b.wav", "transcript": LINE, "language": "en"}

    assert job_of(json.dumps(page)).transcript == LINE


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("Maybe Bob prefers fluffy muffins.", "en", "after “…prefers fluffy”"),
        (LINE, "", "a transcript has a language; name one of"),
        (LINE, "klingon", "there is no language 'klingon'"),
    ],
)
def test_a_run_is_refused_before_anything_is_drawn(
    tmp_path: Path, text: str, language: str, told: str
) -> None:
    output = tmp_path / "out.mp4"
    asked = ResyncJob(
        str(sample.picture()),
        str(sample.line()),
        output=str(output),
        transcript=text,
        language=language,
    )

    with pytest.raises(SpeechError, match=told):
        list(resync(asked))
    assert not list(tmp_path.iterdir())


def test_the_command_complains_in_two_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--transcript", "Maybe Bob likes marmalade.", "--language", "en"]
    asked = ["sync", str(sample.picture()), "--speech", str(sample.line()), *words]

    assert main([*asked, "-o", str(tmp_path / "out.mp4")]) == 2
    complaint = capsys.readouterr().err
    assert "relip: " in complaint and "what to do: " in complaint
    assert "“" in complaint
