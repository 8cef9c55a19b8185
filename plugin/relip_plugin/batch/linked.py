"""What a timeline says of a file, held against the file itself.

::

    rate    frames counted        then
    same    same, or nearly       it is that file
    same    others, begins        it is another file: refused; with no timecode to compare,
            elsewhere, too        the editor is told
    other   as many seconds       the timeline counts at its own rate: the file is believed
    other   as many frames        it is played frame for frame at another rate: refused, unless
                                  that is 24 for 23.976 or the like
    other   neither               it is another file: refused
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip.media.clip import Clip
from relip.media.probe import probe
from relip_host.host import Obstacle, Shot
from relip_job import RelipError
from relip_job.timecode import Timecode

NEAR: Final = Fraction(1, 500)
"""Rates that differ by less are one rate, said well and badly: 24 and 24000/1001 do by 1/1000."""
FEW: Final = 2
"""Frames that programs lose and win when they round, or when a file's sound is longer."""
_RELINK: Final = "relink it to the file it was cut from, and export the timeline again"


class Files:
    """The clips of a batch; each file is looked at once, however often it is shown."""

    def __init__(self, look: Callable[[str], Clip] | None = None) -> None:
        self._look = look or probe
        self._known: dict[str, Clip | RelipError] = {}

    def clip(self, path: str | Path) -> Clip:
        """What is in a file.

        Raises
        ------
        RelipError
            It cannot be worked on.
        """
        path = str(path)
        if path not in self._known:
            try:
                self._known[path] = self._look(path)
            except RelipError as error:
                self._known[path] = error
        found = self._known[path]
        if isinstance(found, RelipError):
            raise found
        return found


@dataclass(frozen=True)
class Linked:
    """A shot that agrees with its file.

    Attributes
    ----------
    placed : as the timeline counts, which is how a result takes its place.
    played : as the file counts, which is how it is made.
    notes : what the editor should know.
    """

    placed: Shot
    played: Shot
    notes: tuple[str, ...] = ()


def linked(shot: Shot, clip: Clip, counted: Fraction | None = None) -> Linked | Obstacle:
    """The shot in its file; or why it cannot be said which frames it shows.

    Parameters
    ----------
    counted : the timeline's rate, where a document may count files at that instead of their own.
    """
    if clip.variable_rate:
        return Obstacle(
            "variable",
            f"the file of {shot.name} has no steady frame rate",
            "convert it to a steady rate, relink it, and export the timeline again",
        )
    if shot.source_rate != clip.rate:
        return _at_another_rate(shot, clip, counted)
    there = replace(shot, source_frames=clip.frames)
    told = shot.source_frames
    if not told or abs(told - clip.frames) <= FEW:
        return Linked(there, there)
    if _begins_elsewhere(shot, clip):
        return Obstacle("another-file", _other(shot, clip), _RELINK)
    less = "shorter" if clip.frames < told else "longer"
    note = f"the file is {less} than the timeline says: {clip.frames} frames, not {told}"
    same = shot.source_start and clip.start_timecode
    return Linked(there, there, () if same else (f"{note}; see that it is the same take",))


def _at_another_rate(shot: Shot, clip: Clip, counted: Fraction | None) -> Linked | Obstacle:
    told, frames = shot.source_rate, shot.source_frames
    slower = min(told, clip.rate)
    off = abs(frames - clip.frames)
    late = abs(frames / told - clip.duration) * slower
    if frames and counted == told and late <= FEW and late < off:
        return _believed(shot, clip)
    if frames and off <= FEW:
        return _frame_for_frame(shot, clip)
    shifted = abs(shot.source + (shot.end - shot.start) * shot.speed) * abs(1 - told / clip.rate)
    if not frames and shifted * slower <= Fraction(1, 4):
        # Nobody says how long the file is, but either way it is the same frame.
        return _believed(shot, clip)
    return Obstacle(
        "rate",
        f"the timeline says that the file of {shot.name} runs at {_told(told)} frames per second, "
        f"but it runs at {_told(clip.rate)}",
        _RELINK,
    )


def _believed(shot: Shot, clip: Clip) -> Linked:
    """The timeline counts seconds right, in frames that are not the file's."""
    start = clip.timecode(0).frames if clip.start_timecode else 0
    there = replace(shot, source_rate=clip.rate, source_frames=clip.frames, source_start=start)
    return Linked(there, there)


def _frame_for_frame(shot: Shot, clip: Clip) -> Linked | Obstacle:
    """The timeline counts this file's frames, at a rate that is not the file's."""
    told, rate = _told(shot.source_rate), _told(clip.rate)
    faster = shot.source_rate / clip.rate
    if abs(faster - 1) > NEAR:
        return Obstacle(
            "conformed",
            f"the file of {shot.name} runs at {rate} frames per second, and is played at {told}, "
            "frame for frame",
            f"convert the file to {told}, or set the clip's rate back to its own",
        )
    played = replace(
        shot,
        source=shot.source * faster,
        source_rate=clip.rate,
        source_frames=clip.frames,
        speed=shot.speed * faster,
    )
    note = (
        f"the timeline says {told} frames per second, the file {rate}: its frames were counted; "
        "if the dub drifts, set the timeline's rate right and export it again"
    )
    return Linked(shot, played, (note,))


def _begins_elsewhere(shot: Shot, clip: Clip) -> bool:
    """Whether both tell a timecode, and not the same one."""
    if not shot.source_start or clip.start_timecode is None:
        return False
    return abs(shot.source_start - clip.timecode(0).frames) > FEW


def _other(shot: Shot, clip: Clip) -> str:
    start = Timecode(shot.source_start, clip.rate, clip.drop_frame)
    return (
        f"{shot.name} was cut from a file of {shot.source_frames} frames that begins at {start}; "
        f"this one has {clip.frames} and begins at {clip.timecode(0)}"
    )


def _told(rate: Fraction) -> str:
    return f"{float(rate):.6g}"
