"""What Whisper hears of a line, layer by layer, 50 times a second.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022): its encoder
listens to 30 s at a time and knows where in them a sound is. Published pipelines cut a line every
30 s, and on either side of a cut the encoder lacks what comes after or before. Here windows overlap
by 5 s and cross-fade in 200 ms, where the overlap is quietest and at least half a second from where
a window ends: if there is a pause, in it. A line of up to 30 s is one window, as published. Windows
are listened to when they are first asked for, and the last two are kept: nothing grows with the
length of a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.features import SAMPLE_RATE, excerpt, log_mel

LAYERS: Final = 5
"""Of the smallest Whisper: what goes into its four layers, and what comes out of the last."""
WIDTH: Final = 384
RATE: Final = 50
"""Rows a second; row ``r`` is centred on ``r / 50`` s."""
WINDOW: Final = 1500
"""Rows of 30 s, which the encoder takes whole."""
STEP: Final = 1250
"""Rows from one window to the next."""
EDGE: Final = 25
"""Rows beside a cut that are not used."""
FADE: Final = 10
"""Rows in which one window gives way to the next."""
_HOP: Final = SAMPLE_RATE // RATE
_KEPT: Final = 2

Listen = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Whisper's log-mel ``[1, 80, 3000]`` to the states ``[1500, 5, 384]``."""


class WhisperStates:
    """The states of a line, by time.

    Parameters
    ----------
    listen : the encoder.
    samples : float32 ``[m]``, the line, mono, 16 kHz.
    """

    def __init__(self, listen: Listen, samples: NDArray[np.float32]) -> None:
        self._listen = listen
        self._samples = samples
        self.rows = -(-len(samples) // _HOP)
        """How many there are; the last one may describe less than 20 ms."""
        self._last = max(0, -(-(self.rows - WINDOW) // STEP))
        self._seams: dict[int, int] = {}
        self._windows: dict[int, NDArray[np.float32]] = {}

    def around(self, seconds: float, before: int, count: int) -> NDArray[np.float32]:
        """``[count, 5, 384]``, from ``before`` rows before the row nearest to that moment.

        What lies outside the line is 0.
        """
        return self.between(floor(seconds * RATE + 0.5) - before, count)

    def between(self, first: int, count: int) -> NDArray[np.float32]:
        """``[count, 5, 384]``: rows from ``first`` on."""
        found = np.zeros((count, LAYERS, WIDTH), np.float32)
        start, stop = max(first, 0), min(first + count, self.rows)
        if start < stop:
            at = np.arange(start, stop)
            for window, share in self._shares(at):
                some = at[share > 0]
                states = self._window(window)[some - window * STEP]
                found[some - first] += states * share[share > 0, None, None]
        return found

    def _shares(self, at: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """The windows that rows consist of and how much; at every row it adds up to 1."""
        low = max(0, -(-(int(at[0]) + 1 - WINDOW) // STEP))
        for window in range(low, min(int(at[-1]) // STEP, self._last) + 1):
            share = np.ones(len(at))
            if window > 0:
                share = np.minimum(share, self._risen(window - 1, at))
            if window < self._last:
                share = np.minimum(share, 1 - self._risen(window, at))
            if share.any():
                yield window, share.astype(np.float32)

    def _risen(self, window: int, at: NDArray[np.int64]) -> NDArray[np.float64]:
        """How much the window after that one has taken over."""
        return np.clip((at + 0.5 - self._seam(window)) / FADE, 0, 1)

    def _seam(self, window: int) -> int:
        """The row from which on that window gives way to the next: the quietest that may be."""
        if window not in self._seams:
            low, high = (window + 1) * STEP + EDGE, window * STEP + WINDOW - EDGE
            heard = excerpt(self._samples, low * _HOP, high * _HOP).reshape(-1, _HOP)
            loud = np.convolve((heard.astype(np.float64) ** 2).mean(1), np.ones(FADE), "valid")
            # Of rows alike the middle one: there both windows know most.
            best = np.flatnonzero(loud <= loud.min())
            middle = best[int(np.abs(best - len(loud) // 2).argmin())]
            self._seams[window] = low + int(middle)
        return self._seams[window]

    def _window(self, number: int) -> NDArray[np.float32]:
        if number not in self._windows:
            while len(self._windows) >= _KEPT:
                del self._windows[next(iter(self._windows))]
            start = number * STEP * _HOP
            heard = excerpt(self._samples, start, start + WINDOW * _HOP)
            self._windows[number] = self._listen(log_mel(heard)[None])
        return self._windows[number]
