"""The one run that goes on, and who ends it: the editor, a file that is loaded, Blender's end."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import bpy

from relip_host.host import HostError
from relip_host.steps import Outcome, Step
from relip_job import RelipError

Steps = Generator[Step, None, Outcome]


class Work:
    """A run, a step at a time.

    Attributes
    ----------
    step : how far it is.
    outcome : what it came to, None before its end, and where it could not begin.
    error : why it could not.
    """

    def __init__(self, start: Callable[[Callable[[], bool]], Steps]) -> None:
        self.step = Step("starting")
        self.outcome: Outcome | None = None
        self.error: HostError | RelipError | None = None
        self.cancelled = False
        self._steps = start(lambda: self.cancelled)

    def advance(self) -> bool:
        """Go a step on; whether there is another."""
        try:
            self.step = next(self._steps)
        except StopIteration as end:
            self.outcome = end.value
        except (HostError, RelipError) as error:
            self.error = error
        return self.outcome is None and self.error is None

    def cancel(self) -> None:
        """Have it stop; the steps that are left tell when it has."""
        self.cancelled = True

    def close(self) -> None:
        """End it and its engine, within a few seconds."""
        self.cancelled = True
        self._steps.close()


class Desk:
    """Where the run lies that goes on, if one does."""

    def __init__(self) -> None:
        self.work: Work | None = None

    def take(self, work: Work) -> None:
        """Let a run go on; there is no other."""
        assert self.work is None, "one run at a time"
        self.work = work

    def leave(self, work: Work) -> None:
        """It has ended."""
        if self.work is work:
            self.work = None

    def end(self) -> None:
        """End it."""
        work, self.work = self.work, None
        if work is not None:
            work.close()


# Operators come and go with every click: what ends a run finds it here.
DESK = Desk()


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]  # Blender's own
def _before_it_goes(*_: Any) -> None:
    DESK.end()


def register() -> None:
    """End a run before its .blend goes away, and before Blender does."""
    for handlers in _handlers():
        handlers.append(_before_it_goes)
    atexit.register(DESK.end)


def unregister() -> None:
    """End it now."""
    DESK.end()
    atexit.unregister(DESK.end)
    for handlers in _handlers():
        with suppress(ValueError):
            handlers.remove(_before_it_goes)


def _handlers() -> list[Any]:
    """What Blender calls before a .blend goes away, and before it goes itself (from 5.2 on)."""
    found = bpy.app.handlers
    return [getattr(found, name) for name in ("load_pre", "exit_pre") if hasattr(found, name)]
