"""Whether sound comes to 16 kHz on time, whatever rate its file has.

Ten seconds of labelled speech, limited to what the lowest rate can hold, go to every rate by
Fourier's sum, which shifts nothing, and are repeated for minutes: any delay, and any drift, is the
reader's.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.speech import RATE, read_speech
from relip.speech.articulation import Articulation
from relip.speech.visemes import listen
from tests.bench_speech.bars import DRIFT, judged
from tests.bench_speech.scoring import matched, spans
from tests.bench_speech.utterances import LabelledSet, Samples

FILES: Final = (8_000, 16_000, 22_050, 44_100, 48_000, 96_000)
"""Samples per second of the files; ten seconds are a whole number at each."""
TURN: Final = 10
"""Seconds after which the sound repeats."""
TURNS: Final = 60
LOST: Final = 0.02
"""Share of the events that may be at their threshold, and be heard in one of both only."""
HIGHEST: Final = 3_400
"""Hz; what 8 kHz holds, with room for the reader's filter."""
LISTENED: Final = 2
"""Turns that are listened to."""


@dataclass(frozen=True)
class Read:
    """One file as it was read.

    Attributes
    ----------
    rate : samples per second of the file.
    early, late : samples of 16 kHz by which its second and last but one turn are late.
    longer : samples by which the whole is longer than it should be.
    residue : dB of what differs, on time, relative to the sound.
    events, lost : events heard in the original sound, and how many of them, or others, are not
        in both.
    moved, farthest : ms by which the others moved, on the mean, and at most: what differs by
        -97 dB may still tip an edge of an event to the next row.
    """

    rate: int
    early: float
    late: float
    longer: int
    residue: float
    events: int
    lost: int
    moved: float
    farthest: float

    @property
    def verdict(self) -> str:
        """Whether nothing is late, and events are where they were."""
        late = max(abs(self.early), abs(self.late)) * 1000 / RATE
        names = (
            ("time", late > DRIFT),
            ("length", abs(self.longer) * 1000 / RATE > DRIFT),
            ("events", self.moved > DRIFT or self.lost > LOST * self.events),
        )
        return judged([name for name, short in names if short])


def read_rates(
    sets: Sequence[LabelledSet], turns: int = TURNS, files: Sequence[int] = FILES
) -> Iterator[Read]:
    """What becomes of the sound in a file of each rate."""
    spectrum = _spectrum(_turn(sets))
    true = _at(spectrum, RATE)
    heard = listen(np.tile(true, LISTENED))
    with TemporaryDirectory() as folder:
        for rate in files:
            path = Path(folder) / f"{rate}.wav"
            _write(path, _at(spectrum, rate), rate, turns)
            yield _compared(rate, read_speech(path).samples, true, heard, turns)
            path.unlink()


def _compared(rate: int, samples: Samples, true: Samples, heard: Articulation, turns: int) -> Read:
    size = len(true)
    early, late = (
        lateness(samples[turn * size : (turn + 1) * size], true) for turn in (1, turns - 2)
    )
    middle = samples[size : 2 * size].astype(float)
    wrong, right = (float(np.mean(part**2)) for part in (middle - true, true))
    residue = 10 * np.log10(max(wrong, 1e-20) / right)
    again = listen(samples[: LISTENED * size])
    pairs = [
        matched(spans(before), spans(after))
        for before, after in ((heard.closures, again.closures), (heard.dentals, again.dentals))
    ]
    both = pairs[0] + pairs[1]
    distances = np.abs(np.array(both.errors)) * 1000
    return Read(
        rate,
        early,
        late,
        len(samples) - turns * size,
        float(residue),
        both.there,
        both.there + both.reported - 2 * both.found,
        float(distances.mean()) if len(distances) else 0.0,
        float(distances.max(initial=0)),
    )


def lateness(found: Samples, true: Samples) -> float:
    """Samples by which one turn of a repeated sound is late, to hundredths.

    Whole samples by correlation; the rest is the slope of the phase between the two.
    """
    one, other = np.fft.rfft(found.astype(float)), np.fft.rfft(true.astype(float))
    cross = one * np.conj(other)
    whole = int(np.fft.irfft(cross, len(true)).argmax())
    turns = 2 * np.pi * np.arange(len(cross)) / len(true)
    cross *= np.exp(1j * turns * whole)
    weight = np.abs(cross)
    part = -float((weight * turns * np.angle(cross)).sum() / (weight * turns**2).sum())
    return (whole if whole < len(true) / 2 else whole - len(true)) + part


def _turn(sets: Sequence[LabelledSet]) -> Samples:
    """Ten seconds of utterances, at a level that no filter clips."""
    parts: list[Samples] = []
    for source in (source for each in sets for source in each.sources):
        parts.append(source.read()[0])
        if sum(map(len, parts)) >= TURN * RATE:
            break
    joined = np.resize(np.concatenate(parts), TURN * RATE)
    return np.asarray(0.5 * joined / np.abs(joined).max(), np.float32)


def _spectrum(turn: Samples) -> NDArray[np.complex128]:
    """Up to :data:`HIGHEST`, per sample; the edge is soft."""
    spectrum = np.fft.rfft(turn.astype(float)) / len(turn)
    pitch = np.arange(len(spectrum)) / TURN
    edge = np.clip((HIGHEST - pitch) / 200, 0, 1)
    return np.asarray(spectrum * 0.5 * (1 - np.cos(np.pi * edge)))[: HIGHEST * TURN + 1]


def _at(spectrum: NDArray[np.complex128], rate: int) -> Samples:
    """One turn at any rate."""
    count = rate * TURN
    full = np.zeros(count // 2 + 1, complex)
    full[: len(spectrum)] = spectrum * count
    return np.fft.irfft(full, count).astype(np.float32)


def _write(path: Path, turn: Samples, rate: int, turns: int) -> None:
    """Mono, 24 bits: rounding is not what is measured."""
    whole = np.round(turn.astype(float) * (2**23 - 1)).astype("<i4")
    pcm = whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(rate)
        for _ in range(turns):
            file.writeframes(pcm)
