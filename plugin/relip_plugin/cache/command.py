"""``relip cache``: shows and cleans what is kept of results and analyses."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict
from typing import Final

from relip_job.errors import JobError
from relip_plugin.cache.room import Room

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
    room = Room()
    told = []
    if options.limit is not None:
        room.set_limit(size_of(options.limit))
    if options.clear:
        gone = room.clear()
        told.append(
            f"{gone['results']} results and {gone['analyses']} analyses forgotten; where your "
            "results were written to they stay"
        )
    taken = room.taken()
    if options.json:
        kinds = {kind: asdict(one) for kind, one in taken.items()}
        print(json.dumps({"folder": str(room.folder), "limit": room.limit, **kinds}))
        return 0
    told.append(f"folder    {room.folder}")
    told += [f"{kind:9} {one.count}, {size_told(one.size)}" for kind, one in taken.items()]
    total = sum(one.size for one in taken.values())
    told.append(f"room      {size_told(total)} of {size_told(room.limit)}")
    print("\n".join(told))
    return 0
