"""Whether a provider's results are the CPU's: both run a network on the same input.

The allowance is the largest difference over the largest value of the same output. In full
precision it is a quarter of a step of 8 bits, in half precision a whole one: what a provider may
change in a picture is less than what writing it into 8 bits does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx.provider import CPU, Provider
from relip.onnx.session import Arrays, Port, Runtime, Session
from relip.onnx.verdict import Subject, Verdict
from relip_models.graph import Graph, read_graph

FULL: Final = 1 / 1020
HALF: Final = 1 / 255
_RUNS: Final = 5
_LONG: Final = 1.0
"""Seconds after which a run is not repeated to time it better."""


@dataclass(frozen=True)
class Network:
    """A network as files.

    Attributes
    ----------
    path : the ONNX file.
    half : the same network with weights of 16 bits, for providers that are faster with these.
    shapes : of inputs with free sizes, the shape to try it with.
    """

    path: Path
    half: Path | None = None
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def file_for(self, provider: Provider) -> Path:
        """The file that the provider is to run."""
        return self.half if self.half is not None and provider.half else self.path


class Judge:
    """Compares providers with the CPU on one network; what it reads of it is read once."""

    def __init__(self, network: Network, runtime: Runtime, threads: int = 1) -> None:
        self.network = network
        self._runtime = runtime
        self._threads = threads
        self._graphs: dict[Path, Graph] = {}

    def subject(self, provider: Provider) -> Subject:
        """What a verdict on that provider is about."""
        files = dict.fromkeys([self.network.path, self.network.file_for(provider)])
        return Subject(
            "+".join(self._graph(path).checksum() for path in files),
            provider.name,
            self._runtime.device(provider),
            self._runtime.version,
            f"{sorted(provider.options.items())}, {self.allowance(provider):.1e}, {self._threads}",
        )

    def allowance(self, provider: Provider) -> float:
        """The largest difference that is none, as a share of the largest value."""
        return HALF if self._graph(self.network.file_for(provider)).half else FULL

    def cpu_seconds(self) -> float:
        """Seconds of a run on the CPU."""
        session = self._runtime.open(self.network.path, CPU, self._threads)
        return _first(session, noise(session.inputs, self.network.shapes))[1]

    def judge(self, provider: Provider) -> tuple[Verdict, Session | None]:
        """The verdict; and the session that was tried, warm, if it agrees."""
        reference = self._runtime.open(self.network.path, CPU, self._threads)
        given = noise(reference.inputs, self.network.shapes)
        expected, cpu_seconds = _first(reference, given)
        del reference
        try:
            session = self._runtime.open(self.network.file_for(provider), provider, self._threads)
            found = session.run(given)
            seconds = _timed(session, given)
        except Exception as error:  # drivers raise what they like
            return Verdict("fails", cpu_seconds=cpu_seconds, why=brief(error)), None
        if not finite(found) and finite(expected):
            return Verdict("no-numbers", 0.0, seconds, cpu_seconds), None
        difference = largest_difference(expected, found)
        if not difference <= self.allowance(provider):
            return Verdict("differs", difference, seconds, cpu_seconds), None
        return Verdict("agrees", difference, seconds, cpu_seconds), session

    def _graph(self, path: Path) -> Graph:
        if path not in self._graphs:
            self._graphs[path] = read_graph(path)
        return self._graphs[path]


def noise(
    ports: tuple[Port, ...], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, NDArray[Any]]:
    """The same values for every run: between -1 and 1, whole numbers 0."""
    random = np.random.default_rng(0)
    made: dict[str, NDArray[Any]] = {}
    for port in ports:
        shape = _shape(port, shapes.get(port.name, (1,) * len(port.shape)))
        values = random.uniform(-1, 1, shape)
        kind = np.dtype(port.kind)
        made[port.name] = values.astype(kind) if kind.kind == "f" else np.zeros(shape, kind)
    return made


def _shape(port: Port, wished: tuple[int, ...]) -> tuple[int, ...]:
    """The port's own sizes, and those that are wished where it leaves them free."""
    if len(wished) != len(port.shape):
        return wished
    return tuple(size or other for size, other in zip(port.shape, wished, strict=True))


def finite(arrays: Arrays) -> bool:
    """Whether all values are numbers."""
    return all(bool(np.isfinite(values).all()) for values in arrays.values())


def largest_difference(expected: Arrays, found: Arrays) -> float:
    """Of all outputs, as a share of the largest value of each; infinite where shapes differ."""
    worst = 0.0
    for name, values in expected.items():
        other = found.get(name)
        if other is None or other.shape != values.shape:
            return float("inf")
        if values.size:
            known = np.isfinite(values)
            if not np.array_equal(values[~known], other[~known], equal_nan=True):
                return float("inf")
            a, b = values[known].astype(np.float64), other[known].astype(np.float64)
            largest = np.abs(a).max(initial=0.0)
            gap = np.abs(a - b).max(initial=0.0)
            worst = max(worst, float(gap / largest) if largest else float(gap))
    return worst


def brief(error: Exception) -> str:
    """The first line of what a driver says, or the name of what it raised."""
    said = str(error).strip().splitlines()
    return said[0][:200] if said else type(error).__name__


def _first(session: Session, given: Mapping[str, NDArray[Any]]) -> tuple[Arrays, float]:
    """What the CPU gives, and seconds of a run: of the first one if that is long."""
    begin = time.perf_counter()
    found = session.run(given)
    seconds = time.perf_counter() - begin
    return found, seconds if seconds > _LONG else _timed(session, given)


def _timed(session: Session, given: Mapping[str, NDArray[Any]]) -> float:
    """Seconds of a run, of several the median; the session has run before."""
    times: list[float] = []
    while len(times) < _RUNS and (not times or times[-1] < _LONG):
        begin = time.perf_counter()
        session.run(given)
        times.append(time.perf_counter() - begin)
    return median(times)
