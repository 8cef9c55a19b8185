"""Speech from eSpeak NG with the times of its phones, put right where the engine's own are late.

Needs libespeak-ng (Debian: ``apt install espeak-ng``); only its output is kept.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

# speak_lib.h of eSpeak NG 1.51.
_RETRIEVAL: Final = 1
_PHONEME_EVENTS_IPA: Final = 1 | 2
_PHONEME: Final = 7
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8: Final = 1

# Sounds whose lips or tongue close before anything is heard: eSpeak's event marks the burst.
STOPS: Final = frozenset("ptkbdɡ")
# Sounds made with closed lips; eSpeak counts the opening after them as theirs.
CLOSED_LIPS: Final = frozenset("pbm")
STEP: Final = 0.004
LONGEST_CLOSURE: Final = 0.11
QUIET_BELOW_PEAK: Final = 33.0  # dB; the weakest fricative is 30 below, a closure 35 and more
QUIET_BELOW_VOWEL: Final = 22.0
RELEASE_RISE: Final = 4.0  # dB within three steps


class _Identity(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("milliseconds", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _Identity),
    )


@dataclass(frozen=True)
class Phone:
    """Half-open ``[start, end)`` seconds; ``name`` is IPA, ``""`` is silence."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Utterance:
    """``samples`` float32 ``[n]`` at ``rate``, and every phone in order."""

    samples: NDArray[np.float32]
    rate: int
    phones: tuple[Phone, ...]


def speak(text: str, voice: str, words_per_minute: int, pitch: int = 50) -> Utterance:
    """``text`` spoken, with silences named and closures where the sound stops."""
    library = ctypes.CDLL("libespeak-ng.so.1")
    rate = int(library.espeak_Initialize(_RETRIEVAL, 0, None, _PHONEME_EVENTS_IPA))
    heard: list[NDArray[np.int16]] = []
    marks: list[tuple[str, float]] = []

    def receive(
        samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]
    ) -> int:
        index = 0
        while events[index].type:
            if events[index].type == _PHONEME:
                name = bytes(events[index].id.string).split(b"\0")[0].decode("utf-8", "ignore")
                marks.append((name, events[index].sample / rate))
            index += 1
        if count > 0:
            heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    kind = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
    )
    callback = kind(receive)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()):
        raise ValueError(f"eSpeak NG has no voice {voice}")
    library.espeak_SetParameter(_RATE, words_per_minute, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    library.espeak_SetParameter(_RANGE, 60, 0)
    data = text.encode() + b"\0"
    library.espeak_Synth(data, len(data), 0, 1, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    library.espeak_Terminate()
    samples = np.concatenate(heard).astype(np.float32) / np.float32(32768)
    ends = [start for _, start in marks[1:]] + [len(samples) / rate]
    phones = [
        Phone(name, start, end)
        for (name, start), end in zip(marks, ends, strict=True)
        if end - start > 1e-4
    ]
    level = loudness(samples, rate)
    phones = _without_openings(_with_closures(phones, level), level)
    return Utterance(samples, rate, tuple(phones))


def loudness(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """dB full scale per :data:`STEP`."""
    step = int(STEP * rate)
    count = len(samples) // step
    power = np.square(samples[: count * step]).reshape(count, step).mean(1)
    return np.asarray(10 * np.log10(power + 1e-10), np.float32)


def _with_closures(phones: list[Phone], level: NDArray[np.float32]) -> list[Phone]:
    """Stops begin where the sound before them ends, not at their burst."""
    floor = float(level.max()) - QUIET_BELOW_PEAK
    found = list(phones)
    for index in range(1, len(found)):
        before, phone = found[index - 1], found[index]
        if not set(phone.name) & STOPS:
            continue
        row = min(int(phone.start / STEP), len(level)) - 1
        loudest = float(level[int(before.start / STEP) : row + 1].max(initial=floor))
        quiet = max(floor, loudest - QUIET_BELOW_VOWEL)
        earliest = max(0, row - int(LONGEST_CLOSURE / STEP))
        while row > earliest and level[row] < quiet:
            row -= 1
        start = max((row + 1) * STEP, before.start + (0.02 if before.name else 0.0))
        if start < phone.start:
            found[index - 1] = replace(before, end=start)
            found[index] = replace(phone, start=start)
    return [phone for phone in found if phone.end - phone.start > 1e-4]


def _without_openings(phones: list[Phone], level: NDArray[np.float32]) -> list[Phone]:
    """p, b and m end where the lips part: at the steepest rise after their first third."""
    found = list(phones)
    for index, phone in enumerate(found[:-1]):
        if not set(phone.name) & CLOSED_LIPS:
            continue
        first = int((phone.start + (phone.end - phone.start) / 3) / STEP)
        last = min(int(phone.end / STEP) + 1, len(level) - 3)
        rises = [float(level[row + 2] - level[row - 1]) for row in range(max(first, 1), last)]
        if not rises or max(rises) < RELEASE_RISE:
            continue
        # The rise spans three steps and its middle one is where it is loud for the first time.
        parted = (max(first, 1) + int(np.argmax(rises)) + 1) * STEP
        if phone.start < parted < phone.end:
            found[index] = replace(phone, end=parted)
            found[index + 1] = replace(found[index + 1], start=parted)
    return found
