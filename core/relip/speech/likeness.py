"""How alike phones are, so that the letters of a dictionary meet the tokens of a network.

A dictionary writes broad phones of one language, the phone network names those it heard in all
of its own; a Czech p is named p or b, a Dutch u is named u, ʊ or w. Likeness follows how a phone
is made: where in the mouth, how, with or without voice; for vowels height, depth and rounding.
"""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import VISEMES
from relip.speech.phones import SYMBOLS, tokens


@dataclass(frozen=True)
class Consonant:
    """``place`` runs from 0, the lips, to 8, the glottis."""

    place: float
    manner: str
    voiced: bool


@dataclass(frozen=True)
class Vowel:
    """``height`` from 0, close, to 6, open; ``depth`` from 0, front, to 2, back."""

    height: float
    depth: float
    rounded: bool


_CONSONANTS: Final = """
0.0 stop p bɓ
0.0 nasal - m
0.0 fricative ɸ β
0.0 rhotic - ʙ
0.7 nasal - ɱ
0.7 fricative f v
0.7 approximant - ʋⱱ
2.2 fricative θ ð
2.5 stop t dɗ
2.5 nasal - n
2.5 rhotic - rɾɹ
2.5 fricative s z
2.5 affricate ts dz
2.5 lateral ɬ ɮlɫɺ
3.2 stop ʈ ɖ
3.2 nasal - ɳ
3.2 fricative ʂ ʐ
3.2 affricate tʂ dʐ
3.2 rhotic - ɻɽ
3.2 lateral - ɭ
3.3 fricative ʃ ʒ
3.3 affricate tʃ dʒ
3.6 fricative ɕ ʑ
3.6 affricate tɕ dʑ
4.3 stop c ɟ
4.3 nasal - ɲ
4.3 fricative ç ʝ
4.3 approximant - jɥ
4.3 lateral - ʎ
5.5 stop k ɡgɠ
5.5 nasal - ŋ
5.5 fricative xɧ ɣ
5.5 approximant ʍ wɰ
6.2 stop q ɢ
6.2 nasal - ɴ
6.2 fricative χ ʁ
6.2 rhotic - ʀ
7.0 fricative ħ ʕ
8.0 stop ʔ -
8.0 fricative h ɦ
"""
"""Place, manner, voiceless and voiced symbols; affricates have two letters."""

_VOWELS: Final = """
0.0 iy ɨʉ ɯu
0.8 ɪʏ ᵻ ʊ
2.0 eø ɘɵ ɤo
3.0 - əɚᵊ -
3.5 - ɝ -
4.0 ɛœ ɜɞ ʌɔ
5.0 æ ɐ å
6.0 ɶ aä ɑɒ
"""
"""Height, then front, central and back symbols."""

_ROUND: Final = "yʉuʏʊøɵoœɞɔɶɒå"

_APART: Final = {
    "stop": {"affricate": 0.5, "fricative": 1.0, "nasal": 1.1, "rhotic": 1.1, "approximant": 1.2},
    "fricative": {"affricate": 0.5, "approximant": 0.7, "rhotic": 1.1, "lateral": 1.2},
    "rhotic": {"approximant": 0.7, "lateral": 0.7},
    "lateral": {"approximant": 0.8, "nasal": 1.0},
    "nasal": {"approximant": 1.2, "rhotic": 1.2},
}
"""How far manners are apart, in the units of :func:`distance`; else 1.5."""

_STRANGERS: Final = 4.5
"""Between a vowel and a consonant that is no glide."""

_NOT_DECOMPOSED: Final = "çäå"
_FAINT: Final = "hɦʔɹɾrʁʀjwɥ"
"""Phones that speakers often leave out, or blend with their neighbour."""


@cache
def _made() -> dict[str, Consonant | Vowel]:
    """How each phone is made."""
    found: dict[str, Consonant | Vowel] = {}
    for line in _CONSONANTS.split("\n"):
        place, manner, *kinds = line.split() or ("0", "")
        for voiced, symbols in enumerate(kinds):
            for symbol in [symbols] if manner == "affricate" else symbols:
                found[symbol] = Consonant(float(place), manner, bool(voiced))
    for line in _VOWELS.split("\n"):
        height, *rows = line.split() or ("0",)
        for depth, symbols in enumerate(rows):
            for symbol in symbols:
                found[symbol] = Vowel(float(height), float(depth), symbol in _ROUND)
    found.pop("-")
    return found


def phones_of(ipa: str) -> tuple[str, ...]:
    """The phones of a transcription, without length, stress, tones and other marks."""
    text = "".join(
        letter if letter in _NOT_DECOMPOSED else unicodedata.normalize("NFD", letter)
        for letter in unicodedata.normalize("NFC", ipa)
    ).replace("͜", "͡")
    return tuple(_split(text))


def _split(text: str) -> Iterator[str]:
    made = _made()
    at = 0
    while at < len(text):
        pair = text[at : at + 3].replace("͡", "")[:2]
        tied = text[at + 1 : at + 2] == "͡"
        if len(pair) == 2 and pair in made and (tied or pair[1] in "ʃʒɕʑʂʐ"):
            yield pair
            at += 2 + tied
            continue
        if text[at] in made:
            yield text[at]
        at += 1


def is_faint(phone: str) -> bool:
    """Whether speakers often leave this phone out or blend it with its neighbour."""
    return phone in _FAINT or isinstance(_made().get(phone), Vowel)


def viseme_of(phone: str) -> int:
    """Number in ``VISEMES``, -1 if the lips learn nothing from it."""
    manner = _made().get(phone)
    if isinstance(manner, Consonant) and manner.manner == "affricate":
        return VISEMES.index("TEETH" if manner.place == 2.5 else "SH")
    for name, symbols in SYMBOLS.items():
        if phone in symbols:
            return VISEMES.index(name)
    return -1


def distance(one: str, other: str) -> float:
    """How differently two phones are made: 0 if they are the same, near 5 if nothing agrees."""
    if one == other:
        return 0.0
    a, b = _made()[one], _made()[other]
    if isinstance(a, Consonant) and isinstance(b, Consonant):
        apart = 0.0 if a.manner == b.manner else 1.5
        apart = _APART.get(a.manner, {}).get(b.manner, apart)
        apart = _APART.get(b.manner, {}).get(a.manner, apart)
        return 0.7 * abs(a.place - b.place) + apart + 0.35 * (a.voiced != b.voiced)
    if isinstance(a, Vowel) and isinstance(b, Vowel):
        same = 0.3 * abs(a.height - b.height) + 0.4 * abs(a.depth - b.depth)
        return 0.1 + same + 0.3 * (a.rounded != b.rounded)
    vowel, glide = (a, other) if isinstance(a, Vowel) else (b, one)
    if isinstance(vowel, Vowel) and glide in "jɥ":
        return 0.5 + 0.3 * vowel.height + 0.6 * vowel.depth
    if isinstance(vowel, Vowel) and glide in "wɰʍ":
        return 0.5 + 0.3 * vowel.height + 0.6 * (2 - vowel.depth)
    return _STRANGERS


@cache
def _heard() -> tuple[tuple[str, ...], ...]:
    """The phones of every token of the network; none for marks, tones and the blank."""
    return tuple(() if token.startswith("<") else phones_of(token) for token in tokens())


@cache
def likeness(phone: str) -> NDArray[np.float32]:
    """How well each token of the network stands for a phone, ``[tokens]``, 0 to 1.

    A token of two phones, such as a diphthong, stands for either.
    """
    return np.array(
        [
            max((exp(-distance(phone, part) - 0.3 * (len(parts) > 1)) for part in parts), default=0)
            for parts in _heard()
        ],
        np.float32,
    )


def no_phone() -> NDArray[np.float32]:
    """1 for every token that is no phone, ``[tokens]``: the blank, marks, borders of words."""
    return np.array([not parts for parts in _heard()], np.float32)
