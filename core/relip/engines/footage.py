"""The default engine: the person's own footage is the model.

After Video Rewrite (Bregler, Covell, Slaney, SIGGRAPH 1997): the line is re-performed from
real mouths of this person, at full resolution and in the same light.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.engines.base import Task
from relip.footage import MEETS, OPENS, Footage, stretches
from relip.media.frame import Frame
from relip.media.spool import Spool
from relip.mouth.library import build_library, gather, head_rotations, softness, thinned
from relip.mouth.plan import Trajectory, plan
from relip.mouth.select import SelectionCosts, mismatch, openness, select
from relip.mouth.shape import Array, learn_shapes, smoothstep
from relip.mouth.style import OwnSpeech, learn_style, overheard, together, unheard
from relip.render.face import FaceArtist, MouthSource
from relip.render.patch import MouthPatch
from relip.speech.articulation import Articulation
from relip_job.errors import FaceError
from relip_job.events import Notice

DISSOLVE: Final = 2
"""Frames over which two library runs dissolve, both drawn in the same shape."""
STRETCH: Final = 0.4
"""How much farther than it was open, on the scale of :func:`openness`, an old run's mouth may be
drawn in a dissolve: lips torn open have nothing between them."""
EASE: Final = 3
"""Frames over which the drawn mouth takes over from the original and gives back to it."""
LEAST: Final = 5
"""Mouths without which there is no library to speak of."""
FEW: Final = 50
"""Mouths below which more footage makes the result visibly better."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """One frame's plan: shape ``[k]``, library rows with shares, how much of it shows."""

    row: int
    shape: Array
    sources: tuple[tuple[int, float], ...]
    amount: float
    still: float


@dataclass(frozen=True)
class Report:
    """What the plan found out, for the sidecar and the editor."""

    library: int
    widest: float
    tightest: float
    explained: float
    jumps: int
    drawn: int
    closures: int


def start(task: Task) -> Generator[int, None, FootageEngine]:
    """The engine with the task's line planned; see :class:`relip.engines.base.Start`."""
    yield 0
    engine = FootageEngine(task.footages, task.spool)
    engine.perform(task.wanted, task.dub, task.seconds, task.strength)
    return engine


class FootageEngine:
    """Draws the mouths of one person.

    Parameters
    ----------
    footages : the clip itself, then other clips of the same person.
    spool : where their crops lie.
    allowed : bool ``[n]``, rows of the first footage that may serve as library; None is all.
    drawn : ``[m, 478, 3]`` px, faces of this person that somebody drew, in the clip's frames:
        the shapes shall be able to describe their mouths too.

    Attributes
    ----------
    drawn : ``[m, k]`` the shapes of those faces.
    notices, page : as of :class:`relip.engines.base.Engine`, once a line is performed.
    """

    notices: tuple[Notice, ...] = ()
    page: dict[str, object]

    def __init__(
        self,
        footages: Sequence[Footage],
        spool: Spool,
        allowed: NDArray[np.bool_] | None = None,
        costs: SelectionCosts | None = None,
        drawn: NDArray[np.float32] | None = None,
    ) -> None:
        self._costs = costs or SelectionCosts()
        self._main = footages[0]
        self._spool = spool
        self._mouths = gather(footages)
        if len(self._mouths) < LEAST:
            raise FaceError(
                f"the speaker's mouth is seen in only {len(self._mouths)} frames",
                "give more footage of the same person with --library",
            )
        seen = np.stack([mouth.landmarks for mouth in self._mouths])
        shapes = learn_shapes(seen if drawn is None else np.concatenate([seen, drawn]))
        self.shapes = shapes.part(slice(len(seen)))
        self.drawn = shapes.coefficients[len(seen) :]
        self.style = learn_style(self.shapes, together([heard_in(each) for each in footages]))
        self._heads = head_rotations(self._mouths, self.shapes)
        self.artist = FaceArtist(self.shapes, softness(self._mouths, spool))
        # Rows of the clip itself come first among the mouths, so a row's place is its rank.
        self.usable = self._main.usable
        self.place = np.cumsum(self.usable) - 1
        free = np.ones(len(self._mouths), bool)
        if allowed is not None:
            free[: int(self.usable.sum())] = allowed[self.usable]
        candidates = np.flatnonzero(free)
        self._chosen = candidates[thinned(len(candidates))]
        self.library = build_library(self._mouths, self.shapes, self._chosen, spool)
        self._drawings: dict[int, Drawing] = {}
        self._jumps = 0
        self.page = {}

    def perform(
        self,
        wanted: NDArray[np.bool_],
        dub: Articulation,
        seconds: Array,
        strength: float = 1.0,
    ) -> Report:
        """Plan the line.

        Parameters
        ----------
        wanted : bool ``[n]``, rows of the clip to draw; rows that cannot be are left out.
        dub : the line.
        seconds : ``[n]`` time in the line at which each row is seen.
        strength : see :class:`relip_job.ResyncJob`.
        """
        closures = 0
        shots = self._main.track.shots
        for start, stop in stretches(wanted & self.usable, shots):
            rows = np.arange(start, stop)
            path = plan(self.style, dub, seconds[rows], strength)
            amount = eased(rows, wanted, shots)
            self.enact(rows, path, amount)
            closures += closings(path)
        report = Report(
            len(self._chosen),
            float(np.quantile(self.style.gaps, 0.95)),
            float(np.quantile(self.style.gaps, 0.05)),
            self.style.ridge.explained if self.style.ridge else 0.0,
            self._jumps,
            len(self._drawings),
            closures,
        )
        self.notices, self.page = tuple(_shortcomings(report)), asdict(report)
        return report

    def enact(self, rows: NDArray[np.int64], path: Trajectory, amount: Array) -> None:
        """Choose the mouths for consecutive usable rows that shall take the path's shapes."""
        places = self.place[rows]
        own = self.shapes.coefficients[places]
        target = own + (path.coefficients - own) * amount[:, None]
        cost = mismatch(
            self.library,
            target,
            self.shapes.gaps(target),
            path.closing,
            self._heads[places],
            self._costs,
        )
        choice = select(cost, self.library, self._costs, path.still)
        near = (np.abs(np.diff(choice)) <= 1) & (np.diff(self.library.runs[choice]) == 0)
        jumps = np.flatnonzero(~near) + 1
        self._jumps += len(jumps)
        opened, parted = openness(self.shapes.gaps(target)), openness(self.library.gaps)
        for number, row in enumerate(rows):
            sources = [(int(choice[number]), 1.0)]
            for jump in jumps[(jumps <= number) & (number < jumps + DISSOLVE)]:
                # The old run plays on under the new one, as far as it goes.
                step = number - jump + 1
                old = int(choice[jump - 1])
                later = min(old + step, len(self.library) - 1)
                while self.library.runs[later] != self.library.runs[old]:
                    later -= 1
                if opened[number] - parted[later] > STRETCH:
                    continue
                share = step / (DISSOLVE + 1)
                sources = [(at, part * share) for at, part in sources] + [(later, 1 - share)]
            self._drawings[int(row) + self._main.first] = Drawing(
                int(places[number]),
                target[number],
                tuple(sources),
                float(amount[number]),
                float(path.still[number]),
            )

    def draw(self, frame: Frame) -> MouthPatch | None:
        """The mouth for a frame of the clip; None where there is nothing to draw."""
        drawing = self.drawing(frame.index)
        return None if drawing is None else self.carried_out(frame, drawing, self.sources(drawing))

    def drawing(self, index: int) -> Drawing | None:
        """What is planned for a frame of the clip; None is nothing."""
        return self._drawings.get(index)

    def sources(self, drawing: Drawing) -> list[MouthSource]:
        """The library's mouths for it."""
        found = []
        for at, share in drawing.sources:
            mouth = self._mouths[int(self._chosen[at])]
            found.append(MouthSource(self._spool.get(mouth.crop), mouth.landmarks, share))
        return found

    def carried_out(
        self, frame: Frame, drawing: Drawing, sources: Sequence[MouthSource]
    ) -> MouthPatch | None:
        """The drawing with the mouth taken from these sources."""
        patch = self.artist.draw(
            frame,
            drawing.row,
            self._mouths[drawing.row].landmarks,
            drawing.shape,
            sources,
            drawing.still,
        )
        if patch is None or drawing.amount >= 1:
            return patch
        alpha = patch.alpha * np.float32(drawing.amount)
        return MouthPatch(patch.rgb, alpha, patch.x0, patch.y0)


def _shortcomings(report: Report) -> Iterator[Notice]:
    """What more footage of this person would make better."""
    if report.widest < OPENS:
        yield Notice(
            "never-opens",
            "the mouth hardly opens in this footage, so it will hardly open in the result; "
            "give another take of the same person with --library",
        )
    if report.tightest > MEETS and report.closures:
        yield Notice(
            "never-closes",
            "the lips hardly meet in this footage, so p, b and m will look loose; "
            "give another take of the same person with --library",
        )
    if report.library < FEW:
        yield Notice(
            "short-library",
            f"only {report.library} frames of this mouth are known; "
            "a longer clip or --library makes the result better",
        )


def heard_in(footage: Footage) -> OwnSpeech:
    """What the person says at each usable row."""
    rows = np.flatnonzero(footage.usable)
    if footage.own is None:
        return unheard(len(rows))
    return overheard(footage.own, footage.times[rows] - footage.own_start - footage.delay)


def closings(path: Trajectory) -> int:
    """How many times the lips close."""
    shut = path.closing > 0.5
    return int(shut[:1].sum() + (shut[1:] & ~shut[:-1]).sum())


def eased(rows: NDArray[np.int64], wanted: NDArray[np.bool_], shots: NDArray[np.int32]) -> Array:
    """How much of the drawn mouth shows, ``[t]``: ramps where the original goes on next door.

    At a cut and at the clip's ends there is nothing to ease from.
    """
    amount = np.ones(len(rows))
    ramp = smoothstep((np.arange(min(EASE, len(rows))) + 1.0) / (EASE + 1))
    before, after = int(rows[0]) - 1, int(rows[-1]) + 1
    if before >= 0 and shots[before] == shots[rows[0]]:
        amount[: len(ramp)] = np.minimum(amount[: len(ramp)], ramp)
    if after < len(wanted) and shots[after] == shots[rows[-1]]:
        amount[len(rows) - len(ramp) :] = np.minimum(amount[len(rows) - len(ramp) :], ramp[::-1])
    return amount
