"""A TensorFlow Lite network of the MediaPipe face family as ONNX, the same computation.

* TensorFlow Lite keeps pictures as batch, row, column, channel (NHWC), ONNX as batch, channel,
  row, column (NCHW). The input stays as it was, one transpose follows, and everything up to
  the last reshape is NCHW.
* Weights of 16 bits stay so, with a cast that onnxruntime folds when it loads the network: the
  file keeps its size and nothing is rounded twice.
* ``PReLU(x) = a x + (1 - a) ReLU(x)``, as two 1 x 1 depthwise convolutions: onnxruntime's own
  PRelu leaves the blocked layout of its convolutions, which made the landmark network take
  54 ms instead of 9.4 ms on one core.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from scripts.face.tflite_network import Operator, TfliteNetwork

OPSET: Final = 17
IR_VERSION: Final = 8
_TO_PLANES: Final = [0, 3, 1, 2]
_FROM_PLANES: Final = [0, 2, 3, 1]
_RELU, _RELU6 = 1, 3  # schema.fbs, enum ActivationFunctionType; 0 is none
_SAME: Final = 0  # schema.fbs, enum Padding; 1 is VALID


def to_onnx(network: TfliteNetwork, origin: str) -> onnx.ModelProto:
    """The network as ONNX; ``origin`` goes into the file's documentation."""
    return _Writer(network).model(origin)


class _Writer:
    def __init__(self, network: TfliteNetwork) -> None:
        self._network = network
        self._constants = network.constants()
        self._halves: set[int] = set()
        self._planes: dict[int, str] = {}
        self._plain: dict[int, str] = {}
        self._nodes: list[Any] = []
        self._stored: dict[tuple[bytes, str, tuple[int, ...]], tuple[str, Any]] = {}

    def model(self, origin: str) -> onnx.ModelProto:
        inputs, outputs = [], []
        for number in self._network.inputs:
            self._plain[number] = "input"
            shape = self._network.shape(number)
            inputs.append(helper.make_tensor_value_info("input", TensorProto.FLOAT, shape))
        steps: dict[str, Callable[[Operator], None]] = {
            "ADD": self._add,
            "CONCATENATION": self._concatenate,
            "CONV_2D": self._convolve,
            "DEPTHWISE_CONV_2D": self._convolve_each,
            "DEQUANTIZE": self._widen,
            "LOGISTIC": lambda step: self._apply("Sigmoid", step),
            "MAX_POOL_2D": self._pool,
            "PAD": self._pad,
            "PRELU": self._prelu,
            "RELU": lambda step: self._apply("Relu", step),
            "RESHAPE": self._reshape,
            "RESIZE_BILINEAR": self._resize,
        }
        for step in self._network.operators():
            if step.kind not in steps:
                raise NotImplementedError(f"the face networks have no {step.kind}")
            steps[step.kind](step)
        for number in self._network.outputs:
            name = self._network.name(number)
            self._nodes.append(helper.make_node("Identity", [self._as_plain(number)], [name]))
            shape = self._network.shape(number)
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        stored = [tensor for _, tensor in self._stored.values()]
        graph = helper.make_graph(self._nodes, "face", inputs, outputs, stored, doc_string=origin)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="relip"
        )
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model

    # Names of tensors in the graph.

    def _emit(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def _store(self, values: NDArray[Any], half: bool = False) -> str:
        """A constant, once; ``half`` keeps it in 16 bits and casts it."""
        values = np.ascontiguousarray(values, np.float16 if half else values.dtype)
        key = (values.tobytes(), values.dtype.str, values.shape)
        if key not in self._stored:
            name = f"constant_{len(self._stored)}"
            tensor = numpy_helper.from_array(values, name)
            self._stored[key] = (name, tensor)
            if half:
                cast = self._emit("Cast", [name], to=TensorProto.FLOAT)
                self._stored[key] = (cast, tensor)
        return self._stored[key][0]

    def _as_planes(self, tensor: int) -> str:
        if tensor not in self._planes:
            self._planes[tensor] = self._emit("Transpose", [self._plain[tensor]], perm=_TO_PLANES)
        return self._planes[tensor]

    def _as_plain(self, tensor: int) -> str:
        if tensor in self._constants:
            return self._store(self._constants[tensor], tensor in self._halves)
        if tensor not in self._plain:
            planes = self._planes[tensor]
            self._plain[tensor] = self._emit("Transpose", [planes], perm=_FROM_PLANES)
        return self._plain[tensor]

    # Operators.

    def _widen(self, step: Operator) -> None:
        """Weights kept in 16 bits: remember that they are, and where they are used."""
        source, target = step.inputs[0], step.outputs[0]
        self._constants[target] = self._constants[source]
        self._halves.add(target)

    def _convolve(self, step: Operator) -> None:
        options = step.options("Conv2DOptions")
        self._convolution(step, options, self._constants[step.inputs[1]].transpose(0, 3, 1, 2), 1)

    def _convolve_each(self, step: Operator) -> None:
        options = step.options("DepthwiseConv2DOptions")
        channels = self._network.shape(step.inputs[0])[3]
        weights = self._constants[step.inputs[1]].transpose(3, 0, 1, 2)
        self._convolution(step, options, weights, channels)

    def _convolution(
        self, step: Operator, options: Any, weights: NDArray[Any], groups: int
    ) -> None:
        picture, kernel, bias = step.inputs
        strides = [options.StrideH(), options.StrideW()]
        dilations = [options.DilationHFactor(), options.DilationWFactor()]
        size = list(weights.shape[2:])
        reach = [(n - 1) * dilation + 1 for n, dilation in zip(size, dilations, strict=True)]
        result = self._emit(
            "Conv",
            [
                self._as_planes(picture),
                self._store(weights, kernel in self._halves),
                self._as_plain(bias),
            ],
            kernel_shape=size,
            strides=strides,
            dilations=dilations,
            group=groups,
            pads=self._padding(picture, reach, strides, options.Padding()),
        )
        self._planes[step.outputs[0]] = self._activated(result, options)

    def _pool(self, step: Operator) -> None:
        options = step.options("Pool2DOptions")
        size = [options.FilterHeight(), options.FilterWidth()]
        strides = [options.StrideH(), options.StrideW()]
        result = self._emit(
            "MaxPool",
            [self._as_planes(step.inputs[0])],
            kernel_shape=size,
            strides=strides,
            pads=self._padding(step.inputs[0], size, strides, options.Padding()),
        )
        self._planes[step.outputs[0]] = self._activated(result, options)

    def _padding(self, picture: int, reach: list[int], strides: list[int], kind: int) -> list[int]:
        """Rows and columns to add: top, left, bottom, right.

        SAME of TensorFlow makes ``ceil(n / stride)`` of ``n``; an odd one goes to the far side.
        """
        if kind != _SAME:
            return [0, 0, 0, 0]
        near, far = [], []
        for length, extent, stride in zip(
            self._network.shape(picture)[1:3], reach, strides, strict=True
        ):
            missing = max((-(-length // stride) - 1) * stride + extent - length, 0)
            near.append(missing // 2)
            far.append(missing - missing // 2)
        return near + far

    def _activated(self, name: str, options: Any) -> str:
        kind = options.FusedActivationFunction()
        if kind == 0:
            return name
        if kind == _RELU:
            return self._emit("Relu", [name])
        if kind == _RELU6:
            bounds = [self._store(np.array(bound, np.float32)) for bound in (0, 6)]
            return self._emit("Clip", [name, *bounds])
        raise NotImplementedError(f"activation {kind}")

    def _prelu(self, step: Operator) -> None:
        slope = self._constants[step.inputs[1]].astype(np.float32).reshape(-1, 1, 1, 1)
        picture = self._as_planes(step.inputs[0])
        positive = self._emit("Relu", [picture])
        each = {"kernel_shape": [1, 1], "group": len(slope)}
        parts = [
            self._emit("Conv", [picture, self._store(slope)], **each),
            self._emit("Conv", [positive, self._store(1 - slope)], **each),
        ]
        self._planes[step.outputs[0]] = self._emit("Add", parts)

    def _add(self, step: Operator) -> None:
        parts = [self._as_planes(tensor) for tensor in step.inputs]
        options = step.options("AddOptions")
        self._planes[step.outputs[0]] = self._activated(self._emit("Add", parts), options)

    def _apply(self, kind: str, step: Operator) -> None:
        self._planes[step.outputs[0]] = self._emit(kind, [self._as_planes(step.inputs[0])])

    def _pad(self, step: Operator) -> None:
        added = self._constants[step.inputs[1]][_TO_PLANES].astype(np.int64)
        sides = self._store(added.T.ravel())
        planes = self._as_planes(step.inputs[0])
        self._planes[step.outputs[0]] = self._emit("Pad", [planes, sides])

    def _resize(self, step: Operator) -> None:
        options = step.options("ResizeBilinearOptions")
        way = "asymmetric"
        if options.AlignCorners():
            way = "align_corners"
        elif options.HalfPixelCenters():
            way = "half_pixel"
        size = np.array(self._network.shape(step.outputs[0]), np.int64)[_TO_PLANES]
        self._planes[step.outputs[0]] = self._emit(
            "Resize",
            [self._as_planes(step.inputs[0]), "", "", self._store(size)],
            mode="linear",
            coordinate_transformation_mode=way,
        )

    def _reshape(self, step: Operator) -> None:
        shape = self._store(np.array(self._network.shape(step.outputs[0]), np.int64))
        plain = self._as_plain(step.inputs[0])
        self._plain[step.outputs[0]] = self._emit("Reshape", [plain, shape])

    def _concatenate(self, step: Operator) -> None:
        axis = step.options("ConcatenationOptions").Axis()
        parts = [self._as_plain(tensor) for tensor in step.inputs]
        self._plain[step.outputs[0]] = self._emit("Concat", parts, axis=axis)
