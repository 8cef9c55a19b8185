from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.engines.neural.mel import BANDS, COLUMNS, QUIET, mel_window
from relip.engines.wav2lip import LEAD, Line, Wav2LipNetwork
from relip.onnx import Network, Verdicts
from relip_job.errors import ModelError
from tests.networks_made import FaultyRuntime, fine

onnx = pytest.importorskip("onnx", reason="makes the networks of these tests")

from tests.core.relip.engines.wav2lip_made import (  # noqa: E402 (needs onnx)
    NAMES,
    KnownGraph,
    saving_masked,
    saving_reference,
    saving_sound,
)

Faces = NDArray[np.float32]
SILENT = np.full((1, BANDS, COLUMNS), QUIET, np.float32)


def faces(count: int = 1, side: int = 96) -> Faces:
    return np.random.default_rng(0).uniform(0, 1, (count, side, side, 3)).astype(np.float32)


def windows(count: int) -> Faces:
    return np.random.default_rng(1).uniform(-4, 4, (count, BANDS, COLUMNS)).astype(np.float32)


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("side", [96, 256])
@pytest.mark.parametrize("batch", [1, "n"])
def test_both_published_signatures_are_taken_at_both_sizes(
    tmp_path: Path, names: tuple[str, str], side: int, batch: int | str
) -> None:
    path = saving_reference(tmp_path / "net.onnx", names=names, side=side, batch=batch)
    network = Wav2LipNetwork(path)
    assert network.side == side
    assert network.batch == 1 if batch == 1 else network.batch > 1
    given = faces(3, side)
    np.testing.assert_array_equal(network.say(given, windows(3)), given)


def test_the_first_face_has_no_lower_half_and_colours_keep_their_order(tmp_path: Path) -> None:
    given = faces()
    found = Wav2LipNetwork(saving_masked(tmp_path / "net.onnx")).say(given, SILENT)
    np.testing.assert_array_equal(found[:, :48], given[:, :48])
    assert (found[:, 48:] == 0).all()


@pytest.mark.parametrize(("channel", "colour"), [(0, 2), (1, 1), (2, 0), (3, 2), (4, 1), (5, 0)])
def test_the_network_is_given_blue_green_red(tmp_path: Path, channel: int, colour: int) -> None:
    graph = KnownGraph()
    one = graph.channels(channel, channel + 1)
    path = graph.save(tmp_path / "net.onnx", graph.node("Concat", one, one, one, axis=1))
    given = faces()
    found = Wav2LipNetwork(path).say(given, SILENT)
    np.testing.assert_array_equal(found[0, :48, :, 1], given[0, :48, :, colour])


@pytest.mark.parametrize(("row", "column"), [(0, 0), (79, 15), (12, 3)])
def test_bands_and_columns_of_the_mel_lie_as_published(
    tmp_path: Path, row: int, column: int
) -> None:
    path = saving_sound(tmp_path / "net.onnx", column, row)
    mels = windows(2)
    found = Wav2LipNetwork(path).say(faces(2), mels)
    for number in range(2):
        np.testing.assert_allclose(found[number], mels[number, row, column] / 8 + 0.5, atol=1e-6)


@pytest.mark.parametrize("batch", [1, "n"])
def test_a_batch_of_many_is_as_many_batches_of_one(tmp_path: Path, batch: int | str) -> None:
    network = Wav2LipNetwork(saving_sound(tmp_path / "net.onnx", 5, 9, batch=batch))
    given, mels = faces(11), windows(11)
    whole = network.say(given, mels)
    for number in range(11):
        part = slice(number, number + 1)
        np.testing.assert_array_equal(network.say(given[part], mels[part]), whole[part])


@pytest.mark.parametrize("rate", [24000 / 1001, 25.0, 30000 / 1001, 50.0])
def test_a_frame_hears_the_sound_it_was_trained_to(tmp_path: Path, rate: float) -> None:
    # A click heard in the last column of the window: 15 hops of 12.5 ms after its beginning.
    samples = np.zeros(16000 * 4, np.float32)
    samples[16000 * 2 :: 40] = 0.5
    row = 20
    network = Wav2LipNetwork(saving_sound(tmp_path / "net.onnx", 15, row))
    times = np.arange(int(3 * rate)) / rate
    found = Line(network, samples).draw(np.repeat(faces(), len(times), 0), times)[:, 0, 0, 0]
    expected = [mel_window(samples, time - LEAD)[row, 15] / 8 + 0.5 for time in times]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    # The sound begins at 2 s; the spectrum's window reaches 25 ms ahead.
    begins = times[int(np.argmax(found > 0.3))]
    assert 2 - 0.025 - 1 / rate < begins - LEAD + 15 * 200 / 16000 < 2 + 1 / rate


@pytest.mark.parametrize(
    "signature",
    [
        {"sound": (1, 80, 20)},
        {"sound": (80, 16)},
        {"side": 112},
        {"channels": 3},
        {"batch": 4},
    ],
    ids=str,
)
def test_other_networks_are_refused(tmp_path: Path, signature: dict[str, Any]) -> None:
    graph = KnownGraph()
    path = graph.save(tmp_path / "other.onnx", graph.channels(0, 3), **signature)
    with pytest.raises(ModelError, match=r"other\.onnx is no Wav2Lip") as told:
        Wav2LipNetwork(path)
    assert "[n, 6, 96, 96]" in told.value.remedy


def test_a_network_that_draws_something_else_is_refused(tmp_path: Path) -> None:
    graph = KnownGraph()
    path = graph.save(tmp_path / "other.onnx", graph.channels(0, 6))
    with pytest.raises(ModelError, match=r"gives \[1, 6, 96, 96\]"):
        Wav2LipNetwork(path)


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no file"):
        Wav2LipNetwork(tmp_path / "none.onnx")
    whole = saving_reference(tmp_path / "net.onnx").read_bytes()
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"broken\.onnx cannot be loaded"):
        Wav2LipNetwork(broken)


def test_free_sides_are_taken_as_96(tmp_path: Path) -> None:
    network = Wav2LipNetwork(saving_reference(tmp_path / "net.onnx", side="s"))
    assert network.side == 96


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_a_provider_is_tried_with_faces_of_96_where_sides_are_free(
    tmp_path: Path, names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = KnownGraph()
    size = graph.constant(np.array([-1, 3, 96, 96], np.int64))
    root = graph.node("Reshape", graph.channels(3, 6), size)
    path = graph.save(tmp_path / "net.onnx", root, side="s", names=names)
    tried = partial(Network, runtime=FaultyRuntime(fine), verdicts=Verdicts(tmp_path / "known"))
    monkeypatch.setattr("relip.engines.wav2lip.Network", tried)
    network = Wav2LipNetwork(path, "directml")
    assert network.network.provider == "directml"
    np.testing.assert_array_equal(network.say(faces(2), windows(2)), faces(2))


def test_inputs_of_16_bits_are_taken(tmp_path: Path) -> None:
    path = saving_reference(tmp_path / "net.onnx", kind=onnx.TensorProto.FLOAT16)
    np.testing.assert_allclose(Wav2LipNetwork(path).say(faces(), SILENT), faces(), atol=5e-4)


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    graph = KnownGraph()
    bad = graph.node(
        "Sqrt", graph.node("Sub", graph.channels(0, 3), graph.constant(np.array(9, "f4")))
    )
    path = graph.save(tmp_path / "net.onnx", bad)
    with pytest.raises(ModelError, match="no numbers"):
        Wav2LipNetwork(path)


def test_a_run_that_fails_half_way_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Wav2LipNetwork(saving_reference(tmp_path / "net.onnx"))

    def failing(*_: object) -> dict[str, Faces]:
        raise RuntimeError("device removed")

    monkeypatch.setattr(network.network, "run_many", failing)
    with pytest.raises(ModelError, match="device removed"):
        network.say(faces(), SILENT)
