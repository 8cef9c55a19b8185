"""How far the lips of an average speaker part, from labelled phones.

Each phone has a place it pulls the lips to and a force with which it pulls, after Cohen and
Massaro's dominance functions (1993): closed lips insist, /h/ and /k/ do not care.
"""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

PLACES: Final[dict[str, tuple[float, float]]] = {
    # letters: (opening 0 to 1, force)
    "pbmɓʙ": (0.0, 4.0),
    "fvɱʋⱱ": (0.1, 2.0),
    "ɸβ": (0.12, 1.0),
    "wʍɥ": (0.12, 1.0),
    "ʃʒɕʑʂʐ": (0.22, 0.8),
    "szʦʣ": (0.22, 0.8),
    "tdnɲɳʈɖɗcɟ": (0.28, 0.5),
    "θðɾrɹɻɽʀʁ": (0.3, 0.4),
    "lɫɭʎɬɮɺ": (0.36, 0.4),
    "jʝç": (0.28, 0.5),
    "kgɡŋxɣqɢχħʕɰɴɠ": (0.4, 0.2),
    "hɦʔ": (0.45, 0.05),
    "i": (0.3, 1.0),
    "ɪɨ": (0.38, 0.9),
    "yʏʉ": (0.2, 1.0),
    "u": (0.16, 1.0),
    "ʊ": (0.24, 0.9),
    "ɯ": (0.28, 1.0),
    "eɘ": (0.46, 1.0),
    "øɵ": (0.32, 1.0),
    "o": (0.36, 1.0),
    "ɤ": (0.46, 1.0),
    "əɚ": (0.45, 0.7),
    "ɛɜɝɞ": (0.66, 1.0),
    "œ": (0.5, 1.0),
    "ɔ": (0.54, 1.0),
    "ʌɐ": (0.74, 1.0),
    "ɒ": (0.72, 1.0),
    "æ": (0.86, 1.0),
    "aɶ": (1.0, 1.0),
    "ɑ": (0.95, 1.0),
}
REST: Final = (0.06, 0.8)
"""Of silence."""
SPAN: Final = 0.045
"""Standard deviation in seconds of the time over which a phone pulls."""

_PLACE: Final = {letter: place for letters, place in PLACES.items() for letter in letters}


def place(phone: str) -> tuple[float, float] | None:
    """Opening and force of an IPA symbol; None if nothing is known of it."""
    if phone in ("", "sil", "pau", "_"):
        return REST
    found = [_PLACE[letter] for letter in unicodedata.normalize("NFD", phone) if letter in _PLACE]
    return found[0] if found else None


def openness(
    phones: Sequence[str],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    rows: int,
) -> NDArray[np.float32]:
    """The opening at each of ``rows`` rows of 10 ms, 0 to 1; -1 where no known phone is near.

    ``start``, ``end`` ``[p]`` seconds of the phones; before and after them there is silence.
    """
    at = (np.arange(rows) + 0.5) / 100
    target, force = np.zeros(rows), np.zeros(rows)
    first, last = float(start[0]), float(end[-1])
    target[(at < first) | (at >= last)] = REST[0] * REST[1]
    force[(at < first) | (at >= last)] = REST[1]
    for phone, begins, ends in zip(phones, start, end, strict=True):
        known = place(phone)
        if known is not None:
            inside = (at >= begins) & (at < ends)
            if not inside.any():
                inside[min(int((begins + ends) * 50), rows - 1)] = True
            target[inside] = known[0] * known[1]
            force[inside] = known[1]
    reach = int(4 * SPAN * 100)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (100 * SPAN)) ** 2)
    pulled, held = (np.convolve(each, kernel, "same") for each in (target, force))
    return np.where(held > 0.1, pulled / np.maximum(held, 1e-6), -1).astype(np.float32)
