"""Give the viseme network a second output: the encoder's layer 3, which its head reads.

One run then yields what a mouth does in general (``probs``) and what a regression to one
person's mouth wants (``features``), instead of two networks sharing three layers of work.

    python models/scripts/speech/expose_features.py whisper3_viseme_b_w8.onnx \
        models/relip_models/weights/speech_visemes.onnx --reference wtiny_en_enc_3layers_f16w.onnx

Needs ``onnx``; ``--reference`` is the encoder alone with 16-bit weights, against which the new
output is compared. See README.md here for where both files come from.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

LAYER_3 = "/e/b.2/Add_2_output_0"
"""The residual stream after the third block, ``[1, T / 2, 384]``."""


def expose(source: Path, target: Path) -> None:
    """Write ``source`` with ``features`` as its second output, complete or not at all."""
    network = onnx.load(source)
    graph = network.graph
    if LAYER_3 not in {name for node in graph.node for name in node.output}:
        raise SystemExit(f"{source} has no tensor {LAYER_3}: it is not the three-layer export")
    graph.node.append(helper.make_node("Identity", [LAYER_3], ["features"]))
    graph.output.append(
        helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, "t_half", 384])
    )
    graph.name = "speech_visemes"
    notes = {
        "licence": "encoder MIT (c) 2022 OpenAI; head Apache-2.0, relip",
        "mel": "Whisper log-mel [1, 80, T], T even, 100 frames/s",
        "probs": "[1, T, 10] SIL PBM FV ROUND OPEN MID SPREAD TEETH SH BACK",
        "features": "[1, T/2, 384] Whisper-tiny.en encoder, layer 3, 50 frames/s",
    }
    for key, value in notes.items():
        entry = network.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(network)
    partial = target.with_suffix(".partial")
    onnx.save(network, partial)
    partial.replace(target)


def outputs(path: Path, mel: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Every output of the network at ``path`` by name."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"mel": mel}), strict=True))


def compare(target: Path, source: Path, reference: Path | None, mel: NDArray[np.float32]) -> None:
    """Print how the outputs agree with the source and the 16-bit encoder."""
    made, before = outputs(target, mel), outputs(source, mel)
    print(f"probs: largest change {np.abs(made['probs'] - before['probs']).max():.1e}")
    if reference is None:
        return
    ours, theirs = made["features"].ravel(), next(iter(outputs(reference, mel).values())).ravel()
    error = np.linalg.norm(ours - theirs) / np.linalg.norm(theirs)
    correlation = np.corrcoef(ours, theirs)[0, 1]
    print(f"features against 16-bit weights: r = {correlation:.5f}, relative error {error:.4f}")


def main() -> None:
    """Read the command line, write the file, print its checksum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--reference", type=Path)
    parser.add_argument("--speech", type=Path, help="16 kHz mono WAV to compare on, else noise")
    options = parser.parse_args()
    expose(options.source, options.target)
    if options.speech is None:
        rng = np.random.default_rng(0)
        mel = rng.normal(0, 0.4, (1, 80, 1000)).astype(np.float32)
    else:
        import soundfile  # type: ignore[import-untyped]  # it ships without types

        from relip.speech.features import WINDOW, log_mel

        samples = soundfile.read(options.speech, dtype="float32")[0][: WINDOW * 160]
        samples = samples[: len(samples) // 320 * 320]
        mel = log_mel(samples * (0.08 / np.sqrt(np.mean(samples**2))))[None]
    compare(options.target, options.source, options.reference, mel)
    print(hashlib.sha256(options.target.read_bytes()).hexdigest(), options.target.stat().st_size)


if __name__ == "__main__":
    main()
