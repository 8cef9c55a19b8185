"""Attempts at a line on other machines, in a hidden folder beside the results.

::

    RESULTS/.relip-farm/BATCH/ATTEMPT/take_relip_v001.mov      and its sidecar

A machine that was given up may still be writing, and come back. So each attempt writes under a
name of its own, and only who asked moves the one that is accepted into its place: a rename. The
folder of the batch is made by who asked alone; without it nobody can begin an attempt.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Final

from relip_job.errors import OutputError

HIDDEN: Final = ".relip-farm"
SEEN_WITHIN: Final = 15.0
"""Seconds until what another machine has written is seen here; network storage remembers for a
while what it saw before."""
_REMOVED_WITHIN: Final = 3.0
"""Seconds for an engine that is stopping to let go of its files."""
_LOOK: Final = 0.1


def new_batch(results: Path) -> Path:
    """A folder for a batch's attempts.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    folder = results / HIDDEN / uuid.uuid4().hex
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made ({error.strerror})", "choose another folder with --folder"
        ) from error
    return folder


def place(attempt: Path, files: Sequence[tuple[str, int]], results: Path) -> None:
    """Move what an attempt made to the results, the last file last.

    Parameters
    ----------
    files : name and size in bytes of each; none is moved before all are seen here whole.

    Raises
    ------
    OutputError
        They are not seen, or one has that name already, or cannot be moved.
    """
    until = time.monotonic() + SEEN_WITHIN
    while any(_size(attempt / name) != size for name, size in files):
        if time.monotonic() > until:
            raise OutputError(
                f"what another machine wrote is not in {attempt}",
                "see that every machine means the same folder by that; run it again",
            )
        time.sleep(_LOOK)
    for name, _ in files:
        if (results / name).exists():
            raise OutputError(f"{results / name} is there already", "run it again")
    try:
        for name, _ in files:
            (attempt / name).replace(results / name)
    except OSError as error:
        raise OutputError(
            f"the result cannot be moved to {results} ({error.strerror})",
            "see that the folder may be written to",
        ) from error
    shutil.rmtree(attempt, ignore_errors=True)


def remove_batch(folder: Path) -> None:
    """Remove a batch's attempts, with a little patience for who still lets go of one."""
    until = time.monotonic() + _REMOVED_WITHIN
    while folder.exists():
        _remove(folder)
        if time.monotonic() > until:
            break  # the next batch in these results removes it
        time.sleep(_LOOK)
    with suppress(OSError):
        folder.parent.rmdir()


def sweep(results: Path) -> None:
    """Remove what batches left that were killed. The results must be held by who asks."""
    for batch in (results / HIDDEN).glob("*"):
        _remove(batch)
    with suppress(OSError):
        (results / HIDDEN).rmdir()


def _remove(batch: Path) -> None:
    for media in batch.glob("*/*_relip_v[0-9]*"):
        # Who is killed between the two moves leaves a sidecar without its result.
        if not (batch.parent.parent / media.name).exists():
            for sidecar in batch.parent.parent.glob(f"{escape(media.name)}.*json"):
                if not (media.parent / sidecar.name).exists():
                    sidecar.unlink(missing_ok=True)
    shutil.rmtree(batch, ignore_errors=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
