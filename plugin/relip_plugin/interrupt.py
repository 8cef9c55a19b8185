"""Stopping a command so that it can clean up behind itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Stop:
    """``asked`` turns true when somebody asks the command to stop.

    A library that is interrupted while it loads may raise something else than
    ``KeyboardInterrupt``; this tells what it was.
    """

    asked: bool = False


@contextmanager
def stoppable() -> Iterator[Stop]:
    """The first Ctrl+C (or SIGTERM) raises ``KeyboardInterrupt``, later ones are ignored.

    A second press would interrupt the cleaning up that the first one began.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not stop.asked:
            stop.asked = True
            raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
