"""What a run tells while it goes on, and what it tells at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from relip_host.page import Row

ORDER = ("placed", "done", "running", "reverted", "cancelled", "failed", "refused", "waiting")
"""Of the words in a summary; ``reverted`` is only ever told by a revert."""


@dataclass(frozen=True)
class Step:
    """How far a run is.

    Attributes
    ----------
    text : a sentence about the whole run, ``line 2 of 5, take_03: drawing, 40 %``.
    rows : how far every shot is, in the order of the selection.
    done : of the whole run, 0 to 1.
    left : seconds left of the whole run, if that can be told.
    over : rows of shots that came to an end with this step, each with where it is now: made first,
        and placed in a later one, unless results are placed as they come.
    """

    text: str
    rows: Tuple[Row, ...] = ()
    done: float = 0.0
    left: Optional[float] = None
    over: Tuple[Row, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of every shot.

    Attributes
    ----------
    rows : in the order of the selection; in the state ``done`` a result is finished but not on
        the timeline, and :func:`relip_host.resync.apply_finished` places it.
    run : name of the run's folder in the journal; empty if there was none.
    notes : sentences about the run as a whole.
    """

    rows: Tuple[Row, ...]
    run: str = ""
    notes: Tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """``3 placed, 1 refused``."""
        states = [row.state for row in self.rows]
        counts = [f"{states.count(state)} {state}" for state in ORDER if state in states]
        return ", ".join(counts) or "nothing to do"
