"""JSON files that are there whole or not at all."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Optional

from relip_job.errors import OutputError

TRIES = 10
PAUSE = 0.02
"""Seconds between tries. On Windows a file that somebody reads cannot be replaced."""


def write_json(path: Path, page: object, indent: Optional[int] = 1) -> None:
    """Write it whole; folders are made. Without ``indent`` large pages are written much faster.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(json.dumps(page, ensure_ascii=False, indent=indent))
            file.flush()
            os.fsync(file.fileno())
        take_place(partial, path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror})",
            "make room on that disk, or see that the folder may be written to",
        ) from error


def take_place(partial: Path, path: Path) -> None:
    """Give a whole file its name, in the place of what had it."""
    for _ in range(TRIES):
        with suppress(PermissionError):
            partial.replace(path)
            return
        time.sleep(PAUSE)
    partial.replace(path)
