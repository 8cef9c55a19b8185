"""Scoring cases: one task per clip and group, so that tasks can run beside each other."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from relip.footage import Footage, analyse
from relip.lines import ranges_in, window
from relip.media.mix import read_mix
from relip.media.probe import probe
from relip.media.spool import Spool
from relip.quality.card import Assessment, Card, PointName
from relip.quality.score import ScoreRequest, assess, score
from relip.speech.visemes import listen
from relip_job.errors import RelipError
from tests.trust import cases, subjects
from tests.trust.cases import Case, Group
from tests.trust.sheet import write_sheet
from tests.trust.shown import as_wav, last, own_sound

NEAR: Final = 0.08
"""Seconds from a known closure within which a heard one is the same."""
SHUT: Final = 0.25
"""Part of the way from this person's closed to their open lips below which lips are closed."""
RATE_SECONDS: Final = 5
"""Seconds of a clip that are brought to another rate."""


@dataclass(frozen=True)
class Outcome:
    """What the card said about a case; ``card`` is None if it was refused, ``note`` says why."""

    case: Case
    card: Card | None
    note: str = ""


@dataclass(frozen=True)
class Task:
    """All cases of a group on one clip."""

    group: Group
    clip: str
    seconds: int = subjects.LONGEST


def tasks(groups: Sequence[Group], clips: Sequence[str]) -> list[Task]:
    """What there is to do, the longest first."""
    wanted: dict[Group, Sequence[str]] = {
        "dub": subjects.DUBBED,
        "fault": subjects.FAULTY,
        "rate": (subjects.SAMPLE, *subjects.RESAMPLED),
        "wrong": (subjects.SAMPLE, *subjects.IN_SYNC),
        "true": (subjects.SAMPLE, *subjects.IN_SYNC),
        "again": (subjects.SAMPLE, "suit"),
    }
    planted: tuple[Group, ...] = ("fault", "dub")
    return [
        Task(group, clip, subjects.PLANTED if group in planted else subjects.LONGEST)
        for group, on in wanted.items()
        for clip in on
        if group in groups and clip in clips
    ]


def done(
    todo: Sequence[Task], folder: Path, sheets: Path | None, jobs: int, kept: Path | None = None
) -> Iterator[Outcome]:
    """Everything found, in the order in which tasks end.

    What was found is also put into ``kept``; what is there already is not run again.
    """
    left = []
    for task in todo:
        file = kept and kept / f"{task.group}_{task.clip}.pickle"
        if file and file.is_file():
            yield from pickle.loads(file.read_bytes())
        else:
            left.append(task)
    if jobs <= 1:
        for task in left:
            yield from noted(on_task(task, folder, sheets), task, kept)
        return
    with ProcessPoolExecutor(jobs, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        futures = {pool.submit(on_task, task, folder, sheets): task for task in left}
        for future in as_completed(futures):
            yield from noted(future.result(), futures[future], kept)


def noted(found: list[Outcome], task: Task, kept: Path | None) -> list[Outcome]:
    """Put what was found into a folder."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        file = kept / f"{task.group}_{task.clip}.pickle"
        file.with_suffix(".partial").write_bytes(pickle.dumps(found))
        file.with_suffix(".partial").replace(file)
    return found


def on_task(task: Task, folder: Path, sheets: Path | None = None) -> list[Outcome]:
    """Score a clip's cases; what was made for them is gone afterwards."""
    place = folder / f"{task.group}_{task.clip}"
    place.mkdir()
    judge = Judge()
    try:
        # What a case needs may be gone when the next one is asked for.
        return [outcome(case, judge, sheets) for case in _cases(task, place)]
    finally:
        shutil.rmtree(place)


def _cases(task: Task, folder: Path) -> Iterator[Case]:
    clip = task.clip
    if task.group == "rate":
        yield from rate_cases(clip, folder)
        return
    path = subjects.picture(clip, folder, task.seconds)
    if task.group == "true":
        yield from cases.true_cases(clip, path, folder)
    elif task.group == "wrong":
        yield from cases.wrong_cases(clip, path, subjects.other_voice(clip), folder)
    elif task.group == "fault":
        yield from cases.fault_cases(clip, path, folder)
    elif task.group == "dub":
        yield from cases.dub_cases(clip, path, subjects.other_line(clip), folder)
    else:
        speech = as_wav(folder / "own.wav", own_sound(path))
        request = ScoreRequest(path, path, speech)
        yield Case("again", clip, "first run", request)
        yield Case("again", clip, "second run", request, control="first run", whole=True)


def rate_cases(clip: str, folder: Path) -> Iterator[Case]:
    """The performance at 25 frames a second and at others."""
    # Performing the sample needs scikit-image, which nothing else here does.
    from tests.trust import rates

    if clip == subjects.SAMPLE:
        paths = {
            name: rates.performed(folder / f"{name}.mkv", rate, RATE_SECONDS)
            for name, rate in rates.RATES.items()
        }
    else:
        source = subjects.picture(clip, folder, RATE_SECONDS)
        name = "22.131" if clip == "suit" else "29.97"
        paths = {name: source, "25": rates.resampled(source, folder / "25.mkv", Fraction(25))}
    in_sync = clip == subjects.SAMPLE or clip in subjects.IN_SYNC
    lost: tuple[PointName, ...] = () if in_sync else ("sync",)
    for name in sorted(paths, key=lambda name: name != "25"):
        yield from cases.at_rate(clip, name, paths[name], folder, lost)


class Judge:
    """Scores results; an original is followed once for all of its results."""

    def __init__(self) -> None:
        self._followed: dict[Path, Footage] = {}

    def score(self, request: ScoreRequest) -> Assessment:
        """What :func:`relip.quality.score.score` says, to the last bit."""
        clip, speech = probe(request.original), read_mix(request.speech)
        begins = request.speech_start + speech.start
        ranges = ranges_in(clip, speech, request.ranges, begins)
        if request.original not in self._followed:
            with Spool() as spool:
                work = analyse(clip, *window(clip, ranges), request.speaker, spool)
                self._followed[request.original] = last(work)
        footage, heard = self._followed[request.original], listen(speech.samples)
        made = probe(request.result)
        return last(assess(footage, made, heard, speech, ranges, begins))


def outcome(case: Case, judge: Judge, sheets: Path | None) -> Outcome:
    """Score one case."""
    try:
        found = last(score(case.request)) if case.whole else judge.score(case.request)
    except RelipError as error:
        return Outcome(case, None, f"refused: {error}")
    if sheets is not None and case.request.result != case.request.original:
        name = f"{case.clip} {case.group} {case.name}.png".replace("/", " ").replace(" ", "_")
        write_sheet(sheets / name, case.request, found.timeline)
    return Outcome(case, found.card, known_note(case, found) if case.known else "")


@dataclass(frozen=True)
class Known:
    """What became of ``there`` closures that are known to be spoken.

    ``heard`` of them were heard, ``met`` and ``missed`` of these were judged: the others were not
    heard surely enough. ``shown`` are closed in the picture, whatever was heard.
    """

    there: int
    heard: int
    met: int
    missed: int
    shown: int


def known_note(case: Case, found: Assessment) -> str:
    """How many closures that are known were heard, and seen closed."""
    known = known_closures(case.known, found)
    return (
        f"of {known.there} known closures {known.shown} shown, {known.heard} heard, "
        f"{known.met} of them met, {known.missed} missed"
    )


def known_closures(closures: Sequence[tuple[float, float]], found: Assessment) -> Known:
    """What the card makes of the known ``(start, end)`` closures."""
    seen = found.timeline
    step = float(np.median(np.diff(seen.times)))
    closed, wide = np.nanquantile(seen.original, (0.05, 0.9))
    heard = met = missed = shown = 0
    for start, end in closures:
        near = [
            contact
            for contact in seen.contacts
            if contact.kind == "pbm" and contact.start < end + NEAR and contact.end > start - NEAR
        ]
        heard += bool(near)
        met += any(contact.met is True for contact in near)
        missed += any(contact.met is False for contact in near)
        frames = (seen.times > start - step) & (seen.times < end + step)
        shown += bool((seen.drawn[frames] < closed + SHUT * (wide - closed)).any())
    return Known(len(closures), heard, met, missed, shown)
