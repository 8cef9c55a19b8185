"""Which viseme an IPA phone shows; one phone can show two (diphthongs)."""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import unicodedata
from typing import Final

VISEMES: Final = (
    "SIL", "PBM", "FV", "ROUND", "OPEN", "MID", "SPREAD", "TEETH", "SH", "BACK",
)  # fmt: skip
"""The classes and their numbers; -1 means that nothing should be learned from a stretch."""

IGNORED: Final = -1

VOWELS: Final = {
    "ROUND": "uoʊɔyøœʉɵʏɞɒ̹",
    "OPEN": "aɑæɐʌɒɶ",
    "MID": "eɛəɜɘɤɝɚᵻɨɯᵊ",
    "SPREAD": "iɪ",
}
CONSONANTS: Final = {
    "PBM": "pbmɓʙ",
    "FV": "fvʋɱⱱ",
    "ROUND": "wɥʍ",
    "SPREAD": "jʝ",
    "TEETH": "tdnszθðlɹrɾɬɮɫʈɖɳɭɽɺɻɗɲcɟçʎʣʦ",
    "SH": "ʃʒɕʑʂʐʧʤʨʥ",
    "BACK": "kgɡŋxɣhɦqɢʁχħʕʔʀɴɠʛɰ",
}
AMBIGUOUS: Final = "βɸᵝ"
"""Between two lips, but not shut: neither a closure nor its absence should be learned from it."""

_VISEME: Final = {
    letter: VISEMES.index(name)
    for group in (VOWELS, CONSONANTS)
    for name, letters in group.items()
    for letter in letters
}
_VOWEL: Final = frozenset("".join(VOWELS.values()))
_SH: Final = VISEMES.index("SH")


def letters_of(phone: str) -> str:
    """The letters of an IPA phone that carry a sound: no stress, length, tone or diacritics."""
    plain = unicodedata.normalize("NFD", phone)
    return "".join(letter for letter in plain if letter in _VISEME or letter in AMBIGUOUS)


def parts_of(phone: str) -> list[tuple[str, int]]:
    """Sub-phones with their visemes, in order; empty where the phone makes no sound.

    A diphthong has two parts (``aʊ`` opens, then rounds), an affricate is one sound.
    """
    letters = letters_of(phone)
    if not letters:
        return []
    if letters[0] in AMBIGUOUS:
        return [(phone, IGNORED)]
    if letters[0] in _VOWEL:
        shown = [(letter, _VISEME.get(letter, IGNORED)) for letter in letters if letter in _VISEME]
        return [part for i, part in enumerate(shown) if i == 0 or part[1] != shown[i - 1][1]]
    if len(letters) > 1 and _VISEME.get(letters[1]) == _SH:
        return [(letters[:2], _SH)]
    return [(letters[0], _VISEME[letters[0]])]
