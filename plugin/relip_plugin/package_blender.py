"""Blender's extension as one zip: the add-on, and the parts of relip that run inside a host.

In the checkout, ``relip_host`` and ``relip_job`` are packages of their own, imported by their
names. An extension owns no names but ``bl_ext.<repository>.<id>``, so they become packages inside
it and every import of them becomes relative. That is done here, on the way into the zip: there is
one copy of the sources.
"""

from __future__ import annotations

import ast
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import relip_host
import relip_job
from relip import __version__
from relip_job.errors import OutputError

HERE: Final = Path(__file__).resolve().parent
ROOTS: Final = (HERE / "shipped", HERE.parents[1])
"""Where the sources of the add-on are: in an installed relip, in a checkout."""
ADDON: Final = "blender_addon/relip"
MANIFEST: Final = "blender_manifest.toml"
CARRIED: Final = {"relip_host": relip_host, "relip_job": relip_job}
ITSELF: Final = "blender_addon.relip"
"""What the add-on may call itself in the checkout."""
SETUP: Final = "install_engine.py"
"""Name inside the extension of the installer that sets up the engine."""
WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""The time stamp of every file, so that the same sources make the same bytes."""


def package(folder: Path) -> Path:
    """The zip ``relip-<version>.zip`` in ``folder``, whole or not at all; its path.

    Raises
    ------
    OutputError
        It cannot be written, or this relip came without the add-on's sources.
    """
    path = folder / f"relip-{__version__}.zip"
    partial = path.with_name(path.name + ".partial")
    entries = sorted(contents())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in entries:
                entry = zipfile.ZipInfo(name, WHEN)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix, wherever it is made
                entry.external_attr = 0o100644 << 16
                archive.writestr(entry, content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written ({error.strerror})",
            "make room on that disk, or name another folder with -o",
        ) from error
    return path


def contents() -> Iterator[tuple[str, bytes]]:
    """Name inside the zip and content of every file."""
    root = _root()
    addon = root / ADDON
    for path in sorted(addon.iterdir()):
        if path.suffix == ".py":
            yield path.name, _rewritten(path, 0)
    yield MANIFEST, _manifest(addon / MANIFEST)
    yield "LICENSE", (addon / "LICENSE").read_bytes()
    yield SETUP, (root / "install.py").read_bytes()
    yield "LICENSE-Apache-2.0", _licence(root).read_bytes()
    for name, module in CARRIED.items():
        assert module.__file__ is not None
        for path in sorted(Path(module.__file__).parent.glob("*.py")):
            yield f"{name}/{path.name}", _rewritten(path, 1)


def relative_imports(source: str, depth: int) -> str:
    """``source`` with what the extension carries imported relatively.

    Parameters
    ----------
    depth : how many packages inside the extension's own the file lies in.

    Raises
    ------
    ValueError
        A carried package is imported in a way that has no relative form (``import relip_job``).
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            strange = [name.name for name in node.names if _ours(name.name)]
            if strange:
                raise ValueError(f"line {node.lineno}: write `from {strange[0]} import ...`")
        elif isinstance(node, ast.ImportFrom) and not node.level and _ours(node.module or ""):
            assert node.module is not None
            inner = node.module.removeprefix(ITSELF).removeprefix(".")
            line = lines[node.lineno - 1]
            found = re.compile(rf"from\s+{re.escape(node.module)}\b").match(line, node.col_offset)
            if found is None:
                raise ValueError(f"line {node.lineno}: write the module beside its `from`")
            dotted = f"from {'.' * (depth + 1)}{inner}"
            lines[node.lineno - 1] = line[: found.start()] + dotted + line[found.end() :]
    return "".join(lines)


def _ours(module: str) -> bool:
    return module.split(".")[0] in CARRIED or f"{module}.".startswith(f"{ITSELF}.")


def _rewritten(path: Path, depth: int) -> bytes:
    try:
        return relative_imports(path.read_text(encoding="utf-8"), depth).encode()
    except ValueError as error:
        raise ValueError(f"{path}, {error}") from error


def _root() -> Path:
    for root in ROOTS:
        if (root / ADDON / MANIFEST).is_file():
            return root
    raise OutputError(
        "this relip came without the sources of the Blender extension",
        "install relip from its release or its checkout: python install.py",
    )


def _licence(root: Path) -> Path:
    """The Apache licence, of the carried packages."""
    return root / "LICENSE"


def _manifest(path: Path) -> bytes:
    """The manifest; it must tell the version that relip has."""
    text = path.read_bytes()
    told = tomllib.loads(text.decode())["version"]
    if told != __version__:
        raise ValueError(f"{path} is of version {told}, relip of {__version__}")
    return text
