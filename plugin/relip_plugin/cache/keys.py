"""What a result depends on, as one key: the same key, the same result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from relip.media.identity import media_identity
from relip_job import ResyncJob, SpeechPart, job_to_json

Speech = str | tuple[SpeechPart, ...]


def files_of(job: ResyncJob) -> tuple[str, ...]:
    """Every file a job reads, once, in order."""
    lines = (job.speech, *(voice.speech for voice in job.others))
    speech = (path for line in lines for path in _paths(line))
    return tuple(dict.fromkeys((job.picture, *speech, *job.library)))


def identities(job: ResyncJob) -> dict[str, str]:
    """:func:`~relip.media.identity.media_identity` of every file the job reads.

    Raises
    ------
    MissingMedia
        One cannot be read.
    """
    return {path: media_identity(path) for path in files_of(job)}


def job_key(job: ResyncJob, known: dict[str, str], engine: str) -> str:
    """The key of a job's result: its files by identity, all else it says but where it goes to.

    Parameters
    ----------
    known : what :func:`identities` gave for the job.
    engine : what :func:`~relip.identity.engine_identity` gave.
    """
    nameless = replace(
        job,
        picture=known[job.picture],
        speech=_nameless(job.speech, known),
        others=tuple(replace(voice, speech=_nameless(voice.speech, known)) for voice in job.others),
        library=tuple(known[path] for path in job.library),
        output=None,
    )
    # What a file is called decides whether its result is a .mov or follows its container.
    page = {"job": json.loads(job_to_json(nameless)), "ending": Path(job.output or "").suffix}
    return hashlib.sha256(f"{engine}\n{json.dumps(page, sort_keys=True)}".encode()).hexdigest()


def _paths(speech: Speech) -> tuple[str, ...]:
    return (speech,) if isinstance(speech, str) else tuple(part.path for part in speech)


def _nameless(speech: Speech, known: dict[str, str]) -> Speech:
    if isinstance(speech, str):
        return known[speech]
    return tuple(replace(part, path=known[part.path]) for part in speech)
