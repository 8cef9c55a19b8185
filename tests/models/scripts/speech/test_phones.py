from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from relip_models import model
from scripts.speech.phones import phones
from scripts.speech.tensor_files import Tensor

MODEL = "acoustic_model.model."
MATRICES = ("ffn1.fc1", "ffn1.fc2", "in_proj", "out_proj", "ffn2.fc1", "ffn2.fc2")
BIASES = {"in_proj": "attn.in_proj_bias", "out_proj": "attn.out_proj.bias"}


def shipped_tensors() -> dict[str, Tensor]:
    """The tensors of the shipped network by the names they have in hama's file."""
    graph = onnx.load(model("speech_phones").path).graph
    stored = {entry.name: numpy_helper.to_array(entry) for entry in graph.initializer}
    made = {name: values for name, values in stored.items() if "norm." in name}
    made[f"{MODEL}proj.weight"] = stored["proj.w"].T[:, :, None]
    made[f"{MODEL}proj.bias"] = stored["proj.b"]
    made["onnx::Conv_0"], made["onnx::Conv_1"] = stored["stem.w"], stored["stem.b"]
    for number in range(4):
        name = f"{MODEL}blocks.{number}."
        made[f"onnx::Conv_{2 * number + 2}"] = stored[f"{name}dw.w"]
        made[f"onnx::Conv_{2 * number + 3}"] = stored[f"{name}dw.b"]
        for at, matrix in enumerate(MATRICES):
            made[f"onnx::MatMul_{6 * number + at}"] = stored[f"{name}{matrix}.w"]
            bias = BIASES.get(matrix, f"{matrix}.bias")
            made[f"{name}{bias}"] = stored[f"{name}{matrix}.b"]
        for ours, theirs in (("pw1", "conv.pointwise1"), ("pw2", "conv.pointwise2")):
            made[f"{name}{theirs}.weight"] = stored[f"{name}{ours}.w"].T[:, :, None]
            made[f"{name}{theirs}.bias"] = stored[f"{name}{ours}.b"]
    constants = [values for name, values in stored.items() if values.dtype == np.float32]
    (made["mel_fb"],) = (values for values in constants if values.shape == (201, 80))
    # The other constant of 400 values counts the samples.
    (window,) = (values for values in constants if values.shape == (400,) and values[-1] < 1)
    made["stft_real_kernel"] = np.broadcast_to(window, (201, 1, 400))
    return made


def test_the_shipped_network_is_made_again_byte_for_byte() -> None:
    made = phones(shipped_tensors()).SerializeToString(deterministic=True)

    assert made == model("speech_phones").path.read_bytes()
