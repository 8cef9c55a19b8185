"""hama's acoustic model as ONNX, from its tensors: a log-mel front end and a Conformer with CTC.

The Conformer is that of Gulati et al., "Conformer: Convolution-augmented Transformer for Speech
Recognition" (2020), without relative positions, its batch norms already folded. What the file of
tensors does not say was found by trial against hama's own engine: four heads, SiLU in the blocks
and GELU after the first convolution; every other choice was more than 3 nats off.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnx
from onnx import TensorProto

from scripts.speech.onnx_graph import OnnxGraph
from scripts.speech.tensor_files import Tensor, Tensors

HEADS: Final = 4
HOP: Final = 160
"""Samples from one spectrum to the next."""

FAINTEST: Final = np.float32(1e-10)
"""Power below which the logarithm is not taken."""

ROOT_2: Final = np.float32(1.4140625)
"""hama's GELU divides by the root of 2 rounded to 16 bits."""

_LAYER_NORM: Final = 1e-5
_MODEL: Final = "acoustic_model.model."


def phones(weights: Tensors) -> onnx.ModelProto:
    """``waveform [1, n]``, 16 kHz, ``n > 200``, to ``log_probs [1, frames, 191]``, 50 a second."""
    drawing = _Conformer(weights)
    heard = drawing.front("waveform")
    for block in range(len(drawing.matrices) // 6):
        heard = drawing.block(heard, block)
    scores = drawing.named(heard)
    drawing.graph.output("log_probs", "LogSoftmax", scores, axis=-1)
    tokens = len(weights[f"{_MODEL}proj.bias"])
    return drawing.graph.model(
        "hama17",
        {"waveform": [1, "n"]},
        {"log_probs": [1, "frames", tokens]},
        "hama17-convert",
        {},
    )


class _Conformer:
    """The parts of the network.

    Tensors whose names its exporter lost are numbered in the order they are used:
    ``convolutions`` are the first one's weight and bias, then each block's, ``matrices`` six of
    each block: two of the first feed-forward network, attention in and out, two of the second.
    """

    def __init__(self, weights: Tensors) -> None:
        self.graph = OnnxGraph()
        self.convolutions = _numbered(weights, "onnx::Conv_")
        self.matrices = _numbered(weights, "onnx::MatMul_")
        self._weights = weights
        self._width = len(self.convolutions[1])

    def front(self, waveform: str) -> str:
        """Log-mel of 25 ms every 10 ms, rounded to 16 bits as hama does, then every 20 ms."""
        add = self.graph.add
        sound = add("Unsqueeze", waveform, np.array([1]))
        sound = add("Pad", sound, np.array([0, 0, 200, 0, 0, 200]), mode="reflect")
        kernel = self._fourier()
        parts = add("Conv", sound, kernel, kernel_shape=[400], strides=[HOP])
        power = add("Transpose", add("Mul", parts, parts), perm=[0, 2, 1])
        bands = self._weights["mel_fb"]
        # The same bands add up the squares of real and imaginary parts.
        mel = add("MatMul", power, add("Concat", bands, bands, axis=0))
        mel = add("Log", add("Max", mel, FAINTEST))
        mel = add("Cast", add("Cast", mel, to=TensorProto.FLOAT16), to=TensorProto.FLOAT)
        mel = add("Transpose", mel, perm=[0, 2, 1])
        kept = self._halves("stem", *self.convolutions[:2])
        heard = add("Conv", mel, *kept, kernel_shape=[3], strides=[2], pads=[1, 1])
        bent = add("Erf", add("Div", heard, ROOT_2))
        bent = add("Mul", add("Mul", heard, add("Add", bent, np.float32(1))), np.float32(0.5))
        return add("Transpose", bent, perm=[0, 2, 1])

    def block(self, heard: str, block: int) -> str:
        """Feed-forward, attention, convolution, feed-forward, each added; a layer norm."""
        name = f"{_MODEL}blocks.{block}."
        first, second, inner, outer, third, fourth = self.matrices[6 * block : 6 * block + 6]
        heard = self._feed_forward(heard, f"{name}ffn1", first, second)
        heard = self._attention(heard, name, inner, outer)
        heard = self._convolution(heard, name, *self.convolutions[2 * block + 2 : 2 * block + 4])
        heard = self._feed_forward(heard, f"{name}ffn2", third, fourth)
        return self._norm(heard, f"{name}norm")

    def named(self, heard: str) -> str:
        """A score for every token."""
        return self._pointwise(heard, "proj", f"{_MODEL}proj")

    def _fourier(self) -> str:
        """Kernels ``[402, 1, 400]`` of the windowed Fourier transform, made when it is loaded.

        hama stores them; they hold the rounding of the angle 2 pi k n / 400 to 32 bits, up to
        1e-4 off the exact ones, which the same operations in the same order give again.
        """
        add = self.graph.add
        turns = add("Mul", np.arange(201, dtype=np.float32)[:, None], np.float32(2 * np.pi))
        angle = add("Mul", turns, np.arange(400, dtype=np.float32))
        angle = add("Div", angle, np.float32(400))
        waves = add("Concat", add("Cos", angle), add("Neg", add("Sin", angle)), axis=0)
        window = self._weights["stft_real_kernel"][0, 0]  # cos 0 is 1
        return add("Unsqueeze", add("Mul", waves, window), np.array([1]))

    def _feed_forward(self, heard: str, name: str, wider: Tensor, narrower: Tensor) -> str:
        read = self._norm(heard, f"{name}.norm")
        read = self._linear(read, f"{name}.fc1", wider, self._weights[f"{name}.fc1.bias"])
        read = self._silu(read)
        read = self._linear(read, f"{name}.fc2", narrower, self._weights[f"{name}.fc2.bias"])
        return self.graph.add("Add", heard, self.graph.add("Mul", read, np.float32(0.5)))

    def _attention(self, heard: str, name: str, inner: Tensor, outer: Tensor) -> str:
        """Every row looks at every other, wherever it is."""
        add, size = self.graph.add, self._width // HEADS
        read = self._norm(heard, f"{name}attn_norm")
        bias = self._weights[f"{name}attn.in_proj_bias"]
        read = self._linear(read, f"{name}in_proj", inner, bias)
        read = add("Reshape", read, np.array([0, 0, 3 * HEADS, size]))
        query, key, value = self.graph.split(read, [HEADS] * 3, 2)
        query = add("Mul", add("Transpose", query, perm=[0, 2, 1, 3]), np.float32(size**-0.5))
        likeness = add("MatMul", query, add("Transpose", key, perm=[0, 2, 3, 1]))
        seen = add("Softmax", likeness, axis=-1)
        seen = add("MatMul", seen, add("Transpose", value, perm=[0, 2, 1, 3]))
        seen = add("Transpose", seen, perm=[0, 2, 1, 3])
        seen = add("Reshape", seen, np.array([0, 0, self._width]))
        bias = self._weights[f"{name}attn.out_proj.bias"]
        return add("Add", heard, self._linear(seen, f"{name}out_proj", outer, bias))

    def _convolution(self, heard: str, name: str, weight: Tensor, bias: Tensor) -> str:
        """Pointwise, gate, over time in every channel, SiLU, pointwise."""
        add, width = self.graph.add, self._width
        read = self._norm(heard, f"{name}conv.norm")
        read = self._pointwise(read, f"{name}pw1", f"{name}conv.pointwise1")
        kept, gate = self.graph.split(read, [width, width], 2)
        read = add("Transpose", add("Mul", kept, add("Sigmoid", gate)), perm=[0, 2, 1])
        reach = weight.shape[-1]
        halves = self._halves(f"{name}dw", weight, bias)
        shape = {"kernel_shape": [reach], "pads": [reach // 2, reach // 2]}
        read = self._silu(add("Conv", read, *halves, group=width, **shape))
        read = add("Transpose", read, perm=[0, 2, 1])
        return add("Add", heard, self._pointwise(read, f"{name}pw2", f"{name}conv.pointwise2"))

    def _pointwise(self, heard: str, name: str, source: str) -> str:
        """A convolution over one row, stored as ``[out, in, 1]``."""
        weight, bias = self._weights[f"{source}.weight"], self._weights[f"{source}.bias"]
        return self._linear(heard, name, weight[:, :, 0].T, bias)

    def _linear(self, heard: str, name: str, weight: Tensor, bias: Tensor) -> str:
        product = self.graph.add("MatMul", heard, self.graph.half(f"{name}.w", weight))
        return self.graph.add("Add", product, self.graph.half(f"{name}.b", bias))

    def _norm(self, heard: str, name: str) -> str:
        kept = [
            self.graph.half(f"{name}.{part}", self._weights[f"{name}.{part}"])
            for part in ("weight", "bias")
        ]
        return self.graph.add("LayerNormalization", heard, *kept, axis=-1, epsilon=_LAYER_NORM)

    def _halves(self, name: str, weight: Tensor, bias: Tensor) -> tuple[str, str]:
        return self.graph.half(f"{name}.w", weight), self.graph.half(f"{name}.b", bias)

    def _silu(self, heard: str) -> str:
        return self.graph.add("Mul", heard, self.graph.add("Sigmoid", heard))


def _numbered(weights: Tensors, prefix: str) -> list[Tensor]:
    """The tensors with that prefix, in the order of their numbers."""
    names = [name for name in weights if name.startswith(prefix)]
    return [weights[name] for name in sorted(names, key=lambda name: int(name[len(prefix) :]))]
