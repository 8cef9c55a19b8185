"""Write the trained head as ONNX with 16-bit weights, and compare it with torch.

python models/scripts/speech/head/export.py head.pt models/relip_models/weights/speech_head.onnx
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from scripts.speech.head.network import FEATURES, PHONES, Head

NOTES = {
    "licence": "Apache-2.0, relip",
    "features": "[1, t, 384] Whisper-tiny.en encoder, layer 3, 50 frames/s",
    "phones": "[1, t, 191] log-probabilities of hama 1.7, 50 frames/s",
    "probs": "[1, 2 t, 10] SIL PBM FV ROUND OPEN MID SPREAD TEETH SH BACK",
    "opening": "[1, 2 t] how far the lips of an average speaker part, 0 to 1",
}


class Shipped(nn.Module):
    """The head as the product runs it: time first, log-probabilities in, probabilities out."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(self, features: Tensor, phones: Tensor) -> tuple[Tensor, Tensor]:
        """Features ``[1, t, 384]``, log-probabilities ``[1, t, 191]`` to what :data:`NOTES` say."""
        named = torch.exp(phones * 0.25)
        made, parted = self.head(features.transpose(1, 2), named.transpose(1, 2))
        return torch.softmax(made, 1).transpose(1, 2), torch.sigmoid(parted)


def halved(network: onnx.ModelProto) -> None:
    """Keep the weights in 16 bits; the arithmetic stays in 32."""
    graph = network.graph
    kept, casts = [], []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > 256:
            kept.append(numpy_helper.from_array(values.astype(np.float16), f"{weight.name}_16"))
            casts.append(
                helper.make_node("Cast", [f"{weight.name}_16"], [weight.name], to=TensorProto.FLOAT)
            )
        else:
            kept.append(weight)
    nodes = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend([*casts, *nodes])


def main() -> None:
    """Export, check, print the checksum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    head = Head()
    head.load_state_dict(torch.load(options.weights))
    shipped = Shipped(head.eval()).eval()
    features, phones = torch.randn(1, 100, FEATURES), -torch.rand(1, 100, PHONES) * 8
    partial = options.target.with_suffix(".partial")
    torch.onnx.export(
        shipped,
        (features, phones),
        str(partial),
        input_names=["features", "phones"],
        output_names=["probs", "opening"],
        dynamic_axes={
            "features": {1: "t"},
            "phones": {1: "t"},
            "probs": {1: "t_twice"},
            "opening": {1: "t_twice"},
        },
        opset_version=17,
        dynamo=False,
    )
    network = onnx.load(partial)
    halved(network)
    network.graph.name = "speech_head"
    for key, value in NOTES.items():
        entry = network.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(network)
    onnx.save(network, partial)
    session = onnxruntime.InferenceSession(str(partial), providers=["CPUExecutionProvider"])
    made = session.run(None, {"features": features.numpy(), "phones": phones.numpy()})
    with torch.no_grad():
        wanted = shipped(features, phones)
    off = max(float(np.abs(a - b.numpy()).max()) for a, b in zip(made, wanted, strict=True))
    print(f"largest difference from torch {off:.1e}")
    partial.replace(options.target)
    print(hashlib.sha256(options.target.read_bytes()).hexdigest(), options.target.stat().st_size)


if __name__ == "__main__":
    main()
