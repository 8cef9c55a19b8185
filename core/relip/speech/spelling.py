"""From a text in some language to its words and their phones.

The dictionaries and the rules for words they lack come from g2p2 (MIT or Apache 2.0), one small
model per language, the optional dependency ``relip[transcript]``. It would download a model that
is missing; relip downloads nothing, so only installed models are opened, here.
"""

from __future__ import annotations

import importlib.util
import lzma
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from relip.speech.alignment import Pronunciations
from relip.speech.likeness import phones_of
from relip_job.errors import SpeechError

if TYPE_CHECKING:
    from g2p2 import Model

LANGUAGES: Final = {
    "bg": ("Bulgarian", "slavic"),
    "ca": ("Catalan", "romance"),
    "cs": ("Czech", "slavic"),
    "da": ("Danish", "germanic"),
    "de": ("German", "germanic"),
    "el": ("Greek", "other_euro"),
    "en": ("English", "germanic"),
    "es": ("Spanish", "romance"),
    "et": ("Estonian", "other_euro"),
    "fi": ("Finnish", "other_euro"),
    "fr": ("French", "romance"),
    "hr": ("Croatian", "slavic"),
    "hu": ("Hungarian", "other_euro"),
    "is": ("Icelandic", "germanic"),
    "it": ("Italian", "romance"),
    "nl": ("Dutch", "germanic"),
    "no": ("Norwegian", "germanic"),
    "pl": ("Polish", "slavic"),
    "pt": ("Portuguese", "romance"),
    "ro": ("Romanian", "romance"),
    "ru": ("Russian", "slavic"),
    "sk": ("Slovak", "slavic"),
    "sl": ("Slovenian", "slavic"),
    "sv": ("Swedish", "germanic"),
    "tr": ("Turkish", "turkic"),
    "uk": ("Ukrainian", "slavic"),
}
"""Tag of a language: its name, and the family under which its model is installed.

Alphabetic scripts that put spaces between words; others would first have to be cut into words.
"""

HOW_TO_INSTALL: Final = (
    f'run "{sys.executable}" -m pip install "g2p2[all]", or leave the transcript out'
)

_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*'?")
_APOSTROPHES: Final = str.maketrans("\u2019\u2018\u02bc", "'''")
_NUMBER: Final = re.compile(r"\d+")
_REMARK: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>|\{[^}]*\}")
"""Scripts put what is not said, ``(laughs)``, into brackets."""


@dataclass(frozen=True)
class Word:
    """A word as it is written, and the ways to say it; ``start`` is its place in the text."""

    text: str
    start: int
    spoken: Pronunciations


def base(language: str) -> str:
    """``de`` for ``de``, ``DE``, ``de-AT`` and ``de_AT``."""
    return re.split(r"[-_]", language.strip().lower(), maxsplit=1)[0]


def check_language(language: str) -> None:
    """Complain about a language whose words relip cannot read.

    Raises
    ------
    SpeechError
    """
    if base(language) not in LANGUAGES:
        known = ", ".join(f"{tag} ({name})" for tag, (name, _) in LANGUAGES.items())
        told = f"there is no language {language!r}" if language else "a transcript has a language"
        raise SpeechError(f"{told}", f"name one of {known}")


def words_of(text: str, language: str) -> tuple[Word, ...]:
    """The words of a text in the order they are said; remarks in brackets are not said.

    Raises
    ------
    SpeechError
        The language is not known, its model is not installed, the text has no words, or one
        that cannot be read.
    """
    check_language(language)
    tag = base(language)
    model = _model(tag)
    said = _REMARK.sub(lambda remark: " " * len(remark[0]), unicodedata.normalize("NFC", text))
    found = []
    for match in _WORD.finditer(said.translate(_APOSTROPHES)):
        written = said[match.start() : match.end()]
        spoken = tuple(dict.fromkeys(_ways(match[0], tag, model)))
        if not spoken and match[0].isascii():  # a name in Latin letters, in a Greek text
            spoken = tuple(_ways(match[0], "en", _model("en")))
        if not spoken:
            raise SpeechError(
                f"nobody knows how “{written}” is said in {LANGUAGES[tag][0]}",
                "write it as it is spoken",
            )
        found.append(Word(written, match.start(), spoken))
    if not found:
        raise SpeechError(
            "the transcript holds no word", f"write what is said, in {LANGUAGES[tag][0]}"
        )
    return tuple(found)


def _ways(word: str, tag: str, model: Model) -> Iterator[tuple[str, ...]]:
    """The ways to say a word or a number."""
    for written in _in_letters(word, tag) if word[0].isdigit() else (word,):
        parts = [part for part in re.split(r"[\s\-]+", written) if part]
        phones = tuple(phone for part in parts for phone in phones_of(_say(part, model)))
        if phones:
            yield phones


def _say(word: str, model: Model) -> str:
    return str(model.phonemize(word))


def _in_letters(number: str, tag: str) -> Iterator[str]:
    """The ways to read a number aloud: as a whole, as a year, digit by digit."""
    groups = _NUMBER.findall(number)
    if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]):
        yield _spelled("".join(groups), tag)  # 12.000 or 12,000
    yield " ".join(_spelled(group, tag) for group in groups)
    if len(groups) > 1:
        return
    if len(number) == 4 and "1100" <= number < "2100" and number[2:] != "00":
        yield f"{_spelled(number[:2], tag)} {_spelled(number[2:], tag)}"
    if len(number) > 1:
        yield " ".join(_spelled(digit, tag) for digit in number)


def _spelled(digits: str, tag: str) -> str:
    from g2p2 import expand_numbers

    return str(expand_numbers(digits, tag))


@lru_cache(maxsize=4)
def _model(tag: str) -> Model:
    """The pronunciation model of a language, from what is installed and from nowhere else."""
    try:
        from g2p2 import Model
    except ImportError as error:
        raise SpeechError("relip cannot read a transcript yet", HOW_TO_INSTALL) from error
    packed = packed_model(tag)
    if packed is None:
        raise SpeechError(f"relip cannot read {LANGUAGES[tag][0]} yet", HOW_TO_INSTALL)
    return Model.from_bytes(lzma.decompress(packed.read_bytes()))


def packed_model(tag: str) -> Path | None:
    """The file of a language's model, None if it is not installed."""
    package = importlib.util.find_spec(f"g2p2_group_{LANGUAGES[tag][1]}")
    for folder in (package.submodule_search_locations or ()) if package else ():
        packed = Path(folder) / f"{tag}.g2p.xz"
        if packed.is_file():
            return packed
    return None
