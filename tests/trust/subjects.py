"""Which clips prove it: the sample, and real ones in sync with their own sound."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip import sample
from tests.bench.clips import clips_folder
from tests.trust.shown import cut

SAMPLE: Final = "sample"
LONGEST: Final = 8
"""Seconds of a clip that are used."""
PLANTED: Final = 6
"""Seconds of a clip in which faults are planted."""


@dataclass(frozen=True)
class Subject:
    """A clip in ``RELIP_CLIPS``, from which second, and a line of somebody else's there."""

    file: str
    other: str
    start: int = 0


IN_SYNC: Final = {
    "podium": Subject("podium_1080p.mp4", "fr_2.wav"),
    "glasses": Subject("glasses_524.mp4", "es_1.wav"),
    "suit": Subject("suit_700_22fps.mp4", "ja_1.wav"),
    "grid_bbaf2n": Subject("grid_bbaf2n.mpg", "en_echo.wav"),
    "grid_lbax4n": Subject("grid_lbax4n.mpg", "en_radio.wav"),
    "garden": Subject("garden_1080x1920.mp4", "de_1.wav"),
    "french_a": Subject("french_50s_512.mp4", "en_claire.wav"),
    "french_b": Subject("french_50s_512.mp4", "zh_1.wav", 20),
    "two_faces": Subject("two_faces_1030.mp4", "it_1.wav"),
}
"""Clips whose mouth is within a frame of their sound; with the sample they are ten."""
FAULTY: Final = (SAMPLE, "podium", "suit", "french_a")
"""Clips in which faults are planted."""
DUBBED: Final = (SAMPLE, "podium", "french_a")
"""Clips whose dub has faults planted in it."""
RESAMPLED: Final = ("suit", "ntsc")
"""Clips that are resampled to 25 frames a second."""
MARK: Final = "en_mark.wav"
NTSC: Final = Subject("ntsc_1280x720_2997.mp4", "zh_1.wav")
"""Its mouth is a tenth of a second ahead of its sound, so it is not in sync; its rate is 29.97."""


def names() -> list[str]:
    """The clips there are."""
    return [SAMPLE, *(name for name in (*IN_SYNC, "ntsc") if _file(name) is not None)]


def picture(name: str, folder: Path, seconds: int | Fraction = LONGEST) -> Path:
    """The clip of that name, cut short, in ``folder``."""
    start = 0 if name == SAMPLE else _subject(name).start
    source = sample.picture() if name == SAMPLE else _file(name)
    assert source is not None
    return cut(source, folder / f"{name}.mkv", Fraction(start), seconds)


def other_voice(name: str) -> Path:
    """Somebody else's speech; the sample's line, in the sample's voice, is the last resort."""
    clips = clips_folder()
    if name == SAMPLE and clips is not None and (clips / "audio" / MARK).is_file():
        return clips / "audio" / MARK
    return other_line(name)


def other_line(name: str) -> Path:
    """Another line for the clip."""
    clips = clips_folder()
    if name == SAMPLE or clips is None:
        return sample.line()
    return clips / "audio" / _subject(name).other


def _subject(name: str) -> Subject:
    return NTSC if name == "ntsc" else IN_SYNC[name]


def _file(name: str) -> Path | None:
    clips = clips_folder()
    if clips is None or not (clips / _subject(name).file).is_file():
        return None
    return clips / _subject(name).file
