"""What a re-sync job asks for: plain values that travel as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Optional, Tuple

ENGINES = ("footage",)
CODECS = ("match", "prores", "dnxhr", "h264", "hevc", "ffv1")
AUDIO = ("none", "source", "dub")


@dataclass(frozen=True)
class TimeRange:
    """Half-open ``[start, end)`` in seconds from the clip's first frame."""

    start: Fraction
    end: Fraction

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a range must end after it starts, not {self.start} to {self.end}")

    @property
    def duration(self) -> Fraction:
        """Length in seconds."""
        return self.end - self.start


@dataclass(frozen=True)
class Speaker:
    """Whose mouth: ``number`` (1 is the first in the clip), or ``point``, else automatic.

    ``point`` is ``(x, y, seconds)``: pixels from the top left of the picture, at that time. The
    picture is turned as players show it (phones film sideways), its pixels are the file's own.
    """

    number: Optional[int] = None
    point: Optional[Tuple[float, float, Fraction]] = None


@dataclass(frozen=True)
class ResyncJob:
    """One clip, one line, one mouth.

    Attributes
    ----------
    picture : path of the clip; it is only ever read.
    speech : path of any file with sound that carries the new line.
    output : path to write; ``None`` makes ``<clip>_relip_v001.<ext>`` beside the clip.
    ranges : the parts to re-sync, in order, not overlapping; empty means the whole clip.
    speech_start : where ``speech`` begins, in seconds from the first frame: its first sample, or
        the first picture of a file that has pictures.
    speaker : whose mouth.
    nudge : seconds added to the speech's time; positive makes the lips move later.
    strength : 0 keeps the resting mouth, 1 is the full movement; up to 1.5.
    library : other clips of the same person to take mouths from.
    engine : one of ``ENGINES``.
    codec : one of ``CODECS``; ``"match"`` follows the source's class.
    audio : which sound goes into the result, one of ``AUDIO``.
    patch : write only the mouth, with alpha, to lay over the original.
    score : measure the result and put its card into the sidecar.
    transcript : the words of all of ``speech``, remarks in brackets excepted; empty means that
        they are only heard.
    language : of the transcript, a tag such as ``de``.
    """

    picture: str
    speech: str
    output: Optional[str] = None
    ranges: Tuple[TimeRange, ...] = ()
    speech_start: Fraction = Fraction(0)
    speaker: Speaker = Speaker()
    nudge: Fraction = Fraction(0)
    strength: float = 1.0
    library: Tuple[str, ...] = ()
    engine: str = "footage"
    codec: str = "match"
    audio: str = "none"
    patch: bool = False
    score: bool = False
    transcript: str = ""
    language: str = ""
