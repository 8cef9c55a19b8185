"""Blender's module with its real window, for tests: ``python windowed.py``.

The module is built with everything a window needs and is told at one place to do without: the
function that starts it sets ``G.background``. Here that one byte is changed in memory before the
module starts, and then the program's own loop runs. Nothing on disk is touched.

Lines on standard input are Python, run inside Blender between two events, each answered by one
line on standard output: ``TOLD`` or ``WRONG`` and JSON. An expression tells its value. What cannot
be done here is said by ``NO WINDOW`` and why, and exit code 77.
"""

from __future__ import annotations

import ast
import ctypes
import json
import mmap
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import traceback
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

NO_WINDOW = 77
TICK = 0.05
STARTING = r"main_python_enter\b|_Z\w*17main_python_enter\w*"
LOOP = r"WM_main|_Z\w*7WM_main\w*"
CONTEXT = r"BPY_context_get|_Z\w*15BPY_context_get\w*"
FIRST_STEP = r"BKE_vfont_builtin_register|_Z\w*26BKE_vfont_builtin_register\w*"
"""What the starting function calls right after it has set the flag."""
READ_WRITE_EXECUTE, READ_EXECUTE = 7, 5


def give_up(why: str) -> NoReturn:
    """Say why there is no window."""
    print(f"NO WINDOW: {why}", flush=True)
    os._exit(NO_WINDOW)


def library() -> Path:
    """The module's file, without importing it."""
    spec = find_spec("bpy")
    if spec is None or spec.origin is None:
        give_up("this Python has no bpy")
    return Path(spec.origin).resolve()


def symbols(path: Path) -> dict[str, int]:
    """Address of every function in the file."""
    ran = subprocess.run(["nm", str(path)], capture_output=True, text=True, check=False)
    found: dict[str, int] = {}
    for line in ran.stdout.splitlines():
        words = line.split()
        if len(words) == 3:
            found.setdefault(words[2], int(words[0], 16))
    return found


def address(names: dict[str, int], pattern: str) -> int:
    """Of the function whose plain or mangled name this is."""
    found = [names[name] for name in names if re.fullmatch(pattern, name)]
    if not found:
        give_up(f"{pattern} is not in this Blender")
    return found[0]


def flag_byte(path: Path, start: int, step: int) -> int:
    """Address of the 1 in ``movb $1, G.background``, the last before ``step`` is called."""
    command = ["objdump", "-d", f"--start-address={start}", f"--stop-address={start + 0x1400}"]
    ran = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    moved = None
    for line in ran.stdout.splitlines():
        if "call" in line and f"{step:x} <" in line:
            break
        found = re.match(r"\s*([0-9a-f]+):\s+((?:[0-9a-f]{2} )+)\s*movb\s+\$0x1,", line)
        moved = found or moved
    if moved is None:
        give_up("the place where Blender decides against a window was not found")
    return int(moved[1], 16) + len(moved[2].split()) - 1


def base_of(path: Path) -> int:
    """Where the file begins in memory."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    return min(int(line.split("-")[0], 16) for line in maps if line.rstrip().endswith(str(path)))


def want_window(place: int) -> None:
    """Turn the 1 at this address into a 0."""
    page = place & ~(mmap.PAGESIZE - 1)
    system = ctypes.CDLL(None, use_errno=True)
    byte = ctypes.c_ubyte.from_address(place)
    pages = ctypes.c_void_p(page)
    if system.mprotect(pages, 2 * mmap.PAGESIZE, READ_WRITE_EXECUTE):
        give_up("the system does not let Blender's code be changed in memory")
    if byte.value != 1:
        give_up("the byte that decides against a window is not what it was taken for")
    byte.value = 0
    system.mprotect(pages, 2 * mmap.PAGESIZE, READ_EXECUTE)


class Orders:
    """Python that comes in as lines, run where Blender's data may be touched."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self._names: dict[str, Any] = {"__name__": "orders"}
        threading.Thread(target=self._read, daemon=True).start()

    def obey(self) -> float:
        """Run what has come in; seconds until the next time."""
        while not self._lines.empty():
            try:
                said = f"TOLD {json.dumps(self._run(json.loads(self._lines.get())), default=str)}"
            except Exception:
                said = f"WRONG {json.dumps(traceback.format_exc())}"
            print(said, flush=True)
        return TICK

    def _run(self, code: str) -> Any:
        tree = ast.parse(code)
        *before, last = tree.body
        if not isinstance(last, ast.Expr):
            exec(compile(tree, "<orders>", "exec"), self._names)
            return None
        exec(compile(ast.Module(before, []), "<orders>", "exec"), self._names)
        return eval(compile(ast.Expression(last.value), "<orders>", "eval"), self._names)

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line)
        os._exit(0)  # whoever wanted the window has gone


def main() -> None:
    """Start Blender with its window and run until it is closed."""
    for tool in ("nm", "objdump"):
        if shutil.which(tool) is None:
            give_up(f"{tool} is needed (binutils)")
    path = library()
    names = symbols(path)
    begin, loop, context = (address(names, one) for one in (STARTING, LOOP, CONTEXT))
    flag = flag_byte(path, begin, address(names, FIRST_STEP))
    ctypes.CDLL(str(path))
    base = base_of(path)
    want_window(base + flag)

    import bpy

    if bpy.app.background or bpy.context.window_manager is None:
        give_up("Blender came up without a window all the same")
    orders = Orders()
    bpy.app.timers.register(orders.obey, persistent=True)
    print(f"TOLD {json.dumps(bpy.app.version_string)}", flush=True)
    context_get = ctypes.CFUNCTYPE(ctypes.c_void_p)(base + context)
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(base + loop)(context_get())


if __name__ == "__main__":
    main()
