"""``relip sync``: from words on the command line to a job, from events to a display."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction

from relip.media.probe import probe
from relip.quality.card import Assessment
from relip_host import times
from relip_job import Event, Finished, Notice, Progress, ResyncJob, Speaker, TimeRange
from relip_job.events import to_json
from relip_plugin.progress import ProgressDisplay
from relip_plugin.score_card import as_text


def job_from(options: argparse.Namespace) -> ResyncJob:
    """The job the options describe; the clip is only opened if there are times to read.

    Raises
    ------
    JobError
        A time or a speaker makes no sense in this clip, or a transcript lacks its language.
    MediaError
        The clip cannot be read.
    """
    ranges: tuple[TimeRange, ...] = ()
    cut: TimeRange | None = None
    speaker = Speaker()
    nudge = speech_start = Fraction(0)
    timed = (options.ranges, options.cut, options.speaker, options.nudge, options.speech_start)
    if any(timed):
        clock = times.Clock.of(probe(options.picture))
        ranges = tuple(times.time_range(text, clock) for text in options.ranges)
        if options.cut:
            cut = times.time_range(options.cut, clock)
        if options.speaker:
            speaker = times.speaker(options.speaker, clock)
        if options.nudge:
            nudge = times.amount(options.nudge, clock.rate)
        if options.speech_start:
            (speech_start,) = times.moments((options.speech_start,), clock)
    text = language = ""
    if options.transcript is not None or options.language is not None:
        from relip_plugin.listen import transcript_from

        transcript = transcript_from(options.transcript, options.language)
        if transcript is not None:
            text, language = transcript.text, transcript.language
    return ResyncJob(
        picture=str(options.picture),
        speech=str(options.speech),
        output=str(options.output) if options.output else None,
        ranges=ranges,
        speech_start=speech_start,
        speaker=speaker,
        nudge=nudge,
        strength=options.strength,
        library=tuple(str(path) for path in options.library),
        engine=options.engine,
        provider=options.provider,
        codec=options.codec,
        audio=options.audio,
        patch=options.patch,
        score=options.score,
        transcript=text,
        language=language,
        cut=cut,
    )


def _events(
    job: ResyncJob, cache: bool, kept: dict[int, Assessment]
) -> Generator[Event, None, None]:
    # Imported here: the engine takes a second to load, --help and a wrong option need none of it.
    from relip.memory import FORGETFUL
    from relip.pipeline import resync
    from relip_plugin.cache.analyses import Analyses

    kept.update((yield from resync(job, memory=Analyses() if cache else FORGETFUL)))


def run(job: ResyncJob, as_json: bool, cache: bool = True) -> int:
    """Run the job and show what it reports; closing the events on the way out cancels it.

    With the cache, what was seen and heard before is not looked for again.
    """
    display = ProgressDisplay(sys.stderr)
    scored: dict[int, Assessment] = {}
    with closing(_events(job, cache, scored)) as events:
        try:
            for event in events:
                if as_json:
                    print(to_json(event), flush=True)
                elif isinstance(event, Progress):
                    display.progress(event)
                elif isinstance(event, Notice):
                    display.notice(_told(event))
                elif isinstance(event, Finished):
                    display.end()
                    print(f"{event.output} ({event.changed} of {event.frames} frames changed)")
        finally:
            display.end()
    if not as_json:
        for voice, assessment in scored.items():
            if job.others:
                print(f"voice {voice}:")
            print(as_text(assessment, probe(job.picture)))
    return 0


def _told(notice: Notice) -> Notice:
    """The notice in one sentence, with the voice it is about and the remedy."""
    message = notice.message
    if notice.voice is not None:
        kept = "its mouth is left as it is, " if notice.code == "left-out" else ""
        message = f"voice {notice.voice}: {kept}{message}"
    if notice.remedy:
        message = f"{message}; {notice.remedy}"
    return replace(notice, message=message)
