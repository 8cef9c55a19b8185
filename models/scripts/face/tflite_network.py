"""Reading a TensorFlow Lite network: tensors, constants, and operators in order.

Written after the schema of TensorFlow Lite (schema.fbs, version 3) with the ``tflite`` package,
which is that schema in Python and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import tflite  # type: ignore[import-untyped,import-not-found,unused-ignore] # has no types
from numpy.typing import NDArray

# schema.fbs, enum TensorType; others do not occur in the face networks.
_KINDS: Final[dict[int, type[np.generic]]] = {0: np.float32, 1: np.float16, 2: np.int32}
_OPERATORS: Final = {
    number: name for name, number in vars(tflite.BuiltinOperator).items() if isinstance(number, int)
}


@dataclass(frozen=True)
class Operator:
    """One step: ``kind`` as in schema.fbs, tensors by number, and its options table."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    table: Any

    def options(self, name: str) -> Any:
        """The options as the schema's class of that name, e.g. ``Conv2DOptions``."""
        options = getattr(tflite, name)()
        options.Init(self.table.Bytes, self.table.Pos)
        return options


class TfliteNetwork:
    """The only subgraph of a ``.tflite`` file.

    Attributes
    ----------
    inputs, outputs : numbers of the tensors that go in and come out.
    """

    def __init__(self, path: Path) -> None:
        self._model = tflite.Model.GetRootAsModel(path.read_bytes(), 0)
        self._graph = self._model.Subgraphs(0)
        self.inputs = [self._graph.Inputs(i) for i in range(self._graph.InputsLength())]
        self.outputs = [self._graph.Outputs(i) for i in range(self._graph.OutputsLength())]

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Axes of a tensor; pictures are batch, row, column, channel."""
        found = self._graph.Tensors(tensor)
        return tuple(int(n) for n in found.ShapeAsNumpy()) if found.ShapeLength() else ()

    def name(self, tensor: int) -> str:
        """Its name in the file."""
        return str(self._graph.Tensors(tensor).Name().decode())

    def constants(self) -> dict[int, NDArray[Any]]:
        """The tensors that are stored in the file, by number."""
        found = {}
        for number in range(self._graph.TensorsLength()):
            tensor = self._graph.Tensors(number)
            buffer = self._model.Buffers(tensor.Buffer())
            if buffer.DataLength():
                kind = _KINDS[tensor.Type()]
                values = np.frombuffer(buffer.DataAsNumpy().tobytes(), kind)
                found[number] = values.reshape(self.shape(number))
        return found

    def operators(self) -> Iterator[Operator]:
        """In an order in which they can be run."""
        for number in range(self._graph.OperatorsLength()):
            operator = self._graph.Operators(number)
            code = self._model.OperatorCodes(operator.OpcodeIndex())
            # Old files have the number in one field, new ones in the other.
            kind = _OPERATORS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            yield Operator(
                kind,
                tuple(operator.Inputs(i) for i in range(operator.InputsLength())),
                tuple(operator.Outputs(i) for i in range(operator.OutputsLength())),
                operator.BuiltinOptions(),
            )
