"""The user's timeline with the results in it, as a file of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from relip_host.host import Made
from relip_host.whole_file import write_json
from relip_job.errors import OutputError
from relip_plugin.batch.plan import Take
from relip_plugin.batch.result import Result
from relip_plugin.timeline.model import Document

WRITTEN: Final = ".relip-batch.json"
"""In the folder of the results: what was written, so that it may be written again."""


def output_for(timeline: Path, output: Path | None, folder: Path) -> Path:
    """Where the new timeline goes: ``output``, or ``reel_relip_v001`` beside the old one.

    Raises
    ------
    OutputError
        It would replace what no batch of this folder wrote, or is of another kind.
    """
    ending = ".fcpxml" if timeline.is_dir() else timeline.suffix
    if output is None:
        number = 1
        while True:
            output = timeline.with_name(f"{timeline.stem}_relip_v{number:03d}{ending}")
            if not output.exists() or _ours(output, folder):
                return output
            number += 1
    if output.suffix.lower() != ending.lower():
        raise OutputError(f"a {ending} stays one", f"name the output {output.stem}{ending}")
    if not output.parent.is_dir():
        raise OutputError(f"there is no folder {output.parent}", "make it first")
    if output.exists() and not _ours(output, folder):
        raise OutputError(
            f"{output} is not what the last batch wrote there", "name another file after -o"
        )
    return output


def made_of(results: Sequence[Result]) -> tuple[Made, ...]:
    """What goes into the timeline: one result a shot, by its first line, with its least score."""
    found: dict[Take, list[Result]] = {}
    for result in results:
        if result.there and result.line.take is not None:
            found.setdefault(result.line.take, []).append(result)
    return tuple(
        Made(
            str(lines[0].line.number),
            take.shot,
            lines[0].output,
            lines[0].sidecar,
            take.first,
            take.frames,
            min((line.score for line in lines if line.score), default=None),
        )
        for take, lines in found.items()
    )


def write_timeline(
    output: Path, document: Document, made: Sequence[Made], folder: Path, in_place: bool
) -> None:
    """Write it, named as its file; whole or not at all.

    Raises
    ------
    JobError
        A result does not fit its shot.
    OutputError
        It cannot be written, or was changed by somebody meanwhile.
    """
    page = document.with_results(made, output.stem, in_place)
    if output.exists() and not _ours(output, folder):
        raise OutputError(
            f"{output} was changed meanwhile", "run it again with another file after -o"
        )
    partial = output.with_name(output.name + ".partial")
    try:
        partial.write_bytes(page)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"{output} cannot be written ({error.strerror})",
            "make room on that disk, or close it where it is open; run it again, the lines "
            "themselves are done",
        ) from error
    known = {**_written(folder), str(output.resolve()): _digest(page)}
    write_json(folder / WRITTEN, known)


def _ours(output: Path, folder: Path) -> bool:
    """Whether a batch of this folder wrote it, and nobody has changed it since."""
    with suppress(OSError):
        return _written(folder).get(str(output.resolve())) == _digest(output.read_bytes())
    return False


def _written(folder: Path) -> dict[str, str]:
    with suppress(OSError, ValueError, RecursionError):
        page = json.loads((folder / WRITTEN).read_text(encoding="utf-8"))
        if isinstance(page, dict):
            return {str(name): str(digest) for name, digest in page.items()}
    return {}


def _digest(page: bytes) -> str:
    return hashlib.sha256(page).hexdigest()
