from __future__ import annotations

from math import erf
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.onnx import Network
from scripts.speech.encoder import Cut, encoder
from scripts.speech.onnx_graph import in_bytes
from scripts.speech.tensor_files import Tensor

BANDS, WIDTH, HEADS, POSITIONS = 5, 12, 3, 8
Array = NDArray[np.float64]


@pytest.fixture
def weights() -> dict[str, Tensor]:
    chance = np.random.default_rng(0)
    shapes = {
        "conv1/weight": (WIDTH, BANDS, 3),
        "conv1/bias": (WIDTH,),
        "conv2/weight": (WIDTH, WIDTH, 3),
        "conv2/bias": (WIDTH,),
        "position_encodings/encodings": (POSITIONS, WIDTH),
        "layer_norm/gamma": (WIDTH,),
        "layer_norm/beta": (WIDTH,),
    }
    for layer in ("layer_0", "layer_1"):
        for part, outputs, inputs in (
            ("self_attention/linear_0", 3 * WIDTH, WIDTH),
            ("self_attention/linear_1", WIDTH, WIDTH),
            ("ffn/linear_0", 4 * WIDTH, WIDTH),
            ("ffn/linear_1", WIDTH, 4 * WIDTH),
        ):
            shapes[f"{layer}/{part}/weight"] = (outputs, inputs)
            shapes[f"{layer}/{part}/bias"] = (outputs,)
        for part in ("self_attention", "ffn"):
            shapes[f"{layer}/{part}/layer_norm/gamma"] = (WIDTH,)
            shapes[f"{layer}/{part}/layer_norm/beta"] = (WIDTH,)
    found: dict[str, Tensor] = {
        f"encoder/{name}": chance.normal(0, 0.3, shape).astype(np.float16)
        for name, shape in shapes.items()
    }
    return found | {"encoder/num_heads": np.array(HEADS, np.int32)}


class Formulas:
    """The encoder as its paper has it, in 64 bits."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.weights = {
            name.removeprefix("encoder/"): np.asarray(values, np.float64)
            for name, values in weights.items()
        }

    def features(self, mel: Array) -> Array:
        heard = gelu(self.convolution(gelu(self.convolution(mel, "conv1", 1)), "conv2", 2)).T
        heard = heard + self.weights["position_encodings/encodings"][: len(heard)]
        for layer in ("layer_0", "layer_1"):
            heard = heard + self.attention(heard, f"{layer}/self_attention")
            read = self.norm(heard, f"{layer}/ffn/layer_norm")
            wide = gelu(self.linear(read, f"{layer}/ffn/linear_0"))
            heard = heard + self.linear(wide, f"{layer}/ffn/linear_1")
        return self.norm(heard, "layer_norm")

    def convolution(self, heard: Array, name: str, stride: int) -> Array:
        padded = np.pad(heard, ((0, 0), (1, 1)))
        seen = np.lib.stride_tricks.sliding_window_view(padded, 3, axis=1)[:, ::stride]
        made = np.einsum("oik,itk->ot", self.weights[f"{name}/weight"], seen)
        return np.asarray(made + self.weights[f"{name}/bias"][:, None])

    def attention(self, heard: Array, name: str) -> Array:
        query, key, value = np.split(
            self.linear(self.norm(heard, f"{name}/layer_norm"), f"{name}/linear_0"), 3, axis=1
        )
        made = []
        for q, k, v in zip(*(np.split(x, HEADS, axis=1) for x in (query, key, value)), strict=True):
            likeness = np.exp(q @ k.T / np.sqrt(WIDTH / HEADS))
            made.append(likeness / likeness.sum(axis=1, keepdims=True) @ v)
        return self.linear(np.concatenate(made, axis=1), f"{name}/linear_1")

    def linear(self, heard: Array, name: str) -> Array:
        return np.asarray(heard @ self.weights[f"{name}/weight"].T + self.weights[f"{name}/bias"])

    def norm(self, heard: Array, name: str) -> Array:
        centred = heard - heard.mean(axis=1, keepdims=True)
        centred /= np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
        return np.asarray(centred * self.weights[f"{name}/gamma"] + self.weights[f"{name}/beta"])


def gelu(heard: Array) -> Array:
    return np.asarray(heard * (1 + np.vectorize(erf)(heard / np.sqrt(2))) / 2)


def loaded(weights: dict[str, Tensor], cut: Cut, folder: Path) -> Network:
    path = folder / "encoder.onnx"
    path.write_bytes(encoder(weights, cut).SerializeToString())
    return Network(path)


def test_the_whole_encoder_is_what_its_paper_says(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    mel = np.random.default_rng(1).normal(size=(BANDS, 2 * POSITIONS)).astype(np.float32)

    network = loaded(weights, Cut(None, POSITIONS, 16), tmp_path)

    expected = Formulas(weights).features(mel.astype(np.float64))
    made = network.run({"mel": mel[None]})["features"][0]
    np.testing.assert_allclose(made, expected, atol=1e-4)


def test_less_sound_than_there_are_positions_is_heard(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    network = loaded(weights, Cut(1, POSITIONS, 8), tmp_path)

    made = network.run({"mel": np.zeros((1, BANDS, 6), np.float32)})["features"]

    assert made.shape == (1, 3, WIDTH)


def test_a_cut_encoder_holds_nothing_of_what_is_cut(weights: dict[str, Tensor]) -> None:
    names = [entry.name for entry in encoder(weights, Cut(1, 4)).graph.initializer]

    assert any(name.startswith("layer_0/") for name in names)
    assert not any(name.startswith(("layer_1/", "layer_norm")) for name in names)


@pytest.mark.parametrize("axis", [0, 1])
def test_weights_in_bytes_are_half_a_step_off_at_most(axis: int) -> None:
    weights = np.random.default_rng(2).normal(size=(7, 9)).astype(np.float32)

    rounded, scale = in_bytes(weights, axis)

    assert scale.size == weights.shape[axis]
    assert np.all(np.abs(rounded * scale - weights) <= scale * 0.5001)
