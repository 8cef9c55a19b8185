from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.engines.musetalk_networks import MuseTalkNetworks, positions
from relip_job.errors import ModelError
from relip_models import further

onnx = pytest.importorskip("onnx", reason="makes the networks of these tests")

from tests.core.relip.engines.musetalk_made import (  # noqa: E402 (needs onnx)
    KnownGraph,
    all_four,
    listening,
    pooling_encoder,
    spreading_decoder,
    unet_of,
)

Floats = NDArray[np.float32]
STEPS = [None, ("i8", (1,)), ("i8", ()), ("i8", ("n",)), ("f4", (1,)), ("i4", (1,)), ("f8", ())]


def faces(count: int = 1) -> Floats:
    return np.random.default_rng(0).uniform(0, 1, (count, 256, 256, 3)).astype(np.float32)


def heard(count: int = 1) -> Floats:
    return np.random.default_rng(1).normal(0, 1, (count, 50, 384)).astype(np.float32)


def means(pictures: Floats) -> Floats:
    """Of 8 x 8 samples, ``[n, 3, 32, 32]``, -1 to 1."""
    blocks = pictures.reshape(len(pictures), 32, 8, 32, 8, 3).mean((2, 4))
    return np.asarray(blocks.transpose(0, 3, 1, 2) * 2 - 1)


def test_latents_are_of_red_green_blue_from_minus_one_to_one(tmp_path: Path) -> None:
    given = faces(2)
    found = MuseTalkNetworks(all_four(tmp_path)).encode(given)
    np.testing.assert_allclose(found[:, :3], means(given), atol=1e-5)


def test_the_masked_face_comes_first_and_has_a_black_lower_half(tmp_path: Path) -> None:
    given = faces(2)
    found = MuseTalkNetworks(all_four(tmp_path)).encode_both(given)
    assert found.shape == (2, 8, 32, 32)
    np.testing.assert_allclose(found[:, :3, :16], means(given)[:, :, :16], atol=1e-5)
    np.testing.assert_allclose(found[:, :3, 16:], -1, atol=1e-6)
    np.testing.assert_allclose(found[:, 4:7], means(given), atol=1e-5)


def test_what_is_decoded_is_red_green_blue_from_nought_to_one(tmp_path: Path) -> None:
    networks = MuseTalkNetworks(all_four(tmp_path))
    latents = np.zeros((1, 4, 32, 32), np.float32)
    latents[:, :3] = np.array([-1, 0.5, 3])[:, None, None]
    found = networks.decode(latents)
    assert found.shape == (1, 256, 256, 3)
    np.testing.assert_allclose(found[0, 7, 200], [0, 0.75, 1], atol=1e-6)


@pytest.mark.parametrize("batch", [1, "n"])
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_unet_may_take_a_time_step_which_is_nought(
    tmp_path: Path, batch: int | str, step: tuple[str, tuple[int | str, ...]] | None
) -> None:
    unet = unet_of(tmp_path / "unet.onnx", batch=batch, step=step)
    networks = MuseTalkNetworks(all_four(tmp_path, unet=unet))
    latents = np.random.default_rng(2).normal(0, 1, (5, 8, 32, 32)).astype(np.float32)
    found = networks.say(latents, heard(5))
    np.testing.assert_array_equal(found, latents[:, 4:])


def test_inputs_are_known_by_their_shapes_whatever_their_names(tmp_path: Path) -> None:
    unet = unet_of(tmp_path / "unet.onnx", names=("zebra", "ant", "out"))
    encoder = pooling_encoder(tmp_path / "vae.onnx", names=("x", "y"))
    networks = MuseTalkNetworks(all_four(tmp_path, unet=unet, vae_encoder=encoder))
    latents = networks.encode_both(faces())
    np.testing.assert_array_equal(networks.say(latents, heard()), latents[:, 4:])


@pytest.mark.parametrize(
    ("made", "near"), [({"kind": "f2"}, 1e-3), ({"half": True}, 1e-5)], ids=str
)
def test_files_of_16_bits_are_taken(tmp_path: Path, made: dict[str, Any], near: float) -> None:
    encoder = pooling_encoder(tmp_path / "half.onnx", **made)
    given = faces()
    found = MuseTalkNetworks(all_four(tmp_path, vae_encoder=encoder)).encode(given)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, :3], means(given), atol=near)


@pytest.mark.parametrize("cell", [(0, 0), (7, 12), (49, 383)])
def test_what_is_heard_gets_its_positions(tmp_path: Path, cell: tuple[int, int]) -> None:
    unet = unet_of(tmp_path / "unet.onnx", "heard", cell=cell)
    networks = MuseTalkNetworks(all_four(tmp_path, unet=unet))
    sound = heard()
    found = networks.say(np.zeros((1, 8, 32, 32), np.float32), sound)
    token, feature = cell
    wave = np.sin if feature % 2 == 0 else np.cos
    expected = sound[0][cell] + wave(token / 10_000 ** ((feature - feature % 2) / 384))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert positions().shape == (50, 384)


def test_a_batch_of_many_is_as_many_batches_of_one(tmp_path: Path) -> None:
    unet = unet_of(tmp_path / "unet.onnx", "heard", batch="n", cell=(3, 4))
    encoder = pooling_encoder(tmp_path / "vae.onnx", batch="n")
    networks = MuseTalkNetworks(all_four(tmp_path, unet=unet, vae_encoder=encoder))
    networks.batch = 3
    given, sound = faces(5), heard(5)
    whole = networks.say(networks.encode_both(given), sound)
    for number in range(5):
        part = slice(number, number + 1)
        one = networks.say(networks.encode_both(given[part]), sound[part])
        np.testing.assert_array_equal(one, whole[part])


def test_the_parts_are_those_of_the_catalogue(tmp_path: Path) -> None:
    assert {part.name for part in further("musetalk").parts} == set(all_four(tmp_path))


WRONG: dict[str, Callable[[Path], Path]] = {
    "vae_encoder of 512": lambda path: pooling_encoder(path, sides=(512, 512)),
    "vae_encoder of 4 at once": lambda path: pooling_encoder(path, batch=4),
    "vae_encoder that decodes": spreading_decoder,
    "vae_decoder that encodes": pooling_encoder,
    "unet that listens": listening,
    "unet of other sound": lambda path: KnownGraph(latents=(1, 8, 32, 32), heard=(1, 77, 768)).save(
        path, "latents", "out", None
    ),
    "unet of latents alone": lambda path: KnownGraph(latents=(1, 8, 32, 32)).save(
        path, "latents", "out", None
    ),
    "unet that gives what it takes": lambda path: KnownGraph(
        latents=(1, 8, 32, 32), heard=(1, 50, 384)
    ).save(path, "latents", "out", (1, 8, 32, 32)),
    "whisper_encoder of 20 s": lambda path: listening(path, long=2000),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_other_networks_are_refused(tmp_path: Path, wrong: str) -> None:
    part = wrong.split()[0]
    path = WRONG[wrong](tmp_path / "other.onnx")
    with pytest.raises(ModelError, match=rf"other\.onnx is not MuseTalk's {part}: it") as told:
        MuseTalkNetworks(all_four(tmp_path, **{part: path}))
    assert "relip models add musetalk FILE" in told.value.remedy


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no file"):
        MuseTalkNetworks(all_four(tmp_path, unet=tmp_path / "none.onnx"))
    whole = unet_of(tmp_path / "whole.onnx").read_bytes()
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"broken\.onnx cannot be loaded"):
        MuseTalkNetworks(all_four(tmp_path, unet=broken))
    with pytest.raises(ModelError, match="lacks its whisper_encoder"):
        MuseTalkNetworks({"vae_encoder": whole, "unet": whole, "vae_decoder": whole})  # type: ignore[dict-item]


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    graph = KnownGraph(latents=(1, 8, 32, 32), heard=(1, 50, 384))
    root = graph.node("Sqrt", graph.node("Sub", "latents", graph.constant(9.0)))
    path = graph.save(tmp_path / "bad.onnx", graph.part(root, 1, 0, 4), "out", (1, 4, 32, 32))
    networks = MuseTalkNetworks(all_four(tmp_path, unet=path))
    with pytest.raises(ModelError, match="no numbers"):
        networks.say(np.zeros((1, 8, 32, 32), np.float32), heard())


def test_what_has_another_shape_than_it_says_is_refused(tmp_path: Path) -> None:
    graph = KnownGraph(latents=(1, 4, 32, 32))
    # Only running it shows how much larger it makes them.
    nothing = graph.times(graph.node("ReduceSum", "latents", keepdims=0), 0.0)
    scales = graph.node("Add", nothing, graph.constant(np.array([1, 1, 2, 2], np.float32)))
    larger = graph.node("Resize", graph.part("latents", 1, 0, 3), "", scales)
    path = graph.save(tmp_path / "bad.onnx", larger, "image", None)
    networks = MuseTalkNetworks(all_four(tmp_path, vae_decoder=path))
    with pytest.raises(ModelError, match=r"it gives \[1, 3, 64, 64\]"):
        networks.decode(np.zeros((1, 4, 32, 32), np.float32))
