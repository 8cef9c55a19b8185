"""What figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import relip
from relip.media.ffmpeg import library_version

_LIBRARIES: Final = ("numpy", "onnxruntime", "av", "opencv-python-headless")
_ROOT: Final = Path(__file__).parents[2]


def described() -> dict[str, str]:
    """Date, machine, load and versions, in words."""
    memory = total_memory()
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{processor()}, {cores()} cores",
        "memory": f"{memory / 2**30:.0f} GiB" if memory else "unknown",
        "load average at the start": load(),
        "system": f"{platform.system()} {platform.machine()}",
        "relip": f"{relip.__version__}{_commit()}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in _LIBRARIES},
        "FFmpeg": library_version(),
    }


def cores() -> int:
    """How many this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name as the system knows it."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        return _said("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def load() -> str:
    """Processes that ran or waited in the last minute, and a caution where others are at work."""
    if sys.platform == "win32":
        return "unknown"
    busy = os.getloadavg()[0]
    caution = ": others were at work, compare work, not times" if busy > cores() / 2 else ""
    return f"{busy:.1f}{caution}"


def total_memory() -> int:
    """Bytes; 0 where nobody tells."""
    if sys.platform == "win32":
        return 0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def available_memory() -> int:
    """Bytes that can be had without swapping; half of all where nobody tells."""
    if sys.platform == "linux":
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable"):
                return int(line.split()[1]) * 1024
    return total_memory() // 2


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """The checkout's, with a plus where something is not committed; empty outside of one."""
    commit = _said("git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD")
    changed = _said("git", "-C", str(_ROOT), "status", "--porcelain", "--untracked-files=no")
    return f" ({commit}{'+' if changed else ''})" if commit else ""


def _said(*command: str) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""
