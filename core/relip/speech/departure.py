"""Where a text and a sound part: words that are not said, or sound that is not written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from relip.speech.alignment import Alignment, Evidence
from relip.speech.articulation import RATE
from relip.speech.spelling import Word
from relip_job.errors import SpeechError

PHONES: Final = 5.0
"""So many phones at one place that are said and not written, or written and not said, are a
departure. Less is a slip, or a way to say a word that no dictionary has."""

QUOTED: Final = 2
"""Words that a message quotes from before the place."""

ELSEWHERE: Final = 0.5
"""If so much of a text is not said, it is the text of something else."""


@dataclass(frozen=True)
class Departure:
    """Words ``[first, stop)`` of the text are not in the sound from ``start`` to ``end``.

    ``unsaid`` is how many phones these words have, ``unwritten`` how many are heard instead;
    times are seconds.
    """

    first: int
    stop: int
    start: float
    end: float
    unsaid: int
    unwritten: float


def departures(words: Sequence[Word], placed: Alignment, evidence: Evidence) -> Iterator[Departure]:
    """Every place at which text and sound part, in order."""
    said = {place.word: (place.start, place.stop) for place in reversed(placed.places)}
    ends = {place.word: place.stop for place in placed.places}
    missing = set(placed.left_out)
    named = evidence.named[:, len(evidence.column)]
    gaps = sorted(missing | {stray.before for stray in placed.strays})
    while gaps:
        first = stop = gaps[0]
        while stop in missing:
            stop += 1
        gaps = [gap for gap in gaps if gap > stop]
        begin = max((ends[word] for word in range(first) if word in ends), default=0)
        end = said[stop][0] if stop in said else len(named)
        strays = [stray for stray in placed.strays if first <= stray.before <= stop]
        yield Departure(
            first,
            stop,
            (strays[0].start if strays else begin) / RATE,
            (strays[-1].stop if strays else end) / RATE,
            sum(min(map(len, word.spoken)) for word in words[first:stop]),
            # A named phone lasts about two rows.
            float(sum(named[stray.start : stray.stop].sum() for stray in strays)) / 2,
        )


def refuse_departures(words: Sequence[Word], placed: Alignment, evidence: Evidence) -> None:
    """Refuse a text that is not what is said.

    Raises
    ------
    SpeechError
        The first place at which they part, with its time and the words before it.
    """
    for departure in departures(words, placed, evidence):
        if max(departure.unsaid, departure.unwritten) >= PHONES:
            raise SpeechError(_told(words, departure), _remedy(words, placed))


def _told(words: Sequence[Word], departure: Departure) -> str:
    at = _clock(departure.start)
    before = [word.text for word in words[max(0, departure.first - QUOTED) : departure.first]]
    cut = "…" if departure.first > QUOTED else ""
    after = f"after “{cut}{' '.join(before)}”" if before else "at the start of the transcript"
    lacking = [word.text for word in words[departure.first : departure.stop]]
    quoted = " ".join(lacking[:4]) + ("…" if len(lacking) > 4 else "")
    if departure.unsaid < PHONES:
        until = _clock(departure.end)
        return f"{at} to {until}, {after}, something is said that the transcript lacks"
    if departure.unwritten < PHONES:
        return f"at {at}, {after}, the transcript has “{quoted}”, which is not said"
    return f"at {at}, {after}, something else is said than “{quoted}”"


def _remedy(words: Sequence[Word], placed: Alignment) -> str:
    if len(placed.left_out) > ELSEWHERE * len(words):
        return "give the text of this sound and its language, or leave the transcript out"
    return "correct it there, put what is not said into brackets, or leave the transcript out"


def _clock(seconds: float) -> str:
    """``1:02.5``."""
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
