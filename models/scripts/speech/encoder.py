"""The encoder of Whisper as ONNX, from its weights in CTranslate2's format.

Two convolutions, the second halving the rate, fixed positions, and blocks of self-attention and a
feed-forward network, each after a layer norm and added to what it read (Radford et al., "Robust
Speech Recognition via Large-Scale Weak Supervision", 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import onnx

from relip.speech.features import WINDOW
from scripts.speech.onnx_graph import OnnxGraph
from scripts.speech.tensor_files import Tensor, Tensors

LAYERS: Final = 3
"""Blocks that are kept: after the third the features tell visemes best."""

_LAYER_NORM: Final = 1e-5


@dataclass(frozen=True)
class Cut:
    """How much of the encoder is kept.

    Attributes
    ----------
    layers : blocks; None for all of them and the layer norm after the last.
    positions : rows of 20 ms that can be heard at once.
    bits : of a weight. 8 have one scale per output, biases and layer norms keep 16.
    """

    layers: int | None = LAYERS
    positions: int = WINDOW // 2
    bits: Literal[8, 16] = 8


def encoder(weights: Tensors, cut: Cut = Cut()) -> onnx.ModelProto:
    """``mel [1, 80, T]``, ``T`` even, 100 a second, to ``features [1, T / 2, width]``."""
    drawing = _Encoder(weights, cut.bits)
    heard = drawing.front("mel", cut.positions)
    held = sum(name.endswith("self_attention/linear_0/weight") for name in drawing.names)
    for layer in range(held if cut.layers is None else cut.layers):
        heard = drawing.block(heard, layer)
    if cut.layers is None:
        heard = drawing.norm(heard, "layer_norm")
    drawing.graph.output("features", "Identity", heard)
    kept = "all layers" if cut.layers is None else f"layer {cut.layers}"
    bands = drawing.tensor("conv1/weight").shape[1]
    width = drawing.tensor("conv2/weight").shape[0]
    return drawing.graph.model(
        "speech_encoder",
        {"mel": [1, bands, "t"]},
        {"features": [1, "t_half", width]},
        "relip",
        {
            "licence": "MIT (c) 2022 OpenAI",
            "mel": f"Whisper log-mel [1, 80, T], T even, 100 frames/s, at most {2 * cut.positions}",
            "features": f"[1, T/2, {width}] Whisper-tiny.en encoder, {kept}, 50 frames/s",
        },
    )


class _Encoder:
    """The parts of the network."""

    def __init__(self, weights: Tensors, bits: Literal[8, 16]) -> None:
        self.graph = OnnxGraph()
        self.names = [name for name in weights if name.startswith("encoder/")]
        self._weights = weights
        self._bits = bits

    def tensor(self, name: str) -> Tensor:
        """One of the encoder's tensors."""
        return self._weights[f"encoder/{name}"]

    def front(self, mel: str, positions: int) -> str:
        """The convolutions and the positions, time first."""
        heard = self._gelu(self._convolution(mel, "conv1", 1))
        heard = self._gelu(self._convolution(heard, "conv2", 2))
        heard = self.graph.add("Transpose", heard, perm=[0, 2, 1])
        name = "position_encodings/encodings"
        places = self.graph.half(name, self.tensor(name)[:positions])
        length = self.graph.add("Slice", self.graph.add("Shape", heard), _at(1), _at(2))
        return self.graph.add("Add", heard, self.graph.add("Slice", places, _at(0), length, _at(0)))

    def block(self, heard: str, layer: int) -> str:
        """One transformer block."""
        add, name = self.graph.add, f"layer_{layer}"
        read = self.norm(heard, f"{name}/self_attention/layer_norm")
        heard = add("Add", heard, self._attention(read, f"{name}/self_attention"))
        read = self.norm(heard, f"{name}/ffn/layer_norm")
        wide = self._gelu(self._linear(read, f"{name}/ffn/linear_0"))
        return add("Add", heard, self._linear(wide, f"{name}/ffn/linear_1"))

    def norm(self, heard: str, name: str) -> str:
        """A layer norm."""
        gamma, beta = (
            self.graph.half(f"{name}/{part}", self.tensor(f"{name}/{part}"))
            for part in ("gamma", "beta")
        )
        return self.graph.add(
            "LayerNormalization", heard, gamma, beta, axis=-1, epsilon=_LAYER_NORM
        )

    def _attention(self, heard: str, name: str) -> str:
        """Every row looks at every other."""
        add = self.graph.add
        heads = int(self.tensor("num_heads"))
        size = self.tensor(f"{name}/linear_1/weight").shape[0] // heads
        parted = self._linear(heard, f"{name}/linear_0")
        parted = add("Reshape", parted, np.array([0, 0, 3 * heads, size]))
        query, key, value = self.graph.split(parted, [heads] * 3, 2)
        query = add("Mul", add("Transpose", query, perm=[0, 2, 1, 3]), np.float32(size**-0.5))
        likeness = add("MatMul", query, add("Transpose", key, perm=[0, 2, 3, 1]))
        seen = add("Softmax", likeness, axis=-1)
        seen = add("MatMul", seen, add("Transpose", value, perm=[0, 2, 1, 3]))
        seen = add("Transpose", seen, perm=[0, 2, 1, 3])
        seen = add("Reshape", seen, np.array([0, 0, heads * size]))
        return self._linear(seen, f"{name}/linear_1")

    def _linear(self, heard: str, name: str) -> str:
        """Weights are ``[out, in]`` in the file, ``[in, out]`` here."""
        weight = self._weight(f"{name}/weight", self.tensor(f"{name}/weight").T, 1)
        bias = self.graph.half(f"{name}/bias", self.tensor(f"{name}/bias"))
        return self.graph.add("Add", bias, self.graph.add("MatMul", heard, weight))

    def _convolution(self, heard: str, name: str, stride: int) -> str:
        weight = self._weight(f"{name}/weight", self.tensor(f"{name}/weight"), 0)
        bias = self.graph.half(f"{name}/bias", self.tensor(f"{name}/bias"))
        size = {"kernel_shape": [3], "pads": [1, 1], "strides": [stride]}
        return self.graph.add("Conv", heard, weight, bias, **size)

    def _weight(self, name: str, values: Tensor, outputs: int) -> str:
        if self._bits == 8:
            return self.graph.byte(name, values, outputs)
        return self.graph.half(name, values)

    def _gelu(self, heard: str) -> str:
        add = self.graph.add
        bent = add("Erf", add("Div", heard, np.float32(2**0.5)))
        return add("Mul", add("Mul", heard, add("Add", bent, np.float32(1))), np.float32(0.5))


def _at(place: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([place])
