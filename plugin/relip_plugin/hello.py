"""Whether the engine starts the way an editing program starts it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Final

from relip_host.environment import cleaned
from relip_job.errors import RelipError

PATIENCE: Final = 60
"""Seconds; the first start after an installation compiles everything."""
REMEDY: Final = "install relip again: python install.py"


def engine_version(engine: Sequence[str]) -> str:
    """The version the engine says it has.

    Raises
    ------
    RelipError
        It does not start, or something else does.
    """
    command = [*engine, "-m", "relip_plugin.worker"]
    try:
        # No job comes: it greets, and goes.
        ran = subprocess.run(
            command,
            input=b"",
            capture_output=True,
            timeout=PATIENCE,
            env=cleaned(os.environ),
            check=False,
        )
    except OSError as error:
        raise RelipError(f"{engine[0]} does not start ({error.strerror})", REMEDY) from error
    except subprocess.TimeoutExpired as error:
        raise RelipError(f"{engine[0]} says nothing for {PATIENCE} seconds", REMEDY) from error
    try:
        told = json.loads(ran.stdout.splitlines()[0])
        if told["event"] == "hello":
            return str(told["version"])
    except (IndexError, ValueError, KeyError, TypeError):
        pass  # what it said instead is told below
    said = ran.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
    raise RelipError(f"{engine[0]} is not relip's engine ({said[-1]})", REMEDY)
