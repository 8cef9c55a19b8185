"""Lips closed on p, b, m, and lip on teeth on f, v: when, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import RATE, SpeechEvent


@dataclass(frozen=True)
class Picking:
    """How events are picked from evidence; fitted on half of seven labelled sets.

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
DENTALS: Final = Picking(threshold=0.4)


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
