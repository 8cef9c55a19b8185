"""A clip that is played faster or slower than it was filmed."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relip import sample
from relip.media.colour import to_rgb
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.pipeline import resync
from relip.quality.card import Assessment
from relip_job.errors import JobError
from relip_job.job import ResyncJob
from tests.core.relip.pipeline_media import RATE, spoken, written

FAST = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("played")


def run(picture: Path, output: Path, **asked: Any) -> Assessment | None:
    known = {"speech": str(sample.line()), "codec": "ffv1", "speech_start": Fraction(-1, 5)}
    work = resync(ResyncJob(str(picture), **{**known, **asked}, output=str(output)))
    while True:
        try:
            next(work)
        except StopIteration as finished:
            assessments: dict[int, Assessment] = finished.value
            return assessments.get(1)


def test_a_clip_played_at_half_its_speed_says_the_line_as_if_it_had_been_filmed_so(
    folder: Path,
) -> None:
    scores, made, lines = [], [], []
    for rate in (RATE, FAST):
        clip = written(folder / f"take_{rate}.mkv", spoken(26), rate=rate)
        output = folder / f"result_{rate}.mkv"
        scores.append(run(clip, output, speed=Fraction(RATE, rate), score=True))
        made.append([to_rgb(frame) for frame in read_frames(probe(output))])
        assert probe(output).rate == rate
        (line,) = json.loads((folder / f"{output.name}.relip.json").read_text())["ranges"]
        lines.append({name: line[name] for name in ("frames", "drawn", "closures")})

    assert lines[0] == lines[1]
    # Following a face depends a little on how long a frame lasts.
    apart = np.abs(np.array(made[0]) - np.array(made[1]))
    assert np.quantile(apart, 0.999) < 0.05
    told = [score.card.told for score in scores if score is not None]
    assert len(told) == 2
    assert told[0] == told[1]


@pytest.mark.parametrize("asked", [{"speed": Fraction(0)}, {"speed": Fraction(2), "audio": "dub"}])
def test_what_cannot_be_played_is_refused(asked: dict[str, Any], folder: Path) -> None:
    clip = written(folder / "short.mkv", spoken(2))

    with pytest.raises(JobError, match=";"):
        run(clip, folder / "never.mkv", **asked)
