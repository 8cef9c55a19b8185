from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.faces.follow import Follower
from relip.media.clip import Clip
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.spool import Spool
from relip.memory import Arrays
from relip.people import People, lower_faces, people_in
from tests.core.relip.memory_made import Notebook
from tests.core.relip.pipeline_media import held, spoken, written
from tests.core.relip.test_survey import aside

COUNT = 12


def last(work: Generator[int, None, Any]) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as finished:
            return finished.value


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    folder = tmp_path_factory.mktemp("people")
    pictures = aside(spoken(COUNT), spoken(COUNT)[::-1])
    return probe(written(folder / "two.mkv", pictures))


@pytest.fixture(scope="module")
def book(clip: Clip) -> Notebook:
    book = Notebook()
    last(people_in(clip, 0, COUNT, book))
    return book


def same(one: People, other: People) -> bool:
    pairs = [(one.hidden, other.hidden), (one.boxes, other.boxes), (one.shots, other.shots)]
    for a, b in zip(one.tracks, other.tracks, strict=True):
        assert a.number == b.number
        pairs += [(a.landmarks, b.landmarks), (a.presence, b.presence), (a.shots, b.shots)]
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


def test_people_are_remembered_to_the_bit_without_a_network(
    clip: Clip, book: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = last(people_in(clip, 0, COUNT))
    monkeypatch.setattr(Follower, "take", None)
    again = last(people_in(clip, 0, COUNT, book))

    assert len(again.tracks) == 2
    assert same(fresh, again)


def test_lower_faces_are_the_same_pictures_on_the_way_and_afterwards(
    clip: Clip, book: Notebook
) -> None:
    def crops(people: People, spool: Spool) -> list[Frame]:
        numbers = last(lower_faces(clip, 0, people, [1, 0], spool))
        assert (numbers >= 0).all()
        return [spool.get(int(number)) for number in numbers.ravel()]

    with Spool() as one, Spool() as other:
        first = crops(last(people_in(clip, 0, COUNT, spool=one)), one)
        second = crops(last(people_in(clip, 0, COUNT, book, other)), other)

    for a, b in zip(first, second, strict=True):
        assert (a.index, a.box) == (b.index, b.box)
        assert all((x == y).all() for x, y in zip(a.planes, b.planes, strict=True))


def test_another_part_and_another_clip_are_not_taken_for_this_one(
    clip: Clip, book: Notebook, tmp_path: Path
) -> None:
    before = len(book.kept)
    last(people_in(clip, 0, COUNT - 1, book))
    other = probe(written(tmp_path / "other.mkv", held(COUNT)))
    last(people_in(other, 0, COUNT, book))

    assert len(book.kept) == before + 2


def test_nobody_is_remembered_too(tmp_path: Path) -> None:
    wall = [np.full((128, 128, 3), 120, np.uint8)] * 5
    clip, book = probe(written(tmp_path / "wall.mkv", wall)), Notebook()

    found = [last(people_in(clip, 0, 5, book)) for _ in range(2)]

    assert [people.tracks for people in found] == [(), ()]
    assert (len(book.kept), book.found) == (1, 1)


def test_a_file_replaced_while_it_was_looked_at_is_not_remembered(
    clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["before", "after"])
    monkeypatch.setattr("relip.people.media_identity", lambda path: next(names))
    book = Notebook()

    last(people_in(clip, 0, COUNT, book))

    assert book.kept == {}


def without(name: str) -> Callable[[Arrays], Arrays]:
    return lambda kept: {key: array for key, array in kept.items() if key != name}


def with_(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Arrays], Arrays]:
    return lambda kept: {**kept, name: change(kept[name].copy())}


def filled(value: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    return lambda array: np.full_like(array, value)


@pytest.mark.parametrize(
    "spoil",
    [
        without("boxes"),
        with_("landmarks", lambda array: array[:-1]),
        with_("landmarks", lambda array: array.astype(np.float64)),
        with_("landmarks", filled(np.nan)),
        with_("presence", lambda array: array[:, :-1]),
        with_("numbers", lambda array: array[:1]),
        with_("numbers", lambda array: array[0]),
        with_("boxes", filled(9999)),
        with_("boxes", filled(-1)),
        with_("shots", lambda array: array[:5]),
        with_("hidden", lambda array: array.astype(np.int8)),
    ],
)
def test_what_cannot_have_been_kept_is_made_again(
    clip: Clip, book: Notebook, spoil: Callable[[Arrays], Arrays]
) -> None:
    fresh = last(people_in(clip, 0, COUNT))
    spoiled = Notebook({key: spoil(kept) for key, kept in book.kept.items()})

    assert same(last(people_in(clip, 0, COUNT, spoiled)), fresh)
