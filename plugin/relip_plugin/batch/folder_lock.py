"""One batch at a time in a folder; the lock goes with its process, however that ends."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from relip_job.errors import OutputError

NAME: Final = ".relip-batch.lock"
_LOCKED: Final = 1 << 30
"""The byte Windows locks; beyond what is read, as it can be read by nobody else."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder, which is made if it is not there.

    The system's own lock: it needs no cleaning up after a process that was killed.

    Raises
    ------
    OutputError
        Another batch holds it, or it cannot be written to.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written to ({error.strerror})", "choose another folder"
        ) from error
    with file:
        try:
            ours = _take(file)
        except OSError as error:
            raise OutputError(
                f"the storage of {folder} knows no locks ({error.strerror})",
                "name a folder on another disk with --folder",
            ) from error
        if not ours:
            file.seek(0)
            who = file.read(200).strip() or "another process"
            raise OutputError(
                f"a batch is already at work in {folder}: {who}",
                "wait for it, cancel it, or name another folder with --folder",
            )
        with suppress(OSError):  # a full disk; it is locked all the same
            file.truncate(0)
            file.write(f"process {os.getpid()} on {platform.node()}")
            file.flush()
        yield


def _take(file: IO[str]) -> bool:
    """Whether the lock is ours now; it is until the file is closed."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(_LOCKED)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
