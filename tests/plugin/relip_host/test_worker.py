from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_host import lines
from relip_host.environment import cleaned
from relip_host.worker import Ear, Engine, Run
from relip_job import Event, Failed, Finished, Notice, Progress, ResyncJob, SpeechPart, TimeRange
from tests.plugin.relip_host.stub_runs import STUB, stub


@pytest.fixture(autouse=True)
def short_goodbyes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("relip_host.worker.CLOSING", 0.3)


@pytest.fixture
def job(tmp_path: Path) -> ResyncJob:
    speech = (SpeechPart("dub.wav", Fraction(-1, 3)),)
    return ResyncJob(
        "take.mov", speech, str(tmp_path / "out.mov"), cut=TimeRange(Fraction(1), Fraction(2))
    )


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        run.close()


def heard(run: Run, seconds: float = 60) -> list[Event]:
    """Every event until the last; fails if that does not come."""
    found: list[Event] = []
    until = time.monotonic() + seconds
    while not run.over:
        assert time.monotonic() < until, found
        found += run.poll(0.1)
    return found


def last(run: Run, runs: list[Run]) -> Failed:
    runs.append(run)
    event = heard(run)[-1]
    assert isinstance(event, Failed)
    return event


def gone(pid: int, seconds: float = 20) -> bool:
    """Whether a process ends in time; one that nobody waited for counts as gone."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_events_come_out_in_order_and_the_last_one_ends_the_run(
    job: ResyncJob, tmp_path: Path, runs: list[Run]
) -> None:
    log = tmp_path / "a.events.jsonl"
    run = stub("good").start(job, log)
    runs.append(run)

    found = heard(run)

    assert [type(event) for event in found] == [Progress] * 4 + [Notice, Finished]
    assert isinstance(found[-1], Finished)
    assert (found[-1].frames, found[-1].score) == (25, "4 of 5")
    assert run.poll(0.1) == []
    assert gone(run.pid)
    kinds = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert kinds[0] == "hello"
    assert kinds[-1] == "finished"


def test_the_job_arrives_exactly(job: ResyncJob, runs: list[Run]) -> None:
    run = stub("good").start(job)
    runs.append(run)

    heard(run)

    assert job.output is not None
    page = json.loads(Path(job.output + ".json").read_text())
    assert page["cut"] == {"start": "1", "end": "2"}
    assert page["speech"][0]["at"] == "-1/3"


@pytest.mark.parametrize(
    ("manner", "code", "words"),
    [
        ("future", "EngineProtocol", "relip 0.0-stub, speaks protocol 9, this plug-in speaks 1"),
        ("garbage", "EngineGarbage", '\N{REPLACEMENT CHARACTER} Segmentation map loaded"'),
        ("flood", "EngineGarbage", "is no event"),
        ("chatter", "EngineGarbage", 'is no event: "spam"'),
        ("crash", "EngineCrashed", "was ended by SIGSEGV before it was done: the driver gave up"),
        ("killed", "EngineKilled", "was ended by SIGKILL"),
        ("leave", "EngineCrashed", "ended with code 0 before it was done"),
        ("half", "EngineCrashed", "ended with code 0"),
        ("unwilling", "FaceError", "nobody is seen"),
    ],
)
def test_every_end_is_one_sentence_with_a_remedy(
    job: ResyncJob, runs: list[Run], manner: str, code: str, words: str
) -> None:
    run = stub(manner).start(job)

    event = last(run, runs)

    assert event.code == code
    assert words in event.message
    assert event.remedy
    assert gone(run.pid)


@pytest.mark.parametrize(
    ("manner", "limits", "words"),
    [
        ("silent", {"hello": 0.3}, "was started and said nothing for 0 s"),
        ("mute", {"silence": 0.3}, "has been silent for 0 s"),
    ],
)
def test_an_engine_that_says_nothing_is_given_up(
    job: ResyncJob, runs: list[Run], manner: str, limits: dict[str, float], words: str
) -> None:
    run = stub(manner, **limits).start(job)

    event = last(run, runs)

    assert event.code == "EngineSilent"
    assert words in event.message
    assert gone(run.pid)


@given(st.binary() | st.from_regex(r'\{"event": ?[^\n]*').map(str.encode), st.booleans())
def test_no_line_whatever_breaks_the_listener(line: bytes, greeted: bool) -> None:
    ear = Ear()
    if greeted:
        assert ear.event(b'{"event": "hello", "protocol": 1, "version": "1"}') is None

    event = ear.event(line)

    if not greeted and line.strip() and ear.stray:
        assert isinstance(event, Failed)


def test_a_line_that_is_nested_too_deeply_is_garbage() -> None:
    event = Ear().event(b"[" * 100_000)

    assert isinstance(event, Failed)
    assert len(event.message) < 200


def test_while_nobody_looks_the_engine_is_not_silent(job: ResyncJob, runs: list[Run]) -> None:
    # A host that was suspended, or busy, heard nothing because it did not listen.
    run = stub("mute", silence=1.5).start(job)
    runs.append(run)
    run.poll(0.5)

    time.sleep(1.6)

    assert run.poll() == []
    assert not run.over


@pytest.mark.parametrize(
    ("path", "why"), [("/nowhere/python", "No such file"), ("nul\0", "embedded null byte")]
)
def test_an_engine_that_is_not_there_is_named(
    job: ResyncJob, runs: list[Run], path: str, why: str
) -> None:
    run = Engine([path]).start(job)

    event = last(run, runs)

    assert event.code == "EngineMissing"
    assert path in event.message
    assert why in event.message
    assert run.pid == 0


def test_a_folder_that_cannot_be_written_to_is_named(
    job: ResyncJob, runs: list[Run], tmp_path: Path
) -> None:
    event = last(stub("good").start(job, tmp_path / "gone" / "a.events.jsonl"), runs)

    assert event.code == "EngineMissing"
    assert str(tmp_path / "gone") in event.message


def test_a_line_of_a_library_does_not_end_a_run(job: ResyncJob, runs: list[Run]) -> None:
    run = stub("stray").start(job)
    runs.append(run)

    assert isinstance(heard(run)[-1], Finished)


@pytest.mark.parametrize("manner", ["lingering", "crash-late"])
def test_a_finished_run_is_finished_however_its_process_ends(
    job: ResyncJob, runs: list[Run], manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relip_host.worker.GRACE", 0.2)
    run = stub(manner).start(job)
    runs.append(run)

    assert isinstance(heard(run)[-1], Finished)
    assert gone(run.pid)


def test_an_engine_that_closes_its_mouth_is_ended(
    job: ResyncJob, runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "GRACE", 0.2)
    run = stub("shut").start(job)

    assert last(run, runs).code == "EngineKilled"
    assert gone(run.pid)


def test_cancelling_is_asked_first(job: ResyncJob, runs: list[Run]) -> None:
    run = stub("endless").start(job)
    assert isinstance(run.poll(10)[0], Progress)

    run.cancel()
    event = last(run, runs)

    assert event.code == "Cancelled"
    assert job.output is not None
    assert not Path(job.output + ".partial").exists()


@pytest.mark.parametrize("manner", ["deaf", "stubborn", "silent"])
def test_an_engine_that_does_not_stop_is_stopped(
    job: ResyncJob, runs: list[Run], manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relip_host.worker.GRACE", 0.3)
    run = stub(manner).start(job)
    run.poll(1)

    run.cancel()
    event = last(run, runs)

    assert event.code == "Cancelled"
    assert gone(run.pid)


def test_closing_leaves_nothing_running(job: ResyncJob) -> None:
    run = stub("stubborn").start(job)
    run.poll(5)

    begun = time.monotonic()
    run.close()

    assert time.monotonic() - begun < 5
    assert gone(run.pid)


def test_a_poll_takes_no_longer_than_it_may(job: ResyncJob, runs: list[Run]) -> None:
    run = stub("mute").start(job)
    runs.append(run)
    begun = time.monotonic()
    run.poll()
    at_once = time.monotonic() - begun
    run.poll(0.2)

    assert at_once < 0.15  # the machine may be busy
    assert time.monotonic() - begun >= 0.2


def test_work_with_a_log_survives_its_host(job: ResyncJob, tmp_path: Path) -> None:
    log = tmp_path / "a.events.jsonl"
    script = (
        "import sys, os; from pathlib import Path; from fractions import Fraction as F\n"
        "from relip_host.worker import Engine; from relip_job import ResyncJob, TimeRange\n"
        f"engine = Engine([sys.executable, '-S', {str(STUB)!r}, 'slow'])\n"
        f"job = ResyncJob('a', 'b', {job.output!r}, cut=TimeRange(F(0), F(1)))\n"
        f"run = engine.start(job, Path({str(log)!r}))\n"
        "run.poll(10); print(run.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    host = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert host.returncode == -9, host.stderr

    assert job.output is not None
    until = time.monotonic() + 10
    while not Path(job.output).exists() and time.monotonic() < until:
        time.sleep(0.05)

    assert gone(int(host.stdout))
    assert json.loads(log.read_text().splitlines()[-1])["event"] == "finished"


def test_the_engine_knows_nothing_of_the_host() -> None:
    host = {
        "PATH": "/bin",
        "HOME": "/home/editor",
        "RELIP_THREADS": "2",
        "PYTHONHOME": "/opt/resolve/python",
        "PYTHONPATH": "/opt/resolve/Modules",
        "PYTHON3HOME": "x",
        "Fusion_Python3_Home": "x",
        "RESOLVE_SCRIPT_LIB": "x",
        "QT_PLUGIN_PATH": "x",
        "LD_LIBRARY_PATH": "/opt/resolve/libs",
        "DYLD_INSERT_LIBRARIES": "x",
    }

    kept = cleaned(host)

    assert kept == {
        "PATH": "/bin",
        "HOME": "/home/editor",
        "RELIP_THREADS": "2",
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONSAFEPATH": "1",
    }
    assert "PYTHONHOME" in host
    assert os.environ is not kept


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts priorities in classes")
@pytest.mark.parametrize("behind", [False, True])
def test_an_engine_lets_the_editing_program_go_first(
    job: ResyncJob, runs: list[Run], behind: bool
) -> None:
    run = replace(stub("endless"), behind=behind).start(job)
    runs.append(run)

    nice = os.getpriority(os.PRIO_PROCESS, run.pid) - os.getpriority(os.PRIO_PROCESS, 0)

    assert (nice > 0) == behind
