"""Labels for an utterance, from known phones or from an engine's own times, made exact by ear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.speech.corpus.acoustics import boundaries, snap_closures, with_pauses
from scripts.speech.corpus.align import PhoneNetwork
from scripts.speech.corpus.store import RATE, Segment
from scripts.speech.corpus.visual import IGNORED, VISEMES, parts_of

WORST: Final = -2.6
"""Mean log-score of an alignment under which the text is not what was said."""

MISSED: Final = 0.2
"""Share of phones that may be without any evidence."""


LONGEST: Final = 0.25
"""Seconds that lips stay shut within speech; a longer closure hides a pause."""

PBM: Final = VISEMES.index("PBM")

SURE: Final = 0.6
"""Probability of a viseme from which what the network hears is taken as a label."""


class Mismatch(ValueError):
    """What was said is not what the phones say; leave the utterance out."""


def visible(timed: Sequence[tuple[str, float, float]]) -> list[Segment]:
    """Segments of timed phones ("" for silence); the parts of a diphthong share its time."""
    cut: list[Segment] = []
    for phone, start, end in timed:
        if end - start < 1e-3:
            continue
        parts = parts_of(phone) if phone else [("", 0)]
        for k, (name, viseme) in enumerate(parts or [(phone, -1)]):
            width = (end - start) / max(len(parts), 1)
            cut.append(Segment(start + k * width, start + (k + 1) * width, name, viseme))
    return cut


def from_times(samples: NDArray[np.float32], segments: Sequence[Segment]) -> list[Segment]:
    """An engine's own times with pauses and the edges of closures put where they are heard."""
    return snap_closures(samples, with_pauses(samples, segments))


def from_phones(
    network: PhoneNetwork,
    samples: NDArray[np.float32],
    phones: Sequence[str],
    worst: float = WORST,
) -> list[Segment]:
    """Times of known IPA phones by forced alignment.

    Raises ``Mismatch`` where the mean log-score is below ``worst`` or many phones are missing.
    """
    sounding = [phone for phone in phones if parts_of(phone)]
    if not sounding:
        raise Mismatch("nothing to say")
    try:
        middles, scores = network.align(network.probabilities(samples), sounding)
    except ValueError as error:
        raise Mismatch(str(error)) from error
    if scores.mean() < worst or np.mean(scores < -5) > MISSED:
        raise Mismatch(f"score {scores.mean():.2f}, {np.mean(scores < -5):.0%} missed")
    inner = boundaries(samples, middles)
    length = len(samples) / RATE
    first, last = max(middles[0] - 0.12, 0.0), min(middles[-1] + 0.2, length)
    edges = np.concatenate([[first], inner, [last]])
    timed = list(zip(sounding, edges[:-1], edges[1:], strict=True))
    return shortened(from_times(samples, visible([(p, float(a), float(b)) for p, a, b in timed])))


def shortened(segments: Sequence[Segment]) -> list[Segment]:
    """Segments in which no closure is too long to be one: of what is longer, the end is kept."""
    short: list[Segment] = []
    for segment in segments:
        start = segment.start
        if segment.viseme == PBM and segment.end - start > LONGEST:
            start = segment.end - 0.12
            short.append(replace(segment, end=start, viseme=IGNORED))
        short.append(replace(segment, start=start))
    return short


def heard(network: PhoneNetwork, samples: NDArray[np.float32]) -> list[Segment]:
    """Labels of speech whose text is not known: the phones that the network itself hears.

    Phones of whose viseme it is not sure are to be ignored. Raises ``Mismatch`` where that is
    most of them.
    """
    probabilities = network.probabilities(samples)
    phones = network.said(probabilities)
    if len(phones) < 3 * len(samples) / RATE:
        raise Mismatch("hardly any phones")
    segments = from_phones(network, samples, phones)
    sure = [
        not s.phone or network.sureness(probabilities, s.phone, (s.start + s.end) / 2) >= SURE
        for s in segments
    ]
    if np.mean(sure) < 0.6:
        raise Mismatch(f"sure of {np.mean(sure):.0%}")
    return [
        s if certain else replace(s, viseme=IGNORED)
        for s, certain in zip(segments, sure, strict=True)
    ]
