"""Where somebody speaks: not in silence, hum, tones, noise, clicks or music.

The viseme network alone hears speech in nearly everything, so nothing moves lips unless the
voice network (Silero VAD) or the phone network says that this is speech.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.speech.features import HOP, excerpt, rows_in

_FRAME: Final = 512
_CONTEXT: Final = 64
_BLOCK: Final = 500
"""Frames of 32 ms per run; the network's state is carried from block to block."""


def voice_probability(samples: NDArray[np.float32], network: Network) -> NDArray[np.float32]:
    """How surely each row holds speech, ``[m]``, 0 to 1."""
    rows = rows_in(samples)
    frames = -(-rows * HOP // _FRAME)
    found = np.zeros(frames, np.float32)
    hidden = np.zeros((1, 1, 128), np.float32)
    cell = hidden
    for first in range(0, frames, _BLOCK):
        count = min(_BLOCK, frames - first)
        part = excerpt(samples, first * _FRAME - _CONTEXT, (first + count) * _FRAME)
        framed = np.lib.stride_tricks.sliding_window_view(part, _FRAME + _CONTEXT)[::_FRAME]
        heard = network.run({"input": np.ascontiguousarray(framed), "h": hidden, "c": cell})
        found[first : first + count] = heard["speech_probs"]
        hidden, cell = heard["hn"], heard["cn"]
    at = (np.arange(rows) + 0.5) * HOP / _FRAME - 0.5
    if not frames:
        return np.zeros(rows, np.float32)
    return np.interp(at, np.arange(frames), found).astype(np.float32)


def speech_gate(voice: NDArray[np.float32], phones: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where lips may move, ``[m]``, 0 to 1, with soft edges.

    ``voice [m]`` and ``phones [m]`` are how surely the two networks hear speech. Around what
    they hear the gate opens a little early and closes a little late: a closure before the
    first sound and a release after the last belong to the word.
    """
    sure = (voice > 0.4) | ((phones > 0.6) & (voice > 0.1))
    if not sure.any():
        return np.zeros(len(voice), np.float32)
    margin = 12
    open_rows = np.convolve(sure, np.ones(2 * margin + 1), "full")[margin:-margin] > 0
    ramp = np.hanning(9)[1:-1]
    soft = np.convolve(np.pad(open_rows.astype(float), 3, mode="edge"), ramp / ramp.sum(), "valid")
    gate: NDArray[np.float32] = soft.astype(np.float32)
    return gate
