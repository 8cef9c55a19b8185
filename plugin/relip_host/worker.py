"""The engine as a process of its own: started, listened to, cancelled, ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence, Tuple


@dataclass(frozen=True)
class Engine:
    """How the engine is started.

    Attributes
    ----------
    command : the engine's Python, with its options: ``engine`` of ``settings.json``.
    program : what that Python runs.
    hello : seconds until it must have said that it is there.
    silence : seconds it may be silent for, after that.
    """

    command: Sequence[str]
    program: Tuple[str, ...] = ("-m", "relip_plugin.worker")
    hello: float = 60.0
    silence: float = 600.0
