"""How much of a run is left."""

from __future__ import annotations

import time
from typing import Final

from relip_job.events import Progress

PRICE: Final = {"track": 1.0, "draw": 2.0, "copy": 0.5, "score": 2.0}
"""What a frame of each kind of work costs, in frames of tracking, until it is measured."""


class Clock:
    """Counts frames of work by kind and tells the seconds left.

    Each kind's price is measured as soon as some of it is done; before that it is reckoned
    from the kinds already measured.
    """

    def __init__(self, **frames: int) -> None:
        self._total = frames
        self._done = dict.fromkeys(frames, 0)
        self._spent = dict.fromkeys(frames, 0.0)
        self._last = time.monotonic()

    def done(self, kind: str) -> int:
        """Frames done of that kind."""
        return self._done[kind]

    def reach(self, kind: str, done: int) -> None:
        """So many frames of that kind are done now."""
        now = time.monotonic()
        self._spent[kind] += now - self._last
        self._last = now
        self._done[kind] = max(done, self._done[kind])

    def step(self, kind: str) -> None:
        """One more frame of that kind is done."""
        self.reach(kind, self._done[kind] + 1)

    def left(self) -> float | None:
        """Seconds left, or None while nothing is known."""
        known = [kind for kind in self._total if self._done[kind] >= 5]
        if not known:
            return None
        unit = sum(self._spent[kind] for kind in known) / sum(
            self._done[kind] * PRICE[kind] for kind in known
        )
        left = 0.0
        for kind, total in self._total.items():
            each = self._spent[kind] / self._done[kind] if kind in known else unit * PRICE[kind]
            left += each * max(total - self._done[kind], 0)
        return round(left, 1)

    def progress(self, kind: str) -> Progress:
        """The event that says where that kind of work is."""
        return Progress(
            kind, min(self._done[kind], self._total[kind]), self._total[kind], self.left()
        )
