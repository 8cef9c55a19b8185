"""Whether a process is there, asked the way each system answers without harm."""

from __future__ import annotations

import os
import sys


def alive(pid: int) -> bool:
    """Whether a process has this number."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True


def _alive_on_windows(pid: int) -> bool:
    """There, signal 0 is Ctrl+C: ask the kernel instead."""
    import ctypes

    if sys.platform != "win32":
        raise AssertionError("this is no Windows")
    limited, still_active = 0x1000, 259  # PROCESS_QUERY_LIMITED_INFORMATION, STILL_ACTIVE
    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(limited, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    answered = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return bool(answered) and code.value == still_active
