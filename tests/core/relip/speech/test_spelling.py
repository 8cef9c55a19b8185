# ruff: noqa: RUF001  IPA letters look like others, that is what they are
from __future__ import annotations

import sys

import pytest

from relip.speech.spelling import LANGUAGES, check_language, packed_model, words_of
from relip_job.errors import SpeechError


def said(text: str, language: str = "en") -> list[str]:
    return ["".join(word.spoken[0]) for word in words_of(text, language)]


def test_words_come_in_the_order_of_the_text() -> None:
    words = words_of("Maybe Bob — “prefers”…", "en")

    assert [word.text for word in words] == ["Maybe", "Bob", "prefers"]
    assert [word.start for word in words] == [0, 6, 13]
    assert words[1].spoken == (("b", "ɒ", "b"),)


def test_remarks_in_brackets_are_not_said() -> None:
    assert said("(laughs) Bob [door slams] {beat} <b>maybe</b>") == said("Bob maybe")


def test_an_apostrophe_is_part_of_a_word_however_it_is_written() -> None:
    assert said("don’t") == said("don't") == said("donʼt")
    assert len(said("rock 'n' roll")) == 3


def test_a_word_in_no_dictionary_is_spoken_by_rule() -> None:
    assert said("brumpelfante", "it") == ["brumpelfante"]


def test_every_language_is_installed_with_the_library() -> None:
    assert [tag for tag in LANGUAGES if packed_model(tag) is None] == []


@pytest.mark.parametrize("language", ["el", "it", "tr"])
def test_words_names_and_numbers_are_read(language: str) -> None:
    name, number = words_of("Bob 42", language)

    assert name.spoken[0][0] in "bpm"
    assert len(number.spoken[0]) >= 4


def test_a_word_that_cannot_be_read_is_named() -> None:
    with pytest.raises(
        SpeechError, match="nobody knows how “東京” is said in Italian; write it as"
    ):
        words_of("Bob a 東京", "it")


def test_a_number_is_read_as_a_whole_or_digit_by_digit() -> None:
    assert said("quarantadue", "it") == said("42", "it")
    ways = words_of("42", "it")[0].spoken
    assert "".join(ways[1]) == "".join(said("quattro due", "it"))


def test_a_year_is_read_as_two_numbers_too() -> None:
    ways = ["".join(way) for way in words_of("1984", "en")[0].spoken]

    assert "".join(said("nineteen eighty four")) in ways


def test_thousands_may_be_grouped() -> None:
    assert said("12.000", "it") == said("12000", "it")


@pytest.mark.parametrize("tag", ["de", "DE", "de-AT", "de_CH", " de "])
def test_regions_and_case_of_a_tag_do_not_matter(tag: str) -> None:
    check_language(tag)


@pytest.mark.parametrize("tag", ["", "xx", "german", "zh"])
def test_an_unknown_language_is_refused_with_those_there_are(tag: str) -> None:
    with pytest.raises(SpeechError, match=r"de \(German\), .*uk \(Ukrainian\)"):
        words_of("Bob", tag)


@pytest.mark.parametrize("text", ["", " … ", "(laughs)"])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(SpeechError, match="holds no word; write what is said, in Italian"):
        words_of(text, "it")


def test_without_the_library_the_way_to_install_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "g2p2", None)

    with pytest.raises(SpeechError, match=r"run .*python.* -m pip install .g2p2\[all\]., or leave"):
        words_of("sana", "fi")


def test_a_missing_dictionary_is_not_fetched_but_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LANGUAGES, "xx", ("Xhosian", "nowhere"))

    with pytest.raises(SpeechError, match=r"cannot read Xhosian yet; run"):
        words_of("sana", "xx")
