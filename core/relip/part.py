"""A voice that has its mouth: which frames are to be drawn, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from relip.footage import Footage, stretches
from relip.lines import frames_within
from relip.mouth.shape import Array
from relip.sidecar import Line
from relip.voices import Role
from relip_job.errors import FaceError
from relip_job.events import Notice


@dataclass(frozen=True, eq=False)
class Part:
    """A role with its person.

    Attributes
    ----------
    role : what is said, and when.
    footages : of the person, first the clip itself.
    wanted : bool ``[n]``, rows of the clip whose picture begins inside a range.
    """

    role: Role
    footages: Sequence[Footage]
    wanted: NDArray[np.bool_]

    @property
    def main(self) -> Footage:
        """The clip itself."""
        return self.footages[0]

    def seconds(self, speed: Fraction) -> Array:
        """Time in the line at which each row is seen, ``[n]``."""
        return self.main.times / float(speed) - float(self.role.begins)

    def untouched(self) -> Iterator[Notice]:
        """Say which wanted frames keep their original mouth, and why.

        Raises
        ------
        FaceError
            All of them do.
        """
        footage, wanted = self.main, self.wanted
        seen = footage.track.seen
        kinds = (
            ("no-face", "the speaker's face is not seen", wanted & ~seen),
            ("covered", "the mouth is covered", wanted & seen & (footage.hidden >= 0.5)),
            (
                "small",
                "the mouth is too small or out of the picture",
                wanted & seen & (footage.hidden < 0.5) & ~footage.usable,
            ),
        )
        for code, why, rows in kinds:
            for start, stop in stretches(rows, footage.track.shots):
                begin = footage.clip.timecode(footage.first + start)
                end = footage.clip.timecode(footage.first + stop - 1)
                yield Notice(
                    code,
                    f"{begin} to {end}: {why}; these frames are the original",
                    float(footage.times[start]),
                    float(footage.times[stop - 1]),
                )
        if not (wanted & footage.usable).any():
            raise FaceError(
                "the speaker's mouth cannot be seen in any frame of the range",
                "choose another range or another speaker; 'relip probe' shows who is seen when",
            )

    def lines(self, speed: Fraction) -> Iterator[Line]:
        """What became of each range."""
        footage, begins = self.main, float(self.role.begins)
        for part in self.role.ranges:
            start, end = float(part.start), float(part.end)
            inside = (footage.times >= start) & (footage.times < end) & self.wanted
            centres = ((event.centre + begins) * float(speed) for event in self.role.dub.closures)
            yield Line(
                str(footage.clip.timecode(footage.clip.index_at(part.start))),
                str(footage.clip.timecode(footage.clip.index_at(part.end))),
                int(inside.sum()),
                int((inside & footage.usable).sum()),
                sum(start <= centre < end for centre in centres),
            )


def part_of(role: Role, footages: Sequence[Footage]) -> Part:
    """The role with the footages of its person."""
    main = footages[0]
    wanted = frames_within(main.clip, main.first, len(main.times), role.ranges)
    return Part(role, footages, wanted)
