"""Texts of labelled speech, which cannot be shipped: real English and Russian, English diphones.

``said.json`` has the words as they were read off the phone labels.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from relip.media.speech import read_speech
from relip.speech.articulation import Articulation
from relip.speech.transcript import aligned
from relip.speech.visemes import listen
from relip_job.errors import SpeechError
from tests.bench_speech.scoring import FV, PBM, Tally, events, matched, spans
from tests.bench_speech.utterances import Samples, read_labels

SPEECH = os.environ.get("RELIP_SPEECH", "")
pytestmark = pytest.mark.skipif(not SPEECH, reason="RELIP_SPEECH names no labelled speech")

SAID: Final[dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("said.json").read_text(encoding="utf-8")
)
CHOSEN: Final = [*[name for name in SAID if name.startswith("en_real")], *list(SAID)[8::4]]
"""All eight real English ones, every fourth of the rest."""

Hearing = tuple[Samples, Articulation]


@pytest.fixture(scope="module")
def heard() -> dict[str, Hearing]:
    found = {}
    for name in CHOSEN:
        samples = read_speech(Path(SPEECH) / f"{name}.wav").samples
        found[name] = samples, listen(samples)
    return found


def test_events_are_those_of_the_words(heard: dict[str, Hearing]) -> None:
    closures, dentals = Tally(), Tally()
    for name, (samples, hearing) in heard.items():
        language, text = SAID[name]
        told = aligned(hearing, samples, text, language)
        labels = read_labels(Path(SPEECH) / f"{name}.lab")
        closures += matched(events(labels, PBM), spans(told.closures))
        dentals += matched(events(labels, FV), spans(told.dentals))

    # Measured: .99/.98 of 88 closures, .97/.97 of 35 f and v, 8 ms.
    assert closures.recall > 0.96 and closures.precision > 0.94
    assert dentals.recall > 0.94 and dentals.precision > 0.94
    assert closures.error <= 12


def test_the_words_of_another_line_are_refused(heard: dict[str, Hearing]) -> None:
    taken = []
    names = list(heard)
    for name, other in zip(names, np.roll(names, 1).tolist(), strict=True):
        language, text = SAID[other]
        try:
            aligned(heard[name][1], heard[name][0], text, language)
        except SpeechError:
            continue
        taken.append(name)

    # Bobby ripped the ledger, Mary rolled the barrel: short, and of one rhythm.
    assert set(taken) <= {"en_real/007"}
