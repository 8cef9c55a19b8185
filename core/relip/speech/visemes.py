"""Listening: from speech in any language to what a mouth does for it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.articulation import VISEMES, Articulation
from relip.speech.closures import CLOSURES, DENTALS, insist, pick_events, settle
from relip.speech.features import (
    FAINT,
    HOP,
    LEVEL,
    excerpt,
    log_mel,
    row_power,
    rows_in,
    speech_gain,
    windows,
)
from relip.speech.phones import phone_evidence
from relip.speech.voice import bridge_pauses, speech_gate, voice_probability
from relip_job.errors import SpeechError

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
    """What is said in ``samples``, float32 ``[n]``, mono, 16 kHz, in -1 to 1; ``n`` may be 0.

    Memory beyond the result and the samples does not grow with their length.
    """
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise SpeechError(
            "the speech holds values that are not sound",
            "export it again as mono or stereo PCM",
        )
    voice = voice_probability(samples, Network("speech_voice"))
    gain = speech_gain(samples, voice)
    phones = phone_evidence(samples, voice, gain, Network("speech_phones"))
    visemes, features = _visemes(samples, voice, gain, Network("speech_visemes"))
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
    return Articulation(
        visemes=visemes,
        voice=1 - visemes[:, 0],
        features=features,
        loudness=np.clip(level - _loudest(level, gate), FAINTEST, 0),
        closures=closures,
        dentals=dentals,
    )


def _visemes(
    samples: NDArray[np.float32], voice: NDArray[np.float32], gain: float, network: Network
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Viseme probabilities ``[m, 10]`` and features ``[m, 384]``, 0 far from speech."""
    rows = rows_in(samples)
    visemes = np.zeros((rows, len(VISEMES)), np.float32)
    features = np.zeros((rows, FEATURES), np.float32)
    for first, count, weight in windows(rows):
        if voice[first : first + count].max() < FAINT:
            continue
        even = count + count % 2
        heard = excerpt(samples, first * HOP, (first + even) * HOP, gain)
        made = network.run({"mel": log_mel(heard, CEILING)[None]})
        part = slice(first, first + count)
        visemes[part] += made["probs"][0, :count] * weight[:, None]
        features[part] += _at_rows(made["features"][0], count) * weight[:, None]
    for column in visemes.T if rows >= len(_SMOOTH) else ():
        column[:] = np.convolve(column, _SMOOTH, "same")
    visemes /= np.maximum(visemes.sum(axis=1, keepdims=True), 1e-6)
    return visemes, features


def _at_rows(features: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """50 Hz features, frame ``j`` at ``2 j`` rows, at the middles of ``count`` rows."""
    at = np.clip((np.arange(count) + 0.5) / 2, 0, len(features) - 1)
    left = at.astype(int)
    right = np.minimum(left + 1, len(features) - 1)
    part = (at - left).astype(np.float32)[:, None]
    between: NDArray[np.float32] = features[left] * (1 - part) + features[right] * part
    return between


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
