"""Phone evidence: a CTC network that names phones sharply but says when only roughly."""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import json
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.articulation import VISEMES
from relip.speech.features import FAINT, HOP, excerpt, rows_in, windows
from relip_models.catalogue import WEIGHTS

LAG: Final = 0.045
"""Seconds by which a phone is named after the middle of its sound (measured: 42 to 48 ms)."""

CLOSED_LAG: Final = 0.036
"""The same for p, b and m, whose middle is that of the closure, not of the burst (fitted)."""

REACH: Final = 0.05
"""Seconds around a named phone in which it counts as evidence, falling off as a parabola."""

_FRAME: Final = 0.02

SHORTEST: Final = 20
"""Rows the network is given at least; its reflecting border needs more than 200 samples."""

SYMBOLS: Final = {
    "PBM": "bmpɓʙ",
    "FV": "fvɱʋ",
    "ROUND": "ouwyøœɔɥɵʉʊʏõũ",
    "OPEN": "aæɐɑɒʌàãäå",
    "MID": "eɘəɚɛɜɝɤɨɯẽ",
    "SPREAD": "ijɪʝìĩǐ",
    "TEETH": "cdlnrstzçðñɖɗɟɫɮɲɹɻɽɾʈʎθẑ",
    "SH": "ɕʂʃʐʑʒ",
    "BACK": "ghkxħŋɡɣɦɰɴʀʁʔχ",
}
"""First letter of an IPA symbol to what the lips do for it; ɸ and β are neither shut nor open."""


def _viseme(token: str) -> int:
    """Number in ``VISEMES`` of one token of the network, -1 if the lips learn nothing from it."""
    if token.startswith("<"):
        return -1
    letters = token.replace("͡", "")
    if letters[:2] in ("dʒ", "tɕ", "tʃ"):
        return VISEMES.index("SH")
    for name, symbols in SYMBOLS.items():
        if letters[:1] in symbols and letters[:1]:
            return VISEMES.index(name)
    return -1


@cache
def tokens() -> tuple[str, ...]:
    """What each output of the network stands for; the last is CTC's blank."""
    return tuple(json.loads((WEIGHTS / "hama17_tokens.json").read_text("utf-8")))


def named(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """How surely a phone of each viseme is named, ``[t, 10]``; column SIL is any phone.

    ``scores [t, 191]`` are the network's log-probabilities. Rows need not sum to one: between
    phones all are 0.
    """
    return np.asarray(np.exp(scores) @ _sums(), np.float32)


@cache
def _sums() -> NDArray[np.float32]:
    """Which tokens stand for each viseme, ``[191, 10]``; for SIL, those of any phone."""
    classes = np.array([_viseme(token) for token in tokens()])
    sums = classes[:, None] == np.arange(len(VISEMES))
    sums[:, 0] = classes > 0
    table: NDArray[np.float32] = sums.astype(np.float32)
    return table


def phone_evidence(found: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    """What :func:`named` found every 20 ms, ``[t, 10]``, at ``rows`` rows, its lag taken off."""
    spread = _spread(found, rows, LAG)
    shut = [VISEMES.index("PBM")]
    spread[:, shut] = _spread(found[:, shut], rows, CLOSED_LAG)
    return spread


def _spread(found: NDArray[np.float32], rows: int, lag: float) -> NDArray[np.float32]:
    """Columns named every 20 ms, ``lag`` seconds late, at every row."""
    spread = np.zeros((rows, found.shape[1]), np.float32)
    if not len(found):
        return spread
    at = (np.arange(rows) + 0.5) / 100
    reach = int(REACH / _FRAME) + 1
    nearest = np.rint((at + lag) / _FRAME).astype(int)
    for step in range(-reach, reach + 1):
        frame = np.clip(nearest + step, 0, len(found) - 1)
        distance = (frame * _FRAME - lag - at) / REACH
        near = np.clip(1 - distance**2, 0, None).astype(np.float32)
        np.maximum(spread, found[frame] * near[:, None], out=spread)
    return spread


def named_phones(
    samples: NDArray[np.float32],
    voice: NDArray[np.float32],
    gain: float,
    network: Network,
    sums: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Sums of the probabilities of tokens, ``[t, k]``, at 50 Hz, :data:`LAG` late.

    ``sums [191, k]`` weighs the tokens of each sum; where nobody speaks all sums are 0.
    """
    rows = rows_in(samples)
    named = np.zeros((rows // 2 + 2, sums.shape[1]), np.float32)
    for first, count, weight in windows(rows + rows % 2):
        if voice[first : first + count].max() < FAINT:
            continue
        heard = excerpt(samples, first * HOP, (first + max(count, SHORTEST)) * HOP, gain)
        scores = network.run({"waveform": heard[None]})["log_probs"][0]
        part = np.exp(scores) @ sums
        blend = np.append(weight[::2], weight[-1])[:, None]
        part = part[: len(blend)]
        named[first // 2 : first // 2 + len(part)] += part * blend
    return named
