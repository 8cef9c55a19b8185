"""A job as a file: the fields of :class:`relip_job.ResyncJob` as one JSON object.

::

    {"picture": "take.mov", "speech": "dub.wav", "nudge": "-1/50",
     "ranges": [{"start": "4", "end": "9009/1000"}], "speaker": {"number": 2}}

    {"picture": "take.mov", "cut": {"start": "2", "end": "12"},
     "speech": [{"path": "mix.wav", "at": "4", "start": "61.5", "duration": "2", "channels": [3]},
                {"path": "pickup.wav", "at": "7"}]}

    {"picture": "two.mov", "speech": "anna.wav", "speaker": {"number": 1},
     "others": [{"speech": "ben.wav", "speaker": {"number": 2}}]}

Times are seconds from the clip's first frame, exact: a whole number, a decimal, or a fraction as
text. Paths are relative to where the command runs, as on the command line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from relip_job import ResyncJob, Speaker, SpeechPart, TimeRange, Voice
from relip_job.errors import JobError
from relip_job.job import AUDIO, CODECS, ENGINES, PROVIDERS

CHOICES: Final = {"engine": ENGINES, "codec": CODECS, "audio": AUDIO, "provider": PROVIDERS}
LONGEST: Final = 1 << 20
"""Bytes; a larger file is something else, most likely the clip."""
_JOB: Final = TypeAdapter(ResyncJob)


def read_job(path: Path) -> ResyncJob:
    """The job in a file.

    Raises
    ------
    JobError
        It cannot be read, or is no job.
    """
    try:
        if path.stat().st_size > LONGEST:
            raise JobError(f"{path} is too large for a job", "name a JSON file")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise JobError(f"there is no file {path}", "check the path after --job") from error
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"{path} cannot be read ({error})", "name a JSON file in UTF-8") from error
    return job_of(text, path.name)


def job_of(text: str, name: str = "the job") -> ResyncJob:
    """The job in a JSON text; ``name`` is what a complaint calls it.

    Raises
    ------
    JobError
        It is no JSON, lacks something, or has what no job has.
    """
    try:
        job = _JOB.validate_json(text)
    except ValidationError as error:
        raise _refused(error.errors(include_url=False), name) from error
    # The dataclass is shared with hosts that have no pydantic, so it cannot forbid by itself.
    strangers = list(_strangers(json.loads(text)))
    if strangers:
        known = ", ".join(field.name for field in fields(ResyncJob))
        raise JobError(f"{name}: no job has {', '.join(strangers)}", f"a job has {known}")
    for field, choices in CHOICES.items():
        if getattr(job, field) not in choices:
            raise JobError(
                f"{name}: there is no {field} {getattr(job, field)!r}",
                f"choose {', '.join(choices)}",
            )
    return job


def _strangers(page: dict[str, object]) -> Iterator[str]:
    """Names that stand where none is known; the page has passed validation."""
    parts: list[tuple[str, object, type]] = [("", page, ResyncJob)]
    parts.append(("cut.", page.get("cut"), TimeRange))
    parts += _of_voice("", page)
    for where, other, kind in _listed("", page, "others", Voice):
        parts.append((where, other, kind))
        if isinstance(other, dict):
            parts += _of_voice(where, other)
    for where, part, kind in parts:
        if isinstance(part, dict):
            known = {field.name for field in fields(kind)}
            yield from (f"{where}{key}" for key in part if key not in known)


def _of_voice(where: str, page: dict[str, object]) -> Iterator[tuple[str, object, type]]:
    """What a voice is made of: the place of each object, itself, what it is."""
    yield f"{where}speaker.", page.get("speaker"), Speaker
    yield from _listed(where, page, "ranges", TimeRange)
    yield from _listed(where, page, "speech", SpeechPart)


def _listed(
    where: str, page: dict[str, object], name: str, kind: type
) -> Iterator[tuple[str, object, type]]:
    listed = page.get(name)
    for number, part in enumerate(listed if isinstance(listed, list) else []):
        yield f"{where}{name}.{number}.", part, kind


def _refused(errors: list[ErrorDetails], name: str) -> JobError:
    """The first complaint in our words."""
    first = errors[0]
    place = list(first["loc"])
    # A voice's speech is a path or parts: of the two complaints, that of which more was understood.
    at = place.index("speech") if "speech" in place else len(place)
    if at + 1 < len(place):
        speech = place[: at + 1]
        first = max((one for one in errors if list(one["loc"])[: at + 1] == speech), key=_depth)
        place = [*speech, *first["loc"][at + 2 :]]
        if place == speech:
            which = ".".join(map(str, speech))
            return JobError(
                f"{name}: {which} is neither a path nor parts", "name a file with sound"
            )
    where = ".".join(map(str, place))
    kind, message = first["type"], first["msg"]
    if kind == "json_invalid":
        return JobError(f"{name} is no JSON: {message.removeprefix('Invalid JSON: ')}", "mend it")
    if not where:
        return JobError(
            f"{name} is no job", "write one JSON object with at least picture and speech"
        )
    if kind == "missing":
        return JobError(f"{name} lacks {where}", f"add {where}")
    if kind.startswith("fraction"):
        return JobError(
            f"{name}: {where} is no time",
            'write seconds: 4, 4.48 or, exactly, "24024/1001"',
        )
    message = message.removeprefix("Value error, ")
    return JobError(f"{name}: {where}: {message[:1].lower()}{message[1:]}", f"correct {where}")


def _depth(error: ErrorDetails) -> int:
    return len(error["loc"])
