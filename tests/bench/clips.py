"""Which clips are measured, with which lines."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip import sample
from relip.media.probe import probe
from tests.bench.lines import Line, sample_line
from tests.bench.remade import Recipe, remade

LONGEST: Final = 20
"""Seconds of a clip that are used."""
LEAST_REENACTED: Final = 4
"""Seconds of one face from which a clip is re-enacted."""
REAL: Final = {
    # clip in RELIP_CLIPS: line in RELIP_CLIPS/audio, of about the same length
    "address_512.mp4": "it_1.wav",
    "tears_0005_1080p24.mov": "en_mark.wav",
    "podium_1080p.mp4": "fr_2.wav",
    "suit_700_22fps.mp4": "ja_1.wav",
    "glasses_524.mp4": "es_1.wav",
    "french_50s_512.mp4": "en_claire.wav",
    "ntsc_1280x720_2997.mp4": "zh_1.wav",
    "garden_1080x1920.mp4": "de_1.wav",
    "tears_0002_1080p24.mov": "en_retalking.wav",
    "grid_bbaf2n.mpg": "en_echo.wav",
    "grid_lbax4n.mpg": "en_radio.wav",
}


@dataclass(frozen=True)
class Subject:
    """A clip and the line it is given."""

    name: str
    picture: Path
    line: Line


def names() -> list[str]:
    """The clips there are: ``sample``, and the stems of those in ``RELIP_CLIPS``."""
    return ["sample", *(Path(name).stem for name in _real())]


def subject(name: str, folder: Path, longest: int = LONGEST) -> Subject:
    """The clip of that name, made ready in ``folder``; no longer than ``longest`` seconds."""
    if name == "sample":
        path = _shortened(sample.picture(), folder, longest)
        return Subject(name, path, sample_line(folder, probe(path).duration))
    file = next(file for file in _real() if Path(file).stem == name)
    clips = clips_folder()
    assert clips is not None
    return Subject(
        name, _shortened(clips / file, folder, longest), Line(clips / "audio" / REAL[file])
    )


def clips_folder() -> Path | None:
    """Where ``RELIP_CLIPS`` points."""
    return Path(os.environ["RELIP_CLIPS"]) if os.environ.get("RELIP_CLIPS") else None


def _real() -> list[str]:
    folder = clips_folder()
    return [] if folder is None else [name for name in REAL if (folder / name).is_file()]


def _shortened(path: Path, folder: Path, longest: int) -> Path:
    clip = probe(path)
    if clip.duration <= Fraction(longest * 11, 10):
        return path
    made = folder / f"{path.stem}.mkv"
    recipe = Recipe(
        pixels=clip.format.name,
        frames=int(longest * clip.rate),
        colour=(clip.colour.primaries, clip.colour.transfer, clip.colour.matrix),
    )
    return remade(path, made, recipe)
