import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from relip.media.identity import media_identity
from relip_plugin.cache.analyses import Analyses
from relip_plugin.cache.results import Known, ResultCache
from relip_plugin.cache.room import LIMIT, Room, Taken

KEYS = [str(number) * 64 for number in range(3)]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "cache")


def stored(room: Room, key: str, folder: Path) -> Known:
    """A result of 1000 bytes and a sidecar of 2, in the cache and in the folder."""
    folder.mkdir(exist_ok=True)
    output, sidecar = folder / f"{key[:9]}.mov", folder / f"{key[:9]}.mov.relip.json"
    output.write_bytes(b"x" * 1000)
    sidecar.write_text("{}")
    known = Known(str(output), str(sidecar), media_identity(output), 25, 20)
    ResultCache(room.folder).store(key, known)
    return known


def used(path: Path, when: int) -> None:
    os.utime(path, (when, when))


def analysed(room: Room, key: str, size: int = 1000) -> Path:
    before = set(room.folder.rglob("*.npz"))
    Analyses(room.folder).keep(key, {"a": np.zeros(size, np.uint8)})
    (path,) = set(room.folder.rglob("*.npz")) - before
    return path


def test_results_that_lie_where_they_were_written_take_no_room(room: Room, tmp_path: Path) -> None:
    known = stored(room, KEYS[0], tmp_path / "results")
    assert room.taken()["results"] == Taken(1, 0)
    assert room.trim(0) == 0

    Path(known.output).unlink()
    assert room.taken()["results"] == Taken(1, 1000)
    assert room.trim(0) == 1
    assert room.taken()["results"] == Taken(0, 0)


def test_what_was_not_used_for_longest_goes_first_whatever_it_is(
    room: Room, tmp_path: Path
) -> None:
    cache, memory = ResultCache(room.folder), Analyses(room.folder)
    for number, key in enumerate(KEYS):
        Path(stored(room, key, tmp_path / "results").output).unlink()
        used(room.path("results", key, ".json"), 1000 + 10 * number)
        used(analysed(room, key), 1005 + 10 * number)
    assert cache.find(KEYS[0])
    assert memory.find(KEYS[0])

    room.set_limit(4500)

    assert [bool(cache.find(key)) for key in KEYS] == [True, False, False]
    assert [bool(memory.find(key)) for key in KEYS] == [True, False, True]
    assert room.clear() == {"results": 1, "analyses": 2}
    assert room.taken() == {"results": Taken(0, 0), "analyses": Taken(0, 0)}


def test_whoever_keeps_something_sees_to_the_limit_once_a_minute(room: Room) -> None:
    room.set_limit(4000)
    first = analysed(room, "first")
    used(first, 1000)
    used(room.folder / "trimmed", 1000)
    second = analysed(room, "second")
    assert (first.exists(), second.exists()) == (True, True)
    used(room.folder / "trimmed", 1000)

    third = analysed(room, "third")

    assert [path.exists() for path in (first, second, third)] == [False, True, True]


def test_what_a_killed_process_left_is_removed_in_time(room: Room, tmp_path: Path) -> None:
    stored(room, KEYS[0], tmp_path / "results")
    folder = room.path("results", KEYS[0], "").parent
    kept = analysed(room, "kept")
    names = [
        (folder / f"{KEYS[0]}.1f", 1000),
        (folder / f"{KEYS[0][:2] + 'c' * 62}.media", 1000),
        (kept.with_name(f"{kept.name}.0123456789abcdef"), 1000),
    ]
    for path, when in names:
        path.touch()
        used(path, when)
    young = kept.with_name(f"{kept.name}.fedcba9876543210")
    young.touch()

    room.trim()

    assert not [path for path, _ in names if path.exists()]
    assert young.exists()
    assert room.taken() == {"results": Taken(1, 0), "analyses": Taken(1, kept.stat().st_size)}


def test_what_is_not_its_own_is_never_removed(room: Room, tmp_path: Path) -> None:
    room.folder = tmp_path
    others = [
        tmp_path / "results" / "shots" / "a.mov",
        tmp_path / "results" / "shots" / "a.json",
        tmp_path / "results" / "ab" / f"{KEYS[0]}.json",
        tmp_path / "analyses" / "00" / "sound.npz",
        tmp_path / "analyses" / "readme.txt",
    ]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
        used(path, 1000)

    room.trim(0)
    room.clear()

    assert [path.read_text() for path in others] == ["mine"] * len(others)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"bytes": Infinity}', '{"bytes": "1G"}', "["])
def test_a_damaged_limit_is_none(room: Room, text: str) -> None:
    room.folder.mkdir()
    (room.folder / "limit.json").write_text(text)

    assert room.limit == LIMIT
    assert room.trim() == 0


def test_a_folder_that_goes_away_meanwhile_disturbs_nobody(room: Room, tmp_path: Path) -> None:
    stop = threading.Event()

    def again() -> None:
        while not stop.is_set():
            shutil.rmtree(room.folder, ignore_errors=True)

    thread = threading.Thread(target=again)
    thread.start()
    memory = Analyses(room.folder)
    try:
        for number in range(150):
            memory.keep(str(number % 5), {"a": np.arange(10)})
            found = memory.find(str(number % 5))
            assert found is None or found["a"].tolist() == list(range(10))
            room.trim(100)
            room.taken()
    finally:
        stop.set()
        thread.join()


def test_the_limit_is_remembered(room: Room) -> None:
    room.set_limit(5)

    assert Room(room.folder).limit == 5
    assert json.loads((room.folder / "limit.json").read_text()) == {"bytes": 5}
