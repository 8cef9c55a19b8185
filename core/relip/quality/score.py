"""Scoring a re-sync: original, result and speech in, five points out."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.footage import Footage, analyse
from relip.hearing import hear
from relip.lines import ranges_in, window
from relip.media.clip import Clip
from relip.media.frame import Frame
from relip.media.mix import read_mix
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.speech import Speech
from relip.media.spool import Spool
from relip.memory import FORGETFUL, Memory
from relip.mouth.plan import plan
from relip.mouth.shape import LIPS_OUTER, Array, PersonShapes, learn_shapes
from relip.mouth.style import learn_style, overheard, unheard
from relip.quality import articulation, closures, seam, sharpness, sync
from relip.quality.card import (
    TITLES,
    Assessment,
    Card,
    Contact,
    LineCard,
    Measure,
    Point,
    Timeline,
)
from relip.quality.evidence import LEAST, Evidence
from relip.quality.lse import LseMeter
from relip.quality.pairing import cut_shown, missing_frames, paired
from relip.quality.performance import Gauge, Performance, followed
from relip.quality.region import RegionGauge, Regions
from relip.quality.same import same_words
from relip.quality.syncnet import SyncNet
from relip.speech.articulation import Articulation
from relip_job.errors import FaceError, JobError
from relip_job.events import Notice, Progress
from relip_job.job import Speaker, SpeechPart, TimeRange

MARGIN: Final = 0.5
"""Seconds before and after the lines that are looked at."""
LEAST_MOUTHS: Final = 10
"""Frames with a mouth, without which nothing is judged."""
_STEP: Final = 12


@dataclass(frozen=True)
class ScoreRequest:
    """What to compare.

    Attributes
    ----------
    original, result : clips of the same size; frames are paired by their time.
    speech : file with the line the result shall say, or its parts.
    ranges : the lines, in order; empty: as far as the speech reaches, or all of the cut.
    speech_start : where the speech begins, in seconds from the first frame.
    speaker : whose mouth.
    cut : the part of the original that the result shows; None is all, or what the timecodes of
        a shorter result say.
    speed : seconds of the original that are played in a second, as in the job.
    syncnet : SyncNet as ONNX (a file, or a folder with its two halves), for LSE-D and LSE-C.
    """

    original: Path
    result: Path
    speech: Path | tuple[SpeechPart, ...]
    ranges: tuple[TimeRange, ...] = ()
    speech_start: Fraction = Fraction(0)
    speaker: Speaker = Speaker()  # noqa: RUF009 - frozen, so it may be shared
    syncnet: Path | None = None
    cut: TimeRange | None = None
    speed: Fraction = Fraction(1)


def score(
    request: ScoreRequest, memory: Memory = FORGETFUL
) -> Generator[Progress | Notice, None, Assessment]:
    """Measure the result; yields progress, returns the assessment.

    Who is seen in the original and what is heard is looked up in the memory, and kept there.

    Raises
    ------
    RelipError
        The files cannot be read or do not belong together.
    """
    yield Progress("probe", 0, 1)
    clip, made = probe(request.original), probe(request.result)
    if (clip.width, clip.height) != (made.width, made.height):
        raise JobError(
            f"the result is {made.width} x {made.height}, the original "
            f"{clip.width} x {clip.height}",
            "give the result in the original's size",
        )
    cut = request.cut or cut_shown(clip, made)
    speech = read_mix(request.speech)
    net = None if request.syncnet is None else SyncNet(request.syncnet)
    begins = request.speech_start + speech.start
    ranges = ranges_in(clip, speech, request.ranges, begins, cut, request.speed)
    first, stop = clip.index_at(ranges[0].start), clip.index_at(ranges[-1].end)
    if (paired(clip, made, first, max(stop - first, 1), cut) < 0).all():
        raise JobError(
            f"{made.path.name} has no frame at the time of the line",
            "give a result that is as long as the original",
        )
    first, stop = window(clip, ranges)
    heard = yield from hear(speech.samples, memory)
    yield Progress("listen", 1, 1)
    with Spool() as spool:
        work = analyse(clip, first, stop, request.speaker, spool, memory)
        while True:
            try:
                done = next(work)
            except StopIteration as finished:
                footage: Footage = finished.value
                break
            yield Progress("track", done, stop - first)
    yield Progress("track", stop - first, stop - first)
    work_on = assess(footage, made, heard, speech, ranges, begins, net, cut, request.speed)
    return (yield from work_on)


def assess(
    footage: Footage,
    made: Clip,
    heard: Articulation,
    speech: Speech,
    ranges: tuple[TimeRange, ...],
    begins: Fraction,
    net: SyncNet | None = None,
    cut: TimeRange | None = None,
    speed: Fraction = Fraction(1),
    others: Sequence[Footage] = (),
) -> Generator[Progress, None, Assessment]:
    """Measure a result against footage that is analysed already.

    Parameters
    ----------
    footage : the original, analysed around the ranges.
    made : the result, of the original's size.
    heard, speech, begins : the line, its sound, and where the first sample lies in the clip, as it
        is played.
    ranges : the lines in the clip, in order.
    cut : the part of the clip that the result shows, if not all.
    speed : seconds of the clip that are played in a second.
    others : people who have a new mouth as well, row by row as ``footage``; that their mouths
        changed is no fault of this one.
    """
    clip = footage.clip
    if footage.usable.sum() < LEAST_MOUTHS:
        raise FaceError(
            "the speaker's mouth is hardly seen in the original",
            "choose another range or another speaker; 'relip probe' shows who is seen when",
        )
    shapes = learn_shapes(footage.track.landmarks[footage.usable])
    partners = paired(clip, made, footage.first, len(footage.times), cut)
    span = _span(footage, ranges, cut)
    meter = None
    if net is not None:
        meter = LseMeter(net, replace(speech, start=begins))
    original, result, regions = yield from _watched(
        footage, made, shapes, partners, span, meter, others
    )
    if result is None:
        raise FaceError(
            f"the speaker's face is not found in {made.path.name}",
            "check that the result belongs to this original",
        )
    offset = float(begins)
    played = footage.times / float(speed)
    own_seconds = footage.times - footage.own_start - footage.delay
    inside = np.zeros(len(footage.times), bool)
    for part in ranges:
        inside |= (footage.times >= float(part.start)) & (footage.times < float(part.end))
    inside &= partners >= 0
    inside &= footage.usable
    evidence = Evidence(
        footage.first,
        float(1 / (clip.rate * speed)),
        original,
        result,
        regions,
        heard,
        played,
        played - offset,
        footage.own,
        own_seconds,
        _wanted(footage, shapes, heard, played - offset),
        inside,
        same_words(clip, footage, speech, offset) if speed == 1 else float("nan"),
    )
    missing = missing_frames(partners[span[0] : span[1]])
    card, contacts = judge(evidence, missing)
    if meter is not None:
        card = _with_syncnet(card, meter)
    return Assessment(
        card,
        tuple(_lines(evidence, clip, ranges, missing, float(speed))),
        _timeline(evidence, contacts, offset),
        tuple(_warnings(evidence, footage)),
    )


def judge(evidence: Evidence, missing: int = 0) -> tuple[Card, tuple[Contact, ...]]:
    """The five points, and the contacts they rest on.

    A fault is counted once: a mouth that is late as a whole is judged for closures on its own
    clock, and a mouth that hardly moves loses its articulation, not its timing.
    """
    if evidence.inside.sum() < LEAST:
        unseen = "the mouth is hardly seen in the line"
        return Card(tuple(Point(name, (), open_because=unseen) for name in TITLES)), ()
    moves = articulation.moves(evidence)
    time = sync.timing(evidence)
    late = sync.late(evidence, time) if moves else 0.0
    contacts = closures.contacts(evidence, late)
    return Card(
        (
            closures.point(evidence, contacts, moves),
            sharpness.point(evidence),
            seam.point(evidence, time.picture),
            articulation.point(evidence, contacts, late),
            sync.point(evidence, time, moves, missing),
        )
    ), contacts


def _span(
    footage: Footage, ranges: tuple[TimeRange, ...], cut: TimeRange | None
) -> tuple[int, int]:
    """Rows ``[start, stop)`` of the footage from before the first line to after the last."""
    start, end = float(ranges[0].start) - MARGIN, float(ranges[-1].end) + MARGIN
    if cut is not None:
        start, end = max(start, float(cut.start)), min(end, float(cut.end))
    rows = np.flatnonzero((footage.times >= start) & (footage.times < end))
    return int(rows[0]), int(rows[-1]) + 1


def _watched(
    footage: Footage,
    made: Clip,
    shapes: PersonShapes,
    partners: NDArray[np.int64],
    span: tuple[int, int],
    meter: LseMeter | None,
    others: Sequence[Footage],
) -> Generator[Progress, None, tuple[Performance, Performance | None, Regions]]:
    """Measure original and result, frame beside frame."""
    clip, usable = footage.clip, footage.usable
    marks = np.full((footage.first + len(usable), *footage.track.landmarks.shape[1:]), np.nan,
        np.float32)  # fmt: skip
    marks[footage.first :][usable] = footage.track.landmarks[usable]
    before, after, regions = Gauge(shapes.mean), Gauge(shapes.mean), RegionGauge()
    results = _partners(made, partners, span)
    reported = 0

    def pairs() -> Iterator[Frame]:
        nonlocal reported
        for frame in read_frames(clip, footage.first, footage.first + len(usable)):
            row = frame.index - footage.first
            reported = row
            if usable[row]:
                before.take(frame, marks[frame.index])
            if not span[0] <= row < span[1] or partners[row] < 0:
                continue
            result = replace(next(results), index=frame.index)
            beside = [one.track.landmarks[row] for one in others if one.usable[row]]
            regions.take(frame, result, marks[frame.index] if usable[row] else None, beside)
            yield result

    seen = 0
    for frame, points in followed(pairs(), clip.rate, clip.rotation, marks):
        after.take(frame, points)
        if meter is not None:
            meter.take(frame, points, int(footage.track.shots[frame.index - footage.first]))
        seen += 1
        if seen % _STEP == 0:
            yield Progress("score", reported, len(usable))
    yield Progress("score", len(usable), len(usable))
    return before.performance(), after.performance() if seen else None, regions.regions()


def _partners(made: Clip, partners: NDArray[np.int64], span: tuple[int, int]) -> Iterator[Frame]:
    """The result's frame for every row of the span that has one."""
    wanted = [int(at) for at in partners[span[0] : span[1]] if at >= 0]
    if not wanted:
        return
    frames = read_frames(made, wanted[0], wanted[-1] + 1)
    frame = next(frames)
    for index in wanted:
        while frame.index < index:
            frame = next(frames)
        yield frame


def _wanted(footage: Footage, shapes: PersonShapes, heard: Articulation, seconds: Array) -> Array:
    """The opening that speech asks of this mouth, eye distances, ``[n]``."""
    usable = footage.usable
    own = unheard(int(usable.sum()))
    if footage.own is not None:
        own = overheard(footage.own, footage.times[usable] - footage.own_start - footage.delay)
    return shapes.gaps(plan(learn_style(shapes, own), heard, seconds).coefficients)


def _lines(
    evidence: Evidence, clip: Clip, ranges: tuple[TimeRange, ...], missing: int, speed: float
) -> Iterator[LineCard]:
    times = evidence.times * speed
    for part in ranges:
        rows = (times >= float(part.start) - 1e-6) & (times < float(part.end) - 1e-6)
        places = np.flatnonzero(rows)
        if not len(places):
            continue
        first, stop = evidence.first + int(places[0]), evidence.first + int(places[-1]) + 1
        inside = evidence.inside & rows
        card, _ = judge(replace(evidence, inside=inside), missing if len(ranges) == 1 else 0)
        yield LineCard(
            first, stop, str(clip.timecode(first)), str(clip.timecode(stop - 1) + 1), card
        )


def _timeline(evidence: Evidence, contacts: tuple[Contact, ...], offset: float) -> Timeline:
    rows = np.flatnonzero(evidence.inside)
    start, stop = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, len(evidence.times))
    part = slice(start, stop)
    mouths = np.full((len(evidence.times), 4), np.nan, np.float32)
    lips = evidence.original.landmarks[:, LIPS_OUTER, :2]
    mouths[evidence.original.rows - evidence.first] = np.hstack([lips.min(1), lips.max(1)])
    changed = np.zeros(len(evidence.times), bool)
    changed[evidence.regions.rows - evidence.first] = evidence.regions.area > 0
    return Timeline(
        evidence.first + start,
        evidence.times[part],
        evidence.wanted[part],
        evidence.after()[part],
        evidence.before()[part],
        mouths[part],
        changed[part],
        evidence.heard,
        offset,
        contacts,
    )


def _warnings(evidence: Evidence, footage: Footage) -> Iterator[str]:
    if evidence.own is None:
        yield (
            "the original has no sound: what is this person's own speech is not known, all of "
            "their frames are compared with"
        )
    if evidence.voiced().sum() * evidence.step < 3:
        yield "the line is short: few closures and little movement to judge by"
    if evidence.closed > 0.03:
        yield "the lips hardly meet in the original: closures are judged by the closest they come"
    if footage.people > 1:
        yield footage.choice.message


def _with_syncnet(card: Card, meter: LseMeter) -> Card:
    """The card with LSE-D and LSE-C beside the lag; they cost nothing."""
    said = meter.finish()
    more = (
        Measure("lse_d", "SyncNet distance (LSE-D)", said.distance, digits=3, note=said.note),
        Measure("lse_c", "SyncNet confidence (LSE-C)", said.confidence, digits=3, note=said.note),
    )
    points = [
        replace(each, measures=each.measures + more) if each.name == "sync" else each
        for each in card.points
    ]
    return Card(tuple(points))
