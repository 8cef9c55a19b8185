"""Which channels of a file carry the voice, and how much each adds to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from relip.media.sound import SoundBlock
from relip_job.errors import SpeechError

# Channels this much (in power) below the loudest carry no dialogue but spill.
_SPILL: Final = 1e-3
# In a surround mix the centre carries the dialogue, if it carries anything at all.
_CENTRE_SPEAKS: Final = 1e-2
_IN_ANTIPHASE: Final = -0.5


def side_by_side(
    runs: Sequence[Iterator[SoundBlock]], channels: Sequence[int], name: str
) -> Iterator[SoundBlock]:
    """Several streams of a file as one with all their channels; silence where one has none.

    Parameters
    ----------
    channels : how many each run has.
    name : what a complaint calls the file.

    Raises
    ------
    SpeechError
        Their sample rates differ.
    """
    held = [next(run, None) for run in runs]
    while any(held):
        there = [block for block in held if block is not None]
        if len({block.rate for block in there}) > 1:
            raise SpeechError(
                f"the channels chosen of {name} have different sample rates",
                "choose channels of one of its sound streams",
            )
        at = min(block.start for block in there)
        stop = min(
            block.start + (len(block.samples) if block.start == at else 0) for block in there
        )
        made = np.zeros((stop - at, sum(channels)), np.float32)
        column = 0
        for which, (block, width) in enumerate(zip(held, channels, strict=True)):
            if block is not None and block.start == at:
                made[:, column : column + width] = block.samples[: stop - at, :width]
                rest = block.samples[stop - at :]
                left = replace(block, samples=rest, start=stop) if len(rest) else None
                held[which] = left or next(runs[which], None)
            column += width
        yield SoundBlock(made, at, there[0].rate, "")


class Loudness:
    """How loud each channel is and how alike they are, to make one voice of them.

    Channels are averaged, so the mix cannot clip, after three corrections that all that was taken
    decides: silent channels and the subwoofer are left out, a centre channel that speaks is
    taken alone, and a channel in antiphase to the loudest is turned over, so nothing cancels.
    """

    def __init__(self) -> None:
        self._power: NDArray[np.float64] | None = None
        self._layout = ""

    def take(self, samples: NDArray[np.float32], layout: str) -> None:
        """Listen to samples ``[n, channels]``; the layout is ``""`` where it tells nothing."""
        wide = samples.astype(np.float64)
        products = wide.T @ wide
        self._power = products if self._power is None else self._power + products
        self._layout = layout

    def weights(self, samples: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """What each channel adds, ``[channels]``; the absolute values add up to 1.

        ``samples`` are listened to where nothing was taken.
        """
        if self._power is None and samples is not None:
            self.take(samples, "")
        power = self._power
        assert power is not None  # whoever has no samples asks for no weights
        layout = self._layout
        names = [one.name for one in av.AudioLayout(layout).channels] if layout else []
        loudness = np.diag(power).copy()
        if len(names) == len(loudness) and len(names) > 1:
            loudness[[name.startswith("LFE") for name in names]] = 0
            if "FC" in names and len(names) > 2:
                centre = names.index("FC")
                if loudness[centre] > _CENTRE_SPEAKS * loudness.max():
                    loudness[np.arange(len(names)) != centre] = 0
        loudest = int(loudness.argmax())
        used = loudness >= _SPILL * loudness[loudest]
        if loudness[loudest] > 0:
            used &= loudness > 0
        spread = np.sqrt(np.maximum(power[loudest, loudest] * np.diag(power), 1e-30))
        signs = np.where(power[loudest] / spread < _IN_ANTIPHASE, -1.0, 1.0)
        weights: NDArray[np.float32] = (signs * used / used.sum()).astype(np.float32)
        return weights
