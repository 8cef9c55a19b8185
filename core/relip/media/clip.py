"""What there is to know about a clip before a picture of it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relip.media.frame import Colour, SampleFormat
from relip.media.turn import Turn
from relip_job.timecode import Timecode


@dataclass(frozen=True)
class Sound:
    """One audio stream; ``start`` is in seconds from the first picture, negative if earlier."""

    stream: int
    codec: str
    rate: int
    channels: int
    start: Fraction


@dataclass(frozen=True, eq=False)
class Clip:
    """One moving picture in a file, and the sound beside it.

    Attributes
    ----------
    path, container, codec, profile : FFmpeg's names; ``profile`` is ``""`` where there is none.
    stream : index of the picture's stream in the file.
    width, height : coded picture in luma samples, before ``rotation`` and ``pixel_aspect``.
    format, colour : what the decoder gives, after unpacking to planes.
    rate : pictures per second; the mean where ``variable_rate``.
    variable_rate : whether pictures lie off the regular grid of ``rate``.
    time_base : seconds per pts unit.
    pts : int64 ``[n]``, every picture in presentation order.
    keys : int64 ``[k]``, pts of the pictures decoding can begin at.
    last_duration : how long the last picture stands, in seconds.
    start_timecode : of the first picture, as the file writes it, or ``None``.
    reel : name of tape or camera roll, or ``None``.
    pixel_aspect : width to height of one sample.
    rotation : degrees counter-clockwise that players turn the picture by; 0, 90, 180, 270.
    sounds : every audio stream.
    metadata : the container's own tags worth keeping.
    """

    path: Path
    container: str
    codec: str
    profile: str
    stream: int
    width: int
    height: int
    format: SampleFormat
    colour: Colour
    rate: Fraction
    variable_rate: bool
    time_base: Fraction
    pts: NDArray[np.int64]
    keys: NDArray[np.int64]
    last_duration: Fraction
    start_timecode: str | None = None
    reel: str | None = None
    pixel_aspect: Fraction = Fraction(1)
    rotation: int = 0
    sounds: tuple[Sound, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def turn(self) -> Turn:
        """From coded to displayed pixels and back."""
        return Turn(self.rotation, self.width, self.height)

    @property
    def frames(self) -> int:
        """How many pictures."""
        return len(self.pts)

    def time(self, index: int) -> Fraction:
        """Seconds from the first picture to picture ``index``.

        On a steady clip this is ``index / rate`` exactly, also where the container rounds its
        time stamps (Matroska to milliseconds).
        """
        if not self.variable_rate:
            return index / self.rate
        return int(self.pts[index] - self.pts[0]) * self.time_base

    @property
    def times(self) -> tuple[Fraction, ...]:
        """``[n]`` seconds from the first picture, of every picture."""
        return tuple(self.time(index) for index in range(self.frames))

    @property
    def duration(self) -> Fraction:
        """Seconds from the first picture's start to the last one's end."""
        return self.time(self.frames - 1) + self.last_duration

    @property
    def drop_frame(self) -> bool:
        """Whether the file's own timecode is drop-frame."""
        return self.start_timecode is not None and ";" in self.start_timecode

    def timecode(self, index: int) -> Timecode:
        """The timecode an editor sees at that picture; counted from zero if the file has none."""
        text = self.start_timecode or "00:00:00:00"
        return Timecode.parse(text, self.rate) + round(self.time(index) * self.rate)

    def index_at(self, seconds: Fraction) -> int:
        """The picture standing at ``seconds``; clamped to the clip."""
        if not self.variable_rate:
            found = int(seconds * self.rate // 1)
        else:
            ticks = int(seconds / self.time_base // 1) + int(self.pts[0])
            found = int(np.searchsorted(self.pts, ticks, side="right")) - 1
        return min(max(found, 0), self.frames - 1)
