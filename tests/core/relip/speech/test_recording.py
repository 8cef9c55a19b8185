"""What is said about recordings: on made faults of the sample, and of speech named by variables."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.sound import SoundBlock
from relip.media.speech import RATE, read_speech
from relip.speech.articulation import Articulation
from relip.speech.clipping import flat_tops
from relip.speech.recording import Kind, RecordingWarning, warnings_in
from relip.speech.visemes import listen

Samples = NDArray[np.float32]
Fault = Callable[[Samples, np.random.Generator], Samples]


def mixed(samples: Samples, other: NDArray[np.float64], below: float) -> Samples:
    """``other`` so many dB under the loud half of the samples."""
    power = samples.astype(np.float64) ** 2
    loud = power[power > np.quantile(power, 0.5)].mean()
    gain = np.sqrt(loud / np.mean(other**2) * 10 ** (-below / 10))
    return np.asarray(samples + gain * other, np.float32)


def in_noise(samples: Samples, rng: np.random.Generator) -> Samples:
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    white = rng.normal(size=len(frequency)) + 1j * rng.normal(size=len(frequency))
    pink = np.fft.irfft(white / np.sqrt(np.maximum(frequency, 50)), len(samples))
    return mixed(samples, pink, 13)


def with_music(samples: Samples, rng: np.random.Generator) -> Samples:
    """Chords of struck strings, a new one every 0.8 s."""
    music = np.zeros(len(samples))
    since = np.arange(3 * RATE) / RATE
    for start in range(0, len(samples), round(0.8 * RATE)):
        for step in rng.choice([0, 3, 5, 7, 10, 12], 3, replace=False):
            string = np.zeros(len(since))
            for harmonic in range(1, 6):
                turns = harmonic * 220 * 2 ** (step / 12) * since
                string += np.sin(2 * np.pi * turns) / harmonic**1.5
            part = music[start : start + len(since)]
            part += (np.exp(-1.2 * since) * string)[: len(part)]
    return mixed(samples, music, 10)


def in_a_room(samples: Samples, rng: np.random.Generator) -> Samples:
    """0.6 s until it is 60 dB lower, 4 dB below the voice itself."""
    length = round(0.6 * RATE)
    tail = rng.normal(size=length) * 10 ** (-3 * np.arange(length) / length)
    tail *= 10 ** (-4 / 20) / np.sqrt((tail**2).sum())
    tail[0] += 1
    size = len(samples) + length
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[: len(samples)], np.float32)


def by_telephone(samples: Samples, rng: np.random.Generator) -> Samples:
    del rng
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    passed = 1 / (1 + (frequency / 3400) ** 40) / (1 + (250 / np.maximum(frequency, 1)) ** 8)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples) * passed, len(samples)), np.float32)


def clipped(samples: Samples, rng: np.random.Generator) -> Samples:
    del rng
    level = float(np.abs(samples).max()) / 2
    return np.clip(samples, -level, level) / level * np.float32(0.99)


def faint(samples: Samples, rng: np.random.Generator) -> Samples:
    """As 16 bits hold it."""
    del rng
    gain = 10 ** (-52 / 20) / float(np.sqrt(np.mean(samples**2)))
    return np.asarray(np.round(samples * gain * 32768) / 32768, np.float32)


FAULTS: dict[Kind, Fault] = {
    "noise": in_noise,
    "music": with_music,
    "reverb": in_a_room,
    "narrow band": by_telephone,
    "clipping": clipped,
    "faint": faint,
}


def told(samples: Samples, heard: Articulation) -> tuple[RecordingWarning, ...]:
    block = SoundBlock(samples[:, None], 0, RATE, "mono")
    return warnings_in(samples, RATE, heard, flat_tops([block]))


def test_nothing_is_said_against_the_shipped_line(line: Samples, heard: Articulation) -> None:
    assert told(line, heard) == ()


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_named(kind: Kind, line: Samples) -> None:
    worse = FAULTS[kind](line, np.random.default_rng(0))

    found = told(worse, listen(worse))

    assert kind in [one.kind for one in found]
    assert all(one.message and one.remedy for one in found)
    assert all(0 <= one.start < one.end <= len(line) / RATE for one in found)


def test_a_fault_is_told_where_it_is(line: Samples) -> None:
    good = np.tile(line, 8)
    bad = good.copy()
    middle = slice(10 * RATE, 23 * RATE)
    bad[middle] = by_telephone(good[middle], np.random.default_rng(0))

    found = told(bad, listen(good))

    assert [one.kind for one in found] == ["narrow band"]
    assert 10 <= found[0].start <= 12
    assert 20 <= found[0].end <= 23


def test_what_is_wrong_all_along_is_told_once(line: Samples) -> None:
    long = by_telephone(np.tile(line, 8), np.random.default_rng(0))

    (found,) = told(long, listen(long))

    assert (found.start, found.end) == (0, len(long) / RATE)


def test_where_nobody_speaks_nothing_is_said(line: Samples) -> None:
    silence = np.zeros(3 * RATE, np.float32)
    none = np.zeros(0, np.float32)

    assert told(silence, listen(silence)) == ()
    assert told(none, listen(none)) == ()


def flaws(samples: Samples, heard: Articulation) -> set[Kind]:
    return {one.kind for one in told(samples, heard)}


@pytest.fixture(scope="module")
def utterances() -> list[tuple[str, Samples, Articulation]]:
    """Two of every folder of labelled speech, and the clean lines among the clips."""
    named = [os.environ.get(name) for name in ("RELIP_SPEECH", "RELIP_CLIPS")]
    if not all(named):
        pytest.skip("RELIP_SPEECH and RELIP_CLIPS do not name folders of speech")
    speech, clips = (Path(str(name)) for name in named)
    long = 2 * RATE * 3  # bytes of 3 s
    paths = [
        path
        for folder in sorted(speech.iterdir())
        for path in [one for one in sorted(folder.glob("*.wav")) if one.stat().st_size > long][:2]
    ]
    paths += [one for one in sorted((clips / "audio").iterdir()) if one.stem not in FLAWED]
    found = []
    for path in paths:
        samples = read_speech(path).samples[: 8 * RATE]
        found.append((f"{path.parent.name}/{path.stem}", samples, listen(samples)))
    return found


FLAWED = ("zh_1",)
"""Has music under it, 22 dB lower, and relip says so."""


def test_clean_speech_is_left_in_peace(
    utterances: list[tuple[str, Samples, Articulation]],
) -> None:
    warned = {name: flaws(samples, heard) for name, samples, heard in utterances}
    warned = {name: kinds for name, kinds in warned.items() if kinds}

    assert warned == {}


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("noise", 0.8),
        ("music", 0.6),
        ("reverb", 0.9),
        ("narrow band", 1.0),
        ("clipping", 0.9),
        ("faint", 1.0),
    ],
)
def test_faults_of_real_speech_are_found(
    kind: Kind, share: float, utterances: list[tuple[str, Samples, Articulation]]
) -> None:
    found = 0
    for number, (_, samples, heard) in enumerate(utterances):
        # Listening again to each would take too long, and voices stay where they are.
        worse = FAULTS[kind](samples, np.random.default_rng(number))
        found += kind in flaws(worse, heard)

    assert found >= share * len(utterances)


def test_of_two_voices_at_once_most_are_noticed(
    utterances: list[tuple[str, Samples, Articulation]],
) -> None:
    found = 0
    for number, (_, samples, heard) in enumerate(utterances):
        _, other, _ = utterances[(number + 7) % len(utterances)]
        both = mixed(samples, np.resize(other, len(samples)).astype(np.float64), 3)
        found += "two voices" in flaws(both, heard)

    assert found >= 0.4 * len(utterances)
