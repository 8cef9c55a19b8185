"""The networks relip ships: name, file, checksum, licence, source."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

ModelName = Literal[
    "face_detection_far",
    "face_detection_near",
    "face_landmarks",
    "speech_visemes",
    "speech_phones",
]

WEIGHTS: Final = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Model:
    """One network file, what it is for and where it came from."""

    name: ModelName
    file: str
    sha256: str
    purpose: str
    licence: str
    source: str

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return WEIGHTS / self.file

    def checksum(self) -> str:
        """SHA-256 of the file as it is now, in hexadecimal."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


CATALOGUE: Final[tuple[Model, ...]] = (
    Model(
        "face_detection_far",
        "blazeface_full_192.onnx",
        "6b2d304440e8f52a458682affa79cc5470d50c6c7ee7903df6f446c7cdfbec6a",
        "finds faces, near and far",
        "Apache-2.0",
        "Google MediaPipe, BlazeFace full range (mediapipe 0.10.21)",
    ),
    Model(
        "face_detection_near",
        "blazeface_short_128.onnx",
        "ba7c37d291b70a656dfca511d5d4017a764209ee01ffe41a21071e0f6ed6c697",
        "finds large faces",
        "Apache-2.0",
        "Google MediaPipe, BlazeFace short range (mediapipe 0.10.21)",
    ),
    Model(
        "face_landmarks",
        "face_landmarks_v2_478.onnx",
        "89e99eec0ce1b7ecd7191a23fdf826325cde56e0bb5accf639b9fb2862bb3fd9",
        "478 landmarks of a face",
        "Apache-2.0",
        "Google MediaPipe, Face Landmarker v2",
    ),
)


def model(name: ModelName) -> Model:
    """The model of that name."""
    if name not in get_args(ModelName):
        raise KeyError(name)
    return next(entry for entry in CATALOGUE if entry.name == name)
