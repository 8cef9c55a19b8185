"""How many at once: by the memory that is free."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_UNKNOWN: Final = 4 << 30
"""Bytes; taken to be free where the system does not tell."""
_SHARE: Final = 4
"""Of what is free a run takes one part in so many: other lines run beside it."""


def fitting(bytes_each: int, most: int = 8, free: int | None = None) -> int:
    """How many of ``bytes_each`` fit into memory, at least 1.

    Parameters
    ----------
    bytes_each : what a run needs for one, at its peak, beyond the network itself.
    most : beyond which more at once is no faster.
    free : bytes that are free; what the system says if not given.
    """
    room = (free_memory() if free is None else free) // _SHARE
    return max(1, min(most, room // max(bytes_each, 1)))


def free_memory() -> int:
    """Bytes of memory that a process may still take."""
    if sys.platform == "win32":
        return _free_on_windows()
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        # macOS tells what there is, not what is free; half of it is a modest guess.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return _UNKNOWN


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in (
            "total", "available", "total_page", "available_page",
            "total_virtual", "available_virtual", "extended",
        )),
    )  # fmt: skip


def _free_on_windows() -> int:
    if sys.platform != "win32":
        return _UNKNOWN
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return _UNKNOWN
    return int(status.available)
