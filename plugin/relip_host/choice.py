"""What the editor chooses for a run; plain values that travel as JSON and are remembered."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from typing import Any, Dict, Mapping, Optional, Tuple

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
    engine, provider, strength, nudge, codec, score : as in :class:`relip_job.ResyncJob`.
    speaker : whose mouth, 1 is the first in the clip; None lets relip choose.
    speakers : whose mouth what lies on a track is said with, by the track's number: a person's
        number, or a pixel and a time, ``640,360@2s``. It counts before ``speaker``.
    folder : where results go; None is beside the clip, or the project's own folder if that
        cannot be written to.
    backup : duplicate the timeline before anything is placed.
    workers : how many shots are made at a time; None is as many as this machine has cores beside
        the one that the editing program is left with, and memory for.
    reuse : take the result of an earlier run where nothing it depends on has changed.
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
    workers: Optional[int] = None
    reuse: bool = True
    provider: str = "auto"
    speakers: Dict[int, str] = field(default_factory=dict)

    def face(self, track: int) -> str:
        """Whose mouth a track has; empty leaves it to relip."""
        return self.speakers.get(track, "" if self.speaker is None else str(self.speaker))


def choice_to_json(choice: Choice) -> Dict[str, Any]:
    """What :func:`choice_from_json` reads: lists, numbers and text; the nudge is exact text."""
    return {**asdict(choice), "tracks": list(choice.tracks), "nudge": str(choice.nudge)}


def choice_from_json(found: Mapping[str, Any]) -> Choice:
    """The choice; what this version does not know is left out, what is missing is the default.

    Raises
    ------
    ValueError
        A track, the nudge or a worker is no number.
    """
    known = {one.name for one in fields(Choice)}
    values = {name: value for name, value in found.items() if name in known}
    try:
        values["tracks"] = tuple(int(number) for number in values.get("tracks", ()))
        values["nudge"] = Fraction(values.get("nudge", 0))
        faces = dict(values.get("speakers", {}))
        values["speakers"] = {int(track): str(face) for track, face in faces.items()}
    except (TypeError, ZeroDivisionError) as error:
        raise ValueError(f"no choice reads like this ({error})") from error
    workers = values.get("workers")
    if workers is not None and not (isinstance(workers, int) and workers >= 1):
        raise ValueError(f"{workers!r} is no number of workers")
    return Choice(**values)
