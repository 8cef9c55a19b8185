"""Assessments without an engine: of the shipped sample, with a line re-synced into it."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np

from relip import sample
from relip.quality.card import (
    Assessment,
    Card,
    Contact,
    LineCard,
    Measure,
    Moment,
    Point,
    Timeline,
)
from relip.sample import Phone
from relip.speech.articulation import RATE, VISEMES, Articulation, SpeechEvent, opened

FPS = 25
START = 1.0
"""Seconds of the clip at which the line begins."""
MOUTH = (224.0, 266.0, 300.0, 296.0)
"""Where the sample's mouth is, px; the head hardly moves."""
_SOUNDS = {
    "PBM": "pbm",
    "FV": "fv",
    "ROUND": "uʊɔowɹ",
    "OPEN": "ɑæaʌ",
    "SPREAD": "ieɪ",
    "TEETH": "szntdlð",
    "SH": "ʃʒ",
    "BACK": "kɡŋ",
}


def points(lost: tuple[str, ...] = ("closures", "articulation")) -> tuple[Point, ...]:
    """Five points; those named are lost, with numbers below their bars and moments."""
    made = (
        Point(
            "closures",
            (
                Measure("recall", "p, b, m with lips closed", 0.97, low=0.9),
                Measure("contact", "f, v with the lip on the teeth", 0.9, low=0.8),
                Measure("late", "lips later than the sound", 0.4, -1, 1, " frames", 1),
            ),
        ),
        Point(
            "sharpness",
            (
                Measure("detail", "detail of the mouth against the same face", 0.96, low=0.85),
                Measure("blur", "blur added in fast speech", 0.03, high=0.1),
            ),
        ),
        Point(
            "seam",
            (
                Measure("step", "step of light across the edge", 0.8, high=2, unit=" %", digits=1),
                Measure(
                    "outside",
                    "samples changed outside the mouth",
                    nan,
                    0,
                    0,
                    digits=0,
                    note="cannot be told after a lossy delivery codec",
                ),
            ),
        ),
        Point(
            "articulation",
            (
                Measure("range", "opening against this person's own", 1.02, 0.7, 1.3),
                Measure("contrast", "open vowels against closed lips", 0.8, low=0.5),
                Measure("leak", "motion where nobody speaks", 0.02, high=0.1),
                Measure("speed", "fastest opening", 3.1, unit=" eye distances/s", digits=1),
            ),
        ),
        Point(
            "sync",
            (
                Measure("lag", "picture later than the sound", 0.6, -2, 2, " frames", 1),
                Measure("blinks", "blinks", nan, low=1, digits=0, note="fewer than ten seconds"),
            ),
        ),
    )
    return tuple(_lost(point) if point.name in lost else point for point in made)


def _lost(point: Point) -> Point:
    first, *rest = point.measures
    worse = replace(first, value=first.low - 0.2 if first.low > -1 else first.high + 2)
    moments = (
        Moment(44, 46, "b: the lips stay apart", 1.0),
        Moment(70, 73, "m: the lips meet 3 frames late", 0.7),
        Moment(60, 75, "the jaw hangs", 0.4),
    )
    shift = 4 if point.name == "articulation" else 0
    moved = tuple(replace(one, first=one.first + shift, stop=one.stop + shift) for one in moments)
    return replace(point, measures=(worse, *rest), moments=moved)


def heard() -> Articulation:
    """What a perfect listener hears in the sample's line."""
    phones = sample.phones()
    count = int(phones[-1].end * RATE)
    visemes = np.zeros((count, len(VISEMES)), np.float32)
    for phone in phones:
        rows = slice(round(phone.start * RATE), round(phone.end * RATE))
        visemes[rows, VISEMES.index(_viseme(phone))] = 1
    return Articulation(
        visemes=visemes,
        voice=1 - visemes[:, 0],
        features=np.zeros((-(-count // 2), 384), np.float16),
        opening=opened(visemes),
        loudness=np.zeros(count, np.float32),
        closures=_events("PBM"),
        dentals=_events("FV"),
    )


def _viseme(phone: Phone) -> str:
    if not phone.name:
        return "SIL"
    return next((name for name, known in _SOUNDS.items() if phone.name[0] in known), "MID")


def _events(viseme: str) -> tuple[SpeechEvent, ...]:
    return tuple(
        SpeechEvent(phone.start, phone.end, 0.9)
        for phone in sample.phones()
        if _viseme(phone) == viseme
    )


def timeline(frames: int = 80, first: int = 20) -> Timeline:
    """The line as a mouth might say it, one closure and one f missed."""
    said = heard()
    times = (np.arange(frames) + first) / FPS
    rows = np.clip(((times - START + 0.5 / FPS) * RATE).astype(int), 0, len(said.voice) - 1)
    apart = np.asarray([0, 0, 0.02, 0.06, 0.14, 0.1, 0.08, 0.04, 0.05, 0.06])
    wanted = np.convolve(said.visemes[rows] @ apart, [0.25, 0.5, 0.25], "same")
    drawn = wanted * 0.9 + 0.004
    original = 0.05 + 0.05 * np.sin(times * 11)
    drawn[30:33] = nan
    contacts = [
        Contact(
            "pbm" if event in said.closures else "fv",
            event.start + START,
            event.end + START,
            event.confidence,
            number != 3,
            round((event.centre + START) * FPS),
            nan if number == 3 else 0.3,
        )
        for number, event in enumerate(sorted(said.closures + said.dentals, key=lambda e: e.start))
    ]
    contacts[5] = replace(contacts[5], met=False, late=nan)
    contacts[6] = replace(contacts[6], met=None, frame=-1, late=nan)
    return Timeline(
        first=first,
        times=times,
        wanted=wanted,
        drawn=drawn,
        original=original,
        mouths=np.tile(np.asarray(MOUTH, np.float32), (frames, 1)),
        changed=np.ones(frames, bool),
        heard=said,
        speech_start=START,
        contacts=tuple(contacts),
    )


def assessment(lost: tuple[str, ...] = ("closures", "articulation")) -> Assessment:
    """Two lines, of which the second loses what the card loses."""
    card = Card(points(lost))
    lines = (
        LineCard(25, 50, "01:00:01:00", "01:00:02:00", Card(points(()))),
        LineCard(50, 100, "01:00:02:00", "01:00:04:00", card),
    )
    return Assessment(card, lines, timeline(), ("a hand covers the mouth in 3 frames",))
