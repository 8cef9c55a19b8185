"""Whether this installation can work: versions, networks and their checksums, codecs."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import relip
from relip.media import ffmpeg
from relip.onnx import providers
from relip_models import CATALOGUE

LIBRARIES: Final = (
    "av",
    "librosa",
    "matplotlib",
    "numpy",
    "opencv-python-headless",
    "opentimelineio",
    "pydantic",
)
ONNXRUNTIMES: Final = (
    "onnxruntime",
    "onnxruntime-directml",
    "onnxruntime-gpu",
    "onnxruntime-migraphx",
    "onnxruntime-openvino",
    "onnxruntime-rocm",
)
REINSTALL: Final = "install relip again: python install.py"


@dataclass(frozen=True)
class Finding:
    """One thing looked at; ``remedy`` is empty while it is fine."""

    subject: str
    name: str
    value: str
    remedy: str = ""

    @property
    def fine(self) -> bool:
        """Whether nothing has to be done."""
        return not self.remedy


def diagnose() -> Iterator[Finding]:
    """Look at everything, in the order it is printed."""
    yield Finding("relip", "version", relip.__version__)
    yield Finding("system", "python", f"{platform.python_version()} ({sys.executable})")
    yield Finding("system", "platform", f"{platform.platform()} {platform.machine()}")
    yield from _libraries()
    yield Finding("networks", "execution providers", ", ".join(providers()))
    yield from _networks()
    yield from _codecs()


def _libraries() -> Iterator[Finding]:
    for name in LIBRARIES:
        try:
            yield Finding("library", name, version(name))
        except PackageNotFoundError:
            yield Finding("library", name, "missing", REINSTALL)
    found = []
    for name in ONNXRUNTIMES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    if len(found) == 1:
        yield Finding("library", *found[0].split())
    else:
        # Two builds overwrite each other's files: whichever was installed last half works.
        value = "missing" if not found else "in the way of each other: " + ", ".join(found)
        yield Finding("library", "onnxruntime", value, REINSTALL)
    yield Finding("library", "ffmpeg", ffmpeg.library_version())


def _networks() -> Iterator[Finding]:
    for entry in CATALOGUE:
        if not entry.path.exists():
            yield Finding("network", entry.name, f"{entry.file} is missing", REINSTALL)
        elif entry.checksum() != entry.sha256:
            yield Finding("network", entry.name, f"{entry.file} differs", REINSTALL)
        else:
            yield Finding("network", entry.name, f"{entry.file} ok ({entry.licence})")


def _codecs() -> Iterator[Finding]:
    for codec in ffmpeg.DECODERS:
        fine = ffmpeg.has(codec, "decoder")
        yield Finding("reads", codec, "yes" if fine else "no", "" if fine else REINSTALL)
    for codec in ffmpeg.ENCODERS:
        fine = ffmpeg.has(codec, "encoder")
        yield Finding("writes", codec, "yes" if fine else "no", "" if fine else REINSTALL)


def as_text(findings: list[Finding]) -> str:
    """A table, and a last line that says it all."""
    wide = max(len(finding.subject) for finding in findings)
    named = max(len(finding.name) for finding in findings)
    lines = []
    for finding, after in zip(findings, [*findings[1:], None], strict=True):
        mark = "ok  " if finding.fine else "BAD "
        lines.append(f"{mark}{finding.subject:<{wide}}  {finding.name:<{named}}  {finding.value}")
        if not finding.fine and (after is None or after.remedy != finding.remedy):
            lines.append(f"    what to do: {finding.remedy}")
    wrong = sum(not finding.fine for finding in findings)
    return "\n".join([*lines, "", f"{wrong} wrong" if wrong else "all is well"])


def as_json(findings: list[Finding]) -> str:
    """One object: ``{"fine": true, "findings": [...]}``."""
    found = [{**asdict(finding), "fine": finding.fine} for finding in findings]
    whole = {"fine": all(finding.fine for finding in findings), "findings": found}
    return json.dumps(whole, ensure_ascii=False, indent=2)
