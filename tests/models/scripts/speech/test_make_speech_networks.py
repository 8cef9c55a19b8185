from __future__ import annotations

import shutil
from pathlib import Path

import onnx
from onnx import numpy_helper

from relip import sample
from relip_models.catalogue import WEIGHTS, model
from scripts.speech.make_speech_networks import MAKERS, compared
from scripts.speech.wheels import SOURCES, VOICE

ENCODER = WEIGHTS / "speech_encoder.onnx"


def test_everything_shipped_for_speech_but_the_trained_head_is_made() -> None:
    shipped = {path.name for path in WEIGHTS.iterdir() if path.name.startswith("speech_")}

    assert set(MAKERS) == shipped - {"speech_head.onnx"} | {
        "hama17.onnx",
        "hama17_tokens.json",
        "whisper_mel.npy",
    }
    assert set(SOURCES) == set(MAKERS) - {"whisper_mel.npy"}


def test_the_voice_network_is_shipped_unchanged() -> None:
    assert model("speech_voice").sha256 == VOICE.sha256


def test_a_network_under_other_names_is_the_same(tmp_path: Path) -> None:
    network = onnx.load(ENCODER)
    network.graph.name = "another"
    onnx.save(network, tmp_path / "encoder.onnx")

    same, how = compared(tmp_path / "encoder.onnx", ENCODER, [sample.line()])

    assert same
    assert "55 of 55 weights" in how
    assert "0.0e+00 apart" in how


def test_a_network_with_another_weight_is_not_the_same(tmp_path: Path) -> None:
    network = onnx.load(ENCODER)
    weight = next(entry for entry in network.graph.initializer if list(entry.dims) == [384])
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) * 2, weight.name))
    onnx.save(network, tmp_path / "encoder.onnx")

    same, how = compared(tmp_path / "encoder.onnx", ENCODER, [])

    assert not same
    assert "54 of 55 weights" in how


def test_a_copy_is_byte_for_byte_as_shipped(tmp_path: Path) -> None:
    copy = Path(shutil.copy(WEIGHTS / "hama17_tokens.json", tmp_path))

    assert compared(copy, WEIGHTS / copy.name, []) == (True, "byte for byte as shipped")
