"""What a probe would tell of files that are not there."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from relip.media.clip import Clip
from relip.media.frame import Colour, SampleFormat
from relip_plugin.batch.linked import Files


def clip(
    path: str = "/take.mov",
    rate: Fraction = Fraction(25),
    frames: int = 10_000,
    timecode: str | None = None,
    steady: bool = True,
) -> Clip:
    """A clip of nothing; one that is not steady lacks its second picture's time."""
    base = 1 / rate / 10
    pts = np.arange(frames, dtype=np.int64) * 10
    if not steady:
        pts[1:] += 5
    return Clip(
        Path(path), "mov", "prores", "", 0, 64, 64, SampleFormat("yuv422p10le", "yuv", 10, 2),
        Colour(), rate, not steady, base, pts, pts[:1], 1 / rate, timecode,
    )  # fmt: skip


def files(**told: object) -> Files:
    """Files of which all are such clips."""
    return Files(lambda path: clip(path, **told))  # type: ignore[arg-type]
