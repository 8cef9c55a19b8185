from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.media.speech import read_speech
from relip.speech.articulation import RATE, VISEMES, Articulation
from relip.speech.transcript import aligned
from relip.speech.visemes import listen
from relip_job.errors import SpeechError

LINE = "Maybe Bob prefers fluffy purple muffins."


@pytest.fixture(scope="module")
def line() -> NDArray[np.float32]:
    return read_speech(sample.line()).samples


@pytest.fixture(scope="module")
def heard(line: NDArray[np.float32]) -> Articulation:
    return listen(line)


@pytest.fixture(scope="module")
def told(heard: Articulation, line: NDArray[np.float32]) -> Articulation:
    return aligned(heard, line, LINE, "en")


def truth(names: str) -> list[tuple[float, float]]:
    """When the line's phones of these names are, neighbours joined."""
    found: list[tuple[float, float]] = []
    for phone in sample.phones():
        if phone.name and phone.name in names:
            start = phone.start
            if found and start - found[-1][1] < 0.01:
                start = found.pop()[0]
            found.append((start, phone.end))
    return found


@pytest.mark.parametrize(("kind", "names"), [("closures", "pbm"), ("dentals", "fv")])
def test_events_are_those_of_the_text_and_where_they_are_said(
    told: Articulation, kind: str, names: str
) -> None:
    events = getattr(told, kind)

    there = [(start + end) / 2 for start, end in truth(names)]
    assert [event.centre for event in events] == pytest.approx(there, abs=0.04)


def test_text_and_sound_that_agree_make_certain(told: Articulation) -> None:
    assert np.median([event.confidence for event in told.closures]) > 0.95


def test_visemes_follow_the_text_and_stay_probabilities(
    told: Articulation, heard: Articulation
) -> None:
    np.testing.assert_allclose(told.visemes.sum(axis=1), 1, atol=1e-4)
    assert told.visemes.min() >= 0
    shut = told.visemes[:, VISEMES.index("PBM")]
    for event in told.closures:
        assert shut[round(event.centre * RATE)] > 0.6
        assert told.opening[round(event.centre * RATE)] < 0.2
    outside = np.ones(len(shut), bool)
    for event in told.closures:
        outside[round(event.start * RATE) : round(event.end * RATE)] = False
    assert shut[outside].max() < 0.5
    assert told.features is heard.features
    assert told.opening.min() >= 0 and told.opening.max() <= 1
    assert (told.voice >= heard.voice).all()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Maybe Bob prefers fluffy muffins.", r"0:0[12]\.\d, after “…prefers fluffy”, "
         "something"),
        ("Maybe Bob prefers fluffy purple yellow muffins.", r"0:02\.\d, after “…fluffy purple”, "
         "the transcript has “yellow”, which is not said; correct it there"),
        ("Maybe Bob", r"after “Maybe Bob”, something is said that the transcript lacks"),
        ("Purple muffins.", r"at the start of the transcript, something is said"),
        ("Fluffy purple muffins maybe Bob prefers.", "at the start"),
        ("Nobody knows where they are going to sleep tonight.", "at the start"),
        ("Maybe Bob prefers fluffy purple muffins and nothing else.",
         r"at 0:02\.\d, after “…purple muffins”, the transcript has “and nothing else”"),
    ],
)  # fmt: skip
def test_a_text_that_is_not_said_is_refused_with_the_place(
    heard: Articulation, line: NDArray[np.float32], text: str, told: str
) -> None:
    with pytest.raises(SpeechError, match=told):
        aligned(heard, line, text, "en")


def test_a_transcript_of_silence_is_refused(heard: Articulation) -> None:
    silent = np.zeros(16000, np.float32)
    nothing = replace(heard, voice=np.zeros(100, np.float32), visemes=heard.visemes[:100])

    with pytest.raises(SpeechError, match="nobody speaks; choose another"):
        aligned(nothing, silent, LINE, "en")
