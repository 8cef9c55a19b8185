"""``relip score``: from words on the command line to a card."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Generator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from relip.media.clip import Clip
from relip.media.probe import probe
from relip.quality.card import Assessment
from relip.quality.page import as_page
from relip.quality.score import ScoreRequest
from relip_host import times
from relip_job import Notice, Progress, RelipError, ResyncJob, SpeechPart
from relip_job.errors import JobError, MissingMedia
from relip_plugin import score_card
from relip_plugin.job_file import job_of
from relip_plugin.progress import ProgressDisplay, followed

_ASKED: Final = ("picture", "speech", "ranges", "speech_start", "speaker", "nudge", "cut", "speed")
"""What of a job the score depends on; others may come and go with versions."""
_FROM_JOB: Final = {
    "speech": "speech",
    "ranges": "ranges",
    "speech_start": "start of the speech",
    "speaker": "speaker",
}
"""Options that the result's own job stands in for."""
_SPEECH: Final = "name the file with the new line: --speech FILE"


def run(options: argparse.Namespace) -> int:
    """Score, show the card, write the page; 0 publishable, 1 not."""
    display = ProgressDisplay(sys.stderr)
    original = probe(options.original)
    job, remembered = _remembered(options.result)
    request, taken = request_from(options, original, job)
    notices = list(remembered) + ([taken] if taken else [])
    if not options.json:
        for notice in notices:
            display.notice(notice)
    if options.report is not None:
        from relip_plugin.report.document import refuse_page
        from relip_plugin.report.page import SIGN

        refuse_page(options.report, SIGN)
        if request.speed != 1:
            raise JobError(
                "a clip that is played faster or slower has no report yet",
                "leave --report out: the card tells the same",
            )
    shown = None if options.json else display
    try:
        assessment = followed(_scored(request), shown, notices)
        if options.report is not None:
            from relip_plugin.report.page import write_report

            followed(write_report(options.report, request, assessment), shown, notices)
    finally:
        display.end()
    if options.json:
        page = as_page(assessment, original)
        page["notices"] = [asdict(notice) for notice in notices]
        page["report"] = None if options.report is None else str(options.report)
        print(json.dumps(page, ensure_ascii=False, allow_nan=False))
    else:
        print(score_card.as_text(assessment, original))
        if options.report is not None:
            print(f"report: {options.report}")
    return 0 if assessment.card.publishable else 1


def _scored(request: ScoreRequest) -> Generator[Progress | Notice, None, Assessment]:
    # Imported here: the engine takes a second to load.
    from relip.quality.score import score

    return (yield from score(request))


def request_from(
    options: argparse.Namespace, original: Clip, job: ResyncJob | None
) -> tuple[ScoreRequest, Notice | None]:
    """What to score: as the options say, where they are silent as the result's job says.

    Raises
    ------
    JobError
        A time or a speaker makes no sense in this clip, or no speech is named.
    """
    clock = times.Clock.of(original)
    asked = ScoreRequest(
        options.original, options.result, options.speech or Path(), syncnet=options.syncnet
    )
    silent = [name for name in _FROM_JOB if not getattr(options, name)]
    if options.ranges:
        ranges = tuple(times.time_range(text, clock) for text in options.ranges)
        asked = replace(asked, ranges=ranges)
    if options.speech_start:
        (start,) = times.moments((options.speech_start,), clock)
        asked = replace(asked, speech_start=start)
    if options.speaker:
        asked = replace(asked, speaker=times.speaker(options.speaker, clock))
    if job is not None:
        asked = replace(asked, cut=job.cut, speed=job.speed)
    if job is None or not silent:
        if options.speech is None:
            raise JobError("no speech is named", _SPEECH)
        return asked, None
    if "speech" in silent:
        asked = replace(asked, speech=_found(options.result, job.speech))
    if "ranges" in silent:
        asked = replace(asked, ranges=job.ranges)
    if "speech_start" in silent:
        asked = replace(asked, speech_start=job.speech_start + job.nudge)
    if "speaker" in silent:
        asked = replace(asked, speaker=job.speaker)
    listed = ", ".join(_FROM_JOB[name] for name in silent)
    return asked, Notice("sidecar", f"{listed}: as in {_sidecar(options.result).name}")


def _sidecar(result: Path) -> Path:
    return result.with_name(result.name + ".relip.json")


def _remembered(result: Path) -> tuple[ResyncJob | None, list[Notice]]:
    """The job in the page beside the result, if there is one that can be read."""
    path = _sidecar(result)
    if not path.exists():
        return None, []
    try:
        page = json.loads(path.read_text(encoding="utf-8"))["job"]
        known = {name: page[name] for name in _ASKED if name in page}
        return job_of(json.dumps(known), path.name), []
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = error.message if isinstance(error, RelipError) else type(error).__name__
        return None, [Notice("sidecar", f"{path.name} cannot be used ({why})")]


def _found(result: Path, speech: str | tuple[SpeechPart, ...]) -> Path | tuple[SpeechPart, ...]:
    """The job's speech where it is now.

    Raises
    ------
    MissingMedia
        A file of it is not there.
    """
    if isinstance(speech, str):
        return _beside(result, speech)
    return tuple(replace(part, path=str(_beside(result, part.path))) for part in speech)


def _beside(result: Path, speech: str) -> Path:
    """The job's speech: where it was, or with the same name beside the result.

    Raises
    ------
    MissingMedia
        It is neither here nor there.
    """
    path = Path(speech)
    found = next((one for one in (path, result.parent / path.name) if one.is_file()), None)
    if found is None:
        raise MissingMedia(f"the speech {speech} of the result's job is not there", _SPEECH)
    return found
