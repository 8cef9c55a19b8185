"""What the page shows now, and when it is over; one lock for the host's and the browser's side.

::

    choosing ── run ──> running ── the host is done ──> done
        │                  │
        └─ closed, or nobody came, or the host is gone ──> over
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from relip_host.choice import choice_to_json
from relip_host.page import Offer, Row
from relip_plugin.choices.form import choice_of
from relip_plugin.choices.view import view_of

GRACE: Final = 3.0
"""Seconds a tab may be away while it is being loaded again."""
GRACE_AT_WORK: Final = 30.0
"""The same while shots are made: nothing depends on the page then."""
LAST_LOOK: Final = 3600.0
"""Seconds the results stay, whoever looks."""
UNFINISHED: Final = ("waiting", "running")
_LAST_WORD: Final = 2.0
"""Seconds in which a tab hears that the host is gone."""

Tell = Callable[[dict[str, object]], None]


@dataclass
class Board:
    """Shared state; ``tell`` says something to the host, ``patience`` is how long nobody may come.

    Every method may be called from any thread. Times are seconds of ``clock``.
    """

    offer: Offer
    tell: Tell
    patience: float = 180.0
    clock: Callable[[], float] = time.monotonic
    _phase: str = "choosing"
    _rows: dict[str, dict[str, object]] = field(default_factory=dict)
    _began: dict[str, float] = field(default_factory=dict)
    _text: str = ""
    _notes: list[str] = field(default_factory=list)
    _cancelling: bool = False
    _version: int = 0
    _visitors: int = 0
    _came: bool = False
    _host_gone: bool = False
    _closed: bool = False
    _since: float = 0.0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self._view = view_of(self.offer)
        self._since = self.clock()

    # The browser's side

    def view(self) -> dict[str, object]:
        """What never changes."""
        return self._view

    def state(self) -> dict[str, object]:
        """What changes."""
        with self._changed:
            return {
                "version": self._version,
                "phase": "gone" if self._host_gone and self._phase != "done" else self._phase,
                "cancelling": self._cancelling,
                "rows": list(self._rows.values()),
                "text": self._text,
                "notes": list(self._notes),
            }

    def wait(self, version: int, seconds: float) -> bool:
        """Whether the state differs from this version, at the latest after these seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._version != version, seconds)

    def visit(self, by: int) -> None:
        """A tab has come (+1) or gone (-1)."""
        with self._changed:
            self._visitors += by
            self._came = True
            self._since = self.clock()

    def choose(self, form: Mapping[str, object]) -> bool:
        """Take the choice; False if there was one before. May raise a FormError."""
        choice = choice_of(form, self.offer)
        with self._changed:
            if self._phase != "choosing" or self._host_gone:
                return False
            self._phase = "running"
            for shot in self.offer.selection.shots:
                if shot.obstacle is None:
                    self._rows[shot.id] = {"shot": shot.id, "state": "waiting", "share": 0.0}
            self._change()
        self.tell({"event": "chosen", "choice": choice_to_json(choice)})
        return True

    def cancel(self) -> None:
        """Stop the run, once."""
        with self._changed:
            if self._phase != "running" or self._cancelling:
                return
            self._cancelling = True
            self._change()
        self.tell({"event": "cancel"})

    def leave(self) -> None:
        """The editor wants nothing, or has seen everything."""
        self._close("nothing was chosen" if self._phase == "choosing" else "the page was closed")

    # The host's side

    def show(self, rows: list[Row], text: str, notes: list[str], *, done: bool = False) -> None:
        """Take over what the host tells."""
        with self._changed:
            # Shots that are not told of are not part of the run; a failed run may tell of none.
            if rows:
                self._rows = {row.shot: self._told(row) for row in rows}
            for row in self._rows.values() if done else ():
                if row["state"] in UNFINISHED:
                    row["state"] = "cancelled"
            self._text = text
            self._notes += notes
            if done:
                self._phase = "done"
                self._since = self.clock()
            self._change()

    def host_gone(self) -> None:
        """Nothing more comes from the host."""
        with self._changed:
            self._host_gone = True
            if self._phase != "done":
                self._since = self.clock()
            self._change()

    # Both

    def over(self) -> bool:
        """Whether the server may go; tells the host why, once."""
        with self._changed:
            why = self._why_over(self.clock() - self._since)
        if why:
            self._close(why)
        return self._closed

    def _why_over(self, waited: float) -> str:
        if self._host_gone and self._phase != "done":
            late = waited > _LAST_WORD or not self._visitors
            return "the editing program is gone" if late else ""
        if not self._came:
            return "nobody opened the page" if waited > self.patience else ""
        if self._phase == "done" and waited > LAST_LOOK:
            return "the page was left open"
        if self._visitors:
            return ""
        grace = GRACE_AT_WORK if self._phase == "running" else GRACE
        return "the page was closed" if waited > grace else ""

    def _close(self, why: str) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._change()
        self.tell({"event": "closed", "why": why})

    def _told(self, row: Row) -> dict[str, object]:
        told = {name: value for name, value in vars(row).items() if value is not None}
        return {**told, "share": self._share(row)}

    def _share(self, row: Row) -> float:
        """How much of this shot's work is done, 0 to 1; it never goes back."""
        now = self.clock()
        began = self._began.setdefault(row.shot, now) if row.state == "running" else now
        before = self._rows.get(row.shot, {}).get("share", 0.0)
        assert isinstance(before, float)
        if row.state in ("done", "placed"):
            return 1.0
        if row.left is None or now - began <= 0:
            return before
        return max(before, (now - began) / (now - began + row.left))

    def _change(self) -> None:
        self._version += 1
        self._changed.notify_all()
