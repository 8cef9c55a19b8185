"""LSE-D and LSE-C: how far lips and sound are apart for SyncNet.

The published protocol is that of the SyncNet authors' ``syncnet_python`` and of Wav2Lip's
evaluation (Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In
The Wild", 2020): pictures at 25 a second, windows of five, sound shifted by up to 15 pictures
either way, zeros where the shift leaves the clip. The mean distance over all windows, per
shift: its minimum is LSE-D, its median less its minimum is LSE-C.

What differs, and why numbers agree among relip's runs but only roughly with papers: the face's
box is that of our landmarks instead of an S3FD detection, pictures are not compressed again on
the way, a frame without the face ends a piece instead of being bridged, pieces of one clip are
averaged together, and pieces from 36 pictures on count instead of from 100.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Frame
from relip.media.speech import Speech
from relip.mouth.shape import Array
from relip.quality.cepstra import HOP, RATE, WINDOW, cepstra
from relip.quality.syncnet import PICTURES, ROWS, Embedder, Embeddings
from relip.quality.syncnet_face import SeenFace, face_crop, seen_face

PICTURE_RATE: Final = 25
SHIFT: Final = 15
"""Pictures by which the sound is shifted at most, either way."""
FEWEST: Final = 2 * SHIFT + 1
"""Windows a piece must have: with fewer, the widest shifts would mostly be compared to zeros."""

_PER_PICTURE: Final = RATE // PICTURE_RATE
_HEARD: Final = (ROWS - 1) * HOP + WINDOW
# The published loop leaves out the last window; so a window needs one picture more.
_NEEDED: Final = PICTURES + 1
# Pictures on either side whose boxes have a say in where a picture is cropped.
_AROUND: Final = 6


@dataclass(frozen=True)
class LseResult:
    """What SyncNet says.

    Attributes
    ----------
    distance : LSE-D, lower is better; NaN if it could not be measured.
    confidence : LSE-C, higher is better; NaN if it could not be measured.
    offset : pictures of 1/25 s by which the sound comes before the lips, negative if after.
    windows : how many windows of five pictures were compared.
    note : why there are no numbers, empty if there are.
    """

    distance: float
    confidence: float
    offset: int
    windows: int
    note: str = ""


class LseMeter:
    """Measures while somebody else reads the frames; one person, one line.

    Keeps a few pictures of the face, and the embeddings of the piece that is being measured.

    Parameters
    ----------
    net : SyncNet.
    speech : 16 kHz; its start counts from the clip's first frame.
    """

    def __init__(self, net: Embedder, speech: Speech) -> None:
        if speech.rate != RATE:
            raise ValueError(f"SyncNet hears {RATE} samples a second, not {speech.rate}")
        self._net = net
        self._samples = speech.samples
        self._first_sample = round(-speech.start * RATE)
        self._sums = np.zeros(2 * SHIFT + 1)
        self._count = 0
        self._seen: deque[SeenFace] = deque(maxlen=2)
        self._clear()

    def _clear(self) -> None:
        """Forget the piece."""
        self._seen.clear()
        self._next = 0
        span = 2 * _AROUND + 1
        self._pictures: deque[tuple[int, SeenFace] | None] = deque([None] * span, span)
        self._crops: deque[tuple[int, NDArray[np.uint8]]] = deque(maxlen=_NEEDED)
        self._lips: list[NDArray[np.uint8]] = []
        self._sound: list[Array] = []
        self._embedded: list[tuple[Embeddings, Embeddings]] = []

    def take(self, frame: Frame, landmarks: NDArray[np.float32], shot: int = 0) -> None:
        """Take the next frame, in order.

        Parameters
        ----------
        landmarks : ``[m, 2 or 3]`` px of the speaker; NaN if not seen.
        shot : number of the shot; nothing is compared across a cut.
        """
        seen = seen_face(frame, landmarks, shot)
        if seen is None or (self._seen and not seen.follows(self._seen[-1])):
            self._close()
        if seen is None:
            return
        if self._seen:
            before = self._seen[-1]
            self._show(before, floor(PICTURE_RATE * (before.time + seen.time) / 2))
        else:
            self._next = ceil(PICTURE_RATE * seen.time)
        self._seen.append(seen)

    def finish(self) -> LseResult:
        """The numbers over all that was taken."""
        self._close()
        if not self._count:
            pictures = FEWEST + PICTURES
            note = f"the face and the speech are never together for {pictures / PICTURE_RATE:.1f} s"
            return LseResult(nan, nan, 0, 0, note)
        means = self._sums / self._count
        best = int(means.argmin())
        distance = float(means[best])
        confidence = float(np.median(means)) - distance
        return LseResult(distance, confidence, SHIFT - best, self._count)

    def _show(self, seen: SeenFace, last: int) -> None:
        """Let this frame be the pictures up to number ``last`` of the 25 a second."""
        for number in range(self._next, last + 1):
            sample = self._first_sample + number * _PER_PICTURE
            if 0 <= sample <= len(self._samples) - _PER_PICTURE:
                self._crop((number, seen))
        self._next = max(self._next, last + 1)

    def _crop(self, picture: tuple[int, SeenFace] | None) -> None:
        """Take one more picture, or the end; crop the one in the middle by the median box."""
        self._pictures.append(picture)
        middle = self._pictures[_AROUND]
        if middle is None:
            return
        # Published: scipy's median filter, which sees zeros beyond both ends.
        squares = [(0.0, 0.0, 0.0) if seen is None else seen[1].square for seen in self._pictures]
        x, y, s = (float(value) for value in np.median(np.array(squares), axis=0))
        number, face = middle
        self._crops.append((number, face_crop(face.part, x, y, s, self._net.side)))
        if len(self._crops) == _NEEDED:
            self._window()

    def _window(self) -> None:
        first = self._first_sample + self._crops[0][0] * _PER_PICTURE
        heard = self._samples[first : first + _HEARD]
        before = float(self._samples[first - 1]) if first else 0.0
        self._sound.append(cepstra(heard, before).T[None])
        crops = [crop for _, crop in self._crops][:PICTURES]
        self._lips.append(np.stack(crops).transpose(3, 0, 1, 2))
        if len(self._lips) == self._net.batch:
            self._embed()

    def _embed(self) -> None:
        lips = np.stack(self._lips).astype(np.float32)
        sound = np.stack(self._sound).astype(np.float32)
        self._embedded.append(self._net.embed(lips, sound))
        self._lips.clear()
        self._sound.clear()

    def _close(self) -> None:
        """End the piece, and add its distances if it is long enough."""
        if len(self._seen) == 2:
            before, last = self._seen
            # The last frame is shown for as long as the one before it.
            self._show(last, ceil(PICTURE_RATE * (2 * last.time - before.time)) - 1)
        for _ in range(_AROUND):
            self._crop(None)
        if self._lips:
            self._embed()
        if self._embedded:
            lips, sound = (np.concatenate(part) for part in zip(*self._embedded, strict=True))
            if len(lips) >= FEWEST:
                self._sums += distances(lips, sound)
                self._count += len(lips)
        self._clear()


def lse(
    net: Embedder,
    frames: Iterable[Frame],
    landmarks: Iterable[NDArray[np.float32]],
    speech: Speech,
) -> LseResult:
    """LSE-D and LSE-C of frames with a landmark array each; see :class:`LseMeter`."""
    meter = LseMeter(net, speech)
    for frame, points in zip(frames, landmarks, strict=True):
        meter.take(frame, points)
    return meter.finish()


def distances(lips: Embeddings, sound: Embeddings) -> Array:
    """``[31]``: the sum over windows of the distance, sound shifted by -15 to 15 pictures."""
    padded = np.pad(sound, ((SHIFT, SHIFT), (0, 0)))
    shifted = (padded[shift : shift + len(lips)] for shift in range(2 * SHIFT + 1))
    return np.array(
        [np.linalg.norm(lips - other, axis=1).sum(dtype=np.float64) for other in shifted]
    )
