"""How far every line of a batch is, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from relip_job import Voiced
from relip_plugin.batch.plan import AUTOMATIC, Line

State = Literal["waiting", "running", "made", "kept", "skipped", "failed", "cancelled"]
ORDER: Final[tuple[State, ...]] = (
    "made",
    "kept",
    "running",
    "waiting",
    "skipped",
    "failed",
    "cancelled",
)

UNASKED: Final = frozenset({"sound", "size"})
"""Ways to choose a speaker that may be wrong; else they were asked for, or there is nobody else."""


@dataclass(frozen=True)
class Result:
    """How far a line is.

    Attributes
    ----------
    state : ``kept`` is a result of an earlier run of which nothing has changed; ``skipped`` is a
        line with nobody to say it.
    output, sidecar : of a result, else empty.
    score : what it earned, ``4 of 5``, if it was scored.
    voiced : whose mouth it was given.
    notes : what the editor should know.
    message, remedy : why there is no result.
    stage, share, left : of a line at work: what is done, how much of the stage, and the seconds
        left if that is known.
    seconds : how long it took when it was made, with all lines of its shot.
    """

    line: Line
    state: State = "waiting"
    output: str = ""
    sidecar: str = ""
    score: str = ""
    voiced: Voiced | None = None
    notes: tuple[str, ...] = ()
    message: str = ""
    remedy: str = ""
    stage: str = ""
    share: float = 0.0
    left: float | None = None
    seconds: float = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in ("waiting", "running")

    @property
    def there(self) -> bool:
        """Whether there is a result."""
        return self.state in ("made", "kept")

    @property
    def speaker(self) -> str:
        """Whose mouth it was given, ``2 of 3, by sound, 71 %``; as it was asked for, if it was."""
        asked, found = self.line.speaker, self.voiced
        if asked != AUTOMATIC or found is None:
            return asked
        whose = f"{found.person} of {found.people}"
        if found.how not in UNASKED:
            left = found.how == "only" and found.people > 1
            return f"{whose}, the only one left" if left else whose
        return f"{whose}, by {found.how}, {found.confidence * 100:.0f} %"


@dataclass(frozen=True)
class Batch:
    """How far all lines are: ``done`` 0 to 1; ``left`` in seconds if that can be told."""

    results: tuple[Result, ...]
    done: float = 0.0
    left: float | None = None

    @property
    def told(self) -> str:
        """``3 made, 1 failed``."""
        return counted(self.results)


def counted(results: tuple[Result, ...]) -> str:
    """``3 made, 1 failed``."""
    states = [result.state for result in results]
    counts = [f"{states.count(state)} {state}" for state in ORDER if state in states]
    return ", ".join(counts) or "no line"
