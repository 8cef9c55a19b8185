"""What is heard, made as certain as a text: closures where the words have them, and only there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.alignment import Alignment, Evidence, Place, align
from relip.speech.articulation import RATE, VISEMES, Articulation, SpeechEvent, opened
from relip.speech.closures import insist
from relip.speech.departure import refuse_departures
from relip.speech.features import speech_gain
from relip.speech.likeness import likeness, no_phone, viseme_of
from relip.speech.phones import LAG, named_phones
from relip.speech.spelling import Word, check_language, words_of
from relip_job.errors import SpeechError

TRUST: Final = 0.5
"""Confidence of an event that is in the text alone; the sound has the rest. Measured: of events
in which both networks see less than .1 of it, .68 are right (19), of all others .98 (1377)."""

RESHAPE: Final = 0.25
"""How much of what is seen in a row goes to the viseme that the text has there. More helps where
the dictionary has the speaker's own vowels, and harms where it does not."""

RIVAL: Final = 0.1
"""What is left of a closure, or of teeth on lip, that was seen where the text has none."""

JOINED: Final = 5
"""Rows; lips do not open between two closures that are no farther apart."""

EDGE: Final = 0.3
"""Where an event begins or ends in silence, its viseme is this probable: the text does not tell
when lips close in a pause."""

_FRAME: Final = 0.02


def aligned(
    heard: Articulation, samples: NDArray[np.float32], text: str, language: str
) -> Articulation:
    """The same articulation with closures and dentals from the text, visemes sharpened by it.

    Parameters
    ----------
    heard : what :func:`relip.speech.visemes.listen` makes of the samples
    samples : float32 ``[n]``, mono, 16 kHz, in -1 to 1
    text : all that is said in them, remarks in brackets excepted
    language : tag of a language of :data:`relip.speech.spelling.LANGUAGES`, such as ``de``

    Raises
    ------
    SpeechError
        The language is not known or its dictionary not installed; the text has no words, or
        is not what is said: the message tells after which word and when they part.
    """
    check_language(language)
    words = words_of(text, language)
    if not (heard.voice > 0.5).any():
        raise SpeechError(
            "there is a transcript, but nobody speaks", "choose another audio file or track"
        )
    evidence = gathered(heard, samples, words)
    placed = align([word.spoken for word in words], evidence)
    refuse_departures(words, placed, evidence)
    return sharpened(heard, placed, evidence)


def gathered(heard: Articulation, samples: NDArray[np.float32], words: Sequence[Word]) -> Evidence:
    """What both networks say about the phones of these words."""
    phones = sorted({phone for word in words for way in word.spoken for phone in way})
    none = no_phone()
    sums = np.stack([*(likeness(phone) for phone in phones), 1 - none, none], axis=1)
    gain = speech_gain(samples, heard.voice)
    named = named_phones(samples, heard.voice, gain, Network("speech_phones"), sums)
    # Where nobody speaks, nothing is named.
    named[:, -1] = np.maximum(1 - named[:, -2], 0)
    at = (np.arange(len(heard.visemes)) + 0.5) / RATE + LAG
    frames = np.clip(np.rint(at / _FRAME).astype(int), 0, len(named) - 1)
    column = {phone: number for number, phone in enumerate(phones)}
    return Evidence(named[frames], column, heard.visemes)


def sharpened(heard: Articulation, placed: Alignment, evidence: Evidence) -> Articulation:
    """What was heard, with the events and visemes of the phones where they were placed."""
    shut, bite = VISEMES.index("PBM"), VISEMES.index("FV")
    closures = tuple(_events(placed.places, evidence, shut))
    dentals = tuple(_events(placed.places, evidence, bite))
    visemes = _reshaped(heard.visemes, placed)
    visemes = insist(insist(visemes, closures, shut), dentals, bite)
    shutting = visemes[:, shut] - heard.visemes[:, shut]
    opening = heard.opening * (1 - np.clip(shutting, 0, 1))
    opening += np.clip(-shutting, 0, 1) * opened(visemes)
    return replace(
        heard,
        visemes=visemes,
        voice=np.maximum(heard.voice, 1 - visemes[:, 0]),
        opening=np.clip(opening, 0, 1),
        closures=closures,
        dentals=dentals,
    )


def _events(places: Sequence[Place], evidence: Evidence, viseme: int) -> Iterator[SpeechEvent]:
    """The events of one viseme; neighbours are one, for between m and p lips stay closed."""
    spans: list[list[int]] = []
    sure: list[float] = []
    last = -2
    for number, place in enumerate(places):
        if viseme_of(place.phone) != viseme:
            continue
        start, stop = _trimmed(place, evidence, viseme)
        sound = _agreement(place, evidence, viseme)
        if number == last + 1 and start - spans[-1][1] <= JOINED:
            spans[-1][1], sure[-1] = stop, max(sure[-1], sound)
        else:
            spans.append([start, stop])
            sure.append(sound)
        last = number
    for (start, stop), sound in zip(spans, sure, strict=True):
        yield SpeechEvent(start / RATE, stop / RATE, TRUST + (1 - TRUST) * sound)


def _trimmed(place: Place, evidence: Evidence, viseme: int) -> tuple[int, int]:
    """Rows of a phone, less what is silent at its ends."""
    seen = evidence.visemes[place.start : place.stop]
    inside = np.flatnonzero((seen[:, viseme] >= EDGE) | (seen[:, 0] < 0.5))
    if not len(inside):
        return place.start, place.stop
    return place.start + int(inside[0]), place.start + int(inside[-1]) + 1


def _agreement(place: Place, evidence: Evidence, viseme: int) -> float:
    """How far the sound agrees that this phone is there, 0 to 1."""
    rows = slice(place.start, place.stop)
    named = evidence.named[rows, evidence.column[place.phone]].max()
    return float(min(1.0, max(named, evidence.visemes[rows, viseme].max())))


def _reshaped(visemes: NDArray[np.float32], placed: Alignment) -> NDArray[np.float32]:
    """The visemes moved toward those of the text; how much is silence stays."""
    made = visemes.copy()
    events = [VISEMES.index("PBM"), VISEMES.index("FV")]
    for place in placed.places:
        part = made[place.start : place.stop]
        spoken = 1 - part[:, :1]
        told = viseme_of(place.phone)
        part[:, [event for event in events if event != told]] *= RIVAL
        part[:, 1:] *= spoken / np.maximum(part[:, 1:].sum(axis=1, keepdims=True), 1e-6)
        if told >= 0:
            part[:, 1:] *= 1 - RESHAPE
            part[:, told] += RESHAPE * spoken[:, 0]
    return made
