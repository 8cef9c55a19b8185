from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relip import sample
from relip.media.speech import Speech
from relip_job.errors import JobError, MissingMedia
from relip_plugin.cli import main
from relip_plugin.listen import Transcript, on_clock, transcript_from
from tests.media_made import make_sound

LINE = str(sample.line())


def test_the_sample_line_is_told_to_an_editor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "line.html"

    assert main(["listen", LINE, "--report", str(page)]) == 0

    out = capsys.readouterr().out
    closures = sum(phone.name in ("p", "b", "m") for phone in sample.phones())
    found = re.search(r"^closures +(\d+)", out, re.MULTILINE)
    assert found is not None
    assert abs(int(found[1]) - closures) <= 1
    assert out.endswith(f"report: {page}\n")
    assert page.stat().st_size > 30_000


def test_a_program_gets_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["listen", LINE, "--json"]) == 0

    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert err == ""
    assert json.loads(out)["file"] == LINE


def test_silence_is_told_and_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_sound(tmp_path / "quiet.wav", np.zeros((16_000, 1), np.float32), 16_000)
    page = tmp_path / "quiet.html"

    assert main(["listen", str(tmp_path / "quiet.wav"), "--report", str(page)]) == 1

    assert "nobody speaks in it" in capsys.readouterr().out
    assert "nobody speaks" in page.read_text(encoding="utf-8")


def test_a_file_without_sound_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.wav").write_text("no sound", encoding="utf-8")

    assert main(["listen", str(tmp_path / "text.wav")]) == 2
    assert main(["listen", str(tmp_path / "absent.wav")]) == 2

    assert capsys.readouterr().err.count("what to do: ") == 2


def test_another_file_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "dub.wav"
    other.write_bytes(b"somebody's")

    assert main(["listen", LINE, "--report", str(other)]) == 2

    assert other.read_bytes() == b"somebody's"
    assert "is no report of relip's" in capsys.readouterr().err


def test_a_transcript_comes_from_the_words_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_bytes("\N{BYTE ORDER MARK}Grüß Gott\n".encode())

    assert transcript_from("Grüß Gott", "de") == Transcript("Grüß Gott", "de")
    assert transcript_from(f"@{tmp_path / 'line.txt'}", "de") == Transcript("Grüß Gott", "de")
    assert transcript_from(None, None) is None


@pytest.mark.parametrize(
    ("text", "language", "says"),
    [
        ("hello", None, "language of the transcript is not named"),
        (None, "de", "--language is that of a transcript"),
        (" ", "de", "the transcript is empty"),
    ],
)
def test_half_a_transcript_is_refused(text: str | None, language: str | None, says: str) -> None:
    with pytest.raises(JobError, match=says):
        transcript_from(text, language)


def test_a_transcript_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("Grüß".encode("latin-1"))

    with pytest.raises(JobError, match="cannot be read"):
        transcript_from(f"@{tmp_path / 'latin.txt'}", "de")
    with pytest.raises(MissingMedia, match="there is no transcript"):
        transcript_from(f"@{tmp_path / 'absent.txt'}", "de")


@pytest.mark.parametrize(("start", "first"), [(Fraction(1, 4), -4000), (Fraction(-1, 8), 2000)])
def test_times_count_from_the_first_picture(start: Fraction, first: int) -> None:
    told = np.arange(1, 8001, dtype=np.float32)

    samples = on_clock(Speech(told, start=start))

    assert samples[0] == (0 if first < 0 else told[first])
    assert len(samples) == 8000 - first
