"""What the lips do for phones in the International Phonetic Alphabet, and in English letters."""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import unicodedata
from typing import Final

from relip.speech.articulation import VISEMES

LETTERS: Final = {
    "PBM": "pbmɓ",
    "FV": "fvʋɱⱱ",
    "ROUND": "uoʊɔyøœʉɵwɥʏʍɞ",
    "OPEN": "aɑæɐʌɒɶAᴀ",
    "MID": "eɛəɜɘɤɝɚᵻɨɯ",
    "SPREAD": "iɪjʝI",
    "TEETH": "tdnszθðlɹrɾɬɮɫʈɖɳɭɽɺɻɗɲcɟçʎʣʦ",
    "SH": "ʃʒɕʑʧʤʂʐ",
    "BACK": "kgɡŋxɣhɦqɢʁχħʕʔʀɴɠʛɰ",
}
_VISEME: Final = {
    letter: VISEMES.index(name) for name, letters in LETTERS.items() for letter in letters
}
_VOWELS: Final = "aɑæɐʌɒeɛəɜɘɤɝɚiɪuoʊɔyøœʉɵɨɯᵻʏAIᴀ"
_SIBILANTS: Final = "ʃʒɕʑʂʐ"

ARPABET: Final = dict(
    pair.split(":")
    for pair in (
        "aa:ɑ ae:æ ah:ʌ ao:ɔ aw:aʊ ay:aɪ b:b ch:tʃ d:d dh:ð eh:ɛ er:ɝ ey:eɪ f:f g:g hh:h ih:ɪ "
        "iy:i jh:dʒ k:k l:l m:m n:n ng:ŋ ow:oʊ oy:ɔɪ p:p r:ɹ s:s sh:ʃ t:t th:θ uh:ʊ uw:u v:v w:w "
        "y:j z:z zh:ʒ"
    ).split()
)
"""The phones of the CMU dictionary."""


def visemes_of(phone: str) -> tuple[int, ...]:
    """Numbers in ``VISEMES``, one after the other: two of a diphthong, none if it is no phone.

    β and ɸ are neither shut nor open and have none.
    """
    letters = [letter for letter in unicodedata.normalize("NFD", phone) if letter in _VISEME]
    if not letters:
        return ()
    if letters[0] in _VOWELS:
        glide = [_VISEME[letter] for letter in letters[1:] if letter in _VOWELS + "jw"]
        found = [_VISEME[letters[0]]]
        for viseme in glide:
            if viseme != found[-1]:
                found.append(viseme)
        return tuple(found)
    if len(letters) > 1 and letters[1] in _SIBILANTS:
        return (VISEMES.index("SH"),)
    return (_VISEME[letters[0]],)
