"""A run of the whole pipeline that can be looked into afterwards."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from relip import pipeline
from relip.engines import footage as engines
from relip.engines.footage import FootageEngine, Report
from relip.faces.speaker import Choice
from relip.footage import Footage, Observation
from relip.media.clip import Clip
from relip.media.frame import Box, Frame
from relip.media.spool import Spool
from relip.memory import Memory
from relip.mouth.plan import Trajectory
from relip.mouth.shape import Array
from relip.people import People
from relip.render import blend
from relip.render.face import FaceArtist, MouthSource
from relip.render.patch import MouthPatch
from relip.speech.articulation import Articulation
from relip_job.events import Notice
from relip_job.job import ResyncJob, Speaker

RINGS: Final = 32
"""Frames of a run whose blend masks are kept in full."""


@dataclass(frozen=True, eq=False)
class Mask:
    """Shares of what is laid on top, float32 ``[h, w]``, 0 to 1, from the corner of ``box``."""

    box: Box
    share: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Masks:
    """How one frame was blended.

    ``alpha`` lays the new lower face over the original, ``lips`` the library's mouth over that.
    """

    alpha: Mask
    lips: Mask


@dataclass(eq=False)
class Run:
    """What one run planned and drew; rows are those of ``footage``.

    Attributes
    ----------
    still, closing, amount : ``[n]`` as planned; NaN where nothing was.
    seconds : ``[n]`` time of each row on the line's clock.
    covered : by frame, where alpha was above 0: box and packed bits.
    masks : by frame, for some of them.
    """

    footage: Footage
    still: Array
    closing: Array
    amount: Array
    seconds: Array
    dub: Articulation | None = None
    covered: dict[int, tuple[Box, NDArray[np.uint8]]] = field(default_factory=dict)
    masks: dict[int, Masks] = field(default_factory=dict)
    engine: FootageEngine | None = None
    notices: list[Notice] = field(default_factory=list)

    @property
    def planned(self) -> NDArray[np.bool_]:
        """``[n]``: rows with a new mouth, shown in full."""
        return np.asarray(self.amount >= 1)


class RecordedArtist(FaceArtist):
    """The artist, keeping the last mask of the mouth in :attr:`lips`."""

    lips: Mask

    def mouth(
        self,
        moved: Array,
        sources: Sequence[MouthSource],
        box: Box,
        face: blend.Picture,
        width: float,
        bent: float,
    ) -> tuple[blend.Picture, blend.Mask]:
        """As the artist's, noting the mask."""
        picture, mask = super().mouth(moved, sources, box, face, width, bent)
        self.lips = Mask(box, mask)
        return picture, mask


class RecordedEngine(FootageEngine):
    """The engine, taking notes into :attr:`run`."""

    run: Run
    artist: RecordedArtist

    def __init__(
        self,
        footages: Sequence[Footage],
        spool: Spool,
        allowed: NDArray[np.bool_] | None = None,
    ) -> None:
        super().__init__(footages, spool, allowed)
        nothing = np.full(len(footages[0].times), np.nan)
        self.run = Run(
            footages[0], nothing.copy(), nothing.copy(), np.zeros(len(nothing)), nothing.copy()
        )
        self.run.engine = self
        self._every = 1
        self.artist = RecordedArtist(self.shapes, self.artist.softness)

    def perform(
        self,
        wanted: NDArray[np.bool_],
        dub: Articulation,
        seconds: Array,
        strength: float = 1.0,
    ) -> Report:
        """As the engine's, noting the line."""
        self.run.dub, self.run.seconds = dub, seconds
        self._every = max(1, int(wanted.sum()) // RINGS)
        return super().perform(wanted, dub, seconds, strength)

    def enact(self, rows: NDArray[np.int64], path: Trajectory, amount: Array) -> None:
        """As the engine's, noting the plan."""
        self.run.still[rows] = path.still
        self.run.closing[rows] = path.closing
        self.run.amount[rows] = amount
        super().enact(rows, path, amount)

    def draw(self, frame: Frame) -> MouthPatch | None:
        """As the engine's, noting the masks."""
        patch = super().draw(frame)
        if patch is None:
            return None
        height, width = patch.alpha.shape
        box = Box(patch.x0, patch.y0, patch.x0 + width, patch.y0 + height)
        self.run.covered[frame.index] = (box, np.packbits(patch.alpha > 0))
        if len(self.run.covered) % self._every == 0:
            self.run.masks[frame.index] = Masks(Mask(box, patch.alpha), self.artist.lips)
        return patch


def allowed_to_change(run: Run, frame: Frame) -> NDArray[np.bool_]:
    """``[height, width]``: luma samples of a frame under its alpha."""
    allowed = np.zeros((frame.height, frame.width), bool)
    if frame.index in run.covered:
        box, bits = run.covered[frame.index]
        mask = np.unpackbits(bits, count=box.width * box.height).reshape(box.height, box.width)
        inner = box.within(Box(0, 0, frame.width, frame.height))
        allowed[inner.y0 : inner.y1, inner.x0 : inner.x1] = mask[
            inner.y0 - box.y0 : inner.y1 - box.y0, inner.x0 - box.x0 : inner.x1 - box.x0
        ]
    return allowed


def recorded(job: ResyncJob, analysed: tuple[Footage, Spool] | None = None) -> Run:
    """Run a job to its end; with ``analysed``, without following the clip again."""
    made: list[RecordedEngine] = []

    def engine(
        footages: Sequence[Footage], spool: Spool, allowed: NDArray[np.bool_] | None = None
    ) -> RecordedEngine:
        made.append(RecordedEngine(footages, spool, allowed))
        return made[-1]

    with ExitStack() as patches:
        patches.enter_context(mock.patch.object(engines, "FootageEngine", engine))
        if analysed is not None:
            footage, spool = analysed

            def observed(
                clip: Clip, first: int, stop: int, spool: Spool, memory: Memory
            ) -> Generator[int, None, Observation]:
                yield 0
                own = footage.own, footage.own_start
                return Observation(clip, first, footage.times, alone(footage), *own)

            def chosen(
                seen: Observation, choices: Sequence[Choice], spool: Spool
            ) -> Generator[int, None, list[Footage]]:
                yield 0
                return [footage]

            patches.enter_context(mock.patch.object(pipeline, "observe", observed))
            patches.enter_context(mock.patch.object(pipeline, "footages_of", chosen))
            patches.enter_context(mock.patch.object(pipeline, "Spool", lambda: nullcontext(spool)))
        notices = [event for event in pipeline.resync(job) if isinstance(event, Notice)]
    made[0].run.notices = notices
    return made[0].run


def alone(footage: Footage) -> People:
    """The footage's person, as if nobody else were there."""
    boxes = np.zeros((1, len(footage.times), 4), np.int32)
    track = footage.track
    return People((track,), footage.hidden[None], boxes, track.shots, footage.crops[None])


@contextmanager
def analysed(
    clip: Clip, analyse: Callable[..., Generator[int, None, Footage]]
) -> Iterator[tuple[Footage, Spool]]:
    """A clip's footage, and the spool it lies in."""
    with Spool() as spool:
        yield _last(analyse(clip, 0, clip.frames, Speaker(), spool)), spool


def _last(work: Generator[int, None, Footage]) -> Footage:
    """What the work gives at its end."""
    while True:
        try:
            next(work)
        except StopIteration as finished:
            footage: Footage = finished.value
            return footage
