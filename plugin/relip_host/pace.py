"""How far a run of several jobs is, and how long the rest of it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Optional, Tuple


@dataclass(frozen=True)
class Piece:
    """A job of a run.

    Attributes
    ----------
    frames : how many it is asked for.
    over : whether nothing more comes of it.
    worked : seconds it took so far; None says nothing about the others, as of one that failed.
    left : seconds left of it while somebody is at it, if that is known.
    """

    frames: int
    over: bool = False
    worked: Optional[float] = None
    left: Optional[float] = None

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        if self.over:
            return 1.0
        if self.worked is None or self.left is None:
            return 0.0
        return self.worked / max(1e-6, self.worked + self.left)


def pace(pieces: Iterable[Piece], workers: int) -> Tuple[float, Optional[float]]:
    """How much of all is done, 0 to 1, and seconds left at the pace so far, if there is one."""
    total = done = made = spent = longest = 0.0
    for piece in pieces:
        drawn = piece.frames * piece.share
        total, done = total + piece.frames, done + drawn
        if piece.worked is not None:
            made, spent = made + drawn, spent + (piece.worked if drawn else 0.0)
        longest = max(longest, piece.left or 0.0)
    left = max(longest, (total - done) * spent / made / workers) if made > 0 else None
    return min(1.0, done / total) if total else 1.0, left
