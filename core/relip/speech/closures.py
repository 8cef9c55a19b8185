"""Lips closed on p, b, m, and lip on teeth on f, v: when, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import RATE, SpeechEvent


@dataclass(frozen=True)
class Picking:
    """How events are picked from evidence; fitted on ten labelled sets, see docs/LISTENING.md.

    Attributes
    ----------
    phones : weight of the phone network's evidence, the viseme network has the rest.
    threshold : evidence from which on there is an event.
    valley : two peaks are one event unless the evidence between them falls below this
        part of the lower peak.
    apart : rows two events are apart at least.
    """

    phones: float = 0.3
    threshold: float = 0.42
    valley: float = 0.6
    apart: int = 4


CLOSURES: Final = Picking()
DENTALS: Final = Picking(phones=0.15, threshold=0.42)

SURER: Final = 1.25
"""Probability of the class in an event, per confidence. Measured: evidence of .45 is right in .44
of cases, of .65 in .75, of .75 in .9, of .8 and more in .98."""


def pick_events(
    visemes: NDArray[np.float32], phones: NDArray[np.float32], how: Picking
) -> tuple[SpeechEvent, ...]:
    """Events where the evidence of both networks peaks.

    Parameters
    ----------
    visemes, phones : float32 ``[m]``, probability of the class at each row, and evidence for
        it from :func:`relip.speech.phones.phone_evidence`
    """
    evidence = (1 - how.phones) * visemes + how.phones * phones
    events = []
    for peak in _peaks(evidence, how):
        start, stop = _extent(evidence, peak)
        sure = min(1.0, float(evidence[peak]))
        events.append(SpeechEvent(start / RATE, stop / RATE, sure))
    return tuple(events)


def settle(
    closures: tuple[SpeechEvent, ...], dentals: tuple[SpeechEvent, ...]
) -> tuple[tuple[SpeechEvent, ...], tuple[SpeechEvent, ...]]:
    """Both kinds without those that a surer one of the other kind overlaps: lips do one thing."""
    return _unrivalled(closures, dentals), _unrivalled(dentals, closures)


def _unrivalled(
    events: tuple[SpeechEvent, ...], rivals: tuple[SpeechEvent, ...]
) -> tuple[SpeechEvent, ...]:
    return tuple(
        event
        for event in events
        if not any(
            rival.start <= event.centre < rival.end and rival.confidence > event.confidence
            for rival in rivals
        )
    )


def insist(
    visemes: NDArray[np.float32], events: tuple[SpeechEvent, ...], viseme: int
) -> NDArray[np.float32]:
    """The visemes ``[m, 10]``, during the events at least as sure of ``viseme`` as they are."""
    certain = visemes.copy()
    for event in events:
        part = certain[round(event.start * RATE) : round(event.end * RATE)]
        sure = np.maximum(part[:, viseme], min(event.confidence * SURER, 0.98))
        part *= ((1 - sure) / np.maximum(1 - part[:, viseme], 1e-6))[:, None]
        part[:, viseme] = sure
    return certain


def _peaks(evidence: NDArray[np.float32], how: Picking) -> list[int]:
    """Rows of the peaks, in order."""
    padded = np.pad(evidence, 1)
    rising, falling = evidence >= padded[:-2], evidence > padded[2:]
    peaks: list[int] = []
    for row in np.flatnonzero(rising & falling & (evidence >= how.threshold)).tolist():
        if peaks:
            last = peaks[-1]
            lower = min(evidence[row], evidence[last])
            if row - last < how.apart or evidence[last : row + 1].min() > how.valley * lower:
                if evidence[row] > evidence[last]:
                    peaks[-1] = row
                continue
        peaks.append(row)
    return peaks


def _extent(evidence: NDArray[np.float32], peak: int) -> tuple[int, int]:
    """Half-open rows around a peak in which the evidence is above half of it."""
    low = evidence < evidence[peak] / 2
    before, after = np.flatnonzero(low[:peak]), np.flatnonzero(low[peak:])
    start = int(before[-1]) + 1 if len(before) else 0
    return start, peak + int(after[0]) if len(after) else len(evidence)
