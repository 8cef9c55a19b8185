from __future__ import annotations

from collections.abc import Generator
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from relip import hearing, sample
from relip.hearing import hear, overhear
from relip.media.mix import read_mix
from relip.media.probe import probe
from relip.memory import Arrays
from relip.speech.articulation import Articulation
from relip_job.errors import SpeechError
from tests.core.relip.memory_made import Notebook


def last(work: Generator[Any, None, Articulation]) -> Articulation:
    while True:
        try:
            next(work)
        except StopIteration as finished:
            heard: Articulation = finished.value
            return heard


def same(one: Articulation, other: Articulation) -> bool:
    for field in fields(Articulation):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, tuple):
            assert [vars(event) for event in a] == [vars(event) for event in b]
        elif a.dtype != b.dtype or a.tobytes() != b.tobytes():
            return False
    return True


@pytest.fixture(scope="module")
def samples() -> NDArray[np.float32]:
    return read_mix(str(sample.line())).samples


@pytest.fixture(scope="module")
def fresh(samples: NDArray[np.float32]) -> Articulation:
    return last(hear(samples))


@pytest.fixture(scope="module")
def book(samples: NDArray[np.float32]) -> Notebook:
    book = Notebook()
    last(hear(samples, book))
    return book


def test_what_was_heard_is_remembered_to_the_bit_without_a_network(
    samples: NDArray[np.float32],
    fresh: Articulation,
    book: Notebook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hearing, "listening", None)

    assert fresh.closures
    assert same(last(hear(samples, book)), fresh)


def test_another_sound_and_other_words_are_heard_anew(
    samples: NDArray[np.float32], book: Notebook
) -> None:
    notes = Notebook(dict(book.kept))
    last(hear(samples[:-1], notes))
    with pytest.raises(SpeechError):
        last(hear(samples, notes, "Nobody ever said these words.", "en"))

    assert (notes.found, len(notes.kept)) == (0, 2)


def test_a_clip_s_own_sound_is_remembered() -> None:
    clip, notes = probe(str(sample.picture())), Notebook()
    first, start = overhear(clip, 50, 90, notes)
    again, _ = overhear(clip, 50, 90, notes)

    assert first is not None
    assert again is not None
    assert same(first, again)
    assert start == pytest.approx(1)
    assert (notes.found, len(notes.kept)) == (1, 1)


def test_silence_is_remembered() -> None:
    nothing, notes = np.zeros(0, np.float32), Notebook()
    found = [last(hear(nothing, notes)) for _ in range(2)]

    assert same(*found)
    assert notes.found == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"visemes": np.zeros((3, 10), np.float32)},
        {"features": np.zeros((5, 384), np.float32)},
        {"closures": np.zeros(4)},
        {"closures": np.full((1, 3), np.nan)},
        {"voice": np.zeros(0, np.float32)},
    ],
)
def test_what_cannot_have_been_kept_is_heard_again(
    samples: NDArray[np.float32], fresh: Articulation, book: Notebook, changed: Arrays
) -> None:
    spoiled = Notebook({key: {**kept, **changed} for key, kept in book.kept.items()})

    assert same(last(hear(samples, spoiled)), fresh)
