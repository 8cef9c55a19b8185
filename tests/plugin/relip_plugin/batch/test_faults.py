"""Faults while the real engine is at work: nothing is corrupted, and the next run finishes the job.

One clip of a second is followed once; what is seen in it is remembered from then on.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import av
import pytest

from relip import sample
from relip.identity import engine_identity
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip_host.choice import Choice
from relip_host.executor import LocalExecutor
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.csv_lines import read_lines
from relip_plugin.batch.plan import plan
from relip_plugin.batch.result import Result
from relip_plugin.batch.run import BatchRun
from relip_plugin.cache.results import ResultCache
from relip_plugin.cli import main
from relip_plugin.own_engine import own_engine

HOUSE = Path(__file__).resolve().parents[4]
FIRST, FRAMES = 40, 30
"""Of the sample, where its mouth moves."""
ROOM = 6000
"""KB: more than one result takes, less than two."""


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for all of these tests: it has to bear it, too."""
    return tmp_path_factory.mktemp("remembered")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A second of the sample."""
    path = tmp_path_factory.mktemp("second") / "take.mkv"
    with av.open(str(sample.picture())) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("ffv1", 25)
        stream.width, stream.height, stream.pix_fmt = 512, 512, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if FIRST <= number < FIRST + FRAMES:
                frame.pts = number - FIRST
                frame.time_base = 1 / stream.codec_context.framerate
                target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return path.read_bytes()


@pytest.fixture
def table(tmp_path: Path, second: bytes, remembered: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two lines of the clip, which differ in where they end."""
    monkeypatch.setenv("RELIP_CACHE", str(remembered))
    (tmp_path / "take.mkv").write_bytes(second)
    (tmp_path / "line.wav").write_bytes(sample.line().read_bytes())
    path = tmp_path / "lines.csv"
    rows = [f"take.mkv,0f,{end}f,line.wav,0.3s" for end in (20, 25)]
    path.write_text("\n".join(["picture,in,out,speech,speech_in", *rows]))
    return path


class Batch:
    """The table's lines, one after the other, by one worker of the real engine."""

    def __init__(
        self, table: Path, strength: float, results: Path | None = None, resume: bool = True
    ) -> None:
        lines = read_lines(table)
        choice = Choice(handles=0, strength=strength)
        self.folder = results or table.with_name("results")
        self.folder.mkdir(exist_ok=True)
        self.executor = LocalExecutor(own_engine(), 1)
        self._batch = BatchRun(
            plan(lines, lines.shots, lines.items, choice, Cast()),
            self.executor,
            ResultCache(),
            self.folder,
            engine_identity(),
            resume=resume,
        )

    def steps(self) -> Iterator[tuple[Result, ...]]:
        with closing(self._batch.run()) as steps:
            for step in steps:
                yield step.results

    def states(self) -> list[str]:
        for _ in self.steps():
            pass
        return [result.state for result in self.results]

    @property
    def results(self) -> tuple[Result, ...]:
        return self._batch.results


def is_drawing(result: Result) -> bool:
    return result.state == "running" and result.stage == "draw"


def planes(path: str) -> list[bytes]:
    """All samples of a clip, which must decode to its end."""
    clip = probe(path)
    return [
        plane.tobytes() for frame in read_frames(clip, 0, clip.frames) for plane in frame.planes
    ]


def unfinished(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "partial" in path.name)


def test_a_worker_killed_while_it_draws_leaves_no_trace_in_its_result(table: Path) -> None:
    batch = Batch(table, 1.0)
    killed: list[int] = []
    for results in batch.steps():
        if not killed and is_drawing(results[0]):
            killed += batch.executor.at_work.values()
            os.kill(killed[0], signal.SIGKILL)

    assert len(killed) == 1
    assert [result.state for result in batch.results] == ["made", "made"]
    assert any("started again" in note for note in batch.results[0].notes)
    assert unfinished(batch.folder) == []
    again = Batch(table, 1.0, table.with_name("again"), resume=False)
    assert again.states() == ["made", "made"]
    assert planes(batch.results[0].output) == planes(again.results[0].output)


def test_a_clip_replaced_while_it_is_drawn_leaves_no_result_of_two_takes(
    table: Path, second: bytes
) -> None:
    batch = Batch(table, 0.9)
    clip = table.with_name("take.mkv")
    for results in batch.steps():
        if is_drawing(results[0]) and clip.stat().st_size == len(second):
            other = clip.with_name("other.mkv")
            other.write_bytes(second + b"\0")
            other.replace(clip)

    first, last = batch.results
    assert (first.state, last.state) == ("failed", "made")
    assert "replaced" in first.message
    assert [path.name for path in batch.folder.glob("*.mov")] == [Path(last.output).name]
    assert Batch(table, 0.9).states() == ["made", "kept"]


def test_a_killed_batch_is_finished_by_the_next_and_bears_no_other_beside_it(
    table: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["batch", str(table), "--handles", "0", "--workers", "1", "--strength", "0.8"]
    folder = table.with_name("lines_relip")
    roots = [str(HOUSE / root) for root in ("core", "models", "plugin")]
    start = f"import sys; sys.path[:0] = {roots!r}; from relip_plugin.cli import main; main()"
    with subprocess.Popen([sys.executable, "-c", start, *words], stderr=subprocess.PIPE) as parent:
        assert parent.stderr is not None
        told = parent.stderr.readline()
        assert b"line 1 of 2" in told
        assert b": made" in told, told
        wait(lambda: bool(unfinished(folder)))
        assert main(words) == 2
        assert "already at work" in capfd.readouterr().err
        parent.kill()
    first = next(folder.glob("*_v001.mov"))
    whole = first.read_bytes()
    wait(lambda: not workers_of(folder))

    assert main([*words, "--json"]) == 0

    told = json.loads(capfd.readouterr().out)
    assert [line["state"] for line in told["lines"]] == ["kept", "made"]
    assert first.read_bytes() == whole
    assert [len(planes(line["file"])) for line in told["lines"]] == [3 * 20, 3 * 25]
    assert unfinished(folder) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for one result."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}k", "tmpfs", str(place)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("a disk of its own can be made by Linux' root only")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_costs_what_has_no_room_and_nothing_else(table: Path, small_disk: Path) -> None:
    batch = Batch(table, 0.7, small_disk)

    assert batch.states() == ["made", "failed"]
    first, last = batch.results
    assert "room" in last.remedy
    assert unfinished(small_disk) == []
    assert len(planes(first.output)) == 3 * 20
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert Batch(table, 0.7, small_disk).states() == ["kept", "made"]


def wait(until: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    patience = time.monotonic() + 60
    while not until():
        assert time.monotonic() < patience
        time.sleep(0.02)


def workers_of(folder: Path) -> list[str]:
    """Processes that still have a file of the folder open."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(link.readlink()).startswith(str(folder)):
                found.append(str(link))
    return found
