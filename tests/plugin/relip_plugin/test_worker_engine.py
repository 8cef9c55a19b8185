"""The worker with the real engine: whatever ends it, nothing is left that looks like a result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from relip import sample
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip_job import ResyncJob, SpeechPart, TimeRange, job_to_json
from tests.core.relip.pipeline_media import spoken, written

CUT = TimeRange(Fraction(4, 25), Fraction(20, 25))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # In a folder of its own: the tests look at what appears beside the results.
    return written(tmp_path_factory.mktemp("clip") / "take é.mkv", spoken(24))


@contextmanager
def working(clip: Path, output: Path, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that has been given the job."""
    parts = (SpeechPart(str(sample.line()), Fraction(0), duration=Fraction(2)),)
    job = ResyncJob(str(clip), parts, output=str(output), codec="ffv1", cut=CUT)
    process = subprocess.Popen(
        [sys.executable, "-m", "relip_plugin.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(b'{"protocol": 1, "job": %s}\n' % job_to_json(job).encode())
        process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.communicate()


def last_event(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    events = [json.loads(line) for line in process.stdout]
    process.wait(60)
    found: dict[str, Any] = events[-1]
    return found


def wait_for_drawing(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("stage") == "draw":
            return


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_cancelled_while_it_draws_it_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    with working(clip, tmp_path / "made.mkv") as process:
        wait_for_drawing(process)
        assert process.stdin is not None
        process.stdin.write(b"cancel\n")
        process.stdin.flush()
        event = last_event(process)

    assert (process.returncode, event["code"]) == (3, "Cancelled")
    assert names(tmp_path) == []


def test_killed_while_it_draws_it_leaves_no_result_and_the_next_run_makes_one(
    clip: Path, tmp_path: Path
) -> None:
    output = tmp_path / "made.mkv"
    with working(clip, output) as process:
        wait_for_drawing(process)
        process.kill()
        process.wait(60)
    assert names(tmp_path) in ([], ["made.mkv.partial"])
    (tmp_path / "made.mkv.partial").write_bytes(bytes(1 << 20))

    with working(clip, output) as process:
        event = last_event(process)

    assert (process.returncode, event["event"]) == (0, "finished")
    assert (event["output"], event["frames"], probe(output).frames) == (str(output), 16, 16)
    assert names(tmp_path) == ["made.mkv", "made.mkv.relip.json"]


def test_a_full_disk_is_told_with_a_remedy_and_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits the size of files")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def limited() -> None:
        # Results count; the scratch file of mouths is 4 MB.
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    with working(
        clip, tmp_path / "made.mkv", preexec_fn=limited, env={**os.environ, "TMPDIR": str(scratch)}
    ) as process:
        event = last_event(process)

    assert (process.returncode, event["event"], event["code"]) == (2, "failed", "OutputError")
    assert "room" in event["remedy"]
    assert names(tmp_path) == ["scratch"]
    assert not [name for name in names(scratch) if name.startswith("relip")]


def test_what_one_run_saw_and_heard_the_next_one_finds(clip: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    events = []
    for name in ("one.mkv", "two.mkv"):
        with working(
            clip, tmp_path / name, env={**os.environ, "RELIP_CACHE": str(cache)}
        ) as process:
            assert process.stdout is not None
            events.append([json.loads(line) for line in process.stdout])
        if name == "one.mkv":
            known = {path: path.stat().st_ino for path in cache.rglob("*.npz")}

    assert known
    # Everything was found: nothing new, and nothing made again.
    assert {path: path.stat().st_ino for path in cache.rglob("*.npz")} == known
    first, second = ([one for one in run if one["event"] != "progress"] for run in events)
    assert first[:-1] == second[:-1]
    assert (first[-1]["frames"], first[-1]["changed"]) == (
        second[-1]["frames"],
        second[-1]["changed"],
    )
    pictures = [
        [frame.planes[0].tobytes() for frame in read_frames(probe(tmp_path / name))]
        for name in ("one.mkv", "two.mkv")
    ]
    assert pictures[0] == pictures[1]
