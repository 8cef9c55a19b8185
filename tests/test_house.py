"""The import rules of docs/ARCHITECTURE.md, and habits a linter cannot see."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
PACKAGES = {
    "relip_job": HOUSE / "core" / "relip_job",
    "relip_models": HOUSE / "models" / "relip_models",
    "relip": HOUSE / "core" / "relip",
    "relip_host": HOUSE / "plugin" / "relip_host",
    "relip_plugin": HOUSE / "plugin" / "relip_plugin",
    "resolve_scripts": HOUSE / "resolve_scripts",
    "blender_addon": HOUSE / "blender_addon",
}
EXTENSION = HOUSE / "blender_addon" / "relip"
# What each may import of ours, and of others; "*" is any declared dependency.
OURS = {
    "relip_job": set[str](),
    "relip_models": set[str](),
    "relip": {"relip_models", "relip_job"},
    "relip_host": {"relip_job"},
    "relip_plugin": {"relip", "relip_models", "relip_job", "relip_host"},
    "resolve_scripts": {"relip_contract", "relip_host", "relip_job", "relip_resolve"},
    "blender_addon": {"relip_host", "relip_job"},
}
OTHERS = {
    "relip_job": set[str](),
    "relip_models": {"numpy"},
    "relip": {"av", "cv2", "g2p2", "librosa", "numpy", "onnxruntime", "pydantic"},
    "relip_host": set[str](),
    "relip_plugin": {
        "cv2",
        "distributed",
        "matplotlib",
        "numpy",
        "opentimelineio",
        "pydantic",
        "pydantic_core",
        "torch",  # and onnx: only where the extra `convert` is installed
        "onnx",
    },
    "resolve_scripts": {"DaVinciResolveScript", "fusionscript"},  # the second for types only
    "blender_addon": {"bpy", "bpy_extras", "mathutils"},
}
# Inside the engine: what the parts at the bottom may import of it.
PARTS = {
    "onnx": set[str](),
    "media": set[str](),
    "faces": {"media", "onnx", "speech"},  # who speaks is who moves with the sound
    "speech": {"media", "onnx"},
}
HOSTED = ("relip_job", "relip_host", "resolve_scripts")


def modules(package: str) -> list[Path]:
    return sorted(PACKAGES[package].rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every imported module, absolute, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level == 1 and path.parent == EXTENSION:
                continue  # it is another package's inner package wherever Blender installs it
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def relative(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_lies_below_them(package: str) -> None:
    allowed = OURS[package] | OTHERS[package] | {package} | sys.stdlib_module_names
    strangers = [
        f"{relative(path)} imports {name}"
        for path in modules(package)
        for name in imports(path)
        if name.split(".")[0] not in allowed
    ]

    assert strangers == []


@pytest.mark.parametrize("part", PARTS)
def test_the_parts_at_the_bottom_know_nothing_of_what_uses_them(part: str) -> None:
    strangers = [
        f"{relative(path)} imports {name}"
        for path in modules("relip")
        if path.relative_to(PACKAGES["relip"]).with_suffix("").parts[0] == part
        for name in imports(path)
        if name.startswith("relip.") and name.split(".")[1] not in {part, *PARTS[part]}
    ]

    assert strangers == []


@pytest.mark.parametrize(
    ("library", "place"),
    [
        ("av", "core/relip/media/"),
        ("distributed", "plugin/relip_plugin/batch/farm"),
        ("g2p2", "core/relip/speech/spelling.py"),
        ("onnxruntime", "core/relip/onnx/session.py"),
        ("torch", "plugin/relip_plugin/models/"),
    ],
)
def test_native_libraries_are_wrapped_in_one_place(library: str, place: str) -> None:
    users = {
        relative(path)
        for package in PACKAGES
        for path in modules(package)
        if any(name.split(".")[0] == library for name in imports(path))
    }

    assert users
    assert all(user.startswith(place) for user in users), sorted(users)


@pytest.mark.parametrize("package", HOSTED)
def test_what_runs_inside_hosts_runs_on_python_3_8(package: str) -> None:
    if not modules(package):
        pytest.skip(f"{package} has no code yet")
    command = [sys.executable, "-c", "from vermin.main import main; main()"]
    # Annotations are strings there, by `from __future__ import annotations`.
    command += ["-t=3.8-", "--violations", "--no-tips", "--no-eval-annotations"]
    found = subprocess.run(
        [*command, *map(str, modules(package))], capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("package", HOSTED)
def test_what_runs_inside_hosts_is_written_in_the_syntax_of_python_3_8(package: str) -> None:
    for path in modules(package):
        ast.parse(path.read_text(encoding="utf-8"), filename=str(path), feature_version=(3, 8))


def test_files_have_one_subject() -> None:
    too_long = [
        relative(path)
        for folder in ("core", "models", "plugin", "tests", "resolve_scripts", "blender_addon")
        for path in (HOUSE / folder).rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 400
    ]
    drawers = [
        relative(path)
        for package in PACKAGES
        for path in modules(package)
        if path.stem in {"util", "utils", "common", "helpers", "misc", "types"}
    ]

    assert too_long == []
    assert drawers == []


def test_the_wheel_holds_our_packages_and_nothing_else(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(HOUSE)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        names = wheel.namelist()

    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {"relip", "relip_job", "relip_models", "relip_plugin", "relip_host"}
    assert "relip/sample/sample.mp4" in names
    assert "relip_plugin/report/page.css" in names
    assert "relip_plugin/report/page.js" in names
    assert "relip_models/weights/face_landmarks_v2_478.onnx" in names
    assert {"relip_plugin/choices/page.html", "relip_plugin/choices/form.js"} <= set(names)
    assert "relip_plugin/shipped/blender_addon/relip/blender_manifest.toml" in names
    shipped = "relip_plugin/shipped/resolve_scripts"
    assert {name.removeprefix(f"{shipped}/") for name in names if name.startswith(shipped)} == {
        path.relative_to(PACKAGES["resolve_scripts"]).as_posix()
        for pattern in ("relip - *.py", "relip_resolve/*.py")
        for path in PACKAGES["resolve_scripts"].glob(pattern)
    }
    assert not [name for name in names if name.endswith(("ruff.toml", ".pyc"))]
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}
