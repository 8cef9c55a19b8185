"""The worker as hosts meet it: a process, with an engine that stands in for the real one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from relip_job import ResyncJob, job_to_json

STAND_IN = """
import os, sys, time, types
from pathlib import Path
from relip_job import Finished, Notice, Progress
from relip_job.errors import OutputError

def resync(job, memory):
    print("a library talks")
    os.write(1, b"another talks past Python\\n")
    if job.picture == "fault":
        raise ZeroDivisionError("a bug")
    if job.picture == "refused":
        raise OutputError("the disk is full", "make room")
    try:
        yield Progress("track", 0, 1)
        if job.picture == "busy":
            while True:
                sum(range(10000))
        for step in range(3000 if job.picture == "long" else 20):
            time.sleep(0.02)
            yield Progress("draw", step, 20)
            if job.picture == "deaf":
                try:
                    time.sleep(0.2)
                except KeyboardInterrupt:
                    pass
    except BaseException:
        Path(job.output).write_text("closed", "utf-8")
        raise
    Path(job.output).write_text("made", "utf-8")
    Path(job.output + ".relip.json").write_text('{"job": {}}', "utf-8")
    yield Finished(job.output, job.output + ".relip.json", 20, 20)

engine = types.ModuleType("relip.pipeline")
engine.resync = resync
sys.modules["relip.pipeline"] = engine
from relip_plugin import worker
os._exit(worker.main(sys.argv[1:]))
"""
Event = dict[str, Any]


def order(picture: str, folder: Path, protocol: object = 1) -> bytes:
    job = job_to_json(ResyncJob(picture, "dub.wav", output=str(folder / "made")))
    return b'{"protocol": %s, "job": %s}\n' % (json.dumps(protocol).encode(), job.encode())


@contextmanager
def started(*arguments: str, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-c", STAND_IN, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[bytes], until: str) -> list[Event]:
    """Events up to the first of that kind."""
    assert process.stdout is not None
    events: list[Event] = []
    for line in process.stdout:
        events.append(json.loads(line))
        if events[-1]["event"] == until:
            return events
    raise AssertionError(f"no {until} but {events}")


def tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line)
    process.stdin.flush()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, list[Event], str]:
    """Exit code, what was still said, and stderr."""
    out, err = process.communicate(timeout=60)
    return process.returncode, [json.loads(line) for line in out.splitlines()], err.decode()


def test_events_are_all_that_stdout_carries_and_the_log_has_them_too(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    with started("--log", str(log)) as process:
        tell(process, order("short", tmp_path))
        first = said(process, "progress")
        code, rest, err = ended(process)

    assert code == 0
    assert (first[0]["event"], first[0]["protocol"]) == ("hello", 1)
    assert [event["event"] for event in rest] == ["progress"] * 20 + ["finished"]
    assert [json.loads(line) for line in log.read_text("utf-8").splitlines()] == first + rest
    assert "a library talks" in err
    assert "another talks past Python" in err


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (b"", "Protocol", "no job came in"),
        (b"cancel\n", "Protocol", "no JSON in UTF-8"),
        (b"\x00\xff\xfe garbage\n", "Protocol", "no JSON in UTF-8"),
        (b'{"protocol": 1, "job": {"picture": "\xff"}}\n', "Protocol", "no JSON in UTF-8"),
        (b"[" * 100_000 + b"\n", "Protocol", "no JSON"),
        (b"x" * 3_000_000 + b"\n", "Protocol", "more than 1048576 bytes"),
        (b"x" * 3_000_000, "Protocol", "more than 1048576 bytes"),
        (b"[1, 2]\n", "Protocol", "holds no protocol and job"),
        (b'{"protocol": 1, "job": {}, "more": 1}\n', "Protocol", "holds no protocol and job"),
        (order("short", Path(), 2), "Protocol", "speaks protocol 1, not 2"),
        (b'{"protocol": 1, "job": {"picture": "a"}}\n', "JobError", "the job lacks speech"),
        (b'{"protocol": 1, "job": 3}\n', "JobError", "is no job"),
    ],
    ids=lambda value: value.decode("latin-1")[:30] if isinstance(value, bytes) else "",
)
def test_what_is_no_job_ends_in_one_event(line: bytes, code: str, message: str) -> None:
    with started() as process:
        out, err = process.communicate(line, timeout=60)

    hello, failed = map(json.loads, out.splitlines())
    assert process.returncode == 4
    assert hello["event"] == "hello"
    assert (failed["event"], failed["code"]) == ("failed", code)
    assert message in failed["message"]
    assert failed["remedy"]
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "arguments", [["--lag"], ["--reuse", "--no-cache"], ["--log", "/nowhere/at/all/events.jsonl"]]
)
def test_a_wrong_start_is_told_like_everything_else(arguments: list[str]) -> None:
    with started(*arguments) as process:
        code, (hello, failed), _ = ended(process)

    assert (code, hello["event"], failed["code"]) == (4, "hello", "Protocol")


@pytest.mark.parametrize(
    ("picture", "code", "name"), [("refused", 2, "OutputError"), ("fault", 5, "Internal")]
)
def test_a_failure_is_one_event_without_a_traceback(
    tmp_path: Path, picture: str, code: int, name: str
) -> None:
    log = tmp_path / "job1.events.jsonl"
    with started("--log", str(log)) as process:
        tell(process, order(picture, tmp_path))
        found, (_, failed), _ = ended(process)

    assert (found, failed["code"]) == (code, name)
    fault = tmp_path / "job1.fault.txt"
    assert fault.exists() == (name == "Internal")
    if name == "Internal":
        assert failed["message"] == "ZeroDivisionError: a bug"
        assert str(fault) in failed["remedy"]
        assert "Traceback" in fault.read_text("utf-8")


@pytest.mark.parametrize("picture", ["long", "busy", "deaf"])
def test_cancel_ends_the_work_and_what_it_left(tmp_path: Path, picture: str) -> None:
    with started("--log", str(tmp_path / "events.jsonl")) as process:
        tell(process, order(picture, tmp_path))
        said(process, "progress")
        begun = time.monotonic()
        tell(process, b"  cancel \n")
        code, rest, _ = ended(process)

    assert time.monotonic() - begun < 5
    assert (code, rest[-1]["event"], rest[-1]["code"]) == (3, "failed", "Cancelled")
    assert [event["event"] for event in rest].count("failed") == 1
    assert (tmp_path / "made").read_text("utf-8") == "closed"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a word")
def test_a_polite_signal_cancels(tmp_path: Path) -> None:
    with started() as process:
        tell(process, order("busy", tmp_path))
        said(process, "progress")
        process.send_signal(signal.SIGTERM)
        code, rest, _ = ended(process)

    assert (code, rest[-1]["code"]) == (3, "Cancelled")


def leave_stdin(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None


def leave_stdout(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.parametrize("leave", [leave_stdin, leave_stdout])
@pytest.mark.parametrize("logged", [True, False])
def test_a_host_that_goes_away_ends_only_what_nobody_logs(
    tmp_path: Path, leave: Callable[[subprocess.Popen[bytes]], None], logged: bool
) -> None:
    log = tmp_path / "events.jsonl"
    with started(*(["--log", str(log)] if logged else [])) as process:
        tell(process, order("short" if logged else "long", tmp_path))
        said(process, "progress")
        leave(process)
        code = process.wait(60)

    assert code == (0 if logged else 3)
    assert (tmp_path / "made").read_text("utf-8") == ("made" if logged else "closed")
    if logged:
        last = json.loads(log.read_text("utf-8").splitlines()[-1])
        assert last["event"] == "finished"


def test_a_host_that_does_not_read_holds_nothing_up(tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    with started("--log", str(log)) as process:
        assert process.stdout is not None
        if hasattr(os, "set_blocking") and sys.platform == "linux":
            import fcntl

            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        tell(process, order("long", tmp_path))
        while not log.exists() or len(log.read_bytes()) < 8192:
            time.sleep(0.05)
        tell(process, b"cancel\n")
        while b'"failed"' not in log.read_bytes():
            time.sleep(0.05)
        code, events, _ = ended(process)

    assert (code, events[-1]["code"]) == (3, "Cancelled")


def test_a_full_disk_ends_the_log_but_not_the_work(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits the size of files")
    log = tmp_path / "events.jsonl"

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    with started("--log", str(log), preexec_fn=limited) as process:
        tell(process, order("short", tmp_path))
        code, events, err = ended(process)

    assert (code, events[-1]["event"]) == (0, "finished")
    assert "the log ends here" in err
