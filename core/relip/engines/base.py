"""The seam between what a mouth shall do and laying it into the picture."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from relip.footage import Footage
from relip.media.frame import Frame
from relip.media.spool import Spool
from relip.mouth.shape import Array
from relip.render.patch import MouthPatch
from relip.speech.articulation import Articulation
from relip_job.events import Notice


@dataclass(frozen=True, eq=False)
class Task:
    """A line for one mouth.

    Attributes
    ----------
    footages : the clip itself, then other clips of the same person.
    spool : where their crops lie.
    wanted : bool ``[n]``, rows of the clip to draw; rows that cannot be are left out.
    seconds : ``[n]`` time in the line at which each row is seen.
    dub : what is heard in the line.
    samples : float32 ``[m]``, the line's sound, mono, 16 kHz.
    strength, provider : see :class:`relip_job.ResyncJob`.
    """

    footages: Sequence[Footage]
    spool: Spool
    wanted: NDArray[np.bool_]
    seconds: Array
    dub: Articulation
    samples: NDArray[np.float32]
    strength: float = 1.0
    provider: str = "auto"


class Engine(Protocol):
    """Draws the mouths it has prepared.

    Attributes
    ----------
    notices : what the editor should know.
    page : what the sidecar says of how it was done.
    """

    notices: tuple[Notice, ...]
    page: dict[str, object]

    def draw(self, frame: Frame) -> MouthPatch | None:
        """The mouth for a frame of the clip, by its index; None leaves the frame as it is."""
        ...


class Start(Protocol):
    """Prepares a task; one per engine, found by its name in ``relip.engines.named``."""

    def __call__(self, task: Task) -> Generator[int, None, Engine]:
        """Yield frames prepared, if that takes long, and return the engine.

        Raises
        ------
        FaceError
            There is too little of the person to draw from.
        ModelError
            A network that it needs is missing or unfit.
        """
        ...
