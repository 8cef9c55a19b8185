"""What the editor chooses for a run; plain values that travel as JSON and are remembered."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Optional, Tuple

PLACES = ("in-place", "above")


@dataclass(frozen=True)
class Choice:
    """How to re-sync what is selected.

    Attributes
    ----------
    tracks : numbers of the sound tracks that carry the dub.
    place : ``in-place`` (a take in Resolve, the same strip in Blender) or ``above``, on a new
        track over the shot.
    marks_only : only between the in and out marks.
    handles : frames of the source written before and after the shot, as far as there are any.
    engine, strength, nudge, codec, score : as in :class:`relip_job.ResyncJob`.
    speaker : whose mouth, 1 is the first in the clip; None lets relip choose.
    folder : where results go; None is beside the clip, or the project's own folder if that
        cannot be written to.
    backup : duplicate the timeline before anything is placed.
    """

    tracks: Tuple[int, ...] = ()
    place: str = "in-place"
    marks_only: bool = False
    handles: int = 12
    engine: str = "footage"
    strength: float = 1.0
    nudge: Fraction = Fraction(0)
    codec: str = "match"
    score: bool = False
    speaker: Optional[int] = None
    folder: Optional[str] = None
    backup: bool = False
