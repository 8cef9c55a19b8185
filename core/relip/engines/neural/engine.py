"""Mouths drawn by a network, shown as the footage engine shows real ones.

The network's picture is a mouth like those of the library, only drawn: its landmarks are read,
the frame's own lower face is moved to them so that jaw and cheeks agree, and the drawn lips go on
top, in the face's light, with the footage's detail. Skin stays the frame's own at full resolution;
no box is pasted. Where the network must not be believed, the library's mouths take over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.engines.base import Task
from relip.engines.footage import FootageEngine, closings, eased
from relip.engines.neural.crop import face_placement
from relip.engines.neural.detail import DrawnMouth, detailed
from relip.engines.neural.drawn import (
    SAMPLES,
    Drawn,
    DrawnFace,
    MouthNetwork,
    Place,
    draw_faces,
)
from relip.engines.neural.guard import guarded
from relip.footage import stretches
from relip.media.frame import Box, Colour, Frame
from relip.media.spool import Spool
from relip.mouth.shape import CORNERS, LIPS_OUTER, POINTS
from relip.render.face import MouthSource, around
from relip.render.patch import MouthPatch
from relip_job.errors import FaceError
from relip_job.events import Notice

REACH: Final = 0.8
"""Lip widths around the drawn lips that are ever looked at."""
_SHOWN: Final = 1 / 256


def prepare(
    task: Task,
    network: MouthNetwork,
    page: dict[str, object],
    place: Place = face_placement,
) -> Generator[int, None, NeuralEngine]:
    """Let the network draw the task's mouths; yields frames done. ``page`` tells of the network."""
    drawn = yield from draw_faces(task, network, place)
    return NeuralEngine(task, drawn, page)


class NeuralEngine:
    """Draws the mouths that a network has drawn; an :class:`relip.engines.base.Engine`.

    Raises
    ------
    FaceError
        No face is to be seen in what the network drew, or there is too little footage.
    """

    notices: tuple[Notice, ...] = ()
    page: dict[str, object]

    def __init__(self, task: Task, drawn: Drawn, page: dict[str, object]) -> None:
        if not drawn.faces:
            raise FaceError(
                "no face is to be seen in what the network drew",
                "choose another model or another engine",
            )
        self._spool: Spool = task.spool
        self._first = task.footages[0].first
        self._drawn = drawn
        rows = np.array(sorted(drawn.faces))
        marks = np.stack([drawn.faces[int(row)].landmarks for row in rows])
        self._footage = FootageEngine(task.footages, task.spool, drawn=marks)
        self._own: dict[int, float] = {}
        there = np.zeros(len(task.wanted), bool)
        there[rows] = True
        place = np.cumsum(there) - 1
        shots = task.footages[0].track.shots
        closures, missed, quiet = 0, 0, 0
        for start, stop in stretches(there, shots):
            some = np.arange(start, stop)
            shapes = self._footage.drawn[place[some]]
            found = guarded(
                self._footage.style, shapes, task.dub, task.seconds[some], task.strength
            )
            amount = eased(some, task.wanted, shots)
            self._footage.enact(some, found.path, amount)
            self._own.update(zip(some.tolist(), found.own.tolist(), strict=True))
            closures += closings(found.path)
            missed += _runs(found.missed)
            quiet += int((found.path.still > 0.5).sum())
        self.notices = _failures(task, drawn)
        self.page = {
            **page,
            "drawn": len(rows),
            "softness": drawn.softness,
            "closures": closures,
            "closed_by_guard": missed,
            "at_rest": quiet,
        }

    def draw(self, frame: Frame) -> MouthPatch | None:
        """The mouth for a frame of the clip; None where there is nothing to draw."""
        drawing = self._footage.drawing(frame.index)
        if drawing is None:
            return None
        row = frame.index - self._first
        own = self._own[row]
        library = self._footage.sources(drawing)
        sources = [
            dataclasses.replace(source, share=source.share * own)
            for source in library
            if source.share * own > _SHOWN
        ]
        if own < 1 - _SHOWN:
            made = self._source(frame, self._drawn.faces[row], library, 1 - own)
            sources += [made] if made else []
        return self._footage.carried_out(frame, drawing, sources) if sources else None

    def _source(
        self, frame: Frame, face: DrawnFace, library: list[MouthSource], share: float
    ) -> MouthSource | None:
        """The drawn mouth with the library's detail; None if it is out of the picture."""
        lips = face.landmarks[LIPS_OUTER, :2].astype(float)
        ends = face.landmarks[list(CORNERS), :2].astype(float)
        width = float(np.linalg.norm(ends[0] - ends[1]))
        box = around(lips, REACH * width).within(Box(0, 0, frame.width, frame.height))
        if box.width < 8 or box.height < 8:
            return None
        soft = self._drawn.softness * face.placement.step
        mouth = DrawnMouth(
            face.picture(self._spool, box), box, face.landmarks[:POINTS].astype(float), soft
        )
        best = max(library, key=lambda source: source.share)
        picture = detailed(mouth, best, self._footage.artist)
        return MouthSource(_frame_of(picture, box, frame), face.landmarks, share)


def _frame_of(picture: NDArray[np.float32], box: Box, frame: Frame) -> Frame:
    """RGB ``[h, w, 3]`` as the part ``box`` of a picture like ``frame``."""
    samples = np.rint(np.clip(picture, 0, 1) * 65535).astype(np.uint16)
    planes = tuple(np.ascontiguousarray(samples[..., channel]) for channel in (1, 2, 0))
    colour = Colour(full=True)
    return dataclasses.replace(frame, format=SAMPLES, colour=colour, planes=planes, box=box)


def _runs(rows: NDArray[np.bool_]) -> int:
    """How many runs of True."""
    return int(rows[:1].sum() + (rows[1:] & ~rows[:-1]).sum())


def _failures(task: Task, drawn: Drawn) -> tuple[Notice, ...]:
    """Where the network drew no face: these frames keep their original mouth."""
    main = task.footages[0]
    return tuple(
        Notice(
            "no-drawn-face",
            f"{main.clip.timecode(main.first + start)} to "
            f"{main.clip.timecode(main.first + stop - 1)}: the network drew no face; "
            "these frames are the original",
            float(main.times[start]),
            float(main.times[stop - 1]),
        )
        for start, stop in stretches(drawn.failed, main.track.shots)
    )
