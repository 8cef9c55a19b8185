"""``relip cache``: shows and cleans what is kept of results."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict
from typing import Final

from relip_job.errors import JobError
from relip_plugin.cache.results import ResultCache

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def size_of(text: str) -> int:
    """Bytes of ``50G``, ``500M`` or ``0``.

    Raises
    ------
    JobError
        It is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise JobError(f"{text!r} is no size", "write 50G or 500M")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def size_told(size: int) -> str:
    """``1.5 GB``; of 1024 each, as :func:`size_of` reads it."""
    for unit in ("T", "G", "M", "K"):
        if size >= _UNITS[unit]:
            return f"{size / _UNITS[unit]:.1f} {unit}B"
    return f"{size} B"


def run(options: argparse.Namespace) -> int:
    """Do what is asked, then show what there is."""
    cache = ResultCache()
    told = []
    if options.limit is not None:
        cache.set_limit(size_of(options.limit))
    if options.clear:
        told.append(f"{cache.clear()} results forgotten; where they were written to they stay")
    taken = cache.taken()
    if options.json:
        print(json.dumps({"folder": str(cache.folder), **asdict(taken)}))
        return 0
    told += [
        f"folder   {cache.folder}",
        f"results  {taken.count}",
        f"room     {size_told(taken.size)} of {size_told(taken.limit)}",
    ]
    print("\n".join(told))
    return 0
