"""From what is selected to results on the timeline; the same for every editing program."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Generator, Optional, Union

from relip_host.choice import Choice
from relip_host.host import Host, Selection
from relip_host.steps import Outcome, Step
from relip_host.worker import Engine

__all__ = ["apply_finished", "resync_selection", "revert_last"]


def resync_selection(
    host: Host,
    choice: Choice,
    engine: Engine,
    folder: Union[str, Path],
    *,
    selection: Optional[Selection] = None,
    cancelled: Callable[[], bool] = lambda: False,
    patience: float = 0.1,
) -> Generator[Step, None, Outcome]:
    """Re-sync the selected shots and place the results; yields how far it is.

    All jobs are computed, then all are run, then all results are placed. A shot that cannot be
    done does not stop the others.

    Parameters
    ----------
    folder : where relip keeps its state; the run's journal is in there.
    selection : the shots, if they were asked for already.
    cancelled : looked at with every step; once it is true, the engine is told to stop, nothing is
        placed, and the outcome says so. Closing the generator cancels, too, at once.
    patience : seconds a step may wait for the engine; 0 for a host that calls from a timer.

    Raises
    ------
    HostError
        The host cannot say what is selected, or nothing is.
    OutputError
        The journal cannot be written.
    """
    raise NotImplementedError
    yield Step("")


def apply_finished(host: Host, folder: Union[str, Path]) -> Outcome:
    """Place what is done but not placed, of runs in this project; say what is still running."""
    raise NotImplementedError


def revert_last(host: Host, folder: Union[str, Path]) -> Outcome:
    """Take the results of the last run in this project off the timeline again."""
    raise NotImplementedError
