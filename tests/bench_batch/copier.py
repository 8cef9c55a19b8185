"""An engine that follows no face: it copies what it was asked for and writes down what it heard.

It is relip's own worker with another ``resync``: jobs, media and results are read and written by
the code that is measured. Into each frame of a range it writes the number in the sound that is
heard while the frame is seen (:mod:`tests.bench_batch.numbered`), for voice N into row N.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from relip import pipeline
from relip.lines import frames_in
from relip.media.frame import Frame
from relip.media.mix import Spoken, read_mix
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.speech import Speech
from relip.media.target import target_for
from relip.media.writer import Writer
from relip.sidecar import write_sidecar
from relip_job import Event, Finished, Progress, ResyncJob, Speaker, TimeRange
from relip_job.events import Voiced
from relip_plugin import worker
from tests.bench_batch.numbered import draw, heard


def copied(job: ResyncJob, **asked: object) -> Iterator[Event]:
    """As :func:`relip.pipeline.resync`, of jobs whose result has a name; nothing is remembered."""
    yield Progress("probe", 0, 1)
    clip = probe(job.picture)
    target = target_for(clip, job.codec)
    first, stop = frames_in(clip, job.cut)
    voices = [(job.speaker, job.speech, job.ranges)]
    voices += [(voice.speaker, voice.speech, voice.ranges or job.ranges) for voice in job.others]
    listened = [_listened(*voice, job) for voice in voices]
    for number, (speaker, _, _) in enumerate(voices, 1):
        yield Voiced(number, speaker.number or 1, 2, "number", 1.0)
    assert job.output is not None
    output, seconds = Path(job.output), float(1 / clip.rate)
    with Writer(output, clip, target, start=first, stop=stop) as writer:
        for frame in read_frames(clip, first, stop, threads=1):
            writer.write(_written(frame, listened, seconds))
        yield Progress("draw", stop - first, stop - first)
    code = None if clip.start_timecode is None else str(clip.timecode(first))
    sidecar = write_sidecar(output, {"written": {"timecode": code}})
    yield Finished(str(output), str(sidecar), stop - first, stop - first)


Listened = tuple[int, Speech, Fraction, tuple[TimeRange, ...]]
"""Row to write into, sound, when it begins on the clip's clock, and where."""


def _listened(
    speaker: Speaker, speech: Spoken, ranges: tuple[TimeRange, ...], job: ResyncJob
) -> Listened:
    sound = read_mix(speech)
    return speaker.number or 1, sound, sound.start + job.speech_start + job.nudge, ranges


def _written(frame: Frame, listened: list[Listened], seconds: float) -> Frame:
    planes = [plane.copy() for plane in frame.planes]
    for row, sound, begins, ranges in listened:
        if any(part.start <= frame.time < part.end for part in ranges):
            at = float(frame.time - begins)
            draw(planes[0], row, heard(sound.samples, sound.rate, at, seconds), frame.format.bits)
    return replace(frame, planes=tuple(planes))


if __name__ == "__main__":
    pipeline.resync = copied  # type: ignore[assignment]
    sys.stdout.flush()
    os._exit(worker.main())
