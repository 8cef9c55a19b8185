"""Speech of hibari (a small student of Kokoro) with other throats: children, giants, whispers.

    PYTHONPATH=models python -m scripts.speech.corpus.morphed CORPUS [--count 400]

Its network tells pitch and spectra frame by frame, so that a voice with another vocal tract,
pitch, tilt or breath says the same words at the same times. Needs the PyPI package hibari-tts.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime as ort
from hibari import dsp
from hibari.tts import ASSETS, Hibari
from numpy.typing import NDArray
from scipy.signal import resample_poly

from scripts.speech.corpus.kokoro import spell, timed
from scripts.speech.corpus.label import from_times
from scripts.speech.corpus.language import phones, sentence
from scripts.speech.corpus.store import RATE, Origin, keep, shelf

FRAME: Final = 0.0125
DURATIONS: Final = "/Clip_output_0"
"""Inner value of the network: frames of 12.5 ms that each token lasts."""

Spectra = NDArray[np.float32]


def network() -> ort.InferenceSession:
    """hibari's network that also tells how long each token lasts."""
    model = onnx.load(str(Path(ASSETS) / "hibari.onnx"))
    model.graph.output.append(onnx.ValueInfoProto(name=DURATIONS))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model.SerializeToString(), options)


def stretched(spectra: Spectra, factor: float) -> Spectra:
    """Spectra ``[bins, frames]`` of a vocal tract ``factor`` times shorter."""
    bins = np.arange(len(spectra))
    at = np.minimum(bins / factor, len(spectra) - 1)
    low = at.astype(int)
    part = (at - low)[:, None].astype(np.float32)
    high = np.minimum(low + 1, len(spectra) - 1)
    return np.asarray(spectra[low] * (1 - part) + spectra[high] * part)


def main() -> None:
    """Every utterance is another speaker; a tenth of them whisper."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--count", type=int, default=400)
    wanted = arguments.parse_args()
    session, vocabulary = network(), Hibari().vocab
    for number in range(wanted.count):
        chance = np.random.default_rng([12, number])
        whisper = chance.random() < 0.1
        speaker = f"morph{number:04d}{'_whisper' if whisper else ''}"
        origin = Origin("morphed", speaker, "en", "hibari", "Apache-2.0", False, real=False)
        if shelf(wanted.corpus, origin, number).exists():
            continue
        dialect = str(chance.choice(["en-us", "en-gb"]))
        spelled = spell(phones(sentence(dialect, chance, 6, 11), dialect), vocabulary)
        tokens = np.array([[0, *(vocabulary[token] for token, _ in spelled), 0]])
        pace = np.array([chance.uniform(0.75, 1.35)], np.float32)
        names = [output.name for output in session.get_outputs()]
        told = dict(zip(names, session.run(None, {"ids": tokens, "speed": pace}), strict=True))
        lasts = np.asarray(told.pop(DURATIONS), np.float64).ravel()
        lh, theta, ln, lr, phi, f0 = (np.asarray(told[name][0]) for name in names[:6])
        tract = chance.uniform(0.78, 1.28)
        tilt = chance.uniform(-1.5, 1.5) * np.linspace(0, 1, len(lh), dtype=np.float32)[:, None]
        lh, ln, lr = (stretched(part, tract) + tilt for part in (lh, ln, lr))
        middle = np.median(f0[f0 > 40]) if (f0 > 40).any() else 1.0
        pitch = 190 * tract ** chance.uniform(1, 4) * chance.uniform(0.75, 1.3)
        swing = (np.maximum(f0, 1) / middle) ** chance.uniform(0.3, 1.6)
        f0 = np.where(f0 > 40, pitch * swing, 0)
        if whisper:
            ln, lh = np.logaddexp(ln, lh - 2.5), lh - 12
            lr = lr - 3
        else:
            ln = ln + chance.uniform(-0.5, 1.5)
        sound = dsp.synth(*(p.astype(np.float32) for p in (lh, theta, ln, lr, phi, f0)), chance)
        samples = np.asarray(resample_poly(sound, RATE, dsp.SR), np.float32)
        length = len(samples) / RATE
        if 1.5 <= length <= 12:
            cut = timed(spelled, lasts * (length / lasts.sum()), length)
            keep(wanted.corpus, origin, number, samples, from_times(samples, cut))


if __name__ == "__main__":
    main()
