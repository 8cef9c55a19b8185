"""What ``relip listen`` found in one file, and how it is put for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

import numpy as np
from numpy.typing import NDArray

from relip.media.speech import RATE as SAMPLES
from relip.speech.articulation import RATE, VISEMES, Articulation, SpeechEvent
from relip.speech.recording import RecordingWarning

SPOKEN: Final = 0.5
"""From this on :attr:`Articulation.voice` is a voice."""
_MOST_LISTED: Final = 40
"""Events that are listed on a terminal; more are for the page or a program."""


@dataclass(frozen=True)
class Stretch:
    """Half-open ``[start, end)`` seconds in which one class of sounds is the most likely."""

    start: float
    end: float
    viseme: str


@dataclass(frozen=True, eq=False)
class Hearing:
    """A recording and what was heard in it; all seconds are on the file's clock.

    Attributes
    ----------
    samples : float32 ``[n]``, mono, 16 kHz; the first one is at 0 s of the file.
    rate : samples per second of the file itself.
    """

    path: Path
    samples: NDArray[np.float32]
    rate: int
    heard: Articulation
    warnings: tuple[RecordingWarning, ...]

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.samples) / SAMPLES

    def voice(self) -> list[tuple[float, float]]:
        """Half-open seconds in which somebody speaks, in order."""
        spoken = self.heard.voice > SPOKEN
        edges = np.flatnonzero(np.diff(np.pad(spoken.astype(np.int8), 1))).tolist()
        return [
            (start / RATE, min(stop / RATE, self.seconds))
            for start, stop in zip(edges[::2], edges[1::2], strict=True)
        ]

    def visemes(self) -> list[Stretch]:
        """The most likely class of sounds all along, without gaps."""
        likely = self.heard.visemes.argmax(axis=1)
        starts = np.flatnonzero(np.diff(likely, prepend=-1))
        ends = np.append(starts[1:], len(likely))
        return [
            Stretch(start / RATE, min(end / RATE, self.seconds), VISEMES[likely[start]])
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]


class EventFacts(TypedDict):
    """A closure, or an f or v."""

    start: float
    end: float
    confidence: float


def facts(hearing: Hearing) -> dict[str, object]:
    """The one object of ``--json``; ``relip listen --help`` describes it."""
    return {
        "file": str(hearing.path),
        "seconds": _ms(hearing.seconds),
        "closures": [_event(one) for one in hearing.heard.closures],
        "fv": [_event(one) for one in hearing.heard.dentals],
        "visemes": [
            {"start": _ms(one.start), "end": _ms(one.end), "viseme": one.viseme}
            for one in hearing.visemes()
        ],
        "voice": [{"start": _ms(start), "end": _ms(end)} for start, end in hearing.voice()],
        "warnings": [
            {
                "kind": one.kind,
                "start": _ms(one.start),
                "end": _ms(one.end),
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in hearing.warnings
        ],
    }


def _event(event: SpeechEvent) -> EventFacts:
    return {
        "start": _ms(event.start),
        "end": _ms(event.end),
        "confidence": round(event.confidence, 3),
    }


def _ms(seconds: float) -> float:
    return round(float(seconds), 3)


def clock(seconds: float) -> str:
    """``0:04.480`` or ``1:00:04.480``."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minute = divmod(minutes, 60)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    return f"{hours}:{minute:02d}:{tail}" if hours else f"{minute}:{tail}"


def as_text(hearing: Hearing) -> str:
    """The lines for a terminal."""
    spoken = sum(end - start for start, end in hearing.voice())
    share = spoken / hearing.seconds if hearing.seconds else 0.0
    heard = hearing.heard
    rows = [
        ("file", hearing.path.name),
        ("length", clock(hearing.seconds)),
        ("speech", f"{clock(spoken)} ({share:.0%} of it)" if spoken else "nobody speaks in it"),
    ]
    if spoken:
        rows += [
            ("closures", f"{told(heard.closures, spoken)} (p, b, m: lips closed)"),
            ("f and v", f"{told(heard.dentals, spoken)} (lower lip on the teeth)"),
        ]
    lines = [f"{name:<10}{says}" for name, says in rows]
    if 0 < len(heard.closures) + len(heard.dentals) <= _MOST_LISTED:
        lines += ["", "start       ms   sure"]
        lines += [
            f"{clock(one.start):<10}{1000 * (one.end - one.start):4.0f}  {one.confidence:4.0%}"
            f"  {name}"
            for one, name in _in_order(heard)
        ]
    for one in hearing.warnings:
        lines += ["", f"{_when(one, hearing.seconds)}{one.message}", f"  what helps: {one.remedy}"]
    return "\n".join(lines)


def told(events: tuple[SpeechEvent, ...], spoken: float) -> str:
    """How many, and how sure: ``12, 2 of them unsure``."""
    unsure = sum(event.confidence < SPOKEN for event in events)
    return f"{len(events)}, {unsure} of them unsure" if unsure else str(len(events))


def _in_order(heard: Articulation) -> list[tuple[SpeechEvent, str]]:
    both = [(one, "p b m") for one in heard.closures] + [(one, "f v") for one in heard.dentals]
    return sorted(both, key=lambda pair: pair[0].start)


def _when(warning: RecordingWarning, seconds: float) -> str:
    if warning.start <= 0 and warning.end >= seconds:
        return "warning: "
    return f"warning ({clock(warning.start)} to {clock(warning.end)}): "
