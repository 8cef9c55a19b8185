"""A hearing made up for the tests, of any length, without listening."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from relip.media.speech import RATE as SAMPLES
from relip.speech.articulation import RATE, Articulation, SpeechEvent, opened
from relip.speech.recording import RecordingWarning
from relip_plugin.hearing import Hearing

NOISY = RecordingWarning(
    "noise", 0.0, 2.0, "noise <b>lies</b> 9 dB under the speech", "take a cleaner recording"
)


def hearing(seconds: float = 4.0, *warnings: RecordingWarning, name: str = "a.wav") -> Hearing:
    """Each class of sounds for 70 ms in turn, a closure every 700 ms, silence in the last second.

    Of the closures every third is unsure; an f or v follows every second one after 200 ms.
    """
    rows = np.arange(round(seconds * RATE))
    quiet = rows >= (seconds - 1) * RATE
    said = np.where(quiet, 0, 1 + rows // 7 % 9)
    visemes = np.eye(10, dtype=np.float32)[said]
    starts = np.arange(0, seconds - 1.2, 0.7).tolist()
    heard = Articulation(
        visemes=visemes,
        voice=1 - visemes[:, 0],
        features=np.zeros((-(-len(rows) // 2), 384), np.float16),
        opening=opened(visemes),
        loudness=np.zeros(len(rows), np.float32),
        closures=tuple(
            SpeechEvent(start, start + 0.07, 0.4 if number % 3 == 2 else 0.91)
            for number, start in enumerate(starts)
        ),
        dentals=tuple(SpeechEvent(start + 0.2, start + 0.28, 0.8) for start in starts[::2]),
    )
    at = np.arange(round(seconds * SAMPLES)) / SAMPLES
    voiced = np.where(at < seconds - 1, 0.4 * np.sin(2 * np.pi * 150 * at), 0).astype(np.float32)
    return Hearing(Path(name), voiced, 48_000, heard, warnings)
