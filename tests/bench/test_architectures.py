from collections.abc import Callable
from pathlib import Path

import onnx
import onnxruntime
import pytest

from tests.bench import forward
from tests.bench.architectures import unet, vae_decoder, vae_encoder, wav2lip
from tests.bench.graphs import Graph, count, write


@pytest.mark.parametrize(
    ("network", "millions", "gflop"),
    # Counted on their authors' own code.
    [(wav2lip, 36.3, 7.9), (vae_encoder, 34.2, 273), (vae_decoder, 49.5, 622), (unet, 850, 178)],
)
def test_networks_are_as_large_as_published(
    network: Callable[[], onnx.ModelProto], millions: float, gflop: float
) -> None:
    counted = count(network())

    assert counted.parameters / 1e6 == pytest.approx(millions, rel=0.005)
    assert counted.operations / 1e9 == pytest.approx(gflop, rel=0.005)


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (wav2lip(), [1, 3, 96, 96]),
        (vae_encoder((32, 64), side=16), [1, 4, 8, 8]),
        (vae_decoder((64, 32), side=8), [1, 3, 16, 16]),
        (unet((32, 64), side=8), [1, 4, 8, 8]),
    ],
    ids=["wav2lip", "small vae_encoder", "small vae_decoder", "small unet"],
)
def test_networks_run_and_their_runs_are_timed(
    model: onnx.ModelProto, shape: list[int], tmp_path: Path
) -> None:
    path = write(model, tmp_path / "network.onnx")
    forward.main(str(path), threads=1, seconds=0, output=tmp_path / "seconds")

    assert onnxruntime.InferenceSession(str(path)).get_outputs()[0].shape == shape
    times = (tmp_path / "seconds").read_text(encoding="utf-8").splitlines()
    assert len(times) == 2
    assert all(float(time) > 0 for line in times for time in line.split())


def test_products_are_counted_by_hand() -> None:
    net = Graph()
    picture = net.convolution(net.input("x", 1, 2, 8, 8), (2, 4), stride=(2, 2))
    larger = net.deconvolution(picture, (4, 3), stride=2, pad=1)
    counted = count(net.model(net.linear(larger, (8, 5))))

    convolved, deconvolved, product = 16 * 4 * 2 * 9, 16 * 4 * 3 * 9, 3 * 8 * 5 * 8
    assert counted.operations == 2 * (convolved + deconvolved + product)
    assert counted.parameters == 4 * 2 * 9 + 4 + 4 * 3 * 9 + 3 + 8 * 5 + 5


def test_every_weight_has_bytes_of_its_own(tmp_path: Path) -> None:
    path = write(vae_decoder((64, 32), side=8), tmp_path / "network.onnx")
    graph = onnx.load(str(path), load_external_data=False).graph
    places = [
        {entry.key: entry.value for entry in tensor.external_data}
        for tensor in graph.initializer
        if tensor.external_data
    ]

    assert len({place["offset"] for place in places}) == len(places) > 50
    end = max(int(place["offset"]) + int(place["length"]) for place in places)
    assert (tmp_path / places[0]["location"]).stat().st_size >= end
