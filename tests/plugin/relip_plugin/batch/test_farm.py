"""Lines done by a scheduler and two workers on this machine, with an engine that draws nothing."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from relip_host.executor import ATTEMPTS
from relip_job import Event, Failed, Finished, Notice, Progress, RelipError
from relip_job.errors import JobError
from relip_plugin.batch.farm import FarmExecutor
from relip_plugin.batch.farm_attempts import HIDDEN, sweep
from relip_plugin.batch.folder_lock import locked
from tests.plugin.relip_host.stub_runs import stub
from tests.plugin.relip_plugin.batch.farms import HOUSE, Farm, alive, drive, eventually, jobs

Driven = dict[int, list[Event]]


@pytest.fixture(scope="module")
def farms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Farm]]:
    """The last one is in use."""
    found: list[Farm] = []
    yield found
    for one in found:
        one.end()


@pytest.fixture
def farm(farms: list[Farm], tmp_path_factory: pytest.TempPathFactory) -> Farm:
    """A scheduler and two workers; those of the test before, as far as that left them alive."""
    if not farms or not alive(farms[-1].scheduler.process):
        farms.append(Farm(tmp_path_factory.mktemp("farm")))
    farms[-1].mend(2)
    return farms[-1]


def executor(
    farm: Farm,
    folder: Path,
    manner: str = "good",
    tell: Callable[[str], None] = lambda _: None,
) -> FarmExecutor:
    """When two machines are there."""
    jobs(folder, 0)
    files = [str(folder / "take.mov"), str(folder / "dub.wav")]
    doing = FarmExecutor(farm.address, folder / "results", files, stub(manner), tell)
    eventually(lambda: not doing.poll(0.05) and doing.workers >= 2, 60)
    return doing


def results(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "results").iterdir())


def finished(told: Driven) -> list[bool]:
    return [isinstance(events[-1], Finished) for events in told.values()]


def notices(events: list[Event], code: str = "restarted") -> list[str]:
    return [event.message for event in events if isinstance(event, Notice) and event.code == code]


def test_sixty_lines_are_each_placed_once(farm: Farm, tmp_path: Path) -> None:
    asked = jobs(tmp_path, 60)
    with closing(executor(farm, tmp_path)) as doing:
        assert doing.workers == 2
        told = drive(doing, asked)

    assert all(finished(told))
    assert (
        Counter(isinstance(e, (Finished, Failed)) for es in told.values() for e in es)[True] == 60
    )
    names = [Path(str(job.output)).name for job in asked]
    assert results(tmp_path) == sorted([*names, *(f"{name}.json" for name in names)])
    for job, events in zip(asked, told.values(), strict=True):
        last = events[-1]
        assert isinstance(last, Finished)
        assert (last.output, last.frames, last.score) == (job.output, 25, "4 of 5")
        assert Path(last.output).stat().st_size == 25
        assert any(isinstance(event, Progress) for event in events)
        assert notices(events, "covered") == ["the mouth is covered"]
        # The sidecar tells of the result's own place, not of the attempt's.
        assert json.loads(Path(last.sidecar).read_text())["output"] == job.output


def test_what_an_engine_refuses_comes_back_as_it_is(farm: Farm, tmp_path: Path) -> None:
    with closing(executor(farm, tmp_path, "unwilling")) as doing:
        told = drive(doing, jobs(tmp_path, 1))

    assert told[0][-1] == Failed("FaceError", "nobody is seen", "choose another")
    assert results(tmp_path) == []


def test_an_engine_that_dies_is_started_again_elsewhere_and_then_given_up(
    farm: Farm, tmp_path: Path
) -> None:
    with closing(executor(farm, tmp_path, "crash")) as doing:
        told = drive(doing, jobs(tmp_path, 1))

    last = told[0][-1]
    assert isinstance(last, Failed)
    assert last.code == "EngineCrashed"
    assert "(on " in last.message
    assert last.remedy
    assert len(notices(told[0])) == ATTEMPTS - 1
    assert results(tmp_path) == []


def test_an_engine_that_is_killed_costs_no_line(farm: Farm, tmp_path: Path) -> None:
    def kill(index: int, event: Event) -> None:
        if not shot and isinstance(event, Progress) and event.done:
            shot.append(farm.engines()[0].pid)
            farm.engines()[0].kill()

    shot: list[int] = []
    with closing(executor(farm, tmp_path, "slow")) as doing:
        told = drive(doing, jobs(tmp_path, 2), kill)

    assert all(finished(told))
    assert sum(len(notices(events)) for events in told.values()) == 1
    assert len(results(tmp_path)) == 4


def test_a_worker_that_is_killed_costs_no_line(farm: Farm, tmp_path: Path) -> None:
    def kill(index: int, event: Event) -> None:
        if not engines and isinstance(event, Progress) and event.done:
            engines.extend(farm.workers[0].engines())
            farm.workers[0].worker().kill()

    engines: list[psutil.Process] = []
    with closing(executor(farm, tmp_path, "slow")) as doing:
        told = drive(doing, jobs(tmp_path, 3), kill)
        eventually(lambda: not any(map(alive, engines)), 15)

    assert all(finished(told))
    assert len(results(tmp_path)) == 6
    (again,) = [text for events in told.values() for text in notices(events)]
    assert "was lost; the line was begun again" in again


def test_lines_of_machines_that_are_lost_are_done_by_one_that_comes_later(
    farm: Farm, tmp_path: Path
) -> None:
    def kill(index: int, event: Event) -> None:
        if not engines and isinstance(event, Progress) and event.done:
            engines.extend(farm.engines())
            for one in farm.workers:
                one.process.kill()  # the nanny, whose worker goes with it
            farm.add()

    engines: list[psutil.Process] = []
    with closing(executor(farm, tmp_path, "slow")) as doing:
        told = drive(doing, jobs(tmp_path, 2), kill)
        eventually(lambda: not any(map(alive, engines)), 15)

    assert all(finished(told))
    assert len(results(tmp_path)) == 4
    assert any(notices(events) for events in told.values())


def test_cancelling_stops_the_engines_of_all_machines(farm: Farm, tmp_path: Path) -> None:
    def cancel(index: int, event: Event) -> None:
        begun.add(index)
        if len(begun) == 2 and not stopped:
            stopped.append(time.monotonic())
            doing.cancel()

    begun: set[int] = set()
    stopped: list[float] = []
    with closing(executor(farm, tmp_path, "endless")) as doing:
        told = drive(doing, jobs(tmp_path, 5), cancel)
        assert time.monotonic() - stopped[0] < 10
        assert farm.engines() == []

    codes = [events[-1].code for events in told.values() if isinstance(events[-1], Failed)]
    assert codes == ["Cancelled"] * 5
    assert results(tmp_path) == []


def test_closing_stops_the_engines_of_all_machines(farm: Farm, tmp_path: Path) -> None:
    doing = executor(farm, tmp_path, "endless")
    for index, job in enumerate(jobs(tmp_path, 3)):
        doing.submit(index, job)
    eventually(lambda: doing.poll(0.1) == [] and len(farm.engines()) == 2, 30)
    doing.close()

    assert farm.engines() == []
    assert results(tmp_path) == []


CLIENT = """\
import sys
sys.path[:0] = {roots!r}
from pathlib import Path
from relip_plugin.batch.farm import FarmExecutor
from tests.plugin.relip_host.stub_runs import stub
from tests.plugin.relip_plugin.batch.farms import jobs
folder = Path({folder!r})
doing = FarmExecutor({address!r}, folder / "results", [], stub("endless"))
for index, job in enumerate(jobs(folder, 3)):
    doing.submit(index, job)
while True:
    doing.poll(0.1)
"""


def test_who_asked_is_killed_and_the_machines_stop(farm: Farm, tmp_path: Path) -> None:
    roots = [str(HOUSE / root) for root in ("core", "models", "plugin", ".")]
    script = CLIENT.format(roots=roots, folder=str(tmp_path), address=farm.address)
    jobs(tmp_path, 0)
    asking = subprocess.Popen([sys.executable, "-c", script])
    eventually(lambda: len(farm.engines()) == 2, 60)
    asking.kill()
    asking.wait()

    eventually(lambda: farm.engines() == [], 15)
    eventually(lambda: not list((tmp_path / "results" / HIDDEN).glob("*/*")), 15)
    assert results(tmp_path) == [HIDDEN]
    with locked(tmp_path / "results"):
        sweep(tmp_path / "results")
        with closing(executor(farm, tmp_path)) as doing:
            assert all(finished(drive(doing, jobs(tmp_path, 2))))
    assert HIDDEN not in results(tmp_path)


def test_a_machine_that_stalls_and_comes_back_places_nothing(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stall(index: int, event: Event) -> None:
        if not stalled and isinstance(event, Progress) and event.done:
            stalled.extend([*farm.workers[0].children(), farm.workers[0].process])
            for one in stalled:
                one.suspend()

    stalled: list[psutil.Process] = []
    monkeypatch.setattr("relip_plugin.batch.farm_lines.SILENT", 5.0)
    with closing(executor(farm, tmp_path, "slow")) as doing:
        told = drive(doing, jobs(tmp_path, 2), stall)
        placed = written(tmp_path)
        for one in stalled:
            one.resume()
        eventually(lambda: farm.workers[0].engines() == [], 10)
        assert written(tmp_path) == placed
    farm.workers[0].end()

    assert all(finished(told))
    assert len(placed) == 4
    assert written(tmp_path) == placed
    assert HIDDEN not in results(tmp_path)


def written(folder: Path) -> dict[str, int]:
    """When each result was."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "results").glob("take*")}


OTHER = "import relip\nrelip.__version__ = '0.0.9'\n"


def test_machines_that_are_not_fit_are_left_out_by_name(farm: Farm, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(OTHER)
    other = farm.add(DASK_DISTRIBUTED__WORKER__PRELOAD=str(tmp_path / "other.py"))
    lost = farm.add("--map", f"{tmp_path}={tmp_path / 'elsewhere'}")
    for one in (other, lost):
        one.wait_for("Registered to")
    heard: list[str] = []
    busy: set[int] = set()
    with closing(executor(farm, tmp_path, "slow", heard.append)) as doing:
        eventually(lambda: not doing.poll(0.05) and len(heard) == 2, 60)
        told = drive(doing, jobs(tmp_path, 3), lambda *_: busy.update(_busy(farm)))
        assert doing.workers == 2
    other.end()
    lost.end()

    assert all(finished(told))
    assert not busy & {other.process.pid, lost.process.pid}
    version, folder = sorted(heard, key=lambda text: "see the folder" in text)
    assert version.startswith(f"left out: {platform.node()} has relip 0.0.9, this machine has ")
    assert "install the same relip" in version
    assert f"does not see the folder of the results, {tmp_path / 'elsewhere'}" in folder
    assert "--map FROM=TO" in folder


def test_storage_that_is_called_otherwise_is_found_by_a_map(farm: Farm, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    jobs(folder, 0)
    (tmp_path / "theirs").symlink_to(folder)
    mapped = farm.add("--map", f"{folder}={tmp_path / 'theirs'}")
    mapped.wait_for("Registered to")
    busy: set[int] = set()
    with closing(executor(farm, folder, "slow")) as doing:
        eventually(lambda: not doing.poll(0.05) and doing.workers == 3, 60)
        told = drive(doing, jobs(folder, 3), lambda *_: busy.update(_busy(farm)))
    mapped.end()

    assert all(finished(told))
    assert mapped.process.pid in busy
    for number in (1, 2, 3):
        sidecar = folder / "results" / f"take_relip_v00{number}.mov.json"
        page = json.loads(sidecar.read_text())
        assert page["picture"] == str(folder / "take.mov")
        assert page["output"] == str(folder / "results" / f"take_relip_v00{number}.mov")


def test_a_scheduler_that_goes_away_fails_what_is_not_done_and_keeps_what_is(
    farm: Farm, tmp_path: Path
) -> None:
    def end(index: int, event: Event) -> None:
        if isinstance(event, Finished) and not gone:
            gone.append(index)
            farm.scheduler.end()

    gone: list[int] = []
    with closing(executor(farm, tmp_path, "slow")) as doing:
        told = drive(doing, jobs(tmp_path, 6), end)
        eventually(lambda: farm.engines() == [], 15)

    done = [index for index, one in enumerate(finished(told)) if one]
    assert 1 <= len(done) <= 2
    for index in {*told} - {*done}:
        last = told[index][-1]
        assert isinstance(last, Failed)
        assert "went away" in last.message
        assert "start it" in last.remedy
    names = [f"take_relip_v{index + 1:03d}.mov" for index in done]
    assert results(tmp_path) == sorted([*names, *(f"{name}.json" for name in names)])


def _busy(farm: Farm) -> set[int]:
    """Workers with an engine at work."""
    return {one.process.pid for one in farm.workers if one.engines()}


@pytest.mark.parametrize("address", ["farm", "http://farm:8786", "tcp://farm"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(JobError, match="tcp://farm:8786"):
        FarmExecutor(address, tmp_path)


def test_a_scheduler_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relip_plugin.batch.farm.CONNECTS_WITHIN", 0.5)
    with pytest.raises(RelipError, match=r"127\.0\.0\.1:9.*relip farm scheduler"):
        FarmExecutor("tcp://127.0.0.1:9", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_dask_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RelipError, match=r"install\.py --with farm"):
        FarmExecutor("tcp://127.0.0.1:9", tmp_path)
