"""Words to say in many languages, and how they sound: IPA phones from espeak-ng's rules.

Only the program's written output is used; none of its sound is in the corpus.
"""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import re
import subprocess
from functools import cache
from typing import Final

import numpy as np
from wordfreq import top_n_list

HELD_OUT: Final = ("it", "tr", "vi", "is", "fil", "cs", "fi")
"""Languages that no training text is in: tests are to be in languages never heard."""

WORD_LISTS: Final = {
    "en-us": "en", "en-gb": "en", "fr-fr": "fr", "pt-br": "pt", "cmn": "zh", "es-419": "es",
}  # fmt: skip
"""espeak's name of a language to wordfreq's, where they differ."""

_LABIAL: Final = re.compile("[pbmfvwпбмфвμπβφपबमफवभ]", re.IGNORECASE)


@cache
def words(language: str, count: int = 3000) -> tuple[str, ...]:
    """The most frequent words of a language that are written with letters only."""
    listed = top_n_list(WORD_LISTS.get(language, language), count)
    if language == "ja":  # espeak reads kana, not kanji
        listed = [word for word in listed if re.fullmatch("[ぁ-ゖァ-ヺー]+", word)]
    return tuple(word for word in listed if len(word) > 1 and word.isalpha())


def sentence(language: str, chance: np.random.Generator, least: int = 4, most: int = 9) -> str:
    """Words of a language in no order, rich in labials, with the odd comma and question mark."""
    choice = words(language)
    labial = [word for word in choice if _LABIAL.search(word)] or list(choice)
    said: list[str] = []
    for _ in range(int(chance.integers(least, most + 1))):
        pool = labial if chance.random() < 0.4 else choice
        word = pool[int(len(pool) * chance.random() ** 1.6)]
        said.append(word + ("," if chance.random() < 0.12 else ""))
    text = " ".join(said).rstrip(",")
    return text + str(chance.choice([".", ".", ".", "?", "!"]))


def phones(text: str, language: str) -> list[list[list[str]]]:
    """Clauses, in them words, in them IPA phones with their stress marks."""
    command = ["espeak-ng", "-q", "--ipa", "--sep=_", "-v", language, text]
    spoken = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spoken = re.sub(r"\([a-z-]+\)|[0-9\u200d?]", "", spoken)
    if language.split("-")[0] in ("ru", "uk", "be", "pt", "bg"):
        spoken = spoken.replace("y", "ɨ")  # espeak writes their reduced and central i as y
    clauses = [
        [[phone for phone in word.split("_") if phone.strip()] for word in line.split(" ")]
        for line in spoken.splitlines()
    ]
    return [[word for word in clause if word] for clause in clauses if clause]
