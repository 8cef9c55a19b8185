"""Write ONNX networks node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Shape = Sequence[int | str]
Put = str | NDArray[Any] | np.generic
"""What a node reads: a tensor by its name, or a constant."""

OPSET: Final = 17
IR_VERSION: Final = 8


class OnnxGraph:
    """A network in the making; every method returns the name of the tensor it adds.

    Nodes are numbered in the order they are added, constants in the order they are first read,
    so that the same calls give the same file.
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._stored: list[onnx.TensorProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def add(self, operation: str, *inputs: Put, **attributes: int | float | str | list[int]) -> str:
        """One node with one output."""
        name = f"{operation}_{len(self._nodes) + 1}"
        self._append(operation, inputs, [name], attributes)
        return name

    def split(self, tensor: str, sizes: Sequence[int], axis: int) -> list[str]:
        """The parts of a tensor."""
        number = len(self._nodes) + 1
        names = [f"Split_{number}_{part}" for part in range(len(sizes))]
        self._append("Split", [tensor, np.array(sizes)], names, {"axis": axis})
        return names

    def half(self, name: str, values: NDArray[Any]) -> str:
        """Weights stored in 16 bits, expanded when the network is loaded."""
        self._store(name, values.astype(np.float16))
        return self.add("Cast", name, to=TensorProto.FLOAT)

    def byte(self, name: str, values: NDArray[Any], axis: int) -> str:
        """Weights rounded to 8 bits with one scale for each index along ``axis``."""
        rounded, scale = in_bytes(values, axis)
        self._store(f"{name}_q", rounded)
        self._store(f"{name}_s", scale)
        return self.add("Mul", self.add("Cast", f"{name}_q", to=TensorProto.FLOAT), f"{name}_s")

    def output(self, name: str, operation: str, *inputs: Put, **attributes: int) -> None:
        """A node whose output has a name of its own; the node then needs none."""
        self._append(operation, inputs, [name], attributes, named=False)

    def model(
        self,
        name: str,
        inputs: Mapping[str, Shape],
        outputs: Mapping[str, Shape],
        producer: str,
        notes: Mapping[str, str],
    ) -> onnx.ModelProto:
        """The whole, checked; inputs and outputs are float32, free sizes are named."""
        made = helper.make_model(
            helper.make_graph(self._nodes, name, _puts(inputs), _puts(outputs), self._stored),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=producer,
        )
        if notes:
            helper.set_model_props(made, dict(notes))
        onnx.checker.check_model(made)
        return made

    def _append(
        self,
        operation: str,
        inputs: Sequence[Put],
        outputs: list[str],
        attributes: Mapping[str, int | float | str | list[int]],
        named: bool = True,
    ) -> None:
        read = [put if isinstance(put, str) else self._constant(np.asarray(put)) for put in inputs]
        node = helper.make_node(operation, read, outputs)
        if named:
            node.name = f"n{len(self._nodes) + 1}"
        for key, value in sorted(attributes.items()):
            node.attribute.append(helper.make_attribute(key, value))
        self._nodes.append(node)

    def _constant(self, value: NDArray[Any]) -> str:
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self._constants:
            self._constants[key] = f"c{len(self._constants)}"
            self._store(self._constants[key], value)
        return self._constants[key]

    def _store(self, name: str, values: NDArray[Any]) -> None:
        self._stored.append(numpy_helper.from_array(np.ascontiguousarray(values), name))


def _puts(shapes: Mapping[str, Shape]) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    ]


def in_bytes(values: NDArray[Any], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``values`` as whole numbers of -127 to 127, and the scale to multiply them with."""
    exact = np.asarray(values, np.float32)
    others = tuple(other for other in range(exact.ndim) if other != axis)
    scale = np.abs(exact).max(others, keepdims=True) / np.float32(127)
    return np.round(exact / scale).astype(np.int8), scale.astype(np.float32)
