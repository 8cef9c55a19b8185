"""Other ways to hear visemes, each as its authors' network with the plainest decoding.

None of them is needed to run or to test relip; the bench uses those that are installed.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.speech import RATE
from relip.onnx import Network
from relip.speech.articulation import RATE as ROWS
from relip_models.catalogue import WEIGHTS
from tests.bench_speech.ipa import ARPABET, visemes_of
from tests.bench_speech.scoring import Heard, Rows, heard_as
from tests.bench_speech.utterances import Samples

LAG: Final = 4.5
"""Rows by which hama names a phone late: the best single constant on the labelled sets."""
LONGEST: Final = 20 * RATE
"""Samples given to hama at once: it leaves out what comes after 30 s."""
HOP: Final = RATE // ROWS
PAUSE: Final = 30
"""Rows; names farther apart than that have silence between them."""
BEFORE: Final = 6
AFTER: Final = 8
"""Rows that a phone lasts before and after its name, next to a pause."""


class NotInstalled(Exception):
    """A system that is not on this machine; says what is missing."""


def phone_spans() -> Callable[[Samples], Heard]:
    """The phone network that relip ships, decoded alone."""
    network = Network("speech_phones")
    tokens: list[str] = json.loads((WEIGHTS / "hama17_tokens.json").read_text("utf-8"))

    def scores(samples: Samples) -> NDArray[np.float32]:
        # Its reflecting border needs more than 200 samples.
        heard = np.pad(samples, (0, max(0, 201 - len(samples))))
        found: NDArray[np.float32] = network.run({"waveform": heard[None]})["log_probs"][0]
        return found

    return _spans_of(scores, tokens)


def hama() -> Callable[[Samples], Heard]:
    """The PyPI package hama, its own engine; 1.7.0 is what the lag was measured on."""
    model = _package("hama", "hama==1.7.0").ASRModel()
    names = [model._log_probs_output_name, model._out_lengths_output_name]

    def scores(samples: Samples) -> NDArray[np.float32]:
        given = {
            model._waveform_input_name: np.ascontiguousarray(samples[None]),
            model._waveform_lengths_input_name: np.array([len(samples)]),
        }
        found, lengths = model.session.run(names, given)
        return np.asarray(found[0], np.float32)[: int(np.ravel(lengths)[0])]

    return _spans_of(scores, model.decoder_tokens)


def pocketsphinx() -> Callable[[Samples], Heard]:
    """The PyPI package pocketsphinx, English phones without words."""
    package = _package("pocketsphinx", "pocketsphinx")
    assert package.__file__ is not None
    models = Path(package.__file__).parent / "model" / "en-us"
    decoder = package.Decoder(
        hmm=str(models / "en-us"),
        allphone=str(models / "en-us-phone.lm.bin"),
        dict=None,
        lm=None,
        lw=2.0,
        beam=1e-20,
        pbeam=1e-20,
        allphone_ci=True,
        loglevel="FATAL",
    )

    def hear(samples: Samples) -> Heard:
        decoder.start_utt()
        pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        rows = np.zeros(len(samples) // HOP, np.int64)
        for part in decoder.seg() or ():
            parts = visemes_of(ARPABET.get(part.word.lower(), "")) or (0,)
            start, length = part.start_frame, part.end_frame + 1 - part.start_frame
            for at, viseme in enumerate(parts):
                first, stop = (start + length * (at + k) // len(parts) for k in (0, 1))
                rows[first:stop] = viseme
        return heard_as(rows)

    return hear


def _package(name: str, wanted: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:  # OSError: a library made for another system
        raise NotInstalled(f"not installed (pip install {wanted})") from error


def _spans_of(
    scores: Callable[[Samples], NDArray[np.float32]], tokens: Sequence[str]
) -> Callable[[Samples], Heard]:
    """A listener from log-probabilities ``[frames of 20 ms, tokens]``."""
    visemes = [_first(token) for token in tokens]

    def hear(samples: Samples) -> Heard:
        rows = [
            spread(named(scores(part).argmax(axis=1), visemes), len(part) // HOP)
            for part in _pieces(samples)
        ]
        return heard_as(np.concatenate(rows or [np.zeros(0, np.int64)]))

    return hear


def _first(token: str) -> int:
    found = () if token.startswith("<") else visemes_of(token)
    return found[0] if found else -1


def _pieces(samples: Samples) -> Iterable[Samples]:
    return (samples[start : start + LONGEST] for start in range(0, len(samples), LONGEST))


def named(best: NDArray[np.int64], visemes: Sequence[int]) -> list[tuple[float, int]]:
    """Middle, in rows, and viseme of every phone that CTC names, its lag taken off."""
    found = []
    edges = np.flatnonzero(np.diff(best, prepend=-1, append=-1))
    for start, stop in pairwise(edges):
        viseme = visemes[best[start]]
        if viseme >= 0:
            # The middle of the frames, which are two rows each.
            found.append((float(start + stop) - LAG, viseme))
    return found


def spread(names: Sequence[tuple[float, int]], count: int) -> Rows:
    """A viseme per row: each lasts to halfway to its neighbours, silence fills long gaps."""
    rows = np.zeros(count, np.int64)
    for at, (middle, viseme) in enumerate(names):
        before = names[at - 1][0] if at else -np.inf
        after = names[at + 1][0] if at + 1 < len(names) else np.inf
        start = (before + middle) / 2 if middle - before < PAUSE else middle - BEFORE
        stop = (middle + after) / 2 if after - middle < PAUSE else middle + AFTER
        rows[max(0, int(start)) : max(0, int(min(count, stop)))] = viseme
    return rows
