"""An environment for the engine that knows nothing of the host it is started from.

A host points its own Python and its own libraries at itself with variables, and another Python
that inherits them loads the wrong files, or none.
"""

from __future__ import annotations

from typing import Dict, Mapping

DROPPED = (
    "PYTHON",  # PYTHONHOME, PYTHONPATH, PYTHON3HOME, PYTHONSTARTUP...
    "__PYVENV",
    "FUSION",
    "RESOLVE_",
    "QT_",
    "DYLD_",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
)
"""What the names of the variables that are left out begin with."""


def cleaned(environment: Mapping[str, str]) -> Dict[str, str]:
    """``environment`` without the host's own settings, for a Python that speaks UTF-8."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.upper().startswith(DROPPED)  # Windows writes them in either case
    }
    # Nothing in the folder it is started in may pass for a module.
    return {**kept, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8", "PYTHONSAFEPATH": "1"}
