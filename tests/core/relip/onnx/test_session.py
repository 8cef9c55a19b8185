from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from relip.onnx.provider import provider_named
from relip.onnx.session import RUNTIME
from relip_models import model

HOUSE = Path(__file__).resolve().parents[4]


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


@pytest.mark.parametrize(
    ("platform", "build"),
    [
        ("win32", "onnxruntime-directml"),
        ("linux", "onnxruntime"),
        ("darwin", "onnxruntime"),
    ],
)
def test_windows_has_directml_and_others_have_not(platform: str, build: str) -> None:
    """Two builds in one environment overwrite each other's files."""
    page = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))
    wanted = [Requirement(text) for text in page["project"]["dependencies"]]

    there = [
        one.name
        for one in wanted
        if one.name.startswith("onnxruntime")
        and (one.marker is None or one.marker.evaluate({"sys_platform": platform}))
    ]

    assert there == [build]


def test_a_provider_that_is_not_there_is_no_silent_fallback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Where onnxruntime has it after all, it may be fine: this is about the silence."""
    cuda = provider_named("cuda")
    if cuda.registered in RUNTIME.registered():
        pytest.skip("this onnxruntime has CUDA")

    with pytest.raises(Exception, match=r"CUDAExecutionProvider|cuda provider"):
        RUNTIME.open(model("face_detection_near").path, cuda)

    assert capfd.readouterr() == ("", "")
