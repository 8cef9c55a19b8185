"""When each known phone is said: forced alignment over the log-probabilities of the phone network.

The network (``hama17.onnx``) names phones in spikes, ``LAG`` after their middle; where one phone
ends and the next begins is then read from the sound itself, see ``acoustics.py``.
"""
# ruff: noqa: RUF001  IPA letters look like others, that is what they are

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from scripts.speech.corpus.visual import VISEMES, VOWELS, letters_of, parts_of

FRAME: Final = 0.02
LAG: Final = 0.037
"""Seconds from the middle of a phone, as its acoustic edges place it, to its spike."""

KINDS: Final = ("tdʈɖɾcɟʦʣ", "szθðçɬɮ", "nɲɳ", "lɹrɭɺɻɽɫʎ", "bpɓʙ", "m", "kgɡq", "xχhħɦɣʁʀʕ", "ŋɴ")
"""Consonants that are heard for one another more readily than for others of their viseme."""


class PhoneNetwork:
    """The phone network, and which of its tokens may stand for a phone."""

    def __init__(self, weights: Path) -> None:
        """Open ``hama17.onnx`` and ``hama17_tokens.json`` of the folder ``weights``."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(str(weights / "hama17.onnx"), options)
        self._tokens: list[str] = json.loads((weights / "hama17_tokens.json").read_text("utf-8"))
        self._letters = [letters_of(token) for token in self._tokens]
        self._letters = [
            "" if token.startswith("<") else letters
            for token, letters in zip(self._tokens, self._letters, strict=True)
        ]
        self._weights: dict[str, NDArray[np.float32]] = {}

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each token in each 20 ms, ``[frames, 191]``, for at most 20 s of sound."""
        level = 0.08 / (float(np.sqrt(np.mean(samples**2))) + 1e-6)
        heard = np.clip(samples * level, -1, 1).astype(np.float32)
        scores: NDArray[np.float32] = self._session.run(None, {"waveform": heard[None]})[0][0]
        return np.exp(scores)

    def stands_for(self, phone: str) -> NDArray[np.float32]:
        """How readily each token is accepted as ``phone``, 0 to 1, ``[191]``."""
        if phone not in self._weights:
            self._weights[phone] = np.array(
                [_likeness(phone, letters) for letters in self._letters], np.float32
            )
        return self._weights[phone]

    def said(self, probabilities: NDArray[np.float32]) -> list[str]:
        """What the network itself hears: its phones in order, decoded greedily."""
        best = probabilities.argmax(axis=1)
        return [
            self._letters[token]
            for i, token in enumerate(best)
            if self._letters[token] and (i == 0 or best[i - 1] != token)
        ]

    def sureness(self, probabilities: NDArray[np.float32], phone: str, at: float) -> float:
        """How surely the network hears a phone of the viseme of ``phone`` about the time ``at``."""
        wanted = parts_of(phone)[0][1]
        alike = [bool(t) and parts_of(t)[0][1] == wanted for t in self._letters]
        spike = round((at + LAG) / FRAME)
        return float(probabilities[max(spike - 2, 0) : spike + 3, alike].sum(axis=1).max(initial=0))

    def align(
        self, probabilities: NDArray[np.float32], phones: Sequence[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The middle of each phone in seconds ``[p]``, and its mean log-score ``[p]``.

        Viterbi over phones with blanks between them, as CTC defines it. Raises ``ValueError`` if
        there are more phones than frames.
        """
        frames, count = len(probabilities), len(phones)
        if 2 * count > frames + count:
            raise ValueError("more phones than the sound has time for")
        accepted = np.stack([self.stands_for(phone) for phone in phones])
        spoken = np.log(probabilities @ accepted.T + 1e-4)
        silent = [i for i, letters in enumerate(self._letters) if not letters]
        blank = np.log(probabilities[:, silent].sum(axis=1) + 1e-4)
        emission = np.empty((frames, 2 * count + 1))
        emission[:, 0::2] = blank[:, None]
        emission[:, 1::2] = spoken
        score = np.full(2 * count + 1, -np.inf)
        score[:2] = emission[0, :2]
        came = np.zeros((frames, 2 * count + 1), np.int8)
        skips = np.zeros(2 * count + 1, bool)
        skips[3::2] = [a != b for a, b in pairwise(phones)]
        for t in range(1, frames):
            stay, step = score, np.concatenate([[-np.inf], score[:-1]])
            skip = np.where(skips, np.concatenate([[-np.inf, -np.inf], score[:-2]]), -np.inf)
            options = np.stack([stay, step, skip])
            came[t] = options.argmax(axis=0)
            score = options.max(axis=0) + emission[t]
        state = 2 * count - int(score[-2] > score[-1])
        path = np.empty(frames, int)
        for t in range(frames - 1, -1, -1):
            path[t] = state
            state -= int(came[t, state])
        middles, scores = np.empty(count), np.empty(count)
        for i in range(count):
            held = np.flatnonzero(path == 2 * i + 1)
            peak = held[spoken[held, i].argmax()]
            middles[i], scores[i] = peak * FRAME - LAG, spoken[peak, i]
        return middles, scores


def _likeness(phone: str, letters: str) -> float:
    """How readily ``letters`` of a token are accepted as ``phone``."""
    wanted = letters_of(phone)
    if not wanted or not letters:
        return 0.0
    if wanted == letters:
        return 1.0
    if wanted[0] == letters[0]:
        return 0.9
    one, other = parts_of(phone), parts_of(letters)
    if any(wanted[0] in kind and letters[0] in kind for kind in KINDS):
        return 0.6
    if one[0][1] == other[0][1] and one[0][1] > 0:
        return 0.3 if VISEMES[one[0][1]] == "TEETH" else 0.5
    vowels = "".join(VOWELS.values())
    return 0.15 if wanted[0] in vowels and letters[0] in vowels else 0.0
