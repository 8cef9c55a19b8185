"""Whisper's mel bands, computed with librosa and kept: importing librosa takes 1.7 s a process."""

from __future__ import annotations

import io

import numpy as np


def mel_bands() -> bytes:
    """``.npy`` of float32 ``[80, 201]``: Slaney's bands for 400-point spectra of 16 kHz sound."""
    import librosa  # only here, for the same reason

    written = io.BytesIO()
    np.save(written, librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80))
    return written.getvalue()
