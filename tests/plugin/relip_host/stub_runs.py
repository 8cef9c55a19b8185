"""Runs with an engine that draws nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path

from relip_host.choice import Choice
from relip_host.steps import Outcome, Step
from relip_host.worker import Engine

STUB = Path(__file__).with_name("stub_engine.py")
CHOICE = Choice(tracks=(2,), workers=1)


def stub(manner: str = "good", **limits: float) -> Engine:
    return Engine((sys.executable, "-S", str(STUB), manner), **limits)  # type: ignore[arg-type]


def finish(
    steps: Generator[Step, None, Outcome], each: Callable[[Step], None] = lambda _: None
) -> Outcome:
    """Run to the end and look at every step."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        assert step.text
        assert 0 <= step.done <= 1
        each(step)


def states(outcome: Outcome) -> list[str]:
    return [row.state for row in outcome.rows]
