from __future__ import annotations

import numpy as np
import pytest

from relip.speech import alignment
from relip.speech.alignment import Alignment, Evidence, Pronunciations, align
from relip.speech.articulation import VISEMES
from relip.speech.likeness import viseme_of

Said = list[tuple[str, int]]
"""Phones and how many rows each lasts; ``""`` is silence."""


def spoken(said: Said, also: str = "") -> Evidence:
    """Evidence of two networks that hear what is said, each phone named in its middle."""
    phones = sorted({phone for phone, _ in said if phone} | set(also.split()))
    column = {phone: number for number, phone in enumerate(phones)}
    rows = sum(length for _, length in said)
    named = np.zeros((rows, len(phones) + 2), np.float32)
    named[:, -1] = 1
    visemes = np.full((rows, len(VISEMES)), 0.01, np.float32)
    at = 0
    for phone, length in said:
        if phone:
            middle = slice(at + length // 2 - 1, at + length // 2 + 1)
            named[middle] = 0.01
            named[middle, [column[phone], -2]] = 0.95, 0.99
        visemes[at : at + length, viseme_of(phone) if phone else 0] = 0.91
        at += length
    return Evidence(named, column, visemes)


def words(text: str) -> list[Pronunciations]:
    """``b o b|p a``: phones of words."""
    return [(tuple(word.split()),) for word in text.split("|")]


def spans(found: Alignment) -> list[tuple[str, int, int]]:
    return [(place.phone, place.start, place.stop) for place in found.places]


BOB: Said = [("", 20), ("b", 7), ("o", 12), ("b", 6), ("", 30), ("p", 8), ("a", 15), ("", 10)]


def test_every_phone_is_found_where_it_is_seen() -> None:
    found = align(words("b o b|p a"), spoken(BOB))

    assert spans(found) == [
        ("b", 20, 27), ("o", 27, 39), ("b", 39, 45), ("p", 75, 83), ("a", 83, 98),
    ]  # fmt: skip
    assert [place.word for place in found.places] == [0, 0, 0, 1, 1]
    assert all(place.named for place in found.places)
    assert found == Alignment(found.places, (), ())


def test_a_phone_that_is_not_named_is_placed_by_its_viseme() -> None:
    evidence = spoken(BOB)
    evidence.named[39:45] = [0] * (evidence.named.shape[1] - 1) + [1]

    place = align(words("b o b|p a"), evidence).places[2]

    assert (place.phone, place.named) == ("b", False)
    assert 39 <= place.start < place.stop <= 45


def test_a_word_that_is_not_said_is_left_out() -> None:
    found = align(words("b o b|s i l k i|p a"), spoken(BOB, "s i l k"))

    assert found.left_out == (1,)
    assert {place.word for place in found.places} == {0, 2}


def test_sound_that_is_not_in_the_text_is_told_with_its_place() -> None:
    more: Said = [*BOB[:4], ("s", 9), ("i", 9), ("l", 9), ("k", 9), ("i", 12), *BOB[4:]]

    found = align(words("b o b|p a"), spoken(more))

    (stray,) = found.strays
    assert stray.before == 1
    assert stray.start == pytest.approx(45, abs=3)
    assert stray.stop == pytest.approx(93, abs=3)
    assert not found.left_out


def test_of_several_ways_to_say_a_word_the_one_that_is_heard_is_taken() -> None:
    ways: list[Pronunciations] = [(("s", "i", "l"), ("b", "o", "b")), (("p", "a"), ("p", "i"))]

    found = align(ways, spoken(BOB, "s i l"))

    assert [place.phone for place in found.places] == ["b", "o", "b", "p", "a"]


def test_nothing_heard_leaves_everything_out() -> None:
    assert align(words("b o b"), spoken([], "b o")) == Alignment((), (), (0,))
    assert align(words("b o b"), spoken([("", 50)], "b o")).left_out == (0,)


def test_memory_does_not_hold_all_of_a_long_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 60
    monkeypatch.setattr(alignment, "_SETTLED", 300)
    monkeypatch.setattr(alignment, "_BLOCK", 100)
    monkeypatch.setattr(alignment, "_BEHIND", 60)
    monkeypatch.setattr(alignment, "_AHEAD", 120)

    found = align(words("|".join(["b o b|p a"] * count)), spoken(BOB * count))

    length = sum(rows for _, rows in BOB)
    starts = [place.start for place in found.places[::5]]
    assert starts == [20 + length * number for number in range(count)]
    assert found == Alignment(found.places, (), ())
