"""Which engine this is, for keys of what it makes: the same engine and job, the same result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import relip
import relip_job
from relip_models.catalogue import WEIGHTS

LIBRARIES: Final = (
    "av",
    "g2p2",
    "librosa",
    "numpy",
    "onnxruntime",
    "onnxruntime-directml",
    "onnxruntime-gpu",
    "onnxruntime-migraphx",
    "onnxruntime-openvino",
    "onnxruntime-rocm",
    "opencv-python-headless",
)
"""A result may differ in a bit with another version of these."""


@cache
def engine_identity() -> str:
    """A digest of relip's own sources, its networks as they are on the disk, and the libraries.

    The same on every machine that has the same; 30 to 40 ms, once in a process.
    """
    digest = hashlib.sha256(relip.__version__.encode())
    for path in _files():
        try:
            content = path.read_bytes()
        except OSError:
            continue
        digest.update(f"\n{path.name} {len(content)}\n".encode())
        digest.update(content)
    for name in LIBRARIES:
        try:
            digest.update(f"\n{name} {version(name)}".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    """What decides on a result, in an order of its own names."""
    for package in (relip, relip_job):
        assert package.__file__ is not None
        folder = Path(package.__file__).parent
        yield from sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).parts)
    yield from sorted(path for path in WEIGHTS.glob("*") if path.is_file())
