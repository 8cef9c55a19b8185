"""The engine of this very installation, for whoever starts one."""

from __future__ import annotations

import sys

from relip_host.worker import Engine


def own_engine() -> Engine:
    """The engine of this very installation.

    The engine's environment has no ``PYTHONPATH``: it is told where this process found itself.
    """
    start = (
        f"import runpy, sys; sys.path[:0] = {[path for path in sys.path if path]!r}; "
        "runpy.run_module('relip_plugin.worker', run_name='__main__')"
    )
    return Engine([sys.executable, "-c", start], program=())
