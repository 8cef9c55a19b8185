import os
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

from relip.media.identity import media_identity
from relip_job import Notice, Voiced
from relip_plugin.cache.results import Known, ResultCache

F = Fraction
KEY = "ab" * 32


def made(folder: Path, name: str = "take_relip_v001.mov", size: int = 1000) -> Known:
    folder.mkdir(exist_ok=True)
    output, sidecar = folder / name, folder / f"{name}.relip.json"
    output.write_bytes(b"x" * size)
    sidecar.write_text("{}")
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


def test_what_was_stored_is_found_until_the_file_changes(tmp_path: Path) -> None:
    cache, known = ResultCache(tmp_path / "cache"), made(tmp_path / "results")
    assert cache.find(KEY) is None
    cache.store(KEY, known)

    assert cache.find(KEY) == known
    Path(known.output).write_bytes(b"y" * 1000)
    assert cache.find(KEY) is None


def test_a_deleted_result_comes_back_from_its_second_name(tmp_path: Path) -> None:
    cache, known = ResultCache(tmp_path / "cache"), made(tmp_path / "results")
    cache.store(KEY, known)
    Path(known.output).unlink()

    found = cache.find(KEY)
    assert found is not None
    again = cache.fetch(KEY, found, tmp_path / "results" / "again.mov")

    assert again is not None
    assert Path(again.output).read_bytes() == b"x" * 1000
    assert Path(again.sidecar).read_text() == "{}"
    assert (again.score, again.notices) == ("4 of 5", known.notices)


def test_results_that_lie_where_they_were_written_take_no_room(tmp_path: Path) -> None:
    cache, known = ResultCache(tmp_path / "cache"), made(tmp_path / "results")
    cache.store(KEY, known)
    assert cache.taken().size == 0

    Path(known.output).unlink()
    assert cache.taken().size == 1000


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "cache")
    keys = ["0" * 64, "1" * 64, "2" * 64]
    for number, one in enumerate(keys):
        known = made(tmp_path / "results", f"{number}.mov")
        cache.store(one, known)
        Path(known.output).unlink()
        entry = tmp_path / "cache" / "results" / one[:2] / f"{one}.json"
        os.utime(entry, (1000 + number, 1000 + number))
    assert cache.find(keys[0])

    cache.set_limit(2100)

    assert [bool(cache.find(one)) for one in keys] == [True, False, True]
    assert cache.clear() == 2
    assert cache.taken().count == 0


def test_what_a_killed_process_left_is_removed_in_time(tmp_path: Path) -> None:
    cache, known = ResultCache(tmp_path / "cache"), made(tmp_path / "results")
    cache.store(KEY, known)
    folder = tmp_path / "cache" / "results" / KEY[:2]
    old, new = folder / f"{KEY}.1f", folder / f"{'cd' * 32}.media"
    for path in (old, new):
        path.touch()
    os.utime(old, (1000, 1000))

    cache.trim()

    assert (old.exists(), new.exists()) == (False, True)
    assert cache.find(KEY) == known


def test_a_damaged_entry_is_no_result(tmp_path: Path) -> None:
    cache, known = ResultCache(tmp_path / "cache"), made(tmp_path / "results")
    cache.store(KEY, known)
    entry = tmp_path / "cache" / "results" / KEY[:2] / f"{KEY}.json"

    for text in ("", "[]", '{"output": 3}', "[" * 100_000):
        entry.write_text(text)
        assert cache.find(KEY) is None


def _store_often(folder: Path) -> None:
    cache = ResultCache(folder / "cache")
    known = made(folder / str(os.getpid()))
    for _ in range(30):
        cache.store(KEY, known)
        assert cache.find(KEY) is not None
        cache.trim()


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
