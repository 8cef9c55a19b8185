"""Networks described layer by layer, with weights that mean nothing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

_OPSET: Final = 17
_FORMAT: Final = 8
"""onnxruntime 1.20 reads it."""
_GROUPS: Final = 32
_EPSILON: Final = 1e-5
_BYTES: Final = 4
_PAGE: Final = 1 << 16
"""Weights begin where every system can map a file."""
_SIZE: Final = np.float32(0.02)
"""Of a weight: small enough that nothing overflows, and biases keep all above the denormals."""


@dataclass(frozen=True)
class Count:
    """What a network costs whatever runs it.

    Attributes
    ----------
    parameters : numbers that training would have found.
    operations : multiplications and additions of one run, each counted, in convolutions and
        matrix products; the rest is noise beside them.
    """

    parameters: int
    operations: int


class Graph:
    """A network in the making. Layers take and give the names of what flows between them.

    Weights are declared only: :meth:`model` is small even where the network is not, and
    :func:`write` gives them values.
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._settings: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._names = (f"v{number}" for number in itertools.count())

    def input(self, name: str, *shape: int) -> str:
        """Something the network is given."""
        self._inputs.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
        return name

    def convolution(
        self,
        x: str,
        channels: tuple[int, int],
        kernel: int = 3,
        stride: tuple[int, int] = (1, 1),
        pad: int | None = None,
    ) -> str:
        """Channels in and out; as large as before, unless ``stride`` or ``pad`` say otherwise."""
        pad = kernel // 2 if pad is None else pad
        weight = self._weight(channels[1], channels[0], kernel, kernel)
        bias = self._weight(channels[1])
        return self._node("Conv", x, weight, bias, strides=stride, pads=[pad] * 4)

    def deconvolution(self, x: str, channels: tuple[int, int], stride: int, pad: int) -> str:
        """Kernel 3; ``stride`` times as large, or by ``2 - 2 * pad`` larger with a stride of 1."""
        weight = self._weight(channels[0], channels[1], 3, 3)
        more = [stride - 1] * 2
        return self._node(
            "ConvTranspose", x, weight, self._weight(channels[1]),
            strides=[stride] * 2, pads=[pad] * 4, output_padding=more,
        )  # fmt: skip

    def linear(self, x: str, channels: tuple[int, int], bias: bool = True) -> str:
        """Over the last axis."""
        product = self._node("MatMul", x, self._weight(*channels))
        return self.add(product, self._weight(channels[1])) if bias else product

    def group_norm(self, x: str, channels: int) -> str:
        """In 32 groups, in the operators that exporters write it in."""
        split = self.reshape(x, 0, _GROUPS, -1)
        ones, zeros = self._setting(np.ones(_GROUPS, "f4")), self._setting(np.zeros(_GROUPS, "f4"))
        same = self._node("InstanceNormalization", split, ones, zeros, epsilon=_EPSILON)
        back = self._node("Reshape", same, self._node("Shape", x))
        scale, shift = self._weight(channels, 1, 1), self._weight(channels, 1, 1)
        return self.add(self._node("Mul", back, scale), shift)

    def layer_norm(self, x: str, channels: int) -> str:
        """Over the last axis."""
        scale, shift = self._weight(channels), self._weight(channels)
        return self._node("LayerNormalization", x, scale, shift, epsilon=_EPSILON)

    def attention(self, query: str, key: str, value: str, channels: int, heads: int) -> str:
        """Scaled dot products of ``[n, tokens, channels]``, softmax, sums, in ``heads`` parts."""
        parts = [
            self.transpose(self.reshape(x, 0, 0, heads, channels // heads), *axes)
            for x, axes in ((query, (0, 2, 1, 3)), (key, (0, 2, 3, 1)), (value, (0, 2, 1, 3)))
        ]
        scale = self._setting(np.array((channels // heads) ** -0.5, "f4"))
        scores = self._node("Mul", self._node("MatMul", parts[0], parts[1]), scale)
        seen = self._node("MatMul", self._node("Softmax", scores, axis=-1), parts[2])
        return self.reshape(self.transpose(seen, 0, 2, 1, 3), 0, 0, channels)

    def twice_as_large(self, x: str) -> str:
        """Every pixel four times."""
        scales = self._setting(np.array([1, 1, 2, 2], "f4"))
        return self._node("Resize", x, "", scales, mode="nearest",
                          coordinate_transformation_mode="asymmetric",
                          nearest_mode="floor")  # fmt: skip

    def silu(self, x: str) -> str:
        """``x * sigmoid(x)``."""
        return self._node("Mul", x, self._node("Sigmoid", x))

    def gelu(self, x: str) -> str:
        """``x * (1 + erf(x / sqrt(2))) / 2``."""
        root, one, half = (self._setting(np.array(number, "f4")) for number in (2**0.5, 1, 0.5))
        error = self._node("Erf", self._node("Div", x, root))
        return self._node("Mul", self._node("Mul", x, self.add(error, one)), half)

    def relu(self, x: str) -> str:
        """Its positive part."""
        return self._node("Relu", x)

    def sigmoid(self, x: str) -> str:
        """Between 0 and 1."""
        return self._node("Sigmoid", x)

    def add(self, x: str, y: str) -> str:
        """The sum, broadcast."""
        return self._node("Add", x, y)

    def multiply(self, x: str, y: str) -> str:
        """The product of each with each."""
        return self._node("Mul", x, y)

    def concatenate(self, *parts: str) -> str:
        """Along the channels, axis 1."""
        return self._node("Concat", *parts, axis=1)

    def halves(self, x: str) -> tuple[str, str]:
        """The last axis in two."""
        first, second = next(self._names), next(self._names)
        self._nodes.append(helper.make_node("Split", [x], [first, second], axis=-1))
        return first, second

    def reshape(self, x: str, *shape: int) -> str:
        """0 keeps a length, -1 takes what is left."""
        return self._node("Reshape", x, self._setting(np.array(shape, "i8")))

    def transpose(self, x: str, *axes: int) -> str:
        """The axes in another order."""
        return self._node("Transpose", x, perm=axes)

    def model(self, output: str) -> onnx.ModelProto:
        """The network whose result is ``output``."""
        result = helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None)
        known = [*self._weights, *self._settings.values()]
        graph = helper.make_graph(self._nodes, "network", self._inputs, [result], known)
        opset = helper.make_opsetid("", _OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=_FORMAT)

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """``attributes`` are whatever the operator has: numbers, words, lists of them."""
        name = next(self._names)
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def _weight(self, *shape: int) -> str:
        weight = onnx.TensorProto(name=f"w{len(self._weights)}", dims=shape)
        weight.data_type = onnx.TensorProto.FLOAT
        weight.data_location = onnx.TensorProto.EXTERNAL
        weight.external_data.add(key="location", value="memory")
        self._weights.append(weight)
        return weight.name

    def _setting(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """A constant that nobody trains."""
        name = f"s{values.dtype.str[1:]}{values.shape}{values.ravel().tolist()}"
        self._settings[name] = onnx.numpy_helper.from_array(values, name)
        return name


def count(model: onnx.ModelProto) -> Count:
    """Parameters and operations, from the shapes that onnx infers."""
    inferred = onnx.shape_inference.infer_shapes(
        model, check_type=True, strict_mode=True, data_prop=True
    ).graph
    shapes = {value.name: tuple(side.dim_value for side in value.type.tensor_type.shape.dim)
              for value in [*inferred.value_info, *inferred.input, *inferred.output]}  # fmt: skip
    shapes |= {tensor.name: tuple(tensor.dims) for tensor in inferred.initializer}
    sums = {
        # One output needs a filter's products; transposed, one input makes as many.
        "Conv": lambda x, w, y: prod(y) * prod(w[1:]),
        "ConvTranspose": lambda x, w, y: prod(x) * prod(w[1:]),
        "MatMul": lambda x, w, y: prod(y) * x[-1],
    }
    products = sum(
        sums[node.op_type](shapes[node.input[0]], shapes[node.input[1]], shapes[node.output[0]])
        for node in inferred.node
        if node.op_type in sums
    )
    return Count(sum(prod(weight.dims) for weight in _declared(model)), 2 * products)


def write(model: onnx.ModelProto, path: Path, seed: int = 0) -> Path:
    """The network at ``path``, random weights beside it, laid out as exporters lay large ones.

    Every weight has bytes of its own, or memory would be measured too low. A million numbers
    are written again and again: nearly a billion new ones would take longer than what is timed.
    """
    beside = path.with_suffix(".weights")
    some = np.random.default_rng(seed).standard_normal(1 << 20, np.float32) * _SIZE
    end = 0
    for weight in _declared(model):
        length = _BYTES * prod(weight.dims)
        del weight.external_data[:]
        for key, value in (("location", beside.name), ("offset", end), ("length", length)):
            weight.external_data.add(key=key, value=str(value))
        end += -(-length // _PAGE) * _PAGE
    with beside.open("wb") as file:
        while file.tell() < end:
            file.write(some.tobytes()[: end - file.tell()])
    path.write_bytes(model.SerializeToString())
    return path


def _declared(model: onnx.ModelProto) -> list[onnx.TensorProto]:
    external = onnx.TensorProto.EXTERNAL
    return [tensor for tensor in model.graph.initializer if tensor.data_location == external]
