"""Networks with the signatures of MuseTalk's published files whose every value is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Size = int | str
KIND: Final = {"f4": onnx.TensorProto.FLOAT, "f2": onnx.TensorProto.FLOAT16,
               "f8": onnx.TensorProto.DOUBLE, "i4": onnx.TensorProto.INT32,
               "i8": onnx.TensorProto.INT64}  # fmt: skip
SCALE: Final = 0.18215
NAMES: Final = {
    "vae_encoder": ("image", "latents"),
    "unet": ("input_latents", "audio_prompts", "noise_prediction"),
    "vae_decoder": ("latents", "image"),
    "whisper_encoder": ("input_features", "audio_features_all_layers"),
}
"""Of inputs and output in the files that are published."""


class KnownGraph:
    """Nodes on named inputs; the last one named is the output."""

    def __init__(self, **inputs: Sequence[Size]) -> None:
        self.inputs = dict(inputs)
        self.kinds: dict[str, str] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.values: list[onnx.TensorProto] = []

    def constant(self, values: NDArray[Any] | float) -> str:
        """Something that is always so."""
        name = f"c{len(self.values)}"
        array = np.asarray(values)
        array = array.astype(np.float32) if array.dtype == np.float64 else array
        self.values.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """What comes out of an operator, whose attributes are whatever it has."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def times(self, x: str, factor: NDArray[Any] | float) -> str:
        """``x`` times something."""
        return self.node("Mul", x, self.constant(factor))

    def part(self, x: str, axis: int, first: int, stop: int) -> str:
        """A slice."""
        ends = [self.constant(np.array([at], np.int64)) for at in (first, stop, axis)]
        return self.node("Slice", x, *ends)

    def save(self, path: Path, result: str, output: str, shape: Sequence[Size] | None) -> Path:
        """Write it; ``result`` is given out as ``output``."""
        inputs = [
            helper.make_tensor_value_info(name, KIND[self.kinds.get(name, "f4")], sizes)
            for name, sizes in self.inputs.items()
        ]
        nodes = [*self.nodes, helper.make_node("Identity", [result], [output])]
        outputs = [helper.make_tensor_value_info(output, KIND["f4"], shape)]
        graph = helper.make_graph(nodes, "known", inputs, outputs, self.values)
        opset = helper.make_opsetid("", 17)
        onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
        return path


def pooling_encoder(path: Path, batch: Size = 1, scale: float = SCALE, **made: Any) -> Path:
    """Latents are the means of 8 x 8 samples, R, G, B, then all three, over 0.18215, scaled.

    ``kind`` "f2": it takes 16 bits. ``half``: its weights have 16 bits.
    """
    seen, result = made.get("names", NAMES["vae_encoder"])
    graph = KnownGraph(**{seen: (batch, 3, *made.get("sides", (256, 256)))})
    graph.kinds[seen] = made.get("kind", "f4")
    full = graph.node("Cast", seen, to=KIND["f4"])
    if made.get("half"):
        one = graph.constant(np.ones((), np.float16))
        full = graph.node("Mul", full, graph.node("Cast", one, to=KIND["f4"]))
    small = graph.node("AveragePool", full, kernel_shape=[8, 8], strides=[8, 8])
    grey = graph.node("ReduceMean", small, axes=[1], keepdims=1)
    latents = graph.node("Concat", small, grey, axis=1)
    return graph.save(path, graph.times(latents, scale / SCALE), result, (batch, 4, 32, 32))


def spreading_decoder(path: Path, batch: Size = 1, swapped: bool = False) -> Path:
    """The other way round: the middles of 8 x 8 samples are the latents, linear in between."""
    given, result = NAMES["vae_decoder"]
    graph = KnownGraph(**{given: (batch, 4, 32, 32)})
    colours = [graph.part(given, 1, at, at + 1) for at in ((2, 1, 0) if swapped else (0, 1, 2))]
    small = graph.node("Concat", *colours, axis=1)
    scales = graph.constant(np.array([1, 1, 8, 8], np.float32))
    large = graph.node(
        "Resize", small, "", scales, mode="linear", coordinate_transformation_mode="half_pixel",
    )  # fmt: skip
    return graph.save(path, large, result, (batch, 3, 256, 256))


def unet_of(
    path: Path,
    what: str = "reference",
    batch: Size = 1,
    step: tuple[str, Sequence[Size]] | None = None,
    names: Sequence[str] = NAMES["unet"],
    cell: tuple[int, int] = (0, 0),
    shown: NDArray[np.float32] | None = None,
) -> Path:
    """A UNet that gives the reference or the masked latents back, or shows what it hears.

    ``what`` "heard": all latents are the value of one cell ``[token, feature]``. ``what`` "loud":
    latents ``shown`` ``[4, 32, 32]`` instead of the reference where that cell exceeds 1.
    ``step`` is kind and shape of its time step, which is added to what it gives.
    """
    latents, heard, result = names
    graph = KnownGraph(**{latents: (batch, 8, 32, 32)})
    if step is not None:
        graph.inputs["timestep"] = step[1]
        graph.kinds["timestep"] = step[0]
    graph.inputs[heard] = (batch, 50, 384)
    given = {
        "masked": graph.part(latents, 1, 0, 4),
        "reference": graph.part(latents, 1, 4, 8),
    }
    token, feature = cell
    one = graph.part(graph.part(heard, 1, token, token + 1), 2, feature, feature + 1)
    level = graph.node("Unsqueeze", one, graph.constant(np.array([3], np.int64)))
    if what == "heard":
        made = graph.node("Add", graph.times(given["reference"], 0.0), level)
    elif what == "loud":
        assert shown is not None
        over = graph.times(graph.node("Sub", level, graph.constant(1.0)), 1e4)
        share = graph.node("Clip", over, graph.constant(0.0), graph.constant(1.0))
        change = graph.node("Sub", graph.constant(shown[None]), given["reference"])
        made = graph.node("Add", given["reference"], graph.node("Mul", change, share))
    else:
        made = given[what]
    if step is not None:
        number = graph.node("Cast", "timestep", to=KIND["f4"])
        made = graph.node("Add", made, graph.node("ReduceSum", number, keepdims=0))
    return graph.save(path, made, result, (batch, 4, 32, 32))


def listening(path: Path, batch: Size = 1, long: int = 3000) -> Path:
    """States whose layer ``l`` has the mean of each band in 20 ms, times ``l + 1``."""
    mel, result = NAMES["whisper_encoder"]
    graph = KnownGraph(**{mel: (batch, 80, long)})
    pairs = graph.node("AveragePool", mel, kernel_shape=[2], strides=[2])
    rows = graph.node("Transpose", pairs, perm=[0, 2, 1])
    wide = graph.node("Pad", rows, graph.constant(np.array([0, 0, 0, 0, 0, 304], np.int64)))
    layers = graph.constant(np.arange(1, 6, dtype=np.float32)[:, None])
    states = graph.node("Unsqueeze", wide, graph.constant(np.array([2], np.int64)))
    made = graph.node("Mul", states, layers)
    return graph.save(path, made, result, (batch, long // 2, 5, 384))


def all_four(folder: Path, **others: Path) -> Mapping[str, Path]:
    """Networks that give faces back, but for those that are given."""
    return {
        "vae_encoder": others.get("vae_encoder") or pooling_encoder(folder / "encoder.onnx"),
        "unet": others.get("unet") or unet_of(folder / "unet.onnx"),
        "vae_decoder": others.get("vae_decoder") or spreading_decoder(folder / "decoder.onnx"),
        "whisper_encoder": others.get("whisper_encoder") or listening(folder / "whisper.onnx"),
    }
