"""A job's known result instead of the work, and the work's result for the next time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from relip.identity import engine_identity
from relip.media.identity import media_identity
from relip_host.naming import VERSIONED
from relip_job import Event, Finished, Notice, ResyncJob, Voiced
from relip_job.errors import MediaError, OutputError
from relip_plugin.cache.asked import Asked, as_it_is, discard
from relip_plugin.cache.results import Known, ResultCache

Making = Generator[Event, None, object]


def reusing(
    job: ResyncJob, make: Callable[[], Making], cache: ResultCache
) -> Generator[Event, None, None]:
    """The events of a job: of its result if that is known, else of making it.

    A known result is linked or copied to where the job wants it, or stays where it is if it lies
    beside that as another version; a notice ``kept`` says so. What is made is remembered, if
    everything it was made of is still what it was.

    Raises
    ------
    RelipError
        It cannot be made; or what it was made of was replaced meanwhile, and it was removed.
    """
    try:
        asked = as_it_is(job, engine_identity())
    except MediaError:
        asked = None  # the engine has a better word for it
    if asked is None or job.output is None:
        with closing(make()) as events:
            yield from events
        return
    known = None if _taken(Path(job.output)) else cache.find(asked.key)
    wanted = job if known is None or not _beside(known, job) else replace(job, output=known.output)
    kept = None if known is None else cache.fetch(asked.key, known, wanted)
    if kept is None:
        yield from _made(asked, make, cache)
        return
    done = finished(kept)
    try:
        with suppress(OutputError):  # where it lay before it may be deleted
            cache.store(asked.key, kept)
        yield from kept.voiced
        yield from kept.notices
        yield Notice("kept", "the result is the one from before: nothing has changed since then")
    except BaseException:
        if wanted is job:
            discard(done)
        raise
    yield done


def finished(known: Known) -> Finished:
    """What the engine said of it at the end."""
    score = known.score or None
    return Finished(known.output, known.sidecar, known.frames, known.changed, score, known.scores)


def _beside(known: Known, job: ResyncJob) -> bool:
    """Whether it lies under a name that could be the next one's, ``take_relip_v001.mov``."""
    lies, wanted = Path(known.output), Path(job.output or "")
    family = [VERSIONED.sub("", path.stem) for path in (lies, wanted)]
    if (lies.parent, lies.suffix, family[0]) != (wanted.parent, wanted.suffix, family[1]):
        return False
    if not VERSIONED.search(lies.stem):
        return False
    try:
        return media_identity(lies) == known.identity
    except MediaError:
        return False


def _made(
    asked: Asked, make: Callable[[], Making], cache: ResultCache
) -> Generator[Event, None, None]:
    begun = time.monotonic()
    told: list[Event] = []
    with closing(make()) as events:
        for event in events:
            if isinstance(event, (Notice, Voiced)):
                told.append(event)
            elif isinstance(event, Finished):
                # Who cancels up to now is told that nothing was written.
                try:
                    known = asked.believed(event, told, time.monotonic() - begun)
                    try:
                        cache.store(asked.key, known)
                    except OutputError as error:
                        yield Notice("not-kept", error.message, remedy=error.remedy)
                    cache.room.tidy()
                except BaseException:
                    discard(event)
                    raise
            yield event


def _taken(path: Path) -> bool:
    """Whether something lies there; the engine refuses to write over it."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
