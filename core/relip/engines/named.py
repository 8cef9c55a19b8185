"""Every engine by its name; only the one that is asked for is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from relip.engines.base import Start
from relip_job.errors import JobError

MODULES: Final = {
    "footage": "relip.engines.footage",
    "wav2lip": "relip.engines.wav2lip",
    "musetalk": "relip.engines.musetalk",
}
"""Each has a ``start``; the names are those of :data:`relip_job.job.ENGINES`."""


def engine_named(name: str) -> Start:
    """What prepares that engine.

    Raises
    ------
    JobError
        There is none of that name.
    """
    if name not in MODULES:
        raise JobError(f"there is no engine {name!r}", f"choose {' or '.join(MODULES)}")
    start: Start = import_module(MODULES[name]).start
    return start
