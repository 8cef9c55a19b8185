"""How far the mouth opens when people laugh, shout and whisper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from relip import sample
from relip.media.speech import read_speech
from relip.speech.features import row_power
from relip.speech.visemes import listen
from relip_job.errors import RelipError
from tests.bench_speech.manners import shouted, whispered
from tests.bench_speech.scenes import Scene, alone, between_lines
from tests.bench_speech.scoring import seven
from tests.bench_speech.unspoken import LAUGHTERS, Laughter, laugh
from tests.bench_speech.utterances import Samples

FAINTER: Final = 25.0
"""dB under its loudest tenth at which a sound is taken for its pauses."""
SILENT: Final = -90.0
"""dB of full scale under which nothing sounds at all."""
WIDEST: Final = 0.95
"""The quantile of the opening that is called the widest."""
BOUTS: Final = 3


@dataclass(frozen=True)
class Opened:
    """What the mouth does while something sounds; its pauses do not count.

    Attributes
    ----------
    moving : share of rows that are not silence.
    opening, widest : mean, and widest, of ``Articulation.opening``.
    closures, dentals : events reported in it.
    """

    sound: str
    moving: float
    opening: float = float("nan")
    widest: float = float("nan")
    closures: int = 0
    dentals: int = 0
    note: str = ""


def openings(recordings: Path | None = None) -> Iterator[Opened]:
    """The spoken line, the same in other efforts, laughs; and all sound files of a folder."""
    for name, scene in SCENES.items():
        yield opened(name, scene())
    for path in sorted(recordings.rglob("*")) if recordings else ():
        if path.suffix.lower() not in (".wav", ".flac", ".ogg", ".mp3"):
            continue
        try:
            yield opened(path.name, alone(read_speech(path).samples))
        except RelipError as error:
            yield Opened(path.name, float("nan"), note=f"refused: {error}")


def opened(name: str, scene: Scene) -> Opened:
    """What the engine makes of the part of a scene that is looked at."""
    found = listen(scene.samples)
    level = 10 * np.log10(np.maximum(row_power(scene.samples), 1e-12))
    rows = scene.rows(len(found.opening))
    if rows.any():
        rows &= level > max(SILENT, np.quantile(level[rows], 0.9) - FAINTER)
    if not rows.any():
        return Opened(name, float("nan"), note="nothing sounds")
    return Opened(
        name,
        float((seven(found.visemes)[rows] != 0).mean()),
        float(found.opening[rows].mean()),
        float(np.quantile(found.opening[rows], WIDEST)),
        scene.within(found.closures),
        scene.within(found.dentals),
    )


def _line() -> Samples:
    return read_speech(sample.line()).samples


def _chance() -> np.random.Generator:
    return np.random.default_rng(0)


def _laughed(how: Laughter) -> dict[str, Callable[[], Scene]]:
    return {
        "": lambda: alone(laugh(how, BOUTS, _chance())),
        ", between two lines": lambda: between_lines(laugh(how, BOUTS, _chance()), 0),
    }


SCENES: Final[dict[str, Callable[[], Scene]]] = {
    "the line, whispered between two spoken": lambda: between_lines(
        whispered(_line(), _chance()), -15
    ),
    "the line, spoken between two spoken": lambda: between_lines(_line(), 0),
    "the line, shouted between two spoken": lambda: between_lines(shouted(_line(), _chance()), 12),
    **{
        name + where: scene
        for name, how in LAUGHTERS.items()
        for where, scene in _laughed(how).items()
    },
}
