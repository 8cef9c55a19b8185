import io
import json
import signal
import sys
from collections.abc import Generator
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

from relip import sample
from relip.memory import Memory
from relip_job import Event, Finished, Notice, Progress, ResyncJob, Speaker, TimeRange
from relip_job.errors import SpeechError
from relip_plugin.cli import forgive_consoles, main
from relip_plugin.interrupt import stoppable

TAKE = str(sample.picture())
LINE = str(sample.line())


class FakeEngine:
    """Stands in for ``relip.pipeline``: remembers the job, and whether it was closed."""

    def __init__(self) -> None:
        self.jobs: list[ResyncJob] = []
        self.memories: list[Memory] = []
        self.closed_early = False
        self.failure: BaseException | None = None

    def resync(self, job: ResyncJob, memory: Memory) -> Generator[Event, None, dict[int, object]]:
        self.jobs.append(job)
        self.memories.append(memory)
        try:
            yield Progress("track", 1, 2, 3.5)
            if self.failure is not None:
                raise self.failure
            yield Notice("few_mouths", "the mouth hardly opens", 1.0)
            yield Finished("out.mov", "out.mov.relip.json", 200, 120)
        except (KeyboardInterrupt, GeneratorExit):
            self.closed_early = True
            raise
        return {}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    module = ModuleType("relip.pipeline")
    vars(module)["resync"] = fake.resync
    monkeypatch.setitem(sys.modules, "relip.pipeline", module)
    return fake


def test_sync_without_options_asks_for_the_whole_clip(engine: FakeEngine) -> None:
    assert main(["sync", TAKE, "--speech", LINE]) == 0

    assert engine.jobs == [ResyncJob(TAKE, LINE)]


def test_what_was_seen_and_heard_is_remembered_unless_you_say_no(
    engine: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "job.json").write_text(json.dumps({"picture": TAKE, "speech": LINE}))
    for words in (["--speech", LINE, TAKE], ["--job", str(tmp_path / "job.json")]):
        assert main(["sync", *words]) == 0
        assert main(["sync", *words, "--no-cache"]) == 0

    kinds = [type(memory).__name__ for memory in engine.memories]
    assert kinds == ["Analyses", "Forgetful"] * 2


def test_every_option_reaches_the_job(engine: FakeEngine) -> None:
    options = "--range 01:00:01:00-01:00:02:05 --range 100f-5s --speaker 2 --nudge -20ms"
    options += " --strength 0.9 --library a.mov --library b.mov --codec ffv1 --patch --audio dub"
    options += " --speech-start -1f --engine footage --cut 0.8s-01:00:05:05 -o out.mkv"
    options += " --provider directml"

    assert main(["sync", TAKE, "--speech", LINE, *options.split()]) == 0

    assert engine.jobs == [
        ResyncJob(
            TAKE,
            LINE,
            output="out.mkv",
            ranges=(
                TimeRange(Fraction(1), Fraction(11, 5)),
                TimeRange(Fraction(4), Fraction(5)),
            ),
            speech_start=Fraction(-1, 25),
            speaker=Speaker(number=2),
            nudge=Fraction(-1, 50),
            strength=0.9,
            library=("a.mov", "b.mov"),
            codec="ffv1",
            audio="dub",
            patch=True,
            cut=TimeRange(Fraction(4, 5), Fraction(26, 5)),
            provider="directml",
        )
    ]


def test_a_job_may_come_from_a_file(engine: FakeEngine, tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    page = {"picture": TAKE, "speech": LINE, "speech_start": "1001/24000", "codec": "ffv1"}
    path.write_text(json.dumps(page), encoding="utf-8")

    assert main(["sync", "--job", str(path)]) == 0

    assert engine.jobs == [ResyncJob(TAKE, LINE, speech_start=Fraction(1001, 24000), codec="ffv1")]


def test_a_job_file_that_is_none_is_refused(
    engine: FakeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "job.json"
    path.write_text("{}", encoding="utf-8")

    assert main(["sync", "--job", str(path)]) == 2

    assert engine.jobs == []
    assert capsys.readouterr().err == ("relip: job.json lacks picture\nwhat to do: add picture\n")


def test_the_result_is_named_on_stdout_and_the_rest_on_stderr(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sync", TAKE, "--speech", LINE])

    out, err = capsys.readouterr()
    assert out == "out.mov (120 of 200 frames changed)\n"
    assert err == "following the face\nnote (0:01): the mouth hardly opens\n"


def test_json_prints_one_event_per_line(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sync", TAKE, "--speech", LINE, "--json"])

    out, err = capsys.readouterr()
    kinds = [json.loads(line)["event"] for line in out.splitlines()]
    assert kinds == ["progress", "notice", "finished"]
    assert err == ""


def test_a_refusal_is_two_lines_and_exit_code_2(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.failure = SpeechError("nobody speaks in dub.wav", "choose another file")

    assert main(["sync", TAKE, "--speech", LINE]) == 2

    err = capsys.readouterr().err.splitlines()
    assert err[-2:] == ["relip: nobody speaks in dub.wav", "what to do: choose another file"]


def test_a_refusal_in_json_is_a_failed_event(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.failure = SpeechError("nobody speaks in dub.wav", "choose another file")

    assert main(["sync", TAKE, "--speech", LINE, "--json"]) == 2

    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["event"], last["code"]) == ("failed", "SpeechError")


def test_even_a_bug_shows_no_traceback(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.failure = IndexError("list index out of range")

    assert main(["sync", TAKE, "--speech", LINE]) == 2

    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "--debug" in err


def test_debug_shows_where_an_error_came_from(engine: FakeEngine) -> None:
    engine.failure = IndexError("list index out of range")

    with pytest.raises(IndexError):
        main(["sync", TAKE, "--speech", LINE, "--debug"])


def test_ctrl_c_cancels_the_run(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("relip_plugin.progress.ProgressDisplay.progress", interrupted)

    assert main(["sync", TAKE, "--speech", LINE]) == 130

    assert engine.closed_early
    assert capsys.readouterr().err == "cancelled, nothing was written\n"


def test_what_a_library_raises_when_interrupted_is_a_cancellation_too(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted_while_loading(*_: object) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("initialization failed") from None

    monkeypatch.setattr("relip_plugin.progress.ProgressDisplay.progress", interrupted_while_loading)

    assert main(["sync", TAKE, "--speech", LINE]) == 130

    assert capsys.readouterr().err == "cancelled, nothing was written\n"


def test_a_second_ctrl_c_does_not_disturb_the_cleaning_up() -> None:
    with stoppable() as stop:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    assert stop.asked


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["sync"],
        ["sync", TAKE],
        ["sync", "--speech", LINE],
        ["sync", TAKE, "--job", "job.json"],
        ["sync", "--job", "job.json", "--range", "1s-2s"],
        ["sync", TAKE, "--speech", LINE, "--codec", "cinepak"],
        ["sync", TAKE, "--speech", LINE, "--strength", "much"],
    ],
)
def test_a_wrong_command_line_is_two_lines_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    said, remedy = capsys.readouterr().err.splitlines()
    assert said.startswith("relip: ")
    assert remedy.endswith("--help shows every option")


def test_a_time_outside_the_clip_is_refused_before_the_engine_starts(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sync", TAKE, "--speech", LINE, "--range", "5s-50s"]) == 2

    assert engine.jobs == []
    assert "01:00:00:00 to 01:00:07:24" in capsys.readouterr().err


def test_probe_tells_what_the_clip_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", TAKE, "--fast"]) == 0

    told = capsys.readouterr().out
    for part in ("512 x 512", "yuv420p", "25 fps", "01:00:00:00", "BT.709", "aac", "mono"):
        assert part in told
    assert "person" not in told


def test_probe_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["probe", TAKE, "--json", "--fast"])

    found = json.loads(capsys.readouterr().out)
    assert (found["rate"], found["frames"]) == ("25", 199)
    assert found["result"]["codec"] == "prores"
    assert "survey" not in found


def test_probe_of_a_file_that_is_not_there_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["probe", str(tmp_path / "absent.mov")]) == 2

    assert "absent.mov" in capsys.readouterr().err


def test_doctor_finds_this_installation_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0

    told = capsys.readouterr().out
    assert "face_landmarks_v2_478.onnx ok" in told
    assert "CPUExecutionProvider" in told
    assert told.splitlines()[-1] == "all is well"


def test_doctor_notices_an_altered_network(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("relip_models.catalogue.Model.checksum", lambda _: "0" * 64)

    assert main(["doctor", "--json"]) == 1

    found = json.loads(capsys.readouterr().out)
    assert not found["fine"]
    wrong = [finding for finding in found["findings"] if not finding["fine"]]
    assert {finding["subject"] for finding in wrong} == {"network"}


def test_a_console_that_lacks_a_character_shows_another(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))

    forgive_consoles()
    print("Übung \u65e5.mov", flush=True)

    assert raw.getvalue().strip() == b"\xdcbung ?.mov"
