"""From a job to a re-synced clip: probe, listen, follow, plan, draw, lay, write.

:func:`resync` is an iterator of events. Closing it cancels the run; whatever ends the run,
no half-written file stays behind.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.engines.base import Engine, Start, Task
from relip.engines.named import engine_named
from relip.footage import Footage, analyse, stretches
from relip.hearing import hear
from relip.lines import frames_in, ranges_in, window
from relip.media.clip import Clip
from relip.media.mix import read_mix, speech_files, speech_name
from relip.media.naming import next_version, refuse_existing
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip.media.target import Target, target_for
from relip.media.writer import Writer
from relip.memory import FORGETFUL, Memory
from relip.progress import Clock
from relip.quality.card import Assessment
from relip.quality.page import as_page
from relip.quality.score import assess
from relip.render.lay import lay, lay_patch
from relip.sidecar import Line, sidecar_of, sidecar_page, write_sidecar
from relip.speech.articulation import Articulation
from relip_job.errors import FaceError, JobError, RelipError, SpeechError
from relip_job.events import Event, Finished, Notice, Progress
from relip_job.job import ResyncJob, Speaker, TimeRange

LIBRARY: Final = 90
"""Seconds of each further clip that serve as library."""
_STEP: Final = 12
"""Frames between reports."""


def resync(job: ResyncJob, memory: Memory = FORGETFUL) -> Generator[Event, None, Assessment | None]:
    """Run one job; yields progress and notices, then exactly one :class:`Finished`.

    Who is seen and what is heard is looked up in the memory, and kept there; the result is the same
    with any.

    Returns the assessment, if the job asks for a score and the result could be judged.

    Raises
    ------
    RelipError
        Anything that keeps the job from being done, with its remedy.
    """
    _check(job)
    start = engine_named(job.engine)
    yield Progress("probe", 0, 1)
    clip = probe(job.picture)
    target = target_for(clip, job.codec, job.patch)
    for sentence in target.notes:
        yield Notice("format", sentence)
    output = _output(job, clip, target)
    written = frames_in(clip, job.cut)
    speech = read_mix(job.speech)
    begins = job.speech_start + job.nudge + speech.start
    ranges = ranges_in(clip, speech, job.ranges, begins, job.cut, job.speed)
    extras = [probe(path) for path in job.library]
    yield Progress("probe", 1, 1)

    first, stop = window(clip, ranges)
    lengths = [stop - first] + [_library_stop(extra) for extra in extras]
    drawn = sum(clip.index_at(part.end) - clip.index_at(part.start) for part in ranges)
    kinds = {"score": stop - first} if job.score else {}
    copied = max(written[1] - written[0] - drawn, 0)
    clock = Clock(track=sum(lengths), draw=drawn, copy=copied, **kinds)
    dub = yield from hear(speech.samples, memory, job.transcript, job.language)
    del speech  # an hour of sound is a quarter of a gigabyte
    _check_spoken(job, dub, ranges, begins, clip)
    yield Progress("listen", 1, 1)

    with Spool() as spool:
        work = analyse(clip, first, stop, job.speaker, spool, memory)
        footages = [(yield from _tracked(clock, work))]
        yield from _whose(footages[0])
        for extra, length in zip(extras, lengths[1:], strict=True):
            work = analyse(extra, 0, length, Speaker(), spool, memory)
            footages.append((yield from _tracked(clock, work)))
        wanted = _wanted(footages[0], ranges)
        seconds = footages[0].times / float(job.speed) - float(begins)
        yield from _untouched(footages[0], wanted)
        samples = read_mix(job.speech).samples
        task = Task(footages, spool, wanted, seconds, dub, samples, job.strength, job.provider)
        engine = yield from _prepared(start, task, clock)
        del task, samples
        yield from engine.notices
        changed = yield from _drawn(job, clip, written, target, output, engine, clock)
    try:
        lines = _lines(ranges, footages[0], wanted, dub, float(begins), float(job.speed))
        page = sidecar_page(job, clip, written, target, footages, lines, engine.page, changed)
        sidecar = write_sidecar(output, page)
        assessment = None
        if job.score:
            del engine
            assessment = yield from _scored(job, footages[0], output, dub, ranges, begins, clock)
        if assessment is not None:
            write_sidecar(output, {**page, "score": as_page(assessment, clip)})
    except BaseException:
        # Until it is told, a result is none: it goes as it came, with its sidecar.
        output.unlink(missing_ok=True)
        sidecar_of(output).unlink(missing_ok=True)
        raise
    told = None if assessment is None else assessment.card.told
    yield Finished(str(output), str(sidecar), written[1] - written[0], changed, told)
    return assessment


def _scored(
    job: ResyncJob,
    footage: Footage,
    output: Path,
    dub: Articulation,
    ranges: tuple[TimeRange, ...],
    begins: Fraction,
    clock: Clock,
) -> Generator[Event, None, Assessment | None]:
    """What the result is worth; None, with a notice, if that cannot be told: it stays done."""
    try:
        speech = read_mix(job.speech)
        made = probe(output)
        work = assess(footage, made, dub, speech, ranges, begins, cut=job.cut, speed=job.speed)
        while True:
            try:
                done = next(work).done
            except StopIteration as finished:
                assessment: Assessment = finished.value
                return assessment
            clock.reach("score", done)
            yield clock.progress("score")
    except RelipError as error:
        yield Notice("score", f"the result is done but could not be scored: {error.message}")
        return None


def _check(job: ResyncJob) -> None:
    if job.score and job.patch:
        raise JobError("a mouth alone cannot be scored", "leave out --score or --patch")
    if not job.speech:
        raise JobError("the job names no speech", "name a file with the new line")
    if not 0 <= job.strength <= 1.5:
        raise JobError(f"a strength of {job.strength} is out of range", "choose 0 to 1.5")
    if job.speed <= 0:
        raise JobError(f"a clip does not play at a speed of {job.speed}", "give one above 0")
    if job.speed != 1 and job.audio != "none":
        raise JobError(
            "the result plays at the clip's own speed, and the sound would not fit it",
            "leave the sound out of the result",
        )
    for before, after in zip(job.ranges, job.ranges[1:], strict=False):
        if after.start < before.end:
            raise JobError("the ranges overlap or are out of order", "give them in order")


def _output(job: ResyncJob, clip: Clip, target: Target) -> Path:
    if job.output is None:
        return next_version(clip.path, target.suffix)
    output = Path(job.output)
    refuse_existing(output, (clip.path, *speech_files(job.speech), *map(Path, job.library)))
    return output


def _library_stop(clip: Clip) -> int:
    return clip.index_at(Fraction(LIBRARY)) + 1


def _tracked(clock: Clock, work: Generator[int, None, Footage]) -> Generator[Event, None, Footage]:
    """Run an analysis, turning its counts into progress."""
    before = clock.done("track")
    while True:
        try:
            done = next(work)
        except StopIteration as finished:
            footage: Footage = finished.value
            clock.reach("track", before + len(footage.times))
            yield clock.progress("track")
            return footage
        clock.reach("track", before + done)
        yield clock.progress("track")


def _whose(footage: Footage) -> Iterator[Event]:
    if footage.people > 1:
        yield Notice("speaker", footage.choice.message)


def _check_spoken(
    job: ResyncJob,
    dub: Articulation,
    ranges: tuple[TimeRange, ...],
    begins: Fraction,
    clip: Clip,
) -> None:
    """Refuse a line in which nobody speaks during the ranges."""
    for part in ranges:
        start, end = (int((at / job.speed - begins) * 100) for at in (part.start, part.end))
        if (dub.voice[max(start, 0) : max(end, 0)] > 0.5).sum() >= 10:
            return
    where = " or ".join(
        f"between {clip.timecode(clip.index_at(part.start))} and "
        f"{clip.timecode(clip.index_at(part.end))}"
        for part in ranges
    )
    raise SpeechError(
        f"nobody speaks in {speech_name(job.speech)} {where}",
        "choose another audio file or track, or place the line with --speech-start",
    )


def _wanted(footage: Footage, ranges: tuple[TimeRange, ...]) -> NDArray[np.bool_]:
    """Rows of the footage whose picture starts inside a range."""
    wanted = np.zeros(len(footage.times), bool)
    for row in range(len(wanted)):
        time = footage.clip.time(footage.first + row)
        wanted[row] = any(part.start <= time < part.end for part in ranges)
    return wanted


def _untouched(footage: Footage, wanted: NDArray[np.bool_]) -> Iterator[Event]:
    """Say which wanted frames keep their original mouth, and why."""
    seen = footage.track.seen
    kinds = (
        ("no-face", "the speaker's face is not seen", wanted & ~seen),
        ("covered", "the mouth is covered", wanted & seen & (footage.hidden >= 0.5)),
        (
            "small",
            "the mouth is too small or out of the picture",
            wanted & seen & (footage.hidden < 0.5) & ~footage.usable,
        ),
    )
    for code, why, rows in kinds:
        for start, stop in stretches(rows, footage.track.shots):
            begin = footage.clip.timecode(footage.first + start)
            end = footage.clip.timecode(footage.first + stop - 1)
            yield Notice(
                code,
                f"{begin} to {end}: {why}; these frames are the original",
                float(footage.times[start]),
                float(footage.times[stop - 1]),
            )
    if not (wanted & footage.usable).any():
        raise FaceError(
            "the speaker's mouth cannot be seen in any frame of the range",
            "choose another range or another speaker; 'relip probe' shows who is seen when",
        )


def _prepared(start: Start, task: Task, clock: Clock) -> Generator[Event, None, Engine]:
    """The engine, ready to draw."""
    total = int(task.wanted.sum())
    yield Progress("plan", 0, total, clock.left())
    work = start(task)
    while True:
        try:
            done = next(work)
        except StopIteration as finished:
            engine: Engine = finished.value
            yield Progress("plan", total, total, clock.left())
            return engine
        yield Progress("plan", min(done, total), total, clock.left())


def _drawn(
    job: ResyncJob,
    clip: Clip,
    written: tuple[int, int],
    target: Target,
    output: Path,
    engine: Engine,
    clock: Clock,
) -> Generator[Event, None, int]:
    """Write the frames ``written``, the planned ones with their new mouth; how many changed."""
    changed = 0
    first, stop = written
    writer = Writer(
        output,
        clip,
        target,
        audio=job.audio,
        dub=job.speech,
        dub_start=job.speech_start + job.nudge,
        start=first,
        stop=stop,
    )
    with writer:
        for frame in read_frames(clip, first, stop):
            patch = engine.draw(frame)
            if job.patch:
                if patch is None:
                    nothing = np.zeros((1, 1), np.float32)
                    frame = lay_patch(
                        frame,
                        np.zeros((1, 1, 3), np.float32),
                        nothing,
                        0,
                        0,
                        target.format,
                        target.colour,
                    )
                else:
                    frame = lay_patch(
                        frame,
                        patch.rgb,
                        patch.alpha,
                        patch.x0,
                        patch.y0,
                        target.format,
                        target.colour,
                    )
            elif patch is not None:
                frame = lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)
            writer.write(frame)
            changed += patch is not None
            clock.step("copy" if patch is None else "draw")
            if frame.index % _STEP == 0:
                yield Progress("draw", frame.index - first, stop - first, clock.left())
        yield Progress("draw", stop - first, stop - first, 0.0)
    return changed


def _lines(
    ranges: tuple[TimeRange, ...],
    footage: Footage,
    wanted: NDArray[np.bool_],
    dub: Articulation,
    begins: float,
    speed: float,
) -> list[Line]:
    """What became of each range."""
    found = []
    for part in ranges:
        start, end = float(part.start), float(part.end)
        inside = (footage.times >= start) & (footage.times < end) & wanted
        found.append(
            Line(
                str(footage.clip.timecode(footage.clip.index_at(part.start))),
                str(footage.clip.timecode(footage.clip.index_at(part.end))),
                int(inside.sum()),
                int((inside & footage.usable).sum()),
                sum(start <= (event.centre + begins) * speed < end for event in dub.closures),
            )
        )
    return found
