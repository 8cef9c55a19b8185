"""Networks with the published signatures of Wav2Lip whose every value is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Size = int | str
NAMES: Final = {"facefusion": ("source", "target"), "hq": ("mel_spectrogram", "video_frames")}
"""Names of the inputs for sound and face in the two published exports."""


class KnownGraph:
    """Nodes on the two inputs ``sound`` and ``face``; the last one named is the output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.values: list[onnx.TensorProto] = []

    def constant(self, values: NDArray[Any]) -> str:
        """Something that is always so."""
        name = f"c{len(self.values)}"
        self.values.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """What comes out of an operator, whose attributes are whatever it has."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def channels(self, first: int, stop: int, x: str = "face") -> str:
        """Channels ``[first, stop)``."""
        ends = [self.constant(np.array([at], np.int64)) for at in (first, stop, 1)]
        return self.node("Slice", x, *ends)

    def save(
        self,
        path: Path,
        output: str,
        side: Size = 96,
        batch: Size = "n",
        names: Sequence[str] = NAMES["facefusion"],
        sound: Sequence[Size] = (1, 80, 16),
        channels: int = 6,
        kind: int = onnx.TensorProto.FLOAT,
    ) -> Path:
        """Write it, with that signature."""
        heard, seen = names
        single = onnx.TensorProto.FLOAT
        rename = [helper.make_node("Cast", [heard], ["sound"], to=single)]
        rename.append(helper.make_node("Cast", [seen], ["face"], to=single))
        inputs = [
            helper.make_tensor_value_info(heard, kind, [batch, *sound]),
            helper.make_tensor_value_info(seen, kind, [batch, channels, side, side]),
        ]
        result = helper.make_tensor_value_info(output, single, None)
        nodes = [*rename, *self.nodes]
        graph = helper.make_graph(nodes, "known", inputs, [result], self.values)
        opset = helper.make_opsetid("", 17)
        onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
        return path


def saving_reference(path: Path, **signature: Any) -> Path:
    """Gives the second face back, the one with its mouth."""
    graph = KnownGraph()
    return graph.save(path, graph.channels(3, 6), **signature)


def saving_masked(path: Path, **signature: Any) -> Path:
    """Gives the first face back, the one without its mouth."""
    graph = KnownGraph()
    return graph.save(path, graph.channels(0, 3), **signature)


def saving_sound(path: Path, column: int, row: int, **signature: Any) -> Path:
    """All of the face is as bright as one cell of the mel, -4 is black and 4 is white."""
    graph = KnownGraph()
    picked = [
        graph.constant(np.array(values, np.int64))
        for values in ([row, column], [row + 1, column + 1], [2, 3])
    ]
    cell = graph.node("Slice", "sound", *picked)
    scale, shift = (graph.constant(np.array(number, np.float32)) for number in (0.125, 0.5))
    light = graph.node("Add", graph.node("Mul", cell, scale), shift)
    black = graph.constant(np.array(0, np.float32))
    blank = graph.node("Mul", graph.channels(3, 6), black)
    return graph.save(path, graph.node("Add", blank, light), **signature)


def saving_mouth(path: Path, face: NDArray[np.float32], **signature: Any) -> Path:
    """Shows ``face`` ``[side, side, 3]`` RGB instead of the reference where the line is loud.

    The share is what the loudest of the middle columns has above -2.4, at most all at 2.4.
    """
    graph = KnownGraph()
    middle = [graph.constant(np.array([value], np.int64)) for value in (4, 12, 3)]
    loud = graph.node("ReduceMax", graph.node("Slice", "sound", *middle), axes=[1, 2, 3])
    scale, shift = (graph.constant(np.array(number, np.float32)) for number in (1 / 4.8, 0.5))
    low, high = (graph.constant(np.array(number, np.float32)) for number in (0, 1))
    share = graph.node("Clip", graph.node("Add", graph.node("Mul", loud, scale), shift), low, high)
    shown = graph.constant(np.ascontiguousarray(face[..., ::-1].transpose(2, 0, 1))[None])
    given = graph.channels(3, 6)
    change = graph.node("Mul", graph.node("Sub", shown, given), share)
    return graph.save(path, graph.node("Add", given, change), **signature)
