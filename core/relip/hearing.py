"""Listening once: what was heard in a sound is remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.clip import Clip
from relip.media.speech import read_speech
from relip.memory import FORGETFUL, Arrays, Memory, key_of
from relip.speech.articulation import VISEMES, Articulation, SpeechEvent
from relip.speech.features import rows_in
from relip.speech.transcript import aligned
from relip.speech.visemes import FEATURES, listening
from relip_job.events import Progress

MARGIN: Final = 1
"""Seconds of sound heard before the first and after the last frame."""


def hear(
    samples: NDArray[np.float32],
    memory: Memory = FORGETFUL,
    transcript: str = "",
    language: str = "",
) -> Generator[Progress, None, Articulation]:
    """What is said in ``samples``, float32 ``[n]``, mono, 16 kHz; with its words, if there are any.

    Raises
    ------
    SpeechError
        The samples are no sound, or the words are not what is said in them.
    """
    sound = hashlib.sha256(np.ascontiguousarray(samples).data).hexdigest()
    key = key_of("heard", sound, len(samples), language, transcript)
    kept = memory.find(key)
    known = None if kept is None else _unpacked(kept, rows_in(samples))
    if known is not None:
        return known
    heard = yield from listening(samples)
    if transcript:
        heard = aligned(heard, samples, transcript, language)
    memory.keep(key, _packed(heard))
    return heard


def overhear(
    clip: Clip, first: int, stop: int, memory: Memory = FORGETFUL
) -> tuple[Articulation | None, float]:
    """What the clip's own sound says during frames ``[first, stop)``, None without sound.

    The second value is seconds from the first picture to its first row.
    """
    if not clip.sounds:
        return None, 0.0
    around = clip.time(first) - MARGIN, clip.time(stop - 1) + MARGIN
    speech = read_speech(clip.path, part=around)
    if not len(speech.samples):
        return None, 0.0
    work = hear(speech.samples, memory)
    while True:
        try:
            next(work)
        except StopIteration as finished:
            return finished.value, float(speech.start)


def _packed(heard: Articulation) -> Arrays:
    return {
        "visemes": heard.visemes,
        "voice": heard.voice,
        "features": heard.features,
        "opening": heard.opening,
        "loudness": heard.loudness,
        "closures": _rows(heard.closures),
        "dentals": _rows(heard.dentals),
    }


def _rows(events: tuple[SpeechEvent, ...]) -> NDArray[np.float64]:
    """``[e, 3]``: start, end, confidence."""
    rows = [(event.start, event.end, event.confidence) for event in events]
    return np.array(rows, np.float64).reshape(-1, 3)


def _unpacked(kept: Arrays, rows: int) -> Articulation | None:
    """What :func:`_packed` was given, None if it cannot be that of so many rows."""
    forms = {
        "visemes": (np.float32, (rows, len(VISEMES))),
        "voice": (np.float32, (rows,)),
        "features": (np.float16, (-(-rows // 2), FEATURES)),
        "opening": (np.float32, (rows,)),
        "loudness": (np.float32, (rows,)),
    }
    for name, (kind, shape) in forms.items():
        if name not in kept or kept[name].dtype != kind or kept[name].shape != shape:
            return None
    for name in ("closures", "dentals"):
        if name not in kept or kept[name].dtype != np.float64 or kept[name].shape[1:] != (3,):
            return None
    if not all(np.isfinite(kept[name]).all() for name in (*forms, "closures", "dentals")):
        return None
    closures, dentals = (
        tuple(SpeechEvent(*row) for row in kept[name].tolist()) for name in ("closures", "dentals")
    )
    return Articulation(
        kept["visemes"],
        kept["voice"],
        kept["features"],
        kept["opening"],
        kept["loudness"],
        closures,
        dentals,
    )
