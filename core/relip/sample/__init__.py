"""A short clip and a line to dub it with, for a first run and for tests.

The clip is NASA's portrait of Eileen Collins (public domain), performed by a warp; both voices
are synthetic. ``models/scripts/sample`` made them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class Phone:
    """Half-open ``[start, end)`` seconds; ``name`` is IPA, ``""`` is silence.

    p, b and m last as long as the lips are closed: from the end of the sound before them to
    their release.
    """

    name: str
    start: float
    end: float


def picture() -> Path:
    """The clip: 512 x 512, 25 fps, 8 s, H.264 and AAC; lips closed in its first and last second."""
    return FOLDER / "sample.mp4"


def line() -> Path:
    """``Maybe Bob prefers fluffy purple muffins.``, mono WAV."""
    return FOLDER / "line.wav"


def phones() -> list[Phone]:
    """The phones of :func:`line`, in order, without gaps."""
    return _phones("line.json")


def spoken() -> list[Phone]:
    """The phones of the clip's own sentence, in order, without gaps."""
    return _phones("sample.json")


def _phones(name: str) -> list[Phone]:
    found = json.loads((FOLDER / name).read_text(encoding="utf-8"))["phones"]
    return [Phone(**phone) for phone in found]
