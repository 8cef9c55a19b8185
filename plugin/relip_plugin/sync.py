"""``relip sync``: from words on the command line to a job, from events to a display."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from types import FrameType

from relip.media.probe import probe
from relip_job import Event, Finished, Notice, Progress, ResyncJob, Speaker, TimeRange
from relip_job.events import to_json
from relip_plugin import times
from relip_plugin.progress import ProgressDisplay


def job_from(options: argparse.Namespace) -> ResyncJob:
    """The job the options describe; the clip is only opened if there are times to read.

    Raises
    ------
    JobError
        A time or a speaker makes no sense in this clip.
    MediaError
        The clip cannot be read.
    """
    ranges: tuple[TimeRange, ...] = ()
    speaker = Speaker()
    nudge = speech_start = Fraction(0)
    if options.ranges or options.speaker or options.nudge or options.speech_start:
        clock = times.Clock.of(probe(options.picture))
        ranges = tuple(times.time_range(text, clock) for text in options.ranges)
        if options.speaker:
            speaker = times.speaker(options.speaker, clock)
        if options.nudge:
            nudge = times.amount(options.nudge, clock.rate)
        if options.speech_start:
            (speech_start,) = times.moments((options.speech_start,), clock)
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
        codec=options.codec,
        audio=options.audio,
        patch=options.patch,
    )


@contextmanager
def stoppable() -> Iterator[None]:
    """The first Ctrl+C (or SIGTERM) raises ``KeyboardInterrupt``, later ones are ignored.

    A second press would interrupt the cleaning up that the first one began.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _events(job: ResyncJob) -> Generator[Event, None, None]:
    # Imported here: the engine takes a second to load, --help and a wrong option need none of it.
    from relip.pipeline import resync

    yield from resync(job)


def run(job: ResyncJob, as_json: bool) -> int:
    """Run the job and show what it reports; closing the events on the way out cancels it."""
    display = ProgressDisplay(sys.stderr)
    with stoppable(), closing(_events(job)) as events:
        try:
            for event in events:
                if as_json:
                    print(to_json(event), flush=True)
                elif isinstance(event, Progress):
                    display.progress(event)
                elif isinstance(event, Notice):
                    display.notice(event)
                elif isinstance(event, Finished):
                    display.end()
                    print(f"{event.output} ({event.changed} of {event.frames} frames changed)")
        finally:
            display.end()
    return 0
