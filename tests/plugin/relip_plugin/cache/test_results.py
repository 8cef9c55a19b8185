import json
import os
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from relip.media.identity import media_identity
from relip_job import Notice, ResyncJob, Voiced
from relip_job.errors import OutputError
from relip_plugin.cache.results import Known, ResultCache

KEY = "ab" * 32


def made(folder: Path, name: str = "take_relip_v001.mov", size: int = 1000) -> Known:
    folder.mkdir(exist_ok=True)
    output, sidecar = folder / name, folder / f"{name}.relip.json"
    output.write_bytes(b"x" * size)
    sidecar.write_text(json.dumps({"job": {"picture": "take.mov"}, "clip": {"frames": 25}}))
    return Known(
        str(output),
        str(sidecar),
        media_identity(output),
        25,
        20,
        "4 of 5",
        ("4 of 5", ""),
        (Notice("dark", "it is dark", 1.0, voice=2),),
        (Voiced(1, 1, 2, "sound", 0.9),),
    )


def wanted(output: Path) -> ResyncJob:
    return ResyncJob("moved take.mov", "dub.wav", output=str(output))


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    return ResultCache(tmp_path / "Übrige Dinge")


def test_what_was_stored_is_found_until_the_file_changes(
    tmp_path: Path, cache: ResultCache
) -> None:
    known = made(tmp_path / "results")
    assert cache.find(KEY) is None
    cache.store(KEY, known)

    assert cache.find(KEY) == known
    Path(known.output).write_bytes(b"y" * 1000)
    assert cache.find(KEY) is None


def test_a_deleted_result_comes_back_from_its_second_name(
    tmp_path: Path, cache: ResultCache
) -> None:
    known = made(tmp_path / "results")
    cache.store(KEY, known)
    Path(known.output).unlink()

    found = cache.find(KEY)
    assert found is not None
    again = cache.fetch(KEY, found, wanted(tmp_path / "results" / "wieder da, ü.mov"))

    assert again is not None
    assert Path(again.output).read_bytes() == b"x" * 1000
    page = json.loads(Path(again.sidecar).read_text(encoding="utf-8"))
    assert (page["job"]["picture"], page["clip"]) == ("moved take.mov", {"frames": 25})
    assert (again.score, again.notices) == ("4 of 5", known.notices)
    assert again.identity == media_identity(again.output)
    assert not list(tmp_path.rglob("*partial"))


def test_where_no_file_has_two_names_a_result_is_copied_from_where_it_lies(
    tmp_path: Path, cache: ResultCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    known = made(tmp_path / "results")
    cache.store(KEY, known)

    assert cache.find(KEY) == known
    again = cache.fetch(KEY, known, wanted(tmp_path / "again.mov"))
    assert again is not None
    assert Path(again.output).read_bytes() == b"x" * 1000
    Path(known.output).unlink()
    assert cache.find(KEY) is None


def test_a_result_is_there_whole_or_not_at_all(tmp_path: Path, cache: ResultCache) -> None:
    known = made(tmp_path / "results")
    cache.store(KEY, known)
    blocked = tmp_path / "blocked.mov"
    blocked.mkdir()

    with pytest.raises(OutputError, match=r"blocked\.mov cannot be written"):
        cache.fetch(KEY, known, wanted(blocked))
    with pytest.raises(OutputError, match="cannot be written"):
        cache.fetch(KEY, known, wanted(tmp_path / "no folder" / "again.mov"))

    assert not list(tmp_path.glob("blocked.mov?*"))


def test_whoever_is_interrupted_while_a_result_is_fetched_has_none(
    tmp_path: Path, cache: ResultCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = made(tmp_path / "results")
    cache.store(KEY, known)

    def interrupted(path: Path) -> str:
        if "again" in path.name:
            raise KeyboardInterrupt
        return media_identity(path)

    monkeypatch.setattr("relip_plugin.cache.results.media_identity", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache.fetch(KEY, known, wanted(tmp_path / "again.mov"))

    assert not list(tmp_path.glob("again*"))


def test_a_result_with_a_damaged_sidecar_is_made_again(tmp_path: Path, cache: ResultCache) -> None:
    known = made(tmp_path / "results")
    cache.store(KEY, known)
    Path(known.sidecar).write_text("{")

    assert cache.fetch(KEY, known, wanted(tmp_path / "again.mov")) is None
    assert not (tmp_path / "again.mov").exists()


def test_a_damaged_entry_is_no_result(tmp_path: Path, cache: ResultCache) -> None:
    cache.store(KEY, made(tmp_path / "results"))
    entry = cache.room.path("results", KEY, ".json")

    for text in ("", "[]", '{"output": 3}', "[" * 100_000):
        entry.write_text(text)
        assert cache.find(KEY) is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_or_a_pipe_is_no_result(tmp_path: Path, cache: ResultCache) -> None:
    cache.store(KEY, made(tmp_path / "results"))
    entry = cache.room.path("results", KEY, ".json")
    elsewhere = entry.rename(tmp_path / "elsewhere.json")

    entry.symlink_to(elsewhere)
    assert cache.find(KEY) is None
    entry.unlink()
    os.mkfifo(entry)
    assert cache.find(KEY) is None


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = ResultCache(tmp_path / "file" / "cache")

    assert cache.find(KEY) is None
    with pytest.raises(OutputError, match="name another folder in RELIP_CACHE"):
        cache.store(KEY, made(tmp_path / "results"))


def _store_often(folder: Path) -> None:
    cache = ResultCache(folder / "cache")
    known = made(folder / str(os.getpid()))
    for _ in range(30):
        cache.store(KEY, known)
        assert cache.find(KEY) is not None
        cache.room.trim()


def test_processes_that_store_the_same_result_do_not_disturb_each_other(tmp_path: Path) -> None:
    context = get_context("spawn")
    all_of_them = [context.Process(target=_store_often, args=(tmp_path,)) for _ in range(2)]
    for one in all_of_them:
        one.start()
    for one in all_of_them:
        one.join()

    assert [one.exitcode for one in all_of_them] == [0, 0]
    left = {path.suffix for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert left == {".json", ".media", ".sidecar"}
