"""Write trained heads as one ONNX file with 8-bit weights, and compare it with torch.

    PYTHONPATH=core:models python -m scripts.speech.head.export head_1.pt head_2.pt
        --to models/relip_models/weights/speech_head.onnx

Several heads, trained from different seeds, are asked together: what is shipped says their mean.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
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
    """Heads as the product runs them: time first, log-probabilities in, mean probabilities out."""

    def __init__(self, heads: Sequence[Head]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(heads)

    def forward(self, features: Tensor, phones: Tensor) -> tuple[Tensor, Tensor]:
        """Features ``[1, t, 384]``, log-probabilities ``[1, t, 191]`` to what :data:`NOTES` say."""
        named = torch.exp(phones * 0.25)
        found = [head(features.transpose(1, 2), named.transpose(1, 2)) for head in self.heads]
        probs = torch.stack([torch.softmax(made, 1) for made, _ in found]).mean(0)
        opening = torch.stack([torch.sigmoid(parted) for _, parted in found]).mean(0)
        return probs.transpose(1, 2), opening


def narrowed(network: onnx.ModelProto) -> None:
    """Keep the weights of convolutions in 8 bits, a scale for each channel that comes out."""
    graph = network.graph
    kept, wider = [], []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.ndim != 3:
            kept.append(weight)
            continue
        scale = np.abs(values).max(axis=(1, 2)) / 127
        whole = np.rint(values / np.maximum(scale, 1e-12)[:, None, None]).astype(np.int8)
        name = weight.name
        kept.append(numpy_helper.from_array(whole, f"{name}_8"))
        kept.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        wider.append(
            helper.make_node("DequantizeLinear", [f"{name}_8", f"{name}_scale"], [name], axis=0)
        )
    nodes = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend([*wider, *nodes])


def main() -> None:
    """Export, check, print the checksum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--to", type=Path, required=True, dest="target")
    options = parser.parse_args()
    heads = [Head() for _ in options.weights]
    for head, path in zip(heads, options.weights, strict=True):
        head.load_state_dict(torch.load(path))
    shipped = Shipped(heads).eval()
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
    narrowed(network)
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
