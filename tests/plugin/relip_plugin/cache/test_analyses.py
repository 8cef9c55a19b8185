import io
import os
import shutil
import stat
import sys
import zipfile
from collections import namedtuple
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.memory import Memory
from relip_plugin.cache.analyses import SPARE, Analyses

KEY = "tracks of 12-34-ab, frames 0 to 25, engine 5f"
ARRAYS = {
    "points": np.linspace(0, 1, 2 * 478 * 3, dtype=np.float32).reshape(2, 478, 3),
    "file": np.array([[True, False]]),
    "how": np.array("größte"),
    "nobody": np.zeros((0, 478, 3), np.float32),
}


@pytest.fixture
def memory(tmp_path: Path) -> Analyses:
    return Analyses(tmp_path / "Meine Übersicht" / ("x" * 100))


def the_file(memory: Analyses) -> Path:
    (path,) = memory.room.folder.rglob("*.npz")
    return path


def same(found: object) -> bool:
    assert isinstance(found, dict)
    assert list(found) == list(ARRAYS)
    return all(
        found[name].dtype == array.dtype and np.array_equal(found[name], array)
        for name, array in ARRAYS.items()
    )


def test_what_is_kept_is_found(memory: Analyses) -> None:
    seen: Memory = memory
    assert seen.find(KEY) is None
    seen.keep(KEY, ARRAYS)

    assert same(seen.find(KEY))
    assert seen.find(KEY + " ") is None
    seen.keep("a key\nwith 🎬 " + "and more" * 10_000, {"a": np.asfortranarray(np.eye(3)[::2])})
    found = seen.find("a key\nwith 🎬 " + "and more" * 10_000)
    assert found is not None
    assert np.array_equal(found["a"], np.eye(3)[::2])


def test_a_file_cut_short_anywhere_is_none_and_goes(memory: Analyses) -> None:
    memory.keep(KEY, ARRAYS)
    path = the_file(memory)
    whole = path.read_bytes()

    for length in (0, 1, 30, 1000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert memory.find(KEY) is None
        assert not path.exists()


def test_a_single_altered_byte_is_noticed(memory: Analyses) -> None:
    memory.keep(KEY, ARRAYS)
    path = the_file(memory)
    whole = path.read_bytes()
    random = np.random.default_rng(1)

    for place in random.integers(0, len(whole), 200):
        broken = bytearray(whole)
        broken[place] ^= 0x41
        path.write_bytes(broken)
        found = memory.find(KEY)
        # A byte that says nothing, such as a time, may differ.
        assert found is None or same(found)
        assert path.exists() == (found is not None)


def archive(*members: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", how) as zipped:
        for name, content in members:
            zipped.writestr(name, content)
    return page.getvalue()


def npy(array: NDArray[np.generic], pickled: bool = False) -> bytes:
    page = io.BytesIO()
    np.save(page, array, allow_pickle=pickled)
    return page.getvalue()


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("trapped",)


def test_nothing_in_a_file_is_run_or_unpacked(
    memory: Analyses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    memory.keep(KEY, ARRAYS)
    path = the_file(memory)
    name = ("key.txt", KEY.encode())
    trap = npy(np.array([Trap()], dtype=object), pickled=True)
    huge = npy(np.zeros(1)).replace(b"(1,)", b"(9999999999999,)")
    wide = npy(np.zeros(1)).replace(b"(1,), }" + b" " * 12, b"(9999999999999,), }")
    assert len(wide) == len(npy(np.zeros(1)))
    assert wide != npy(np.zeros(1))
    bomb = archive(name, ("a.npy", npy(np.zeros(1 << 22))), how=zipfile.ZIP_DEFLATED)

    for content in (
        archive(name, ("a.npy", trap)),
        archive(name, ("a.npy", b"\x80\x04K\x01.")),
        archive(name, ("a.npy", huge)),
        archive(name, ("a.npy", wide)),
        archive(name, ("a.npy", npy(np.zeros(3)) + b"more")),
        archive(("key.txt", b"another"), ("a.npy", npy(np.zeros(3)))),
        archive(("a.npy", npy(np.zeros(3)))),
        trap,
        bomb,
        b"PK\x05\x06" + b"\xff" * 18,
    ):
        path.write_bytes(content)
        assert memory.find(KEY) is None
        assert not path.exists()
    assert not (tmp_path / "trapped").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_and_pipes_are_not_followed(memory: Analyses, tmp_path: Path) -> None:
    memory.keep(KEY, ARRAYS)
    path = the_file(memory)
    mine = path.rename(tmp_path / "mine.npz")

    path.symlink_to(mine)
    assert memory.find(KEY) is None
    assert not path.is_symlink()
    path.symlink_to(mine)
    memory.keep(KEY, {"other": np.zeros(3)})
    assert not path.is_symlink()
    assert memory.find(KEY) is not None
    path.unlink()
    os.mkfifo(path)
    assert memory.find(KEY) is None
    assert zipfile.is_zipfile(mine)


def test_what_is_larger_than_the_limit_is_not_kept(memory: Analyses) -> None:
    memory.room.set_limit(0)
    memory.keep(KEY, ARRAYS)
    assert memory.find(KEY) is None

    memory.room.set_limit(100)
    memory.keep(KEY, ARRAYS)
    assert memory.find(KEY) is None


def test_a_full_disk_keeps_its_last_room(memory: Analyses, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, SPARE))
    memory.keep(KEY, ARRAYS)
    assert memory.find(KEY) is None

    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 2 * SPARE))
    monkeypatch.setattr(Path, "replace", _full)
    memory.keep(KEY, ARRAYS)
    assert memory.find(KEY) is None
    assert not list(memory.room.folder.rglob("*.npz*"))


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_objects_are_not_kept_and_nobody_fails(memory: Analyses, tmp_path: Path) -> None:
    memory.keep(KEY, {"a": np.array([object()])})
    assert memory.find(KEY) is None

    (tmp_path / "file").touch()
    # A folder in a file; longer than any system takes it; no path at all.
    for folder in (tmp_path / "file" / "cache", tmp_path / ("x" * 300), Path("nul\0l")):
        nowhere = Analyses(folder)
        nowhere.keep(KEY, ARRAYS)
        assert nowhere.find(KEY) is None


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="who may do all may write everywhere"
)
def test_a_folder_that_is_only_read_still_gives(memory: Analyses) -> None:
    memory.keep(KEY, ARRAYS)
    folders = [memory.room.folder, *filter(Path.is_dir, memory.room.folder.rglob("*"))]
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert same(memory.find(KEY))
        memory.keep("another", ARRAYS)
        assert memory.find("another") is None
    finally:
        for folder in folders:
            folder.chmod(stat.S_IRWXU)


def _keep_often(folder: Path) -> None:
    memory = Analyses(folder)
    for number in range(60):
        memory.keep(KEY, ARRAYS)
        found = memory.find(KEY)
        assert found is None or same(found)
        if number % 5 == 0:
            memory.room.trim(0)


def test_processes_that_keep_read_and_trim_the_same_do_not_disturb_each_other(
    tmp_path: Path,
) -> None:
    context = get_context("spawn")
    all_of_them = [context.Process(target=_keep_often, args=(tmp_path,)) for _ in range(2)]
    for one in all_of_them:
        one.start()
    for one in all_of_them:
        one.join()

    assert [one.exitcode for one in all_of_them] == [0, 0]
    names = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert names <= {".npz", ""}
