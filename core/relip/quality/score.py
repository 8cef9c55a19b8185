"""Scoring a re-sync: original, result and speech in, five points out."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from relip.quality.card import Assessment
from relip_job.events import Notice, Progress
from relip_job.job import Speaker, TimeRange


@dataclass(frozen=True)
class ScoreRequest:
    """What to compare.

    Attributes
    ----------
    original, result : clips of the same size, frames and times.
    speech : file with the line the result shall say.
    ranges : the lines, in order; empty: as far as the speech reaches.
    speech_start : seconds from the first frame to the speech's first sample.
    speaker : whose mouth.
    syncnet : SyncNet as ONNX, for LSE-D and LSE-C.
    """

    original: Path
    result: Path
    speech: Path
    ranges: tuple[TimeRange, ...] = ()
    speech_start: Fraction = Fraction(0)
    speaker: Speaker = Speaker()  # noqa: RUF009 - frozen, so it may be shared
    syncnet: Path | None = None


def score(request: ScoreRequest) -> Generator[Progress | Notice, None, Assessment]:
    """Measure the result; yields progress, returns the assessment.

    Raises
    ------
    RelipError
        The files cannot be read or do not belong together.
    """
    raise NotImplementedError
