"""Where a text and a sound part: words that are not said, or sound that is not written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from relip.speech.alignment import Alignment, Evidence, Stray
from relip.speech.articulation import RATE
from relip.speech.likeness import is_faint
from relip.speech.spelling import Word
from relip_job.errors import SpeechError

PHONES: Final = 5.0
"""So many phones at one place that are said and not written, or written and not said, are a
departure. Less is a slip, or a way to say a word that no dictionary has.

Measured on 52 English and Russian utterances: no right text is refused, each of another line or
with its halves swapped is; with the last two words missing .88 are, with one word of four phones
or more left out .69, put in .77, replaced .52. Of a robotic synthesizer's lines in 26 languages 2
of 69 right texts are refused."""

FAINT: Final = 0.5
"""What a phone counts that is written but not heard, if it often is not."""

QUOTED: Final = 2
"""Words that a message quotes from before the place."""

ELSEWHERE: Final = 0.5
"""If so much of a text is not said, it is the text of something else."""


@dataclass(frozen=True)
class _Piece:
    """A phone, a word that is left out, or a stray sound; times are rows, -1 if it has none."""

    word: int
    unsaid: float = 0.0
    unwritten: float = 0.0
    start: int = -1
    stop: int = -1

    @property
    def agrees(self) -> bool:
        """Whether text and sound do."""
        return not self.unsaid and not self.unwritten


@dataclass(frozen=True)
class Departure:
    """Words ``[first, stop)`` of the text are not in the sound from ``start`` to ``end``.

    ``unsaid`` is how many phones are written and not said, ``unwritten`` how many are said and
    not written; times are seconds.
    """

    first: int
    stop: int
    start: float
    end: float
    unsaid: float
    unwritten: float


def first_departure(
    words: Sequence[Word], placed: Alignment, evidence: Evidence
) -> Departure | None:
    """The first place at which text and sound part for good, not by a slip."""
    pieces = list(_pieces(words, placed, evidence))
    begin = worst = 0
    trouble = most = 0.0
    for number, piece in enumerate(pieces):
        if piece.agrees:
            trouble = max(0.0, trouble - 1)
            if not trouble and most >= PHONES:
                break
        else:
            if not trouble:
                begin, most = number, 0.0
            trouble += piece.unsaid + piece.unwritten
            if trouble > most:
                most, worst = trouble, number
    return _departure(pieces, begin, worst + 1) if most >= PHONES else None


def _pieces(words: Sequence[Word], placed: Alignment, evidence: Evidence) -> Iterator[_Piece]:
    """Everything in the order of the text."""
    strays: dict[int, list[Stray]] = {}
    for stray in placed.strays:
        strays.setdefault(stray.before, []).append(stray)
    phones: dict[int, list[_Piece]] = {}
    for place in placed.places:
        lost = 0.0 if place.named else FAINT if is_faint(place.phone) else 1.0
        piece = _Piece(place.word, lost, 0.0, place.start, place.stop)
        phones.setdefault(place.word, []).append(piece)
    named = evidence.named[:, len(evidence.column)]
    for number in range(len(words) + 1):
        for stray in strays.get(number, ()):
            # A named phone lasts about two rows.
            heard = float(named[stray.start : stray.stop].sum()) / 2
            yield _Piece(number, 0.0, heard, stray.start, stray.stop)
        if number in phones:
            yield from phones[number]
        elif number < len(words):
            yield _Piece(number, float(min(map(len, words[number].spoken))))


def _departure(pieces: Sequence[_Piece], begin: int, end: int) -> Departure:
    part = pieces[begin:end]
    unsaid = [piece.word for piece in part if piece.unsaid]
    before = [piece.stop for piece in pieces[:begin] if piece.stop >= 0]
    starts = [piece.start for piece in part if piece.start >= 0]
    start = starts[0] if starts else before[-1] if before else 0
    return Departure(
        unsaid[0] if unsaid else part[0].word,
        unsaid[-1] + 1 if unsaid else part[0].word,
        start / RATE,
        max([piece.stop for piece in part if piece.stop >= 0], default=start) / RATE,
        sum(piece.unsaid for piece in part),
        sum(piece.unwritten for piece in part),
    )


def refuse_departures(words: Sequence[Word], placed: Alignment, evidence: Evidence) -> None:
    """Refuse a text that is not what is said.

    Raises
    ------
    SpeechError
        The first place at which they part, with its time and the words before it.
    """
    departure = first_departure(words, placed, evidence)
    if departure is not None:
        raise SpeechError(_told(words, departure), _remedy(words, placed))


def _told(words: Sequence[Word], departure: Departure) -> str:
    before = [word.text for word in words[max(0, departure.first - QUOTED) : departure.first]]
    cut = "…" if departure.first > QUOTED else ""
    after = f"after “{cut}{' '.join(before)}”" if before else "at the start of the transcript"
    lacking = [word.text for word in words[departure.first : departure.stop]]
    quoted = " ".join(lacking[:4]) + ("…" if len(lacking) > 4 else "")
    start, end = (_clock(at) for at in (departure.start, departure.end))
    if departure.unsaid < departure.unwritten / 3:
        return f"{start} to {end}, {after}, something is said that the transcript lacks"
    if departure.unwritten < departure.unsaid / 3:
        return f"at {start}, {after}, the transcript has “{quoted}”, which is not said"
    return f"at {start}, {after}, something else is said than “{quoted}”"


def _remedy(words: Sequence[Word], placed: Alignment) -> str:
    if len(placed.left_out) > ELSEWHERE * len(words):
        return "give the text of this sound and its language, or leave the transcript out"
    return "correct it there, put what is not said into brackets, or leave the transcript out"


def _clock(seconds: float) -> str:
    """``1:02.5``."""
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
