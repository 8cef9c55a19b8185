"""Point 1: lips closed when p, b or m is heard, lower lip on the teeth on f and v."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import numpy as np

from relip.mouth.shape import Array
from relip.quality.card import Contact, Measure, Moment, Point
from relip.quality.evidence import Evidence
from relip.speech.articulation import SpeechEvent

SHOWN: Final = 0.5
"""Confidence from which a contact is shown."""
SURE: Final = 0.7
"""Confidence from which it is judged: events heard as surely are right nine times of ten."""
SHUT: Final = 0.3
"""Part of this person's reach below which lips count as closed. Where they moved while the picture
was taken, landmarks of lips that clearly meet still read up to .25 apart."""
BITTEN: Final = 0.45
"""The same for f and v: the lips stay apart at the corners."""
SEARCH: Final = 5
"""Frames around a closure in which it is looked for, to say how late it is."""
LEAST_DENTALS: Final = 3
"""Fewer f and v say nothing: their landmarks are no surer than that."""
_HOW: Final[dict[Literal["pbm", "fv"], str]] = {
    "pbm": "the lips stay open on p, b or m",
    "fv": "the lower lip stays off the teeth on f or v",
}


def contacts(evidence: Evidence, late: float = 0.0) -> tuple[Contact, ...]:
    """What the mouth does at every closure and f/v of the line.

    A closure is seen if the lips are closed in a frame not more than one frame before its start or
    after its end. ``late`` frames by which the whole mouth is late are taken off first: they are
    counted once, in point 5.
    """
    gaps = evidence.after()
    found = [
        *(_contact(evidence, gaps, event, "pbm", SHUT, late) for event in evidence.heard.closures),
        *(_contact(evidence, gaps, event, "fv", BITTEN, late) for event in evidence.heard.dentals),
    ]
    kept = [contact for contact in found if contact is not None]
    return tuple(sorted(kept, key=lambda contact: contact.start))


def _contact(
    evidence: Evidence,
    gaps: Array,
    event: SpeechEvent,
    kind: Literal["pbm", "fv"],
    part: float,
    late: float,
) -> Contact | None:
    """None for what is not heard surely enough or lies outside the line."""
    step, seconds = evidence.step, evidence.seconds - late * evidence.step
    if event.confidence < SHOWN:
        return None
    during = evidence.inside & (np.abs(evidence.seconds - event.centre) <= step)
    if not during.any():
        return None
    near = (seconds >= event.start - step) & (seconds <= event.end + step) & np.isfinite(gaps)
    # The clip's clock differs from the line's by the same amount in every frame.
    offset = evidence.clip_offset
    contact = Contact(
        kind, event.start + offset, event.end + offset, event.confidence, None, -1, np.nan
    )
    if not near.any():
        return contact
    below = evidence.closed + part * evidence.reach
    met = bool(np.min(gaps[near]) < below)
    around = np.flatnonzero(
        (np.abs(seconds - event.centre) <= SEARCH * step) & np.isfinite(gaps) & (gaps < below)
    )
    judged = met if event.confidence >= SURE else None
    if not met or not len(around):
        frame = int(np.flatnonzero(near)[np.argmin(gaps[near])])
        return replace(contact, met=judged, frame=evidence.first + frame)
    frame = int(around[np.argmin(np.abs(seconds[around] - event.centre))])
    start = stop = frame
    while start > 0 and gaps[start - 1] < below:
        start -= 1
    while stop + 1 < len(gaps) and gaps[stop + 1] < below:
        stop += 1
    # Lips that stay closed for longer than the sound are not late for it.
    nearest = np.clip(event.centre, seconds[start], seconds[stop])
    middle = (seconds[start] + seconds[stop]) / 2
    off = min((middle, nearest), key=lambda at: abs(at - event.centre)) - event.centre
    return replace(contact, met=judged, frame=evidence.first + frame, late=float(off / step))


def point(evidence: Evidence, found: tuple[Contact, ...], moves: bool) -> Point:
    """The point; a mouth that hardly ``moves`` meets or misses closures by chance."""
    judged = {
        kind: [contact for contact in found if contact.kind == kind and contact.met is not None]
        for kind in ("pbm", "fv")
    }
    lips, bites = judged["pbm"], judged["fv"]
    late = [contact.late for contact in lips if np.isfinite(contact.late)]
    measures = (
        Measure(
            "closures",
            "lips closed on p, b, m",
            _share(lips),
            low=85,
            unit=" %",
            digits=0,
            note=f"{sum(bool(each.met) for each in lips)} of {len(lips)} surely heard"
            if lips
            else "no p, b or m is surely heard",
        ),
        Measure(
            "contacts",
            "lower lip near the teeth on f, v",
            _share(bites) if len(bites) >= LEAST_DENTALS else float("nan"),
            low=60,
            unit=" %",
            digits=0,
            note=f"{sum(bool(each.met) for each in bites)} of {len(bites)} surely heard"
            if bites
            else "no f or v is surely heard",
        ),
        Measure(
            "closure_late",
            "closures later than their sound, median",
            float(np.median(late)) if late else float("nan"),
            unit=" frames",
            digits=1,
            note="after what the whole mouth is late by",
        ),
    )
    missed = sorted(
        (contact for contact in [*lips, *bites] if not contact.met),
        key=lambda contact: -contact.confidence,
    )
    moments = tuple(
        Moment(each.frame - 1, each.frame + 2, _HOW[each.kind], round(each.confidence, 3))
        for each in missed
        if each.kind == "pbm" or len(bites) >= LEAST_DENTALS
    )
    reason = ""
    if not moves:
        reason = "the mouth hardly moves: see Articulation"
    elif not any(measure.judged and measure.state != "open" for measure in measures):
        reason = "no p, b, m, f or v is surely heard in the line"
    return Point("closures", measures, moments, reason)


def _share(contacts: list[Contact]) -> float:
    """Percent of the contacts that were seen."""
    if not contacts:
        return float("nan")
    return 100 * sum(bool(contact.met) for contact in contacts) / len(contacts)
