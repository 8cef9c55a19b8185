"""The page that lies beside every result and says how it was made."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from relip import __version__
from relip.footage import Footage
from relip.media.clip import Clip
from relip.media.ffmpeg import library_version
from relip.media.target import Target
from relip.onnx import providers
from relip_job.errors import OutputError, RelipError
from relip_job.job import ResyncJob
from relip_models import CATALOGUE

Page = dict[str, object]


@dataclass(frozen=True)
class Line:
    """One range: timecodes, frames in it, frames re-synced, closures heard."""

    start: str
    end: str
    frames: int
    drawn: int
    closures: int


def sidecar_page(
    job: ResyncJob, clip: Clip, written: tuple[int, int], target: Target, changed: int
) -> Page:
    """What the sidecar says of the whole; frames ``written`` of the clip are in the result."""
    first, stop = written
    return {
        "relip": __version__,
        "python": platform.python_version(),
        "ffmpeg": library_version(),
        "providers": providers(),
        "models": {entry.name: entry.sha256 for entry in CATALOGUE},
        "job": asdict(job),
        "clip": {
            "frames": clip.frames,
            "rate": clip.rate,
            "timecode": clip.start_timecode,
            "width": clip.width,
            "height": clip.height,
        },
        "written": {
            "codec": target.codec,
            "format": target.format.name,
            "first": first,
            "frames": stop - first,
            "timecode": None if clip.start_timecode is None else str(clip.timecode(first)),
            "changed": changed,
        },
    }


def voice_page(footages: Sequence[Footage], plan: Page, lines: Sequence[Line]) -> Page:
    """What it says of one mouth; ``plan`` is the engine's own page."""
    main = footages[0]
    return {
        "speaker": {
            "number": main.track.number,
            "chosen": main.choice.how,
            "confidence": round(main.choice.confidence, 3),
            "people": main.people,
            "picture_later_than_sound": round(main.delay, 3),
        },
        "library": [
            {"clip": str(footage.clip.path), "mouths": int(footage.usable.sum())}
            for footage in footages
        ],
        "plan": plan,
        "ranges": [asdict(line) for line in lines],
    }


def left_out_page(error: RelipError) -> Page:
    """What it says of a voice whose mouth is not changed."""
    return {"left_out": {"message": error.message, "remedy": error.remedy}}


def joined(page: Page, voices: Mapping[int, Page]) -> Page:
    """The whole sidecar: a single voice is part of the page, several are a list on it."""
    if set(voices) == {1}:
        return {**page, **voices[1]}
    return {**page, "voices": [{"voice": number, **voices[number]} for number in sorted(voices)]}


def sidecar_of(output: Path) -> Path:
    """``<output>.relip.json``."""
    return output.with_name(output.name + ".relip.json")


def write_sidecar(output: Path, page: Page) -> Path:
    """Write ``<output>.relip.json`` whole and return its path."""
    path = sidecar_of(output)
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(
            json.dumps(page, indent=2, default=_plain, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written ({error.strerror})", "check the folder and the disk"
        ) from error
    return path


def _plain(value: object) -> str:
    """Fractions as ``24000/1001``; anything else has no place in a sidecar."""
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not belong in a sidecar")
