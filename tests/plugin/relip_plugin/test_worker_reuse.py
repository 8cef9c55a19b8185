"""A worker that may reuse results: what is known is not made again, what is made is known."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from relip_job import ResyncJob, job_to_json
from relip_plugin.cache.room import Room

STAND_IN = """
import os, sys, time, types
from pathlib import Path
from relip_job import Finished, Notice, Progress, Voiced

def resync(job, memory):
    assert type(memory).__name__ == os.environ.get("MEMORY", "Analyses")
    Path(job.output).parent.joinpath("made.txt").open("a").write("x")
    yield Progress("track", 0, 1)
    yield Voiced(1, 2, 3, "sound", 0.5)
    yield Notice("dark", "it is dark", 1.0, 2.0, voice=1)
    if "replaced" in job.picture:
        Path(job.picture).write_text("another take")
    Path(job.output).write_text("result of " + job.picture, "utf-8")
    Path(job.output + ".relip.json").write_text('{"job": {}}', "utf-8")
    yield Finished(job.output, job.output + ".relip.json", 20, 18, "4 of 5", ("4 of 5", "5 of 5"))

engine = types.ModuleType("relip.pipeline")
engine.resync = resync
sys.modules["relip.pipeline"] = engine
from relip_plugin import worker
code = worker.main(sys.argv[1:])
print("loaded", sorted({"av", "cv2", "numpy", "onnxruntime"} & set(sys.modules)), file=sys.stderr)
os._exit(code)
"""
Events = list[dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "Zwischenlager ö"))
    for name in ("take é.mov", "dub.wav"):
        (tmp_path / name).write_text(name)
    return tmp_path


def worked(
    folder: Path, name: str, *arguments: str, picture: str = "take é.mov", **more: Any
) -> tuple[int, Events, str]:
    """Exit code, events after the hello, and stderr."""
    job = ResyncJob(str(folder / picture), str(folder / "dub.wav"), output=str(folder / name))
    found = subprocess.run(
        # With a log it goes on after the end of stdin.
        [sys.executable, "-c", STAND_IN, "--log", str(folder / "log.jsonl"), *arguments],
        input=b'{"protocol": 1, "job": %s}\n' % job_to_json(job).encode(),
        capture_output=True,
        check=False,
        timeout=60,
        **more,
    )
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    return found.returncode, lines[1:], found.stderr.decode()


def times_made(folder: Path) -> int:
    return len((folder / "made.txt").read_text())


def test_a_known_result_is_told_like_a_new_one_and_needs_no_engine(folder: Path) -> None:
    code, first, _ = worked(folder, "one.mov", "--reuse")
    assert code == 0
    (folder / "take é.mov").rename(folder / "moved.mov")

    code, again, err = worked(folder, "zwei ü.mov", "--reuse", picture="moved.mov")

    assert code == 0
    assert times_made(folder) == 1
    assert (folder / "zwei ü.mov").read_bytes() == (folder / "one.mov").read_bytes()
    page = json.loads((folder / "zwei ü.mov.relip.json").read_text("utf-8"))
    assert page["job"]["picture"] == str(folder / "moved.mov")
    assert [event["event"] for event in again] == ["voiced", "notice", "notice", "finished"]
    assert again[:2] == first[1:3]
    assert again[2]["code"] == "kept"
    output = str(folder / "zwei ü.mov")
    assert again[3] == {**first[3], "output": output, "sidecar": f"{output}.relip.json"}
    assert "loaded []" in err


def test_a_known_result_comes_back_after_it_was_deleted(folder: Path) -> None:
    worked(folder, "one.mov", "--reuse")
    (folder / "one.mov").unlink()

    code, events, _ = worked(folder, "one.mov", "--reuse")

    assert (code, events[-2]["code"], times_made(folder)) == (0, "kept", 1)
    assert (folder / "one.mov").exists()


def test_a_known_result_beside_the_next_version_stays_what_it_is(folder: Path) -> None:
    first, second = "take é_relip_v001.mov", "take é_relip_v002.mov"
    worked(folder, first, "--reuse")

    _, again, _ = worked(folder, second, "--reuse")

    assert (again[-2]["code"], again[-1]["output"]) == ("kept", str(folder / first))
    assert not (folder / second).exists()
    (folder / first).unlink()
    (folder / first).write_text("somebody's own")
    _, events, _ = worked(folder, second, "--reuse")
    assert (events[-2]["code"], events[-1]["output"]) == ("kept", str(folder / second))
    assert times_made(folder) == 1
    assert (folder / first).read_text() == "somebody's own"


def test_without_the_switch_and_after_a_change_it_is_made_again(folder: Path) -> None:
    worked(folder, "one.mov", "--reuse")
    worked(folder, "two.mov")
    assert times_made(folder) == 2
    (folder / "dub.wav").write_text("retake")
    worked(folder, "three.mov", "--reuse")
    assert times_made(folder) == 3
    worked(folder, "four.mkv", "--reuse")  # a name that asks for another container
    assert times_made(folder) == 4


def test_nothing_is_written_over(folder: Path) -> None:
    worked(folder, "one.mov", "--reuse")
    (folder / "mine.mov").write_text("mine")

    worked(folder, "mine.mov", "--reuse")

    assert times_made(folder) == 2  # the engine itself refuses


def test_what_was_replaced_meanwhile_leaves_no_result(folder: Path) -> None:
    (folder / "replaced.mov").write_text("the take")

    code, events, _ = worked(folder, "one.mov", "--reuse", picture="replaced.mov")

    assert (code, events[-1]["event"], events[-1]["code"]) == (2, "failed", "MediaError")
    assert "replaced while it was read" in events[-1]["message"]
    assert not list(folder.glob("one.mov*"))
    assert Room().taken()["results"].count == 0


def test_a_cache_that_cannot_be_written_costs_no_result(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIP_CACHE", str(folder / "dub.wav" / "cache"))

    code, events, _ = worked(folder, "one.mov", "--reuse")

    assert code == 0
    assert [event["event"] for event in events][-2:] == ["notice", "finished"]
    assert events[-2]["code"] == "not-kept"
    assert (folder / "one.mov").exists()


def test_without_a_cache_nothing_is_remembered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMORY", "Forgetful")
    code, _, _ = worked(folder, "one.mov", "--no-cache")

    assert code == 0
    assert not (folder / "Zwischenlager ö").exists()


def test_media_that_are_missing_are_the_engines_to_tell(folder: Path) -> None:
    code, events, _ = worked(folder, "one.mov", "--reuse", picture="none.mov")

    assert (code, events[-1]["event"]) == (0, "finished")
    assert Room().taken()["results"].count == 0
