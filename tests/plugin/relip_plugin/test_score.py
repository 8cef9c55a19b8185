import json
from collections.abc import Generator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pytest

from relip import sample
from relip.quality.card import Assessment
from relip.quality.score import ScoreRequest
from relip_job import Notice, Progress, Speaker, SpeechPart, TimeRange
from relip_job.errors import MediaError
from relip_plugin.cli import main
from tests.assessments_made import assessment

TAKE = str(sample.picture())
LINE = str(sample.line())


@dataclass
class FakeJudge:
    """Stands in for the engine's half: remembers what was asked, gives what it is told to."""

    gives: Assessment = field(default_factory=assessment)
    requests: list[ScoreRequest] = field(default_factory=list)
    failure: BaseException | None = None

    def score(self, request: ScoreRequest) -> Generator[Progress | Notice, None, Assessment]:
        self.requests.append(request)
        yield Progress("listen", 0, 1)
        if self.failure is not None:
            raise self.failure
        yield Notice("lossy", "the result is compressed")
        return self.gives


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> FakeJudge:
    fake = FakeJudge()
    monkeypatch.setattr("relip.quality.score.score", fake.score)
    return fake


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """A result with its sidecar."""
    path = tmp_path / "take_relip_v001.mov"
    path.write_bytes(b"")
    job = {
        "picture": TAKE,
        "speech": LINE,
        "ranges": [{"start": "1", "end": "4"}],
        "speech_start": "1",
        "speaker": {"number": 1, "point": None},
        "nudge": "-1/50",
        "engine": "of another version",
        "unheard_of": True,
    }
    sidecar = path.with_name(path.name + ".relip.json")
    sidecar.write_text(json.dumps({"relip": "9", "job": job}), encoding="utf-8")
    return path


def test_what_is_asked_reaches_the_judge(judge: FakeJudge) -> None:
    options = "--range 01:00:01:00-01:00:02:05 --range 100f-5s --speaker 2 --speech-start -1f"
    options += " --syncnet net.onnx"

    main(["score", TAKE, "out.mov", "--speech", LINE, *options.split()])

    assert judge.requests == [
        ScoreRequest(
            Path(TAKE),
            Path("out.mov"),
            Path(LINE),
            ranges=(TimeRange(Fraction(1), Fraction(11, 5)), TimeRange(Fraction(4), Fraction(5))),
            speech_start=Fraction(-1, 25),
            speaker=Speaker(number=2),
            syncnet=Path("net.onnx"),
        )
    ]


def test_the_results_own_job_speaks_where_the_options_are_silent(
    judge: FakeJudge, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["score", TAKE, str(result)])

    asked = judge.requests[0]
    assert (asked.speech, asked.speaker) == (Path(LINE), Speaker(number=1))
    assert asked.ranges == (TimeRange(Fraction(1), Fraction(4)),)
    assert asked.speech_start == Fraction(49, 50)
    said = capsys.readouterr().err.splitlines()[0]
    assert said == (
        "note: speech, ranges, start of the speech, speaker: as in take_relip_v001.mov.relip.json"
    )


def test_a_cut_and_the_parts_of_its_speech_are_found_in_its_job(
    judge: FakeJudge, result: Path
) -> None:
    (result.parent / "moved.wav").write_bytes(b"")
    sidecar = result.with_name(result.name + ".relip.json")
    page = json.loads(sidecar.read_text(encoding="utf-8"))
    page["job"]["cut"] = {"start": "1", "end": "3"}
    page["job"]["speech"] = [{"path": LINE, "at": "1/3"}, {"path": "/gone/moved.wav", "at": 2}]
    sidecar.write_text(json.dumps(page), encoding="utf-8")

    main(["score", TAKE, str(result)])

    asked = judge.requests[0]
    assert asked.cut == TimeRange(Fraction(1), Fraction(3))
    assert asked.speech == (
        SpeechPart(LINE, Fraction(1, 3)),
        SpeechPart(str(result.parent / "moved.wav"), Fraction(2)),
    )


def test_the_options_win_over_the_job(
    judge: FakeJudge, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--speech", "other.wav", "--speech-start", "2s", "--range", "0s-1s"]

    main(["score", TAKE, str(result), *options, "--speaker", "2"])

    asked = judge.requests[0]
    assert (asked.speech, asked.speech_start) == (Path("other.wav"), Fraction(2))
    assert (asked.ranges, asked.speaker.number) == ((TimeRange(Fraction(0), Fraction(1)),), 2)
    assert "as in" not in capsys.readouterr().err


def test_a_speech_that_moved_is_found_beside_the_result(judge: FakeJudge, result: Path) -> None:
    sidecar = result.with_name(result.name + ".relip.json")
    page = json.loads(sidecar.read_text(encoding="utf-8"))
    page["job"]["speech"] = "/nowhere/line.wav"
    sidecar.write_text(json.dumps(page), encoding="utf-8")

    assert main(["score", TAKE, str(result)]) == 2

    (result.parent / "line.wav").write_bytes(b"")
    main(["score", TAKE, str(result)])
    assert judge.requests[-1].speech == result.parent / "line.wav"


@pytest.mark.parametrize("page", ["{}", "[1]", "no json", '{"job": {"speech": 1}}'])
def test_a_sidecar_that_cannot_be_read_is_told_and_left(
    page: str, judge: FakeJudge, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result.with_name(result.name + ".relip.json").write_text(page, encoding="utf-8")

    assert main(["score", TAKE, str(result)]) == 2
    assert main(["score", TAKE, str(result), "--speech", LINE]) == 1

    err = capsys.readouterr().err
    assert "take_relip_v001.mov.relip.json cannot be used" in err
    assert "relip: no speech is named\nwhat to do: name the file with the new line" in err


def test_a_card_that_lost_is_shown_with_its_worst_moments(
    judge: FakeJudge, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", TAKE, "out.mov", "--speech", LINE]) == 1

    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert "Closures" in lines[0]
    assert "p, b, m with lips closed 0.70 (at least 0.90)" in lines[0]
    assert "f, v" not in lines[0]
    assert lines[1].strip() == "01:00:01:19 to 01:00:01:20  b: the lips stay apart"
    assert "note: a hand covers the mouth in 3 frames" in lines
    assert lines[-1] == "3 of 5 - not publishable"
    assert [line.split()[0] for line in lines if "publishable" in line][:2] == ["1", "2"]
    assert err == "listening\nnote: the result is compressed\n"


def test_a_card_that_won_shows_all_its_numbers(
    judge: FakeJudge, capsys: pytest.CaptureFixture[str]
) -> None:
    judge.gives = assessment(())

    assert main(["score", TAKE, "out.mov", "--speech", LINE]) == 0

    out = " ".join(capsys.readouterr().out.split())
    assert "motion where nobody speaks 0.02 (at most 0.10)" in out
    assert "open vowels against closed lips 0.80 (at least 0.50)" in out
    assert out.endswith("5 of 5 - publishable")


def test_json_is_one_object_without_nan(
    judge: FakeJudge, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", TAKE, "out.mov", "--speech", LINE, "--json"]) == 1

    out, err = capsys.readouterr()
    page = json.loads(out, parse_constant=pytest.fail)
    assert (page["earned"], page["judged"], page["verdict"]) == (3, 5, "not publishable")
    assert [point["name"] for point in page["points"]][:2] == ["closures", "sharpness"]
    recall, _, late = page["points"][0]["measures"]
    assert (recall["value"], recall["low"], recall["high"]) == (pytest.approx(0.7), 0.9, None)
    assert (recall["state"], late["state"]) == ("lost", "earned")
    assert page["points"][2]["measures"][1]["value"] is None
    assert page["points"][3]["measures"][3]["state"] is None
    moment = page["points"][0]["moments"][0]
    assert (moment["start"], moment["end"]) == ("01:00:01:19", "01:00:01:20")
    assert [line["earned"] for line in page["lines"]] == [5, 3]
    assert page["notices"][0]["message"] == "the result is compressed"
    assert err == ""


def test_what_the_engine_refuses_is_two_lines_and_exit_code_2(
    judge: FakeJudge, capsys: pytest.CaptureFixture[str]
) -> None:
    judge.failure = MediaError("out.mov has 3 frames less", "score the whole result")

    assert main(["score", TAKE, "out.mov", "--speech", LINE]) == 2

    err = capsys.readouterr().err.splitlines()
    assert err[-2:] == ["relip: out.mov has 3 frames less", "what to do: score the whole result"]


def test_a_cancelled_score_leaves_with_130(
    judge: FakeJudge, capsys: pytest.CaptureFixture[str]
) -> None:
    judge.failure = KeyboardInterrupt()

    assert main(["score", TAKE, "out.mov", "--speech", LINE]) == 130

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [("take.mov", "is no report"), ("absent/card.html", "no folder"), (".", "is a folder")],
)
def test_a_report_that_would_harm_is_refused_before_the_work(
    name: str, said: str, judge: FakeJudge, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "take.mov").write_bytes(b"footage")

    report = str(tmp_path / name)
    assert main(["score", TAKE, "out.mov", "--speech", LINE, "--report", report]) == 2

    assert judge.requests == []
    assert said in capsys.readouterr().err
    assert (tmp_path / "take.mov").read_bytes() == b"footage"
