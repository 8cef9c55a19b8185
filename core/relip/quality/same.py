"""Whether a line is the clip's own sound: then the original shows how it was really said."""

from __future__ import annotations

from typing import Final

import numpy as np

from relip.footage import Footage
from relip.media.clip import Clip
from relip.media.speech import Speech, read_speech

FARTHEST: Final = 1.0
"""Seconds by which the two may be apart."""
ALIKE: Final = 0.7
"""Correlation of the waveforms from which they are one recording, coded anew or not."""


def same_words(clip: Clip, footage: Footage, speech: Speech, offset: float) -> float:
    """Seconds by which the line, placed at ``offset``, comes later than the same sound in the clip.

    NaN if the clip has no sound or the line is another recording.
    """
    if not clip.sounds or footage.own is None:
        return float("nan")
    last = footage.first + len(footage.times) - 1
    own = read_speech(clip.path, part=(clip.time(footage.first), clip.time(last)))
    rate = own.rate
    # Both on the clip's clock, over the frames that are looked at.
    start, end = float(footage.times[0]), float(footage.times[-1])
    count = max(int((end - start) * rate), 1)
    placed = []
    for samples, begins in ((own.samples, float(own.start)), (speech.samples, offset)):
        part = np.zeros(count, np.float32)
        at = round((begins - start) * rate)
        low, high = max(at, 0), min(at + len(samples), count)
        if high > low:
            part[low:high] = samples[low - at : high - at]
        placed.append(part)
    size = 1 << int(np.ceil(np.log2(2 * count)))
    spectra = [np.fft.rfft(part, size) for part in placed]
    common = np.fft.irfft(spectra[1] * np.conj(spectra[0]), size)
    reach = min(int(FARTHEST * rate), count - 1)
    shifts = np.arange(-reach, reach + 1)
    found = common[shifts]
    best = int(np.argmax(found))
    shift = int(shifts[best])
    # Only where both are: a line is often a part of the clip's sound.
    one = placed[0][max(-shift, 0) : count - max(shift, 0)]
    other = placed[1][max(shift, 0) : count + min(shift, 0)]
    both = other != 0
    power = float(np.sqrt((one[both] ** 2).sum() * (other[both] ** 2).sum()))
    if power <= 1e-9 or float((one[both] * other[both]).sum()) / power < ALIKE:
        return float("nan")
    return shift / rate
