"""What is asked of the engine, and what of it a score meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

from tests.bench_speech.conditions import HARD, Condition
from tests.bench_speech.scoring import Score, Tally
from tests.bench_speech.systems import OURS, TRANSCRIPT
from tests.bench_speech.utterances import Kind

ERROR: Final = 10.0
"""ms, the median error of a closure's time on clean speech."""
BIAS: Final = 5.0
"""ms by which closures may be late or early on the whole, on clean speech."""
COST: Final = 0.02
"""Seconds of one core per second of sound."""
DRIFT: Final = 1.0
"""ms by which events may be later, or sooner, than in the same sound alone, or at 16 kHz."""


@dataclass(frozen=True)
class Bars:
    """Least recall and precision of both kinds of events, least accuracy (NaN: none)."""

    closure_recall: float
    closure_precision: float
    dental_recall: float
    dental_precision: float
    accuracy: float = float("nan")

    def lowered(self, closures: float, dentals: float) -> Bars:
        """The same, lower by so much; of the accuracy nothing is asked then."""
        return Bars(
            self.closure_recall - closures,
            self.closure_precision - closures,
            self.dental_recall - dentals,
            self.dental_precision - dentals,
        )


BARS: Final[dict[Kind, Bars]] = {
    "real": Bars(0.97, 0.95, 0.90, 0.85, 0.82),
    "unseen": Bars(0.90, 0.85, 0.80, 0.80, 0.78),
}
WITH_TRANSCRIPT: Final = Bars(0.99, 0.99, 0.97, 0.95)
LOWER: Final = (0.05, 0.08)
"""How far below the bars of clean speech closures and dentals may be elsewhere."""


def bars(system: str, kind: Kind, condition: Condition) -> Bars | None:
    """The bars of a row; None for other systems than ours, and for sound without bars."""
    if system not in (OURS, TRANSCRIPT) or condition in HARD:
        return None
    asked = WITH_TRANSCRIPT if system == TRANSCRIPT else BARS[kind]
    return asked if condition == "clean" else asked.lowered(*LOWER)


def missed(score: Score, asked: Bars, condition: Condition) -> tuple[str, ...]:
    """Names of the figures that fall short, as shown: to three digits, times to one."""
    least = (
        ("p/b/m recall", score.closures.recall, asked.closure_recall),
        ("p/b/m precision", score.closures.precision, asked.closure_precision),
        ("f/v recall", score.dentals.recall, asked.dental_recall),
        ("f/v precision", score.dentals.precision, asked.dental_precision),
        ("accuracy", score.accuracy, asked.accuracy),
    )
    short = [name for name, value, bar in least if round(value, 3) < round(bar, 3)]
    return (*short, *(mistimed(score.closures) if condition == "clean" else ()))


def mistimed(closures: Tally) -> tuple[str, ...]:
    """Which of the error and the bias of their times is too large."""
    large = (
        ("error", round(closures.error, 1) > ERROR),
        ("bias", abs(round(closures.bias, 1)) > BIAS),
    )
    return tuple(name for name, short in large if short)


def verdict(score: Score, asked: Bars | None, condition: Condition) -> str:
    """``met``, or ``short:`` and what of it; empty where nothing is asked or there."""
    if asked is None or (isnan(score.accuracy) and not score.closures.there):
        return ""
    return judged(missed(score, asked, condition))


def judged(short: Sequence[str]) -> str:
    """``met``, or ``short:`` and the names of what is."""
    return f"short: {', '.join(short)}" if short else "met"
