from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.speech import Speech
from relip.quality.lse import FEWEST, LseMeter
from relip.quality.syncnet import SyncNet
from relip_job.errors import ModelError
from tests.faces_made import frame_of

onnx = pytest.importorskip("onnx", reason="makes the networks of these tests")

Size = int | str
LIPS: tuple[Size, ...] = ("n", 3, 5, 224, 224)
SOUND: tuple[Size, ...] = ("n", 1, 13, 20)


@dataclass
class Graph:
    """A network whose embeddings are means over the last axes of its inputs."""

    inputs: dict[str, Sequence[Size]] = field(default_factory=dict)
    nodes: list[object] = field(default_factory=list)
    outputs: dict[str, Sequence[Size]] = field(default_factory=dict)

    def takes(self, name: str, shape: Sequence[Size], axes: Sequence[int] = ()) -> Graph:
        """With one more input, and its embedding ``name_embedding``."""
        make = onnx.helper.make_node
        self.inputs[name] = shape
        mean = list(axes) or list(range(3, len(shape)))
        self.nodes += [
            make("ReduceMean", [name], [f"{name}_mean"], axes=mean, keepdims=0),
            make("Flatten", [f"{name}_mean"], [f"{name}_embedding"], axis=1),
        ]
        self.outputs[f"{name}_embedding"] = ("n", "d")
        return self

    def save(self, path: Path) -> Path:
        info = onnx.helper.make_tensor_value_info
        kind = onnx.TensorProto.FLOAT
        graph = onnx.helper.make_graph(
            self.nodes,
            "made",
            [info(name, kind, shape) for name, shape in self.inputs.items()],
            [info(name, kind, shape) for name, shape in self.outputs.items()],
        )
        opset = onnx.helper.make_opsetid("", 13)
        onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
        return path


def lips_graph(shape: Sequence[Size] = LIPS) -> Graph:
    """15 numbers: the mean of each colour in each picture."""
    return Graph().takes("video", shape)


def sound_graph(graph: Graph | None = None) -> Graph:
    """15 numbers, of which 13 are the mean cepstra and two are zero."""
    graph = (graph or Graph()).takes("audio", SOUND)
    graph.nodes.append(
        onnx.helper.make_node("Pad", ["audio_embedding", "pads"], ["padded"], mode="constant")
    )
    pads = onnx.helper.make_tensor("pads", onnx.TensorProto.INT64, [4], [0, 0, 0, 2])
    graph.nodes.insert(0, onnx.helper.make_node("Constant", [], ["pads"], value=pads))
    del graph.outputs["audio_embedding"]
    graph.outputs["padded"] = ("n", "d")
    return graph


def window(net: SyncNet, count: int = 3) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    noise = np.random.default_rng(1)
    lips = noise.uniform(0, 255, (count, 3, 5, net.side, net.side)).astype(np.float32)
    return lips, noise.normal(0, 9, (count, 1, 13, 20)).astype(np.float32)


def expect(net: SyncNet) -> None:
    lips, sound = window(net)
    seen, heard = net.embed(lips, sound)
    np.testing.assert_allclose(seen, lips.mean((3, 4)).reshape(3, 15), rtol=1e-4)
    np.testing.assert_allclose(heard[:, :13], sound.mean(3)[:, 0], rtol=1e-4, atol=1e-5)


def test_one_file_with_both_halves(tmp_path: Path) -> None:
    net = SyncNet(sound_graph(lips_graph()).save(tmp_path / "syncnet.onnx"))
    assert (net.side, net.batch) == (224, 8)
    expect(net)


def test_order_and_names_are_free(tmp_path: Path) -> None:
    graph = sound_graph().takes("x", LIPS)
    expect(SyncNet(graph.save(tmp_path / "syncnet.onnx")))


def test_two_files_in_a_folder(tmp_path: Path) -> None:
    lips_graph().save(tmp_path / "b.onnx")
    sound_graph().save(tmp_path / "a.onnx")
    expect(SyncNet(tmp_path))


def test_free_sizes_are_the_published_ones(tmp_path: Path) -> None:
    graph = lips_graph(("n", 3, 5, "h", "w"))
    assert SyncNet(sound_graph(graph).save(tmp_path / "syncnet.onnx")).side == 224


def test_crops_have_the_size_the_network_names(tmp_path: Path) -> None:
    net = SyncNet(sound_graph(lips_graph(("n", 3, 5, 112, 112))).save(tmp_path / "s.onnx"))
    assert net.side == 112
    expect(net)


def test_a_network_for_single_windows_gets_single_windows(tmp_path: Path) -> None:
    net = SyncNet(sound_graph(lips_graph((1, 3, 5, 224, 224))).save(tmp_path / "s.onnx"))
    assert net.batch == 1
    lips, sound = window(net, 1)
    assert net.embed(lips, sound)[0].shape == (1, 15)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        (("n", 3, 5, 224, 112), r"\[n, 3, 5, 224, 112\]"),
        (("n", 1, 5, 224, 224), r"\[n, 1, 5, 224, 224\]"),
        (("n", 3, 224, 224), r"\[n, 3, 224, 224\]"),
        ((4, 3, 5, 224, 224), r"\[4, 3, 5, 224, 224\]"),
        (("n", 15, 48), r"\[n, 15, 48\]"),
    ],
)
def test_other_inputs_are_refused_with_what_is_wanted(
    tmp_path: Path, shape: tuple[Size, ...], says: str
) -> None:
    path = sound_graph(Graph().takes("video", shape, [2])).save(tmp_path / "other.onnx")
    with pytest.raises(ModelError, match=says) as caught:
        SyncNet(path)
    assert "[n, 1, 13, 20]" in caught.value.remedy


def test_half_a_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="only the half for lips"):
        SyncNet(lips_graph().save(tmp_path / "lips.onnx"))


def test_the_same_half_twice_is_refused(tmp_path: Path) -> None:
    lips_graph().save(tmp_path / "a.onnx")
    lips_graph().save(tmp_path / "b.onnx")
    with pytest.raises(ModelError, match="more than one input takes lips"):
        SyncNet(tmp_path)


def test_a_folder_with_anything_but_two_networks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds 0 ONNX files"):
        SyncNet(tmp_path)


def test_a_network_that_gives_a_score_is_refused(tmp_path: Path) -> None:
    graph = sound_graph(lips_graph())
    graph.nodes.append(onnx.helper.make_node("Sub", ["video_embedding", "padded"], ["score"]))
    graph.outputs = {"score": ("n", "d")}
    with pytest.raises(ModelError, match="output score mixes lips and sound"):
        SyncNet(graph.save(tmp_path / "score.onnx"))


def test_embeddings_of_two_lengths_are_refused(tmp_path: Path) -> None:
    graph = lips_graph().takes("audio", SOUND)
    with pytest.raises(ModelError, match="not two embeddings of the same length"):
        SyncNet(graph.save(tmp_path / "lengths.onnx"))


def test_two_embeddings_of_one_half_are_refused(tmp_path: Path) -> None:
    graph = sound_graph(lips_graph())
    graph.nodes.append(onnx.helper.make_node("Neg", ["video_embedding"], ["more"]))
    graph.outputs["more"] = ("n", "d")
    with pytest.raises(ModelError, match="output more is not the one embedding of the lips"):
        SyncNet(graph.save(tmp_path / "more.onnx"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no file"):
        SyncNet(tmp_path / "none.onnx")


def test_what_is_not_onnx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "syncnet_v2.model"
    path.write_bytes(b"PK\x03\x04 weights of something else")
    with pytest.raises(ModelError, match=r"syncnet_v2\.model cannot be loaded"):
        SyncNet(path)


def test_a_made_network_is_measured_from_frames_to_numbers(tmp_path: Path) -> None:
    net = SyncNet(sound_graph(lips_graph()).save(tmp_path / "syncnet.onnx"))
    noise = np.random.default_rng(2)
    count = FEWEST + 5
    speech = Speech(noise.normal(0, 0.1, count * 640).astype(np.float32))
    meter = LseMeter(net, speech)
    face = np.array([[20, 20, 0], [44, 44, 0]], np.float32)
    for index in range(count):
        picture = np.full((64, 64, 3), noise.integers(256), np.uint8)
        meter.take(frame_of(picture, index), face)
    result = meter.finish()
    assert result.windows == FEWEST
    assert result.distance > 0
    assert result.confidence >= 0
    assert not result.note
