"""What every engine must do, whatever it draws with.

All of :data:`relip.engines.named.MODULES` go through it, so that no new one is left out.
"""

from __future__ import annotations

import json
import socket
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from relip import sample
from relip.engines.base import Engine, Task
from relip.engines.named import MODULES, engine_named
from relip.engines.neural import drawn
from relip.footage import Footage, analyse
from relip.media.clip import Clip
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip.onnx import Network
from relip.pipeline import resync
from relip.quality.region import allowed_region, filled
from relip.render.lay import lay
from relip.sidecar import sidecar_of
from relip_job.errors import ModelError
from relip_job.events import Event, Finished, Progress
from relip_job.job import ResyncJob, Speaker
from tests.core.relip.engines.neural.drawing import gap_in, gaps_of, task_of
from tests.core.relip.pipeline_media import spoken, written
from tests.core.relip.sample_followed import Followed
from tests.mouths_made import line_of

pytest.importorskip("onnx", reason="makes the networks of these tests")

from tests.core.relip.engines.models_made import (
    NUMBERLESS,
    WHOLE,
    another,
    install,
    needs_networks,
    watched,
)
from tests.networks_made import Fault, FaultyRuntime, after, failing

ENGINES = tuple(MODULES)
WITH_NETWORKS = tuple(name for name in ENGINES if needs_networks(name))
COUNT = 16
HOMES = ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME")
with_networks = pytest.mark.parametrize("engine", WITH_NETWORKS)
every_engine = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has nothing yet, and no network either."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    for name in HOMES:
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    return tmp_path / "home"


def ready(engine: str, folder: Path) -> None:
    """Add a model that gives faces back, if the engine draws with one."""
    if needs_networks(engine):
        install(engine, WHOLE[engine](folder, 1))


def prepared(engine: str, task: Task) -> Engine:
    work = engine_named(engine)(task)
    while True:
        try:
            next(work)
        except StopIteration as done:
            made: Engine = done.value
            return made


def spoken_task(followed: Followed, wanted: slice = slice(20, 40), provider: str = "cpu") -> Task:
    rows = np.zeros(60, bool)
    rows[wanted] = True
    return replace(task_of(followed, wanted=rows), provider=provider)


def shown(engine: Engine, frame: Frame) -> Frame:
    patch = engine.draw(frame)
    assert patch is not None
    return lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)


def assert_same(engine: Engine, other: Engine, frames: list[Frame]) -> None:
    for frame in frames:
        pair = zip(shown(engine, frame).planes, shown(other, frame).planes, strict=True)
        for plane, same in pair:
            np.testing.assert_array_equal(plane, same)


def test_there_is_a_model_for_every_engine_that_needs_one() -> None:
    assert set(WITH_NETWORKS) == set(WHOLE) == set(NUMBERLESS) == set(ENGINES) - {"footage"}


@every_engine
def test_mouths_are_colours_with_a_matte_inside_the_picture(
    engine: str, followed: Followed, tmp_path: Path
) -> None:
    ready(engine, tmp_path)
    made = prepared(engine, spoken_task(followed))
    for frame in followed.frames[20:40]:
        patch = made.draw(frame)
        assert patch is not None
        height, width = patch.alpha.shape
        assert patch.rgb.shape == (height, width, 3)
        assert patch.rgb.dtype == patch.alpha.dtype == np.float32
        assert np.isfinite(patch.rgb).all()
        assert 0 <= patch.alpha.min() < 0.05 < 0.95 < patch.alpha.max() <= 1 or engine_eases(frame)
        assert patch.x0 >= 0 <= patch.y0
        assert patch.x0 + width <= frame.width
        assert patch.y0 + height <= frame.height
    json.dumps(made.page)  # it goes into the sidecar


def engine_eases(frame: Frame) -> bool:
    """Whether the original goes on next door: the first and last three of those wanted."""
    return frame.index - 18 in {20, 21, 22, 37, 38, 39}


@every_engine
def test_silence_holds_the_mouth_still(engine: str, followed: Followed, tmp_path: Path) -> None:
    ready(engine, tmp_path)
    rows = range(5, 36, 10)
    task = replace(spoken_task(followed, slice(2, 39)), dub=line_of(("SIL", 4.0)))
    made = prepared(engine, task)
    marks = followed.footage.track.landmarks
    gaps = [gap_in(shown(made, followed.frames[row]), marks[row]) for row in rows]
    talking = gaps_of(followed.footage)[list(rows)]
    print(f"{engine}: gaps in silence {np.round(gaps, 3)}, of the original {np.round(talking, 3)}")
    assert np.ptp(talking) > 0.05
    assert max(gaps) < 0.04
    assert np.ptp(gaps) < 0.025


@every_engine
def test_frames_without_a_face_pass(engine: str, followed: Followed, tmp_path: Path) -> None:
    ready(engine, tmp_path)
    hidden = followed.footage.hidden.copy()
    hidden[28:32] = 1
    task = replace(spoken_task(followed), footages=[replace(followed.footage, hidden=hidden)])
    made = prepared(engine, task)
    drawn_rows = [row for row in range(60) if made.draw(followed.frames[row]) is not None]
    assert drawn_rows == [*range(20, 28), *range(32, 40)]


@with_networks
def test_one_at_a_time_draws_what_many_at_once_do(
    engine: str, followed: Followed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    pretended(monkeypatch, watched(sizes))  # the CPU may be given one at a time anyway
    made, most = [], []
    for batch in (1, "n"):
        sizes.clear()
        (tmp_path / str(batch)).mkdir()
        install(engine, WHOLE[engine](tmp_path / str(batch), batch))
        made.append(prepared(engine, spoken_task(followed, provider="directml")))
        most.append(max(sizes))
    assert most[0] == 1 < most[1]
    assert_same(made[0], made[1], followed.frames[20:40:4])


def pretended(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let every network be loaded by an onnxruntime that has DirectML, with a fault."""
    defaults = vars(Network)["__init__"].__kwdefaults__
    monkeypatch.setitem(defaults, "runtime", FaultyRuntime(fault))


@dataclass(frozen=True)
class Dubbed:
    """A clip that was dubbed twice."""

    clip: Clip
    footage: Footage
    outputs: tuple[Path, Path]
    page: Mapping[str, Any]


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Footage]:
    path = written(tmp_path_factory.mktemp("take") / "take.mkv", spoken(COUNT))
    with Spool() as spool:
        work = analyse(probe(path), 0, COUNT, Speaker(), spool)
        while True:
            try:
                next(work)
            except StopIteration as done:
                return path, done.value


@pytest.fixture(scope="module", params=ENGINES)
def dubbed(
    request: pytest.FixtureRequest,
    take: tuple[Path, Footage],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Dubbed]:
    engine, folder = request.param, tmp_path_factory.mktemp("dubbed")
    path, footage = take
    with pytest.MonkeyPatch.context() as patch:
        for name in HOMES:
            patch.setenv(name, str(folder / "home"))
        ready(engine, folder)
        outputs = folder / "one.mkv", folder / "two.mkv"
        for output in outputs:
            *_, last = resync(job_of(engine, path, output))
            assert isinstance(last, Finished)
        page = json.loads(sidecar_of(outputs[1]).read_text("utf-8"))
        yield Dubbed(probe(path), footage, outputs, page)


def job_of(engine: str, path: Path, output: Path) -> ResyncJob:
    return ResyncJob(
        str(path),
        str(sample.line()),
        output=str(output),
        codec="ffv1",
        engine=engine,
        provider="cpu",
    )


def test_two_runs_give_the_same_file(dubbed: Dubbed) -> None:
    one, two = map(essence, dubbed.outputs)
    assert len(one) == COUNT
    assert one == two


def essence(path: Path) -> list[tuple[int | None, bytes]]:
    """Times and bytes of a file's packets; Matroska gives every file a number of its own."""
    with av.open(str(path)) as file:
        return [(packet.pts, bytes(packet)) for packet in file.demux(video=0) if packet.size]


def test_only_samples_of_the_mouth_change_in_the_file(dubbed: Dubbed) -> None:
    pairs = zip(read_frames(dubbed.clip), read_frames(probe(dubbed.outputs[0])), strict=True)
    changed = 0
    for row, (frame, result) in enumerate(pairs):
        allowed = filled(allowed_region(dubbed.footage.track.landmarks[row]), frame.box)
        for plane, other in zip(frame.planes, result.planes, strict=True):
            differs = plane != other
            assert not (differs & ~allowed).any()
            changed += int(differs.sum())
    assert changed > 500 * COUNT


def test_the_sidecar_tells_what_drew(dubbed: Dubbed) -> None:
    engine, plan = dubbed.page["job"]["engine"], dubbed.page["plan"]
    assert plan["drawn"] > COUNT / 2
    if needs_networks(engine):
        assert plan["provider"] == "cpu"
        assert plan["model"] == engine
        assert all(len(checksum) == 64 for checksum in plan["sha256"].values())
        assert set(plan["sha256"]) == set(WHOLE[engine](dubbed.outputs[0].parent, 1))


@every_engine
@pytest.mark.parametrize("stage", ["plan", "draw"])
def test_a_run_that_is_cancelled_leaves_nothing(
    engine: str,
    stage: str,
    take: tuple[Path, Footage],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready(engine, tmp_path)
    results, beside = tmp_path / "results", tmp_path / "beside"
    results.mkdir()
    beside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(beside))
    work = resync(job_of(engine, take[0], results / "dubbed.mkv"))
    assert any(is_under_way(event, stage) for event in work)
    work.close()
    assert list(results.iterdir()) == list(beside.iterdir()) == []


def is_under_way(event: Event, stage: str) -> bool:
    return isinstance(event, Progress) and event.stage == stage and event.done > 0


@with_networks
def test_a_model_that_is_missing_is_said_at_once_with_what_to_do(
    engine: str, take: tuple[Path, Footage], tmp_path: Path
) -> None:
    with pytest.raises(ModelError) as told:
        next(resync(job_of(engine, take[0], tmp_path / "dubbed.mkv")))
    assert f"relip models add {engine}" in told.value.remedy


@with_networks
def test_a_network_that_is_another_is_refused(
    engine: str, followed: Followed, tmp_path: Path
) -> None:
    parts = WHOLE[engine](tmp_path, 1)
    for part in parts:
        install(engine, {**parts, part: another(tmp_path)})
        with pytest.raises(ModelError, match=r"doubling\.onnx is no") as told:
            prepared(engine, spoken_task(followed))
        assert told.value.remedy


@with_networks
@pytest.mark.parametrize("fault", ["truncated", "changed"])
def test_a_file_that_was_damaged_since_it_was_added_is_refused(
    engine: str, fault: str, followed: Followed, tmp_path: Path
) -> None:
    for part in WHOLE[engine](tmp_path, 1):
        found = install(engine, WHOLE[engine](tmp_path, 1)).newest(engine)
        assert found is not None
        path = found.path(part)
        assert path is not None
        whole = path.read_bytes()
        half = len(whole) // 2
        other = bytes([whole[half] ^ 1]) + whole[half + 1 :]
        path.write_bytes(whole[:half] + (other if fault == "changed" else b""))
        with pytest.raises(ModelError, match="is not the file that was added") as told:
            prepared(engine, spoken_task(followed))
        assert f"relip models add {engine}" in told.value.remedy
        path.unlink()


@with_networks
def test_a_network_that_gives_no_numbers_is_refused_and_nothing_is_written(
    engine: str, take: tuple[Path, Footage], tmp_path: Path
) -> None:
    install(engine, NUMBERLESS[engine](tmp_path))
    results = tmp_path / "results"
    results.mkdir()
    with pytest.raises(ModelError, match="no numbers") as told:
        list(resync(job_of(engine, take[0], results / "dubbed.mkv")))
    assert told.value.remedy
    assert list(results.iterdir()) == []


@with_networks
def test_a_provider_that_fails_half_way_leaves_the_rest_to_the_cpu(
    engine: str, followed: Followed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(engine, tmp_path)
    expected = prepared(engine, spoken_task(followed))
    pretended(monkeypatch, after(9, failing))  # seven find out whether it can be believed
    made = prepared(engine, spoken_task(followed, provider="directml"))
    told = [notice.message for notice in made.notices if notice.code == "provider"]
    assert told
    assert all("directml is given up" in message for message in told)
    assert made.page["provider"] == "cpu"
    assert_same(made, expected, followed.frames[20:40:4])


@with_networks
def test_no_more_pictures_are_held_of_a_longer_clip(
    engine: str, followed: Followed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    held: list[int] = []
    alive: weakref.WeakSet[Frame] = weakref.WeakSet()

    def counted(clip: Clip, first: int, stop: int) -> Iterator[Frame]:
        for frame in read_frames(clip, first, stop):
            alive.add(frame)
            held.append(len(alive))
            yield frame

    install(engine, WHOLE[engine](tmp_path, "n"))
    pretended(monkeypatch, watched(sizes))
    monkeypatch.setattr(drawn, "read_frames", counted)
    made = prepared(engine, spoken_task(followed, slice(0, 60), "directml"))
    assert made.page["provider"] == "directml"
    assert len(held) == 60
    assert max(held) <= 3
    assert 1 < max(sizes) <= 8
