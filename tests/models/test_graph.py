from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import external_data_helper, helper

from relip_models import CATALOGUE
from relip_models.graph import NoGraph, read_graph
from tests.networks_made import write_doubling


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: str(entry.name))
def test_what_is_shipped_is_whole_and_in_one_file(entry: object) -> None:
    path = entry.path  # type: ignore[attr-defined]

    graph = read_graph(path)

    assert graph.weights == ()
    tensors = onnx.load(path).graph.initializer
    halves = sum(tensor.data_type == onnx.TensorProto.FLOAT16 for tensor in tensors)
    assert graph.half == (halves * 2 > sum(tensor.data_type in (1, 10) for tensor in tensors))
    assert graph.checksum() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_weights_of_16_bits_are_seen(tmp_path: Path) -> None:
    assert read_graph(write_doubling(tmp_path / "half.onnx", kind="f2")).half
    assert not read_graph(write_doubling(tmp_path / "full.onnx")).half


def test_files_with_weights_are_found_and_belong_to_the_checksum(tmp_path: Path) -> None:
    path = write_doubling(tmp_path / "net.onnx", beside="net.weights")

    graph = read_graph(path)
    before = graph.checksum()
    (tmp_path / "net.weights").write_bytes(np.zeros(3, "f4").tobytes())

    assert graph.files == (path, tmp_path / "net.weights")
    assert read_graph(path).checksum() != before


@pytest.mark.parametrize(
    "place", ["../net.weights", "..", "/etc/passwd", "sub/net", "c:net", "a\\b"]
)
def test_weights_outside_its_folder_are_refused(tmp_path: Path, place: str) -> None:
    path = write_doubling(tmp_path / "net.onnx", beside="net.weights")
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        tensor.external_data[0].value = place
    path.write_bytes(model.SerializeToString())

    with pytest.raises(NoGraph, match="are said to lie in"):
        read_graph(path)


def held_by_a_constant(location: str) -> onnx.NodeProto:
    tensor = helper.make_tensor("w", onnx.TensorProto.FLOAT, [3], np.zeros(3, "f4").tobytes(), True)
    external_data_helper.set_external_data(tensor, location)
    tensor.ClearField("raw_data")
    return helper.make_node("Constant", [], ["w"], value=tensor)


@pytest.mark.parametrize("deep", [False, True], ids=["in a node", "in a branch of a node"])
def test_values_of_nodes_lie_beside_it_too_and_nowhere_else(tmp_path: Path, deep: bool) -> None:
    def write(location: str) -> Path:
        node = held_by_a_constant(location)
        if deep:
            out = helper.make_tensor_value_info("w", onnx.TensorProto.FLOAT, [3])
            branch = helper.make_graph([node], "branch", [], [out])
            node = helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch)
        model = onnx.load(write_doubling(tmp_path / "net.onnx"))
        model.graph.node.append(node)
        (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
        return tmp_path / "net.onnx"

    assert read_graph(write("net.weights")).weights == ("net.weights",)
    with pytest.raises(NoGraph, match="are said to lie in"):
        read_graph(write("../net.weights"))


def test_what_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    whole = CATALOGUE[0].path.read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(NoGraph):
            read_graph(path)


@given(st.binary(max_size=200))
def test_nothing_else_is_taken_for_a_graph(tmp_path_factory: pytest.TempPathFactory,
                                           junk: bytes) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("junk") / "net.onnx"
    path.write_bytes(junk)
    with suppress(NoGraph):
        read_graph(path)
