"""What a result depends on, as one key: the same key, the same result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import relip
from relip_job import ResyncJob, job_to_json
from relip_job.errors import MissingMedia
from relip_models.catalogue import CATALOGUE

BLOCK: Final = 1 << 16
"""Bytes; three of them tell two files of one size and one time apart, and cost nothing."""
LIBRARIES: Final = ("av", "numpy", "onnxruntime", "onnxruntime-directml", "opencv-python-headless")
"""A result may differ in a bit with another version of these."""


def media_identity(path: str | Path) -> str:
    """Size, time of the last change, and a digest of the file's head, middle and tail.

    Where it lies and what it is called do not count.

    Raises
    ------
    MissingMedia
        It cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            found = Path(path).stat()
            digest = hashlib.sha256()
            for start in (0, found.st_size // 2, max(0, found.st_size - BLOCK)):
                file.seek(start)
                digest.update(file.read(BLOCK))
    except OSError as error:
        raise MissingMedia(
            f"{path} cannot be read ({error.strerror})", "relink it, or check the path"
        ) from error
    return f"{found.st_size}-{found.st_mtime_ns}-{digest.hexdigest()[:32]}"


@cache
def engine_identity() -> str:
    """Relip's version, the networks as they are on the disk, and the libraries under it."""
    networks = (one.checksum() if one.path.is_file() else "missing" for one in CATALOGUE)
    parts = [relip.__version__, *networks]
    for name in LIBRARIES:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def files_of(job: ResyncJob) -> tuple[str, ...]:
    """Every file a job reads, once, in order."""
    speech = (job.speech,) if isinstance(job.speech, str) else [part.path for part in job.speech]
    return tuple(dict.fromkeys((job.picture, *speech, *job.library)))


def identities(job: ResyncJob) -> dict[str, str]:
    """:func:`media_identity` of every file the job reads.

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
    engine : what :func:`engine_identity` gave.
    """
    speech = (
        known[job.speech]
        if isinstance(job.speech, str)
        else tuple(replace(part, path=known[part.path]) for part in job.speech)
    )
    nameless = replace(
        job,
        picture=known[job.picture],
        speech=speech,
        library=tuple(known[path] for path in job.library),
        output=None,
    )
    # What a file is called decides whether its result is a .mov or follows its container.
    page = {"job": json.loads(job_to_json(nameless)), "ending": Path(job.output or "").suffix}
    return hashlib.sha256(f"{engine}\n{json.dumps(page, sort_keys=True)}".encode()).hexdigest()
