"""Take the speech encoder out of a viseme network: three layers of Whisper-tiny.en, nothing else.

    python models/scripts/speech/cut_encoder.py whisper3_viseme_b_w8.onnx \
        models/relip_models/weights/speech_encoder.onnx --reference wtiny_en_enc_3layers_f16w.onnx

Needs ``onnx``; ``--reference`` is the encoder alone with 16-bit weights, against which the result
is compared. See README.md here for where both files come from. Positions beyond the ten seconds
that are ever heard at once are left out.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.utils import Extractor

from relip.speech.features import WINDOW, log_mel

LAYER_3: Final = "/e/b.2/Add_2_output_0"
"""The residual stream after the third block, ``[1, T / 2, 384]``."""
POSITIONS: Final = "e.pos_h"
NOTES: Final = {
    "licence": "MIT (c) 2022 OpenAI",
    "mel": f"Whisper log-mel [1, 80, T], T even, 100 frames/s, at most {WINDOW}",
    "features": "[1, T/2, 384] Whisper-tiny.en encoder, layer 3, 50 frames/s",
}


def cut(source: Path, target: Path) -> None:
    """Write the encoder in ``source``, complete or not at all."""
    network = onnx.load(source)
    if LAYER_3 not in {name for node in network.graph.node for name in node.output}:
        raise SystemExit(f"{source} has no tensor {LAYER_3}: it is not the three-layer export")
    network.graph.node.append(helper.make_node("Identity", [LAYER_3], ["features"]))
    network.graph.output.append(
        helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, "t_half", 384])
    )
    network = Extractor(network).extract_model(["mel"], ["features"])
    graph = network.graph
    for weight in graph.initializer:
        if weight.name == POSITIONS:
            few = numpy_helper.to_array(weight)[: WINDOW // 2]
            weight.CopyFrom(numpy_helper.from_array(few, POSITIONS))
    del graph.value_info[:], network.metadata_props[:]
    graph.name = "speech_encoder"
    for key, value in NOTES.items():
        entry = network.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(network)
    partial = target.with_suffix(".partial")
    onnx.save(network, partial)
    partial.replace(target)


def features(path: Path, mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """The last output of the network at ``path``."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    made: NDArray[np.float32] = session.run(None, {"mel": mel})[-1]
    return made


def main() -> None:
    """Read the command line, write the file, compare it, print its checksum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--reference", type=Path)
    parser.add_argument("--speech", type=Path, help="16 kHz mono WAV to compare on, else noise")
    options = parser.parse_args()
    cut(options.source, options.target)
    if options.reference is not None:
        samples = np.random.default_rng(0).normal(0, 0.08, WINDOW * 160).astype(np.float32)
        if options.speech is not None:
            import soundfile

            samples = soundfile.read(options.speech, dtype="float32")[0][: WINDOW * 160]
            samples = samples[: len(samples) // 320 * 320]
            samples *= 0.08 / np.sqrt(np.mean(samples**2))
        mel = log_mel(samples)[None]
        ours, theirs = (features(path, mel).ravel() for path in (options.target, options.reference))
        error = np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)
        alike = np.corrcoef(ours, theirs)[0, 1]
        print(f"against 16-bit weights: r = {alike:.5f}, relative error {error:.4f}")
    print(hashlib.sha256(options.target.read_bytes()).hexdigest(), options.target.stat().st_size)


if __name__ == "__main__":
    main()
