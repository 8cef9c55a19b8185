from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from relip import sample
from relip.media.clip import Clip
from relip.media.probe import probe
from relip.quality.pairing import cut_shown, missing_frames, paired
from relip_job.job import TimeRange


def clip(rate: Fraction, frames: int, ticks: list[int] | None = None) -> Clip:
    """A clip of so many pictures; with ``ticks`` they lie off the grid, at those of ``rate``."""
    pts = np.arange(frames) if ticks is None else np.array(ticks)
    return replace(
        probe(sample.picture()),
        rate=rate,
        time_base=1 / rate,
        pts=pts.astype(np.int64),
        variable_rate=ticks is not None,
    )


PAL, FILM, NTSC = Fraction(25), Fraction(24), Fraction(30000, 1001)


def test_frames_are_paired_by_their_time() -> None:
    assert paired(clip(PAL, 50), clip(PAL, 50), 10, 5).tolist() == [10, 11, 12, 13, 14]
    assert paired(clip(PAL, 50), clip(2 * PAL, 100), 10, 3).tolist() == [20, 22, 24]
    assert paired(clip(PAL, 50), clip(PAL, 1), 0, 3).tolist() == [0, -1, -1]


def test_a_cut_is_paired_with_what_it_was_cut_from() -> None:
    cut = TimeRange(Fraction(20, 25), Fraction(24, 25))

    assert paired(clip(PAL, 50), clip(PAL, 4), 18, 8, cut).tolist() == [-1, -1, 0, 1, 2, 3, -1, -1]


@pytest.mark.parametrize(
    ("timecode", "frames", "shown"),
    [
        ("01:00:00:20", 10, TimeRange(Fraction(20, 25), Fraction(30, 25))),
        ("01:00:00:00", 10, None),  # it has lost its end
        ("01:00:01:20", 10, None),  # it reaches beyond the clip
        ("00:00:00:20", 10, None),  # another clock
        (None, 10, None),
    ],
)
def test_a_timecode_tells_which_part_a_result_shows(
    timecode: str | None, frames: int, shown: TimeRange | None
) -> None:
    original = replace(clip(PAL, 50), start_timecode="01:00:00:00")
    made = replace(clip(PAL, frames), start_timecode=timecode)

    assert cut_shown(original, made) == shown


def missing(original: Clip, result: Clip) -> int:
    return missing_frames(paired(original, result, 0, original.frames))


@pytest.mark.parametrize(
    ("original", "result", "frames"),
    [
        (clip(PAL, 50), clip(PAL, 50), 0),
        (clip(PAL, 50), clip(PAL, 60), 0),
        (clip(PAL, 50), clip(PAL, 47), 3),
        (clip(NTSC, 90), clip(Fraction(30), 90), 0),
        (clip(PAL, 50), clip(FILM, 48), 2),
        (clip(FILM, 48), clip(PAL, 50), 2),
        (clip(PAL, 50), clip(PAL, 49, [*range(20), *range(21, 50)]), 1),
        (clip(PAL, 50), clip(PAL, 25, list(range(0, 50, 2))), 25),
        (clip(PAL, 50), clip(2 * PAL, 100), 49),
    ],
    ids=[
        "the same",
        "longer",
        "shorter",
        "29.97 as 30",
        "25 as 24",
        "24 as 25",
        "one dropped",
        "every other dropped",
        "25 as 50",
    ],
)
def test_frames_missing_or_doubled_are_counted(original: Clip, result: Clip, frames: int) -> None:
    assert missing(original, result) == pytest.approx(frames, abs=1 if frames == 2 else 0)
