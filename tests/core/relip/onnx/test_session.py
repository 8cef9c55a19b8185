from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_nothing_is_told_to_anybody(tmp_path: Path) -> None:
    """What onnxruntime would report it first keeps in the user's home."""
    homes = dict.fromkeys(("HOME", "USERPROFILE", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(tmp_path))
    script = "from relip.onnx import Network; Network('speech_head')"
    folders = os.pathsep.join(path for path in sys.path if path)
    subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **homes, "PYTHONPATH": folders},
        check=True,
    )
    assert list(tmp_path.rglob("*")) == []
