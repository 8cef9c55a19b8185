"""Compute Whisper's mel bands with librosa and keep them: importing librosa takes 1.7 s a process.

python models/scripts/speech/mel_bands.py models/relip_models/weights/whisper_mel.npy
"""

from __future__ import annotations

import sys

import librosa
import numpy as np


def main() -> None:
    """Write float32 ``[80, 201]``: Slaney's bands for 400-point spectra of 16 kHz sound."""
    np.save(sys.argv[1], librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80))


if __name__ == "__main__":
    main()
