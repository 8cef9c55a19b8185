"""Batches with an engine that draws nothing."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from relip_host.executor import LocalExecutor, default_workers
from relip_job import ResyncJob
from relip_job.errors import OutputError
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.folder_lock import locked
from relip_plugin.batch.result import Batch
from relip_plugin.batch.run import BatchRun
from relip_plugin.cache.results import ResultCache
from tests.plugin.relip_host.stub_runs import stub
from tests.plugin.relip_plugin.batch.house_made import House, Twice

HOUSE = Path(__file__).resolve().parents[4]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_every_line_is_made_under_a_name_of_its_own(house: House) -> None:
    results = house.run()

    assert [result.state for result in results] == ["made"] * 3
    assert [Path(result.output).name for result in results] == [
        "a_relip_v001.mov",
        "b_relip_v001.mov",
        "a_relip_v002.mov",
    ]
    assert all(Path(result.output).is_file() for result in results)
    assert [result.score for result in results] == ["4 of 5"] * 3
    assert results[0].notes == ("the mouth is covered",)
    assert house.last[-1].done == 1
    assert any(step.left is not None for step in house.last)


class Recorded(LocalExecutor):
    """Remembers in which order clips were asked for."""

    def __init__(self, workers: int) -> None:
        super().__init__(stub("good"), workers)
        self.clips: list[str] = []

    def submit(self, index: int, job: ResyncJob, log: Path | None = None) -> None:
        self.clips.append(Path(job.picture).name)
        super().submit(index, job, log)


def test_two_workers_do_not_look_at_one_clip_side_by_side(house: House) -> None:
    by_clip = sorted(house.lines(), key=lambda line: line.name != "line 2")
    assert [line.name for line in by_clip] == ["line 2", "line 1", "line 3"]
    lines = [*by_clip[1:], by_clip[0]]  # a, a, b
    who = Recorded(2)

    for _ in BatchRun(lines, who, house.cache, house.results, "1").run():
        pass

    assert who.clips == ["a.mov", "b.mov", "a.mov"]


def test_a_second_run_makes_nothing(house: House) -> None:
    first = house.run()

    second = house.run("unwilling")

    assert [result.state for result in second] == ["kept"] * 3
    assert [result.output for result in second] == [result.output for result in first]
    assert [result.notes for result in second] == [result.notes for result in first]


@pytest.mark.parametrize("workers", [1, 2])
def test_runs_over_shots_that_are_the_same_do_not_fill_the_folder(
    tmp_path: Path, workers: int
) -> None:
    house = Twice(tmp_path)
    house.run(workers=workers)
    files, outputs = house.files(), [result.output for result in house.run()]

    for _ in range(2):
        assert [result.output for result in house.run()] == outputs
    assert house.files() == files


def test_what_has_the_name_of_a_known_result_now_is_not_written_over(house: House) -> None:
    first = Path(house.run()[0].output)
    other = house.results / "other"
    other.write_bytes(b"graded by hand")
    other.replace(first)

    again = house.run()

    assert [result.state for result in again] == ["kept"] * 3
    assert first.read_bytes() == b"graded by hand"
    assert Path(again[0].output).read_bytes() == b"." * 25


def test_only_what_changed_is_made_again(house: House) -> None:
    first = house.run()
    (house.folder / "b.mov").write_bytes(b"another take")

    second = house.run()

    assert [result.state for result in second] == ["kept", "made", "kept"]
    assert Path(second[1].output).name == "b_relip_v002.mov"
    assert Path(first[1].output).is_file()


def test_without_resume_everything_is_made_again(house: House) -> None:
    house.run()

    assert house.states(resume=False) == ["made"] * 3


def test_a_result_of_another_folder_is_taken_over(house: House) -> None:
    first = house.run()
    other = House(house.folder)
    other.results = house.folder / "other"
    other.results.mkdir()

    second = other.run("unwilling")

    assert [result.state for result in second] == ["kept"] * 3
    assert Path(second[2].output).parent == other.results
    assert Path(second[2].output).read_bytes() == Path(first[2].output).read_bytes()
    assert Path(second[2].sidecar).is_file()


@pytest.mark.parametrize("manner", ["crash-once", "crash-twice"])
def test_a_worker_that_crashes_is_started_again(house: House, manner: str) -> None:
    results = house.run(manner)

    assert [result.state for result in results] == ["made"] * 3
    assert any("started again" in note for note in results[0].notes)


@pytest.mark.parametrize("manner", ["crash", "killed"])
def test_a_worker_that_always_dies_fails_its_lines_with_a_remedy(house: House, manner: str) -> None:
    results = house.run(manner)

    assert [result.state for result in results] == ["failed"] * 3
    assert all(result.remedy for result in results)
    assert house.files() == []


def test_a_worker_that_is_killed_once_costs_no_line(house: House) -> None:
    shot: set[int] = set()
    batch = house.batch("slow", workers=2)

    with closing(batch.run()) as steps:
        for step in steps:
            if not shot and any(result.share > 0.1 for result in step.results):
                assert isinstance(batch.executor, LocalExecutor)
                (first, *_) = batch.executor._running
                assert first.run is not None
                shot.add(first.run.pid)
                os.kill(first.run.pid, signal.SIGKILL)

    assert [result.state for result in batch.results] == ["made"] * 3
    assert sum("started again" in " ".join(one.notes) for one in batch.results) == 1
    assert not [name for name in house.files() if "partial" in name]


def test_a_worker_that_is_killed_while_it_scores_leaves_no_result_in_its_way(house: House) -> None:
    assert house.states("killed-scoring") == ["made"] * 3
    assert not [name for name in house.files() if "relip.json" in name]


def test_nobody_on_the_screen_is_no_failure(house: House) -> None:
    results = house.run("unwilling")

    assert [result.state for result in results] == ["skipped"] * 3
    assert (results[0].message, results[0].remedy) == ("nobody is seen", "choose another")


def test_a_face_that_was_asked_for_and_is_not_there_is_a_failure(house: House) -> None:
    house.cast = Cast({"line 2": "2"})

    assert house.states("unwilling") == ["skipped", "failed", "skipped"]


def test_an_engine_that_lies_or_falls_short_is_not_believed(house: House) -> None:
    assert house.states("liar") == ["failed"] * 3
    assert house.states("short") == ["failed"] * 3
    assert house.files() == []


def test_a_clip_that_is_replaced_meanwhile_leaves_no_result(house: House) -> None:
    def replace_it(step: Batch) -> None:
        if any(result.state == "running" for result in step.results):
            (house.folder / "a.mov").write_bytes(b"a new take")

    results = house.run("slow", each=replace_it, workers=3)

    assert [result.state for result in results] == ["failed", "made", "failed"]
    assert "replaced" in results[0].message
    assert house.states() == ["made", "kept", "made"]


def test_a_clip_that_is_replaced_while_a_line_waits_is_what_that_line_is_made_of(
    house: House,
) -> None:
    def replace_it(step: Batch) -> None:
        if step.results[0].state == "running":
            (house.folder / "a.mov").write_bytes(b"a new take")

    results = house.run("slow", each=replace_it, workers=1)

    assert [result.state for result in results] == ["failed", "made", "made"]
    assert house.states() == ["made", "kept", "kept"]


def test_a_file_that_is_missing_fails_its_line_only(house: House) -> None:
    lines = house.batch()
    (house.folder / "b.mov").unlink()

    with closing(lines.run()) as steps:
        list(steps)

    assert [result.state for result in lines.results] == ["made", "failed", "made"]
    assert "relink" in lines.results[1].remedy


def test_cancelling_stops_everybody_and_the_next_run_goes_on(house: House) -> None:
    asked: list[int] = []

    def look(step: Batch) -> None:
        asked.extend(result.line.number for result in step.results if result.state == "made")

    batch = house.batch("slow", workers=1, cancelled=lambda: bool(asked))
    with closing(batch.run()) as steps:
        for step in steps:
            look(step)

    assert [result.state for result in batch.results] == ["made", "cancelled", "cancelled"]
    assert not [name for name in house.files() if "partial" in name]
    assert house.states() == ["kept", "made", "made"]


def test_closing_early_leaves_nothing_half_written(house: House) -> None:
    batch = house.batch("endless", workers=2)
    steps = batch.run()
    while not any(result.state == "running" for result in next(steps).results):
        pass
    steps.close()

    assert [result.state for result in batch.results] == ["cancelled"] * 3
    assert house.files() == []


def test_what_is_finished_before_it_hears_of_the_cancelling_is_known(house: House) -> None:
    batch = house.batch("too-late", workers=1)
    steps = batch.run()
    while not any(result.state == "running" for result in next(steps).results):
        pass
    steps.close()

    assert [result.state for result in batch.results] == ["made", "cancelled", "cancelled"]
    assert house.states() == ["kept", "made", "made"]


def test_a_cache_that_cannot_be_written_costs_no_result(house: House) -> None:
    house.cache = ResultCache(house.folder / "dub.wav" / "cache")

    results = house.run()

    assert [result.state for result in results] == ["made"] * 3
    assert any("cannot be kept" in note for note in results[0].notes)


def test_one_batch_at_a_time_in_a_folder(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "r"),
        pytest.raises(OutputError, match="already at work"),
        locked(tmp_path / "r"),
    ):
        pass
    with locked(tmp_path / "r"):
        pass


def test_storage_without_locks_is_refused_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", none)
    with pytest.raises(OutputError, match=r"knows no locks.*another disk"), locked(tmp_path):
        pass


def test_a_parent_that_is_killed_takes_its_workers_along_and_the_next_run_goes_on(
    house: House,
) -> None:
    roots = [str(HOUSE / root) for root in ("core", "models", "plugin", ".")]
    script = (
        f"import sys; sys.path[:0] = {roots!r}\n"
        "from pathlib import Path\n"
        "from relip_plugin.batch.folder_lock import locked\n"
        "from tests.plugin.relip_plugin.batch.house_made import House\n"
        f"house = House(Path({str(house.folder)!r}))\n"
        "def tell(step):\n"
        "    pids = [work.run.pid for work in batch.executor._running]\n"
        "    print(step.told, *pids, sep=';', flush=True)\n"
        "batch = house.batch('slow', workers=1)\n"
        "with locked(house.results):\n"
        "    for step in batch.run():\n"
        "        tell(step)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        for line in parent.stdout:
            told, *pids = line.strip().split(";")
            if "1 made" in told and "running" in told:
                break
        parent.kill()
        parent.wait()

    assert _gone(int(pids[0]))
    with locked(house.results):
        assert house.states() == ["kept", "made", "made"]
    assert not [name for name in house.files() if "partial" in name]


def test_there_is_always_somebody_to_work() -> None:
    assert default_workers() >= 1


def _gone(pid: int) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().split(") ")[1].startswith("Z"):
            return True
        time.sleep(0.05)
    return False
