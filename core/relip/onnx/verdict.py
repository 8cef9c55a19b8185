"""What is remembered of a provider: whether it agreed with the CPU on a network.

A file for each network, provider, device and onnxruntime, so that whoever comes first writes all
of it. While one process tries a provider the others wait: a driver that takes the process with it
leaves a verdict that says so.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Final, Literal

from relip_models.folder import data_folder

Outcome = Literal["agrees", "differs", "no-numbers", "fails", "died"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("agrees", "differs", "no-numbers", "fails", "died")
_PAUSE: Final = 0.1
"""Seconds between tries to be the one who tries."""


@dataclass(frozen=True)
class Subject:
    """What a verdict is about; a change of any of it asks for a new one.

    Attributes
    ----------
    network : SHA-256 of the network, in hexadecimal; of the reference, too, if that is another.
    provider : one of :data:`relip.onnx.provider.ProviderName`.
    device : what it computes on.
    runtime : version of onnxruntime.
    rules : what the provider is told, how far it may be off, threads of the CPU beside it.
    """

    network: str
    provider: str
    device: str
    runtime: str
    rules: str


@dataclass(frozen=True)
class Verdict:
    """How a provider compares with the CPU.

    Attributes
    ----------
    outcome : ``agrees``; ``differs`` by more than is allowed; ``no-numbers``, infinite or not a
        number where the CPU has numbers; ``fails``, by an error; ``died``, with its process.
    difference : the largest, as a share of the largest value of the same output.
    seconds, cpu_seconds : of a run on the provider and on the CPU; 0 where not measured.
    why : what it said when it failed.
    deaths : of processes that tried it, while the outcome is ``died``.
    """

    outcome: Outcome
    difference: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    why: str = ""
    deaths: int = 0

    @property
    def agrees(self) -> bool:
        """Whether its pictures are the CPU's."""
        return self.outcome == "agrees"

    @property
    def faster(self) -> bool:
        """Whether it was measured faster than the CPU."""
        return 0 < self.seconds < self.cpu_seconds


class Verdicts:
    """Verdicts in a folder; they may be deleted at any time. None fails for want of a file."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = data_folder() / "providers" if folder is None else folder

    def find(self, subject: Subject) -> Verdict | None:
        """What was found out; None if nothing is known, or it cannot be read."""
        try:
            page = json.loads(self._path(subject).read_text("utf-8"))
            kept = page["verdict"]
            if page["subject"] != asdict(subject) or kept["outcome"] not in OUTCOMES:
                return None
            return Verdict(**{one.name: kept[one.name] for one in fields(Verdict)})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, subject: Subject, verdict: Verdict) -> None:
        """Write it down, whole or not at all."""
        path = self._path(subject)
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        page = {"subject": asdict(subject), "verdict": asdict(verdict)}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(page, indent=1), "utf-8")
            partial.replace(path)
        except OSError:
            # It is found out again next time.
            with suppress(OSError):
                partial.unlink(missing_ok=True)

    def forget(self, subject: Subject) -> None:
        """Forget it."""
        with suppress(OSError):
            self._path(subject).unlink(missing_ok=True)

    @contextmanager
    def trying(self, subject: Subject) -> Iterator[None]:
        """Only one process at a time tries; until it keeps a verdict, the verdict is ``died``."""
        with _alone(self._path(subject).with_suffix(".lock")):
            yield

    def _path(self, subject: Subject) -> Path:
        key = hashlib.sha256(json.dumps(asdict(subject)).encode()).hexdigest()
        return self._folder / f"{subject.provider}-{key[:16]}.json"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process; without one where the folder takes no file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError:
        yield
        return
    with file:
        while not _lock(file):
            time.sleep(_PAUSE)
        yield  # closing the file lets go


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            # As below: what knows no locks must not be waited for.
            return error.errno not in (errno.EACCES, errno.EDEADLK)
        return True
else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # Some network disks know no locks.
            return error.errno not in (errno.EAGAIN, errno.EACCES)
        return True
