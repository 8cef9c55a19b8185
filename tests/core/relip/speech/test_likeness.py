# ruff: noqa: RUF001  IPA letters look like others, that is what they are
from __future__ import annotations

import numpy as np
import pytest

from relip.speech.articulation import VISEMES
from relip.speech.likeness import distance, is_faint, likeness, no_phone, phones_of, viseme_of
from relip.speech.phones import tokens


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("t͡svaɪ̯ʊnt", "ts v a ɪ ʊ n t"),
        ("p͡flaʊ̯mə", "p f l a ʊ m ə"),
        ("preferiʃʃe", "p r e f e r i ʃ ʃ e"),
        ("ˈmẽn̪t̪ɐː", "m e n t ɐ"),
        ("aβ̞eɾ", "a β e ɾ"),
        ("t͡ɕt͜ɕ", "tɕ tɕ"),
        ("²¹⁴ ‿", ""),
    ],
)
def test_a_transcription_is_cut_into_phones_without_its_marks(ipa: str, phones: str) -> None:
    assert phones_of(ipa) == tuple(phones.split())


@pytest.mark.parametrize(
    ("phone", "viseme"),
    [("p", "PBM"), ("m", "PBM"), ("v", "FV"), ("ts", "TEETH"), ("dʒ", "SH"), ("y", "ROUND")],
)
def test_a_phone_has_the_viseme_its_lips_make(phone: str, viseme: str) -> None:
    assert VISEMES[viseme_of(phone)] == viseme


def test_lips_learn_nothing_from_what_is_neither_shut_nor_open() -> None:
    assert viseme_of("β") == viseme_of("ɸ") == -1


def test_phones_made_alike_are_alike() -> None:
    assert distance("p", "p") == 0
    assert distance("p", "b") < distance("p", "m") < distance("p", "t") < distance("p", "a")
    assert distance("i", "ɪ") < distance("i", "e") < distance("i", "a")
    assert distance("i", "j") < distance("i", "w")
    assert distance("ʒ", "dʒ") == distance("dʒ", "ʒ")


def test_the_token_of_the_same_name_stands_for_a_phone_best() -> None:
    names = tokens()
    for phone in ("p", "b", "m", "f", "v", "a", "ə", "ʃ"):
        assert likeness(phone)[names.index(phone)] == likeness(phone).max() == 1


def test_a_diphthong_stands_for_either_of_its_vowels() -> None:
    token = tokens().index("eɪ")
    assert likeness("e")[token] == likeness("ɪ")[token] > 0.7


def test_marks_and_the_blank_stand_for_no_phone() -> None:
    none = no_phone()
    names = tokens()
    assert none[names.index("<blank>")] == none[names.index("ː")] == none[names.index("<wb>")] == 1
    assert not (none * likeness("m")).any()
    assert set(np.unique(none)) == {0, 1}


def test_vowels_and_glides_are_often_blended() -> None:
    assert is_faint("ə") and is_faint("j") and is_faint("h")
    assert not is_faint("p") and not is_faint("f")
