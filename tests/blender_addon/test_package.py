"""The zip: the same sources, imported another way."""

import ast
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import relip
from relip_plugin.package_blender import MANIFEST, contents, package, relative_imports

IMPORT_ALL = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
print(*sorted(name for name in sys.modules if name.split(".")[0].startswith("relip")))
"""


def test_the_same_sources_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = package(tmp_path / "one"), package(tmp_path / "two")

    assert first.name == f"relip-{relip.__version__}.zip"
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in (tmp_path / "one").iterdir()] == [first.name]


def test_it_is_thin_and_whole(tmp_path: Path) -> None:
    made = package(tmp_path)
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
        licence = archive.read("LICENSE").decode()
        manifest = tomllib.loads(archive.read(MANIFEST).decode())

    assert made.stat().st_size < 200_000
    assert {"relip_host/host.py", "relip_job/job.py", "install_engine.py"} < set(names)
    assert {Path(name).suffix for name in names} <= {".py", ".toml", "", ".0"}
    assert "GNU GENERAL PUBLIC LICENSE" in licence
    assert manifest["version"] == relip.__version__
    assert "SPDX:GPL-3.0-or-later" in manifest["license"]
    assert "wheels" not in manifest


def test_nothing_of_ours_is_imported_by_a_name_of_its_own() -> None:
    for name, content in contents():
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(content)):
            modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                modules.append(node.module or "")
            assert not [one for one in modules if one.startswith(("relip", "blender_addon"))], name


def test_the_host_side_runs_inside_another_package(tmp_path: Path) -> None:
    inside = tmp_path / "bl_ext" / "user_default" / "relip"
    with zipfile.ZipFile(package(tmp_path)) as archive:
        archive.extractall(inside)
    (inside / "__init__.py").write_text("")  # Blender's part needs Blender
    modules = [
        ".".join(("bl_ext.user_default.relip", folder, path.stem)).removesuffix(".__init__")
        for folder in ("relip_host", "relip_job")
        for path in (inside / folder).glob("*.py")
    ]

    ran = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", IMPORT_ALL, str(tmp_path), *modules],
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == ""


@pytest.mark.parametrize(
    ("depth", "written", "packed"),
    [
        (0, "from relip_host.host import Shot", "from .relip_host.host import Shot"),
        (0, "from relip_host import page", "from .relip_host import page"),
        (0, "from blender_addon.relip import strips", "from . import strips"),
        (0, "from blender_addon.relip.strips import a", "from .strips import a"),
        (0, "from .strips import a", "from .strips import a"),
        (1, "from relip_job import (\n    a,\n)", "from ..relip_job import (\n    a,\n)"),
        (1, "if x:\n    from relip_host import a", "if x:\n    from ..relip_host import a"),
        (0, '"""from relip_host import x"""', '"""from relip_host import x"""'),
        (0, "import json\nfrom relip_hosts import x", "import json\nfrom relip_hosts import x"),
    ],
)
def test_imports_become_relative_and_nothing_else_changes(
    depth: int, written: str, packed: str
) -> None:
    assert relative_imports(written, depth) == packed


def test_an_import_that_has_no_relative_form_is_refused() -> None:
    with pytest.raises(ValueError, match=r"line 2: write `from relip_job\.events import"):
        relative_imports("import os\nimport relip_job.events\n", 0)
