"""The scorecard: five points, each a few numbers with their bars and the frames that cost it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from relip.mouth.shape import Array
from relip.speech.articulation import Articulation

State = Literal["earned", "lost", "open"]
PointName = Literal["closures", "sharpness", "seam", "articulation", "sync"]

TITLES: Final[dict[PointName, str]] = {
    "closures": "Closures",
    "sharpness": "Sharpness",
    "seam": "Seam",
    "articulation": "Articulation",
    "sync": "Life and sync",
}
"""The points, in the order in which they are shown."""


@dataclass(frozen=True)
class Measure:
    """One number and its bar.

    Attributes
    ----------
    key : short name, as in JSON.
    says : what it is, in an editor's words.
    value : NaN if it could not be measured; ``note`` says why.
    low, high : a value in ``[low, high]``, rounded as it is shown, meets the bar. Both infinite:
        the number is shown for what it tells and costs nothing.
    unit, digits : how it is shown.
    note : what else is worth knowing.
    """

    key: str
    says: str
    value: float
    low: float = -inf
    high: float = inf
    unit: str = ""
    digits: int = 2
    note: str = ""

    @property
    def state(self) -> State:
        """Whether the bar is met; open where there is no number."""
        if isnan(self.value):
            return "open"
        return "earned" if self.low <= self._rounded <= self.high else "lost"

    @property
    def judged(self) -> bool:
        """Whether there is a bar at all."""
        return self.low > -inf or self.high < inf

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return "-" if isnan(self.value) else f"{self._rounded:.{self.digits}f}{self.unit}"

    @property
    def _rounded(self) -> float:
        # Adding 0 makes a 0 of -0.
        return round(self.value, self.digits) + 0.0

    @property
    def bar(self) -> str:
        """The bar in words, empty if there is none."""
        if not self.judged:
            return ""
        low, high = (f"{side:.{self.digits}f}" for side in (self.low, self.high))
        if self.low == self.high:
            return low + self.unit
        if self.low == -inf:
            return f"at most {high}{self.unit}"
        if self.high == inf:
            return f"at least {low}{self.unit}"
        return f"{low} to {high}{self.unit}"


@dataclass(frozen=True)
class Moment:
    """Frames ``[first, stop)`` of the result that cost a point, and why; the worst is 1."""

    first: int
    stop: int
    why: str
    severity: float = 1.0


@dataclass(frozen=True)
class Point:
    """One of the five.

    Attributes
    ----------
    measures : its numbers; the point is earned if every one with a bar and a value meets it.
    moments : where to look, the worst first.
    open_because : why nothing can be said, empty if something can.
    """

    name: PointName
    measures: tuple[Measure, ...]
    moments: tuple[Moment, ...] = ()
    open_because: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.name]

    @property
    def state(self) -> State:
        """Earned, lost, or open: it could not be judged."""
        judged = [measure.state for measure in self.measures if measure.judged]
        if self.open_because:
            return "open"
        if "lost" in judged:
            return "lost"
        return "earned" if "earned" in judged else "open"


@dataclass(frozen=True)
class Card:
    """Five points about one line, or about all of them."""

    points: tuple[Point, ...]

    @property
    def earned(self) -> int:
        """Points earned."""
        return sum(point.state == "earned" for point in self.points)

    @property
    def publishable(self) -> bool:
        """No point is lost, and at least one could be judged."""
        return self.earned > 0 and all(point.state != "lost" for point in self.points)

    @property
    def told(self) -> str:
        """``4 of 5``; points that could not be judged are not counted against it."""
        judged = sum(point.state != "open" for point in self.points)
        left = len(self.points) - judged
        return f"{self.earned} of {judged}" + (f" ({left} not judged)" if left else "")


@dataclass(frozen=True)
class LineCard:
    """The card of one range: frames ``[first, stop)`` of the clip, timecodes, card."""

    first: int
    stop: int
    start: str
    end: str
    card: Card


@dataclass(frozen=True)
class Contact:
    """A closure or f/v heard, and what the mouth did.

    Attributes
    ----------
    kind : ``"pbm"`` lips touch, ``"fv"`` lower lip on upper teeth.
    start, end : seconds from the clip's first frame.
    confidence : of hearing, 0 to 1.
    met : whether it was seen; None if the mouth was not seen or nobody judges it.
    frame : of the result, in which the lips are closest, -1 if not seen.
    late : frames by which the mouth is later than the sound, NaN if not met.
    """

    kind: Literal["pbm", "fv"]
    start: float
    end: float
    confidence: float
    met: bool | None
    frame: int
    late: float


@dataclass(frozen=True, eq=False)
class Timeline:
    """What a plot of the line needs; ``n`` consecutive frames from ``first``.

    Attributes
    ----------
    first : number in the clip of row 0.
    times : ``[n]`` seconds from the clip's first frame.
    wanted, drawn, original : ``[n]`` inner-lip gap in eye distances: as the speech asks for, as the
        result shows, as the original had it; NaN where unknown.
    mouths : float32 ``[n, 4]``, left, top, right, bottom px of the mouth, NaN where unseen.
    changed : bool ``[n]``, frames whose picture is not the original's.
    heard : what the speech says.
    speech_start : seconds from the clip's first frame to the speech's first sample.
    contacts : closures and f/v, in order.
    """

    first: int
    times: Array
    wanted: Array
    drawn: Array
    original: Array
    mouths: NDArray[np.float32]
    changed: NDArray[np.bool_]
    heard: Articulation
    speech_start: float
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, eq=False)
class Assessment:
    """All that :func:`relip.quality.score.score` finds out.

    Attributes
    ----------
    card : of everything together.
    lines : of every range.
    timeline : for the plot.
    warnings : sentences about what makes the numbers less sure.
    """

    card: Card
    lines: tuple[LineCard, ...]
    timeline: Timeline
    warnings: tuple[str, ...] = ()
