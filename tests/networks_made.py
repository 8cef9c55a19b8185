"""Tiny networks, and an onnxruntime whose second provider errs as drivers were seen to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from relip.onnx.provider import CPU, Provider
from relip.onnx.session import RUNTIME, Arrays, Session

Shape = Sequence[int | str]
Fault = Callable[["FaultySession", Mapping[str, NDArray[Any]]], Arrays]


def write_network(
    path: Path,
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    nodes: Sequence[onnx.NodeProto],
    weights: Mapping[str, NDArray[Any]] | None = None,
    beside: str = "",
) -> Path:
    """An ONNX file of 32-bit ports; with ``beside``, its weights lie in a file of that name."""
    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        list(nodes),
        "network",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(values, name) for name, values in (weights or {}).items()],
    )
    opset = helper.make_opsetid("", 13)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    if beside:
        onnx.save(made, path, save_as_external_data=True, location=beside, size_threshold=0)
    else:
        onnx.save(made, path)
    return path


def write_doubling(path: Path, first: int | str = "n", kind: str = "f4", beside: str = "") -> Path:
    """``x [first, 3]`` to ``y = 2 x``; the weight is of ``kind``."""
    nodes = [helper.make_node("Mul", ["x", "two"], ["y"])]
    if kind == "f2":
        cast = helper.make_node("Cast", ["half"], ["two"], to=onnx.TensorProto.FLOAT)
        nodes.insert(0, cast)
    weights = {"half" if kind == "f2" else "two": np.full(3, 2, kind)}
    return write_network(path, {"x": (first, 3)}, {"y": (first, 3)}, nodes, weights, beside)


class FaultySession:
    """Runs on the CPU and lets a fault have its way with what comes out."""

    def __init__(self, session: Session, fault: Fault) -> None:
        self._session, self._fault = session, fault
        self.inputs, self.outputs = session.inputs, session.outputs
        self.runs = 0

    def right(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """What the CPU gives."""
        return self._session.run(inputs)

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Outputs by name, as the fault leaves them."""
        self.runs += 1
        return self._fault(self, inputs)


class FaultyRuntime:
    """An onnxruntime with a provider beside the CPU; ``opened`` is what was opened for which."""

    def __init__(self, fault: Fault, provider: str = "DmlExecutionProvider") -> None:
        self.version = "1.0 made for a test"
        self.opened: list[tuple[str, str]] = []
        self._fault, self._provider = fault, provider

    def registered(self) -> list[str]:
        """The provider and the CPU."""
        return [self._provider, CPU.registered]

    def device(self, provider: Provider) -> str:
        """A device."""
        return f"the {provider.name} of a test"

    def open(self, path: Path, provider: Provider = CPU, threads: int = 1) -> Session:
        """A session, faulty unless it is on the CPU."""
        self.opened.append((path.name, provider.name))
        session = RUNTIME.open(path, CPU, threads)
        return session if provider is CPU else FaultySession(session, self._fault)


def fine(session: FaultySession, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
    """As it should be."""
    return session.right(inputs)


def off(share: float) -> Fault:
    """All too large by a share."""
    return lambda session, inputs: {
        name: values * np.float32(1 + share) for name, values in session.right(inputs).items()
    }


def numberless(session: FaultySession, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
    """No numbers."""
    return {name: values * np.float32("nan") for name, values in session.right(inputs).items()}


def failing(session: FaultySession, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
    """The driver goes away."""
    raise RuntimeError("887A0005 the device was removed\nwith a page of other words")


def after(runs: int, then: Fault) -> Fault:
    """Fine for some runs of a session."""
    return lambda session, inputs: (fine if session.runs <= runs else then)(session, inputs)


def narrow(most: int) -> Fault:
    """Memory for some at once."""

    def fault(session: FaultySession, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        if max(len(values) for values in inputs.values()) > most:
            raise RuntimeError("Failed to allocate memory for requested buffer")
        return session.right(inputs)

    return fault
