"""What a re-sync job asks for: plain values that travel as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Optional, Tuple, Union

ENGINES = ("footage", "wav2lip", "musetalk")
CODECS = ("match", "prores", "dnxhr", "h264", "hevc", "ffv1")
AUDIO = ("none", "source", "dub")
PROVIDERS = ("auto", "cpu", "cuda", "directml", "coreml", "openvino", "migraphx", "rocm")


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
class SpeechPart:
    """A piece of a file's sound and where it is heard.

    Attributes
    ----------
    path : any file with sound; it is only ever read.
    at : when the piece begins, in seconds from the clip's first frame, as the clip is played.
    start : where it begins in the file: seconds from the first sample, or from the first picture
        of a file that has pictures. Before the file's sound it is silent, as it is after it.
    duration : how long it lasts; None is to the end of the file's sound.
    channels : which channels, counted from 1 over all sound streams of the file in their order;
        empty is all of the main stream. Several are heard as one voice.
    gain : the samples are multiplied by it.
    """

    path: str
    at: Fraction
    start: Fraction = Fraction(0)
    duration: Optional[Fraction] = None
    channels: Tuple[int, ...] = ()
    gain: float = 1.0

    def __post_init__(self) -> None:
        if self.duration is not None and self.duration <= 0:
            raise ValueError(f"a part of the speech must last longer than {self.duration} seconds")
        if any(channel < 1 for channel in self.channels):
            raise ValueError("channels count from 1")
        if len(set(self.channels)) < len(self.channels):
            raise ValueError("a channel is named twice")
        if not math.isfinite(self.gain):
            raise ValueError(f"a gain of {self.gain} is no number")


@dataclass(frozen=True)
class Speaker:
    """Whose mouth: ``number`` (1 is the first in the clip), or ``point``, else automatic.

    ``point`` is ``(x, y, seconds)``: pixels from the top left of the picture, at that time. The
    picture is turned as players show it (phones film sideways), its pixels are the file's own.
    """

    number: Optional[int] = None
    point: Optional[Tuple[float, float, Fraction]] = None


@dataclass(frozen=True)
class Voice:
    """Another line for another mouth of the same clip, on the same clock.

    Attributes
    ----------
    speech, speaker, ranges, transcript, language : as those of :class:`ResyncJob`.
    """

    speech: Union[str, Tuple[SpeechPart, ...]]
    speaker: Speaker = Speaker()
    ranges: Tuple[TimeRange, ...] = ()
    transcript: str = ""
    language: str = ""


@dataclass(frozen=True)
class ResyncJob:
    """One clip, one line, one mouth; or several, each with its own line.

    Attributes
    ----------
    picture : path of the clip; it is only ever read.
    speech : the new line: path of any file with sound, or parts of files. Parts may lie apart
        (between them is silence) and over each other (they are added up).
    output : path to write; ``None`` makes ``<clip>_relip_v001.<ext>`` beside the clip.
    ranges : the parts to re-sync, in order, not overlapping; empty means as far as the speech
        reaches, or all of ``cut``.
    speech_start : where ``speech`` begins, in seconds from the first frame: its first sample, or
        the first picture of a file that has pictures. Added to every part's ``at``.
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
    cut : write only the frames that begin in this part of the clip; the result's timecode moves
        along. The rest of the clip may still serve as library.
    speed : seconds of the clip that are played in a second. The speech is heard while the clip is
        played: its times, ``speech_start`` and ``nudge`` are seconds of playing, all others are
        the clip's own. The result plays at the clip's own rate, so that it takes its place.
    others : further lines, each for a mouth of its own, drawn in the same pass. The job's own line
        is voice 1, these are voices 2 and on. A voice that nobody on the screen can have is left
        out, with a notice; if that is true of all, the job fails.
    provider : what runs the networks of the neural engines, one of ``PROVIDERS``; ``"auto"`` is
        the fastest of this machine that agrees with its CPU, and the CPU where none does.
    """

    picture: str
    speech: Union[str, Tuple[SpeechPart, ...]]
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
    cut: Optional[TimeRange] = None
    speed: Fraction = Fraction(1)
    others: Tuple[Voice, ...] = ()
    provider: str = "auto"


def job_to_json(job: ResyncJob) -> str:
    """The job as one line of JSON; times are exact text such as ``24024/1001``."""
    return json.dumps(asdict(job), default=_exact)


def _exact(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not belong in a job")
