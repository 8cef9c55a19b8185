"""One person's mouth: learnt in the first half of a clip, foretold in the second from its sound.

The style is that of the first half alone, the lag of the picture behind its sound, too. What is
foretold for the second half is compared with what the lips did there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.footage import TRUSTED, Footage, analyse, opening, stretches
from relip.media.probe import probe
from relip.media.spool import Spool
from relip.mouth.plan import plan
from relip.mouth.shape import (
    LOWER_INNER,
    POINTS,
    STABLE,
    UPPER_INNER,
    Array,
    PersonShapes,
    learn_shapes,
    similarities,
)
from relip.mouth.style import learn_style, overheard
from relip.speech.articulation import Articulation
from relip.speech.lag import lag
from relip_job.job import Speaker
from tests.bench.clips import clips_folder
from tests.trust.shown import last
from tests.trust.subjects import IN_SYNC

LONGEST: Final = 60
"""Seconds of a clip that are used."""
LEAST: Final = 20
"""Frames of either half without which nothing is measured."""


@dataclass(frozen=True)
class Foretold:
    """How well the opening was foretold.

    Attributes
    ----------
    correlation : of foretold and real inner-lip gap over the second half, NaN if it cannot be told.
    amplitude : spread of the foretold gap over that of the real one.
    frames : of the second half that were compared.
    delay : seconds by which the picture is late, measured in the first half.
    note : why nothing was measured.
    """

    clip: str
    correlation: float
    amplitude: float = float("nan")
    frames: int = 0
    delay: float = 0.0
    note: str = ""


def clips() -> dict[str, Path]:
    """The clips there are that are in sync, each file once."""
    folder = clips_folder()
    if folder is None:
        return {}
    files = dict.fromkeys(subject.file for subject in IN_SYNC.values())
    return {Path(file).stem: folder / file for file in files if (folder / file).is_file()}


def foretold(name: str, path: Path) -> Foretold:
    """Follow the clip once, learn from its first half, foretell its second."""
    clip = probe(path)
    stop = min(clip.frames, clip.index_at(Fraction(LONGEST)))
    with Spool() as spool:
        footage = last(analyse(clip, 0, stop, Speaker(), spool))
    return from_footage(name, footage)


def from_footage(name: str, footage: Footage) -> Foretold:
    """The same for a clip that is followed already."""
    rows = np.flatnonzero(footage.usable)
    if footage.own is None or len(rows) < 2 * LEAST:
        return Foretold(name, float("nan"), note="too few frames with mouth and sound")
    split = int(rows[len(rows) // 2])
    first = rows[rows < split]
    delay = _delay(footage, footage.own, split)
    seconds = footage.times - footage.own_start - delay
    shapes = learn_shapes(footage.track.landmarks[first])
    style = learn_style(shapes, overheard(footage.own, seconds[first]))

    told = np.full(len(seconds), np.nan)
    later = footage.usable & (np.arange(len(seconds)) >= split)
    for start, stop in stretches(later, footage.track.shots):
        path = plan(style, footage.own, seconds[start:stop])
        told[start:stop] = shapes.gaps(path.coefficients)
    real = gaps(shapes, footage, np.flatnonzero(later))
    expected = told[later]
    return Foretold(
        name,
        float(np.corrcoef(expected, real)[0, 1]),
        float(expected.std() / max(real.std(), 1e-9)),
        int(later.sum()),
        delay,
    )


def gaps(shapes: PersonShapes, footage: Footage, rows: NDArray[np.int64]) -> Array:
    """Inner-lip gap without head pose in eye distances at rows ``[n]``, seen and not foretold."""
    marks = footage.track.landmarks[rows][:, :POINTS]
    pose = similarities(marks[:, STABLE].astype(float), shapes.mean[STABLE])
    faces = pose.canonical(marks)
    gap = (faces[:, LOWER_INNER, 1] - faces[:, UPPER_INNER, 1]).mean(1)
    return np.asarray(gap / shapes.eye_distance, float)


def _delay(footage: Footage, own: Articulation, split: int) -> float:
    """By how much the mouth is late, from what is seen before ``split``."""
    seen = opening(footage.track)
    seen[split:] = np.nan
    found = lag(own, seen, footage.times - footage.own_start)
    return found.seconds if found.confidence >= TRUSTED else 0.0
