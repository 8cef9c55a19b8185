"""From a job to a re-synced clip: probe, listen, follow, plan, draw, lay, write.

:func:`resync` is an iterator of events. Closing it cancels the run; whatever ends the run,
no half-written file stays behind.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from traceback import clear_frames
from typing import Final, TypeVar

from relip.casting import cast
from relip.drawing import drawn
from relip.engines.base import Engine, Start, Task
from relip.engines.named import engine_named
from relip.faces.speaker import Choice
from relip.footage import Footage, analyse, footages_of, observe
from relip.lines import frames_in, window
from relip.media.clip import Clip
from relip.media.mix import read_mix, speech_files
from relip.media.naming import next_version, refuse_existing
from relip.media.probe import probe
from relip.media.spool import Spool
from relip.media.target import Target, target_for
from relip.memory import FORGETFUL, Memory
from relip.onnx.installed import check_installed
from relip.part import Part, part_of
from relip.progress import Clock
from relip.quality.card import Assessment
from relip.quality.page import as_page
from relip.quality.score import assess
from relip.sidecar import (
    joined,
    left_out_page,
    sidecar_of,
    sidecar_page,
    voice_page,
    write_sidecar,
)
from relip.voices import LeftOut, Role, check_voices, listened, voices_of
from relip_job.errors import FaceError, JobError, RelipError, SpeechError
from relip_job.events import Event, Finished, Notice, Progress, Voiced
from relip_job.job import ResyncJob, Speaker

LIBRARY: Final = 90
"""Seconds of each further clip that serve as library."""
Made = TypeVar("Made")


def resync(
    job: ResyncJob, memory: Memory = FORGETFUL
) -> Generator[Event, None, dict[int, Assessment]]:
    """Run one job; yields progress and notices, then exactly one :class:`Finished`.

    Who is seen and what is heard is looked up in the memory, and kept there; the result is the same
    with any.

    Returns the assessments by voice, from 1, if the job asks for a score: of those whose result
    could be judged.

    Raises
    ------
    RelipError
        Anything that keeps the job from being done, with its remedy.
    """
    _check(job)
    start = engine_named(job.engine)
    check_installed(job.engine)
    yield Progress("probe", 0, 1)
    clip = probe(job.picture)
    target = target_for(clip, job.codec, job.patch)
    for sentence in target.notes:
        yield Notice("format", sentence)
    output = _output(job, clip, target)
    written = frames_in(clip, job.cut)
    extras = [probe(path) for path in job.library]
    yield Progress("probe", 1, 1)

    out = LeftOut(1 + len(job.others))
    roles = yield from _heard(job, clip, memory, out)
    clock = _clock(job, clip, written, roles, extras)
    with Spool() as spool:
        parts = yield from _seen(job, clip, extras, roles, spool, memory, out, clock)
        ready = yield from _planned(job, parts, start, spool, out, clock)
        engines = [engine for _, engine in ready]
        changed = yield from drawn(job, clip, written, target, output, engines, clock)
    try:
        page = sidecar_page(job, clip, written, target, changed)
        pages = {number: left_out_page(error) for number, error in out.why.items()}
        for part, engine in ready:
            lines = list(part.lines(job.speed))
            pages[part.role.number] = voice_page(part.footages, engine.page, lines)
        sidecar = write_sidecar(output, joined(page, pages))
        assessments: dict[int, Assessment] = {}
        if job.score:
            parts = [part for part, _ in ready]
            del ready, engines, engine
            for number, assessment in (yield from _scored(job, parts, output, clock)).items():
                assessments[number] = assessment
                pages[number]["score"] = as_page(assessment, clip)
            write_sidecar(output, joined(page, pages))
    except BaseException as error:
        clear_frames(error.__traceback__)  # on Windows no file is removed that somebody reads
        # Until it is told, a result is none: it goes as it came, with its sidecar.
        output.unlink(missing_ok=True)
        sidecar_of(output).unlink(missing_ok=True)
        raise
    yield Finished(
        str(output),
        str(sidecar),
        written[1] - written[0],
        changed,
        _least(assessments),
        _scores(assessments, 1 + len(job.others)) if job.others and job.score else (),
    )
    return assessments


def _check(job: ResyncJob) -> None:
    if job.score and job.patch:
        raise JobError("a mouth alone cannot be scored", "leave out --score or --patch")
    check_voices(job)
    if not 0 <= job.strength <= 1.5:
        raise JobError(f"a strength of {job.strength} is out of range", "choose 0 to 1.5")
    if job.speed <= 0:
        raise JobError(f"a clip does not play at a speed of {job.speed}", "give one above 0")
    if job.speed != 1 and job.audio != "none":
        raise JobError(
            "the result plays at the clip's own speed, and the sound would not fit it",
            "leave the sound out of the result",
        )


def _output(job: ResyncJob, clip: Clip, target: Target) -> Path:
    if job.output is None:
        return next_version(clip.path, target.suffix)
    output = Path(job.output)
    spoken = [path for voice in voices_of(job) for path in speech_files(voice.speech)]
    refuse_existing(output, (clip.path, *spoken, *map(Path, job.library)))
    return output


def _library_stop(clip: Clip) -> int:
    return clip.index_at(Fraction(LIBRARY)) + 1


def _clock(
    job: ResyncJob,
    clip: Clip,
    written: tuple[int, int],
    roles: Sequence[Role],
    extras: Sequence[Clip],
) -> Clock:
    first, stop = _window(clip, roles)
    ranges = [part for role in roles for part in role.ranges]
    mouths = sum(clip.index_at(part.end) - clip.index_at(part.start) for part in ranges)
    kinds = {"score": (stop - first) * len(roles)} if job.score else {}
    return Clock(
        track=stop - first + sum(map(_library_stop, extras)),
        draw=mouths,
        copy=max(written[1] - written[0] - mouths, 0),
        **kinds,
    )


def _window(clip: Clip, roles: Sequence[Role]) -> tuple[int, int]:
    return window(clip, [part for role in roles for part in role.ranges])


def _heard(
    job: ResyncJob, clip: Clip, memory: Memory, out: LeftOut
) -> Generator[Event, None, list[Role]]:
    """Listen to one voice after the other; an hour of sound is a quarter of a gigabyte."""
    roles = []
    for number, voice in enumerate(voices_of(job), 1):
        try:
            roles.append((yield from listened(job, clip, number, voice, memory)))
        except SpeechError as error:
            yield out.add(number, error)
    yield Progress("listen", 1, 1)
    return roles


def _seen(
    job: ResyncJob,
    clip: Clip,
    extras: Sequence[Clip],
    roles: Sequence[Role],
    spool: Spool,
    memory: Memory,
    out: LeftOut,
    clock: Clock,
) -> Generator[Event, None, list[Part]]:
    """Follow everybody through the clip once, and give each role its mouth."""
    first, stop = _window(clip, roles)
    seen = yield from _tracked(clock, observe(clip, first, stop, spool, memory))
    chosen: list[tuple[Role, Choice]] = []
    found = cast(voices_of(job), roles, seen)
    for role in roles:
        choice = found[role.number]
        if isinstance(choice, FaceError):
            yield out.add(role.number, choice)
            continue
        yield Voiced(
            role.number,
            choice.track.number,
            len(seen.people.tracks),
            choice.how,
            round(choice.confidence, 3),
        )
        if len(seen.people.tracks) > 1:
            yield _of_voice(job, role.number, Notice("speaker", choice.message))
        chosen.append((role, choice))
    work = footages_of(seen, [choice for _, choice in chosen], spool)
    own = yield from _tracked(clock, work)
    followed = stop - first
    clock.reach("track", followed)
    more: list[Footage] = []
    for extra in extras:
        analysis = analyse(extra, 0, _library_stop(extra), Speaker(), spool, memory)
        more.append((yield from _tracked(clock, analysis, followed)))
        followed += len(more[-1].times)
        clock.reach("track", followed)
    yield clock.progress("track")
    return [part_of(role, [one, *more]) for (role, _), one in zip(chosen, own, strict=True)]


def _tracked(
    clock: Clock, work: Generator[int, None, Made], before: int = 0
) -> Generator[Event, None, Made]:
    """Run an analysis, turning its counts into progress; so many frames were done before."""
    while True:
        try:
            done = next(work)
        except StopIteration as finished:
            made: Made = finished.value
            return made
        clock.reach("track", before + done)
        yield clock.progress("track")


def _planned(
    job: ResyncJob,
    parts: Sequence[Part],
    start: Start,
    spool: Spool,
    out: LeftOut,
    clock: Clock,
) -> Generator[Event, None, list[tuple[Part, Engine]]]:
    """The parts whose mouth can be drawn, each with its engine."""
    ready: list[tuple[Part, Engine]] = []
    for place, part in enumerate(parts):
        number = part.role.number
        try:
            for notice in part.untouched():
                yield _of_voice(job, number, notice)
            for event in _prepared(job, part, start, spool, ready):
                yield replace(
                    event,
                    done=place * event.total + event.done,
                    total=len(parts) * event.total,
                    left=clock.left(),
                )
        except FaceError as error:
            yield out.add(number, error)
            continue
        for notice in ready[-1][1].notices:
            yield _of_voice(job, number, notice)
    return ready


def _prepared(
    job: ResyncJob,
    part: Part,
    start: Start,
    spool: Spool,
    ready: list[tuple[Part, Engine]],
) -> Iterator[Progress]:
    """Add the part and its engine, ready to draw."""
    total = int(part.wanted.sum())
    yield Progress("plan", 0, total)
    # Read again: held since it was listened to, it would lie there while the clip is followed.
    samples = read_mix(part.role.voice.speech).samples
    task = Task(
        part.footages,
        spool,
        part.wanted,
        part.seconds(job.speed),
        part.role.dub,
        samples,
        job.strength,
        job.provider,
    )
    work = start(task)
    del task, samples
    while True:
        try:
            done = next(work)
        except StopIteration as finished:
            ready.append((part, finished.value))
            yield Progress("plan", total, total)
            return
        yield Progress("plan", min(done, total), total)


def _scored(
    job: ResyncJob, parts: Sequence[Part], output: Path, clock: Clock
) -> Generator[Event, None, dict[int, Assessment]]:
    """What each mouth is worth; none, with a notice, if that cannot be told: it stays done."""
    found: dict[int, Assessment] = {}
    for place, part in enumerate(parts):
        role, count = part.role, len(part.main.times)
        try:
            work = assess(
                part.main,
                probe(output),
                role.dub,
                read_mix(role.voice.speech),
                role.ranges,
                role.begins,
                cut=job.cut,
                speed=job.speed,
                others=[one.main for one in parts if one is not part],
            )
            while role.number not in found:
                try:
                    done = next(work).done
                except StopIteration as finished:
                    found[role.number] = finished.value
                else:
                    clock.reach("score", place * count + done)
                    yield clock.progress("score")
        except RelipError as error:
            why = f"the result is done but could not be scored: {error.message}"
            yield _of_voice(job, role.number, Notice("score", why))
    return found


def _least(assessments: dict[int, Assessment]) -> str | None:
    """What the voice told that earned least."""
    if not assessments:
        return None
    return min((one.card for one in assessments.values()), key=lambda card: card.earned).told


def _scores(assessments: dict[int, Assessment], count: int) -> tuple[str, ...]:
    return tuple(
        assessments[number].card.told if number in assessments else ""
        for number in range(1, count + 1)
    )


def _of_voice(job: ResyncJob, number: int, notice: Notice) -> Notice:
    """The notice, saying which voice it is about if there are several."""
    return replace(notice, voice=number) if job.others else notice
