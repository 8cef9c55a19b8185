"""What is wrong with a recording, as far as it makes listening less sure.

Measured on 53 recordings of 3 to 8 s in nine languages, people and machines, to which nothing or
one fault was done. Of the clean ones it warned of one, which has music. It found pink noise at
13 dB in 46 and called it music in 4, made music at 10 dB in 53, a room of 0.6 s in 51, the band
of a telephone, clipping by 6 dB and faint speech in 53, a second voice 3 dB lower in 25. Real
music under 40 of them it found in 29 at 10 dB, where it called 5 more noise, and in 21 at 15 dB.
Beside one fault it rarely sees another.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import RATE, Articulation
from relip.speech.background import background, notes
from relip.speech.bands import Bands, bands
from relip.speech.features import HOP, SAMPLE_RATE
from relip.speech.room import reverberation
from relip.speech.second_voice import second_voice
from relip_job.events import Progress

Kind = Literal["noise", "clipping", "music", "narrow band", "two voices", "faint", "reverb"]


@dataclass(frozen=True)
class RecordingWarning:
    """Something that makes listening less sure, half-open ``[start, end)`` seconds.

    Attributes
    ----------
    message : what is wrong, with the number it was told by.
    remedy : what would help.
    """

    kind: Kind
    start: float
    end: float
    message: str
    remedy: str


@dataclass(frozen=True)
class Limits:
    """From where on something is said; what was measured on speech in seven languages beside it.

    Attributes
    ----------
    noise : dB from the background to the speech; pink noise of 15 dB is measured as 14 to 17.
    music : the same for a background in which notes are held; it disturbs earlier.
    held : part of the time in which notes are, in music; in clean speech over noise 0 to 0.11.
    held_alone : the same where the background's level cannot be told.
    held_long : the same in a room, whose own sound goes on like a note.
    reverb : seconds; dry voices are measured as 0.06 to 0.22.
    narrow : dB from the middle of the speech to its high sounds; a telephone has -90 and less,
        archive recordings -40, sound that was never cut -1 to -33.
    faint : dB of full scale, mean power of the speech; lines are delivered at -30 to -15.
    tops : flat tops per second of speech; limiters leave up to 1, sound that nothing was done to
        up to 0.4, sound that was clipped by 6 dB 8 and more.
    second : part of the speech that has a second pitch; one dry voice has up to 0.01.
    """

    noise: float = 18.0
    music: float = 25.0
    held: float = 0.15
    held_alone: float = 0.4
    held_long: float = 0.65
    reverb: float = 0.35
    narrow: float = -45.0
    faint: float = -45.0
    tops: float = 2.0
    second: float = 0.02


LIMITS: Final = Limits()
SECTION: Final = 10.0
"""Seconds that are judged together, about."""
_SPOKEN: Final = 100
"""Rows of speech without which a section is not judged."""


@dataclass(frozen=True)
class _Section:
    """Rows ``[first, stop)``, and what is wrong in them, by kind, with a number."""

    first: int
    stop: int
    found: dict[Kind, float]


def warnings_in(
    samples: NDArray[np.float32],
    rate: int,
    heard: Articulation,
    tops: NDArray[np.int64] | None = None,
    limits: Limits = LIMITS,
) -> tuple[RecordingWarning, ...]:
    """What is wrong with the recording, in order of time; :func:`checking` in one go."""
    work = checking(samples, rate, heard, tops, limits)
    while True:
        try:
            next(work)
        except StopIteration as finished:
            found: tuple[RecordingWarning, ...] = finished.value
            return found


def checking(
    samples: NDArray[np.float32],
    rate: int,
    heard: Articulation,
    tops: NDArray[np.int64] | None = None,
    limits: Limits = LIMITS,
) -> Generator[Progress, None, tuple[RecordingWarning, ...]]:
    """Yield progress; return what is wrong with the recording, in order of time.

    Parameters
    ----------
    samples : float32 ``[n]``, mono, 16 kHz, as they were listened to.
    rate : samples per second of the file they come from.
    heard : what was heard in them.
    tops : flat tops per second, from :func:`relip.speech.clipping.flat_tops`; without them
        nothing is said about clipping.
    """
    power = bands(samples)
    voice = heard.voice[: len(power.wide)]
    room = reverberation(power.octaves) or 0.0
    sections: list[_Section] = []
    parts = list(_sections(len(voice)))
    for done, (first, stop) in enumerate(parts):
        yield Progress("check", done, len(parts))
        if (voice[first:stop] > 0.5).sum() >= min(_SPOKEN, max(1, (stop - first) // 3)):
            found = _judged(samples, power, voice, tops, (first, stop), room, limits)
            sections.append(_Section(first, stop, found))
    yield Progress("check", len(parts), len(parts))
    warnings = [
        RecordingWarning(kind, start, end, *_said(kind, value, rate))
        for kind in dict.fromkeys(kind for section in sections for kind in section.found)
        for start, end, value in _stretches(sections, kind, len(samples) / SAMPLE_RATE)
    ]
    return tuple(sorted(warnings, key=lambda one: (one.start, one.kind)))


def _sections(rows: int) -> Iterator[tuple[int, int]]:
    """Equal parts of about :data:`SECTION`, half-open rows."""
    count = max(1, round(rows / RATE / SECTION))
    edges = np.linspace(0, rows, count + 1).astype(int).tolist()
    yield from pairwise(edges)


def _judged(
    samples: NDArray[np.float32],
    power: Bands,
    voice: NDArray[np.float32],
    tops: NDArray[np.int64] | None,
    rows: tuple[int, int],
    room: float,
    limits: Limits,
) -> dict[Kind, float]:
    """What is wrong in a section, with the number it was told by."""
    part = slice(*rows)
    sound, spoken = samples[rows[0] * HOP : rows[1] * HOP], voice[part] > 0.5
    found: dict[Kind, float] = {}
    level = _decibels(float(power.wide[part][spoken].mean()))
    if level < limits.faint:
        found["faint"] = level
    high = float(np.quantile(power.high[part][spoken], 0.95))
    middle = float(power.middle[part][spoken].mean())
    if _decibels(high) - _decibels(middle) < limits.narrow:
        found["narrow band"] = _decibels(high) - _decibels(middle)
    if tops is not None:
        seconds = slice(rows[0] // RATE, -(-rows[1] // RATE))
        often = float(tops[seconds].sum()) / (spoken.sum() / RATE)
        if often > limits.tops:
            found["clipping"] = often
    sounds_on = room > limits.reverb
    below = background(power.wide[part], voice[part])
    if below is None or below < limits.music:
        least = limits.held_alone if below is None else limits.held
        if notes(sound, voice[part]) > (limits.held_long if sounds_on else least):
            found["music"] = limits.music if below is None else below
        elif below is not None and below < limits.noise and not sounds_on:
            found["noise"] = below
    if "music" in found:
        return found  # notes die away like rooms and are pitches like voices
    if sounds_on:
        found["reverb"] = room
    elif second_voice(sound, voice[part]) > limits.second:
        found["two voices"] = 1.0
    return found


def _decibels(power: float) -> float:
    return float(10 * np.log10(max(power, 1e-15)))


def _stretches(
    sections: list[_Section], kind: Kind, seconds: float
) -> Iterator[tuple[float, float, float]]:
    """Neighbouring sections with that fault as one ``(start, end, worst number)``."""
    worst = max if kind in ("reverb", "clipping") else min
    run: list[_Section] = []
    for number, section in enumerate([*sections, None]):
        if section is not None and kind in section.found:
            run.append(section)
            continue
        if not run:
            continue
        # What begins with the first speech and ends with the last is all of it.
        start = 0.0 if run[0] is sections[0] else run[0].first / RATE
        end = seconds if number == len(sections) else min(run[-1].stop / RATE, seconds)
        yield start, end, worst(one.found[kind] for one in run)
        run = []


def _said(kind: Kind, value: float, rate: int) -> tuple[str, str]:
    """The message and the remedy."""
    match kind:
        case "noise":
            return (
                f"noise only {value:.0f} dB under the voice",
                "denoise the line, or take a cleaner recording; a transcript makes closures sure",
            )
        case "music":
            return (
                "music under the voice",
                "give relip the dialogue stem, without music and effects",
            )
        case "clipping":
            return (
                f"clipping: {value:.0f} cut-off tops per second",
                "take the recording before it was turned up, or declip it",
            )
        case "narrow band":
            cut = f", in a file of {rate / 1000:g} kHz" if rate < SAMPLE_RATE else ""
            return (
                f"nothing above 4 kHz, as on a telephone{cut}: s, sh and f sound alike",
                "take the full-band recording; put the telephone effect on in the mix",
            )
        case "two voices":
            return (
                "two voices at once",
                "give relip only the voice of the person whose mouth it is",
            )
        case "faint":
            return (
                f"the voice is very faint, {value:.0f} dB of full scale",
                "export it louder, at 24 bits; dialogue lies at -30 to -15 dB",
            )
        case "reverb":
            return (
                f"a room that sounds on for {value:.1f} s and blurs closures",
                "take a closer microphone's track, or dereverberate the line",
            )
