"""The zip, by Blender's own tool and in Blender's own folders."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from relip_plugin.install_blender import Blender, install
from relip_plugin.package_blender import package

if importlib.util.find_spec("bpy") is None:
    pytest.skip("this Python has no bpy; .ci/blender runs this", allow_module_level=True)

STEPS = Path(__file__).with_name("extension_steps.py")


def blender(profile: Path, *steps: tuple[str, ...]) -> list[Any]:
    """What each step gave, in a Blender whose profile is this folder."""
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(profile)}
    environment.pop("PYTHONPATH", None)
    ran = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", str(STEPS), json.dumps(steps)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=profile,
        timeout=300,
    )
    told = [line for line in ran.stdout.splitlines() if line.startswith("TOLD ")]
    assert told, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr, ran.stderr
    found: list[Any] = json.loads(told[0].removeprefix("TOLD "))
    return found


def tool(*words: str) -> subprocess.CompletedProcess[str]:
    """Blender's command for extensions, ``blender --command extension`` without the program."""
    import bpy

    tools = Path(bpy.utils.resource_path("LOCAL")) / "scripts" / "addons_core" / "bl_pkg" / "cli"
    command = [sys.executable, str(tools / "blender_ext.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("packaged"))


def test_blender_validates_the_zip(zipped: Path) -> None:
    ran = tool("validate", str(zipped))

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "error" not in (ran.stdout + ran.stderr).lower()


def test_blender_builds_the_same_extension_from_its_sources(zipped: Path, tmp_path: Path) -> None:
    sources, built = tmp_path / "sources", tmp_path / "built"
    built.mkdir()
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(sources)
        ours = {name: archive.read(name) for name in archive.namelist()}

    ran = tool("build", "--source-dir", str(sources), "--output-dir", str(built))

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (made,) = built.iterdir()
    assert made.name == zipped.name
    with zipfile.ZipFile(made) as archive:
        theirs = {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}
    assert theirs == ours


def test_blender_installs_enables_and_disables_it(zipped: Path, tmp_path: Path) -> None:
    installed, on, _, off = blender(
        tmp_path, ("install", str(zipped)), ("state",), ("disable",), ("state",)
    )

    assert installed == ["FINISHED"]
    assert on["enabled"]
    assert Path(on["file"]).is_relative_to(tmp_path / "extensions" / "user_default" / "relip")
    assert on["panels"]
    assert on["ours"] == []
    assert on["paths"] == []
    assert not off["enabled"]
    assert off["panels"] == []


def test_blender_finds_what_relip_put_into_its_folder(tmp_path: Path) -> None:
    list(install((Blender((4, 2), tmp_path),), tmp_path))

    enabled, state = blender(tmp_path, ("enable",), ("state",))

    assert enabled == ["FINISHED"]
    assert state["enabled"]
    assert Path(state["file"]).is_relative_to(tmp_path)
