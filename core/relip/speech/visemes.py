"""Listening: from speech in any language to what a mouth does for it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.articulation import RATE, VISEMES, Articulation, effort
from relip.speech.closures import CLOSURES, DENTALS, insist, pick_events, settle
from relip.speech.features import (
    FAINT,
    HOP,
    LEVEL,
    SAMPLE_RATE,
    excerpt,
    log_mel,
    row_power,
    rows_in,
    speech_gain,
    windows,
)
from relip.speech.phones import SHORTEST, named, phone_evidence
from relip.speech.voice import bridge_pauses, speech_gate, voice_probability
from relip_job.errors import SpeechError
from relip_job.events import Progress

CEILING: Final = 1.0
"""log10 power of the loudest mel band of speech at the trained level (0.6 to 1.5 measured).

Whisper takes the loudest band of each window instead; a fixed one makes no seam between
windows and is not moved by a click.
"""

FEATURES: Final = 384
FAINTEST: Final = -60.0
"""dB, the floor of the loudness."""

_SMOOTH: Final = np.hanning(9)[1:-1] / np.hanning(9)[1:-1].sum()
"""Seven rows; raised the precision of closures by up to 0.1."""


def listen(samples: NDArray[np.float32]) -> Articulation:
    """What is said in ``samples``, as :func:`listening` finds it."""
    work = listening(samples)
    while True:
        try:
            next(work)
        except StopIteration as finished:
            heard: Articulation = finished.value
            return heard


def listening(samples: NDArray[np.float32]) -> Generator[Progress, None, Articulation]:
    """What is said in ``samples``, float32 ``[n]``, mono, 16 kHz, in -1 to 1; ``n`` may be 0.

    Tells the seconds heard after each window. Memory beyond the result and the samples does not
    grow with their length.

    Raises
    ------
    SpeechError
        The samples are no sound.
    """
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise SpeechError(
            "the speech holds values that are not sound",
            "export it again as mono or stereo PCM",
        )
    yield Progress("listen", 0, len(samples) // SAMPLE_RATE + 1)
    voice = voice_probability(samples, Network("speech_voice"))
    gain = speech_gain(samples, voice)
    heard = yield from _heard(samples, voice, gain)
    phones = phone_evidence(heard.named, len(voice))
    visemes = _smoothed(heard.visemes)
    shut, bite = VISEMES.index("PBM"), VISEMES.index("FV")
    level = _level(samples, gain)
    gate = speech_gate(voice, phones[:, 0], level, visemes[:, shut] * (phones[:, 0] > 0.1))
    visemes *= gate[:, None]
    visemes[:, 0] += 1 - gate
    closures, dentals = settle(
        pick_events(visemes[:, shut], phones[:, shut] * gate, CLOSURES),
        pick_events(visemes[:, bite], phones[:, bite] * gate, DENTALS),
    )
    visemes = insist(insist(bridge_pauses(visemes), closures, shut), dentals, bite)
    talking = 1 - visemes[:, 0]
    loudness = np.clip(level - _loudest(level, gate), FAINTEST, 0)
    return Articulation(
        visemes=visemes,
        voice=talking,
        features=heard.features,
        opening=np.clip(heard.opening * gate * effort(loudness, talking), 0, 1),
        loudness=loudness,
        closures=closures,
        dentals=dentals,
    )


@dataclass(frozen=True, eq=False)
class _Heard:
    """What the networks say of ``m`` rows; 0 far from speech.

    ``visemes [m, 10]``, ``opening [m]``; ``named [t, 10]`` and ``features [t, 384]`` for every
    second row.
    """

    visemes: NDArray[np.float32]
    opening: NDArray[np.float32]
    named: NDArray[np.float32]
    features: NDArray[np.float16]


def _heard(
    samples: NDArray[np.float32], voice: NDArray[np.float32], gain: float
) -> Generator[Progress, None, _Heard]:
    """Listen in windows and cross-fade them."""
    rows = rows_in(samples)
    pairs = -(-rows // 2)
    encoder, phones, head = (
        Network("speech_encoder"),
        Network("speech_phones"),
        Network("speech_head"),
    )
    visemes = np.zeros((rows, len(VISEMES)), np.float32)
    opening = np.zeros(rows, np.float32)
    found = np.zeros((pairs, len(VISEMES)), np.float32)
    features = np.zeros((pairs, FEATURES), np.float16)
    for first, count, weight in windows(rows):
        yield Progress("listen", first // RATE, rows // RATE + 1)
        if voice[first : first + count].max() < FAINT:
            continue
        even = max(count + count % 2, SHORTEST)
        excerpted = excerpt(samples, first * HOP, (first + even) * HOP, gain)
        encoded = encoder.run({"mel": log_mel(excerpted, CEILING)[None]})["features"]
        scores = phones.run({"waveform": excerpted[None]})["log_probs"][:, : even // 2]
        made = head.run({"features": encoded, "phones": scores})
        part = slice(first, first + count)
        visemes[part] += made["probs"][0, :count] * weight[:, None]
        opening[part] += made["opening"][0, :count] * weight
        half = slice(first // 2, first // 2 + -(-count // 2))
        share = weight[::2, None]
        found[half] += named(scores[0, : len(share)]) * share
        features[half] += (encoded[0, : len(share)] * share).astype(np.float16)
    return _Heard(visemes, opening, found, features)


def _smoothed(visemes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The visemes ``[m, 10]`` without flicker, rows summing to 1 where there are any."""
    even = visemes.copy()
    for column in even.T if len(even) >= len(_SMOOTH) else ():
        column[:] = np.convolve(column, _SMOOTH, "same")
    even /= np.maximum(even.sum(axis=1, keepdims=True), 1e-6)
    return even


def _level(samples: NDArray[np.float32], gain: float) -> NDArray[np.float32]:
    """dB relative to the level of the speech, ``[m]``."""
    power = row_power(samples)
    wide = np.pad(power, 1)
    around = (wide[:-2] + 2 * wide[1:-1] + wide[2:]) / 4
    level: NDArray[np.float32] = 10 * np.log10(np.maximum(around, 1e-12) * (gain / LEVEL) ** 2)
    return level.astype(np.float32)


def _loudest(level: NDArray[np.float32], gate: NDArray[np.float32]) -> float:
    """dB of the loudest speech, of the loudest sound if there is no speech."""
    spoken = level[gate > 0.5] if (gate > 0.5).any() else level
    return float(np.quantile(spoken, 0.99)) if len(spoken) else 0.0
