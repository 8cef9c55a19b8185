"""Clips that players turn: a phone on its side films a person upright."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip_job.job import ResyncJob, Speaker
from tests.bench.exact import changed_outside, differences
from tests.bench.record import Run, recorded
from tests.core.relip.pipeline_media import SIDE, Picture, spoken, written

COUNT = 16
AT_FACE = Speaker(point=(SIDE / 2, SIDE * 0.4, Fraction(1, 5)))
"""Displayed pixels; in the coded pictures of a turned clip nobody is there."""


def beside(picture: Picture) -> Picture:
    """The picture at the left of a wide one."""
    return np.pad(picture, ((0, 0), (0, 200), (0, 0)), mode="edge")


def dubbed(folder: Path, rotation: int) -> tuple[Run, Path, Path]:
    name = f"turned{rotation}"
    pictures = [np.rot90(beside(one), -rotation // 90) for one in spoken(COUNT)]
    source = written(folder / f"{name}.mkv", pictures, rotation=rotation)
    output = folder / f"{name}_dubbed.mkv"
    line = str(sample.line())
    job = ResyncJob(str(source), line, output=str(output), codec="ffv1", speaker=AT_FACE)
    return recorded(job), source, output


def displayed(path: Path) -> NDArray[np.float64]:
    """``[n, 3, h, w]`` code values as players show them."""
    clip = probe(path)
    return np.array(
        [
            [clip.turn.displayed(np.asarray(plane, np.uint8)) for plane in frame.planes]
            for frame in read_frames(clip)
        ],
        float,
    )


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path, Path]:
    return dubbed(tmp_path_factory.mktemp("upright"), 0)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_clip_is_dubbed_like_an_upright_one(
    tmp_path: Path, upright: tuple[Run, Path, Path], rotation: int
) -> None:
    straight, straight_source, straight_output = upright
    run, source, output = dubbed(tmp_path, rotation)
    clip = probe(source)

    assert clip.rotation == rotation
    assert differences(clip, probe(output)) == []
    assert changed_outside(run, clip, probe(output))[0] == 0
    np.testing.assert_array_equal(displayed(source), displayed(straight_source))

    marks = clip.turn.shown(run.footage.track.landmarks[..., :2])
    apart = np.linalg.norm(marks - straight.footage.track.landmarks[..., :2], axis=-1)
    assert np.median(apart) < 0.15
    assert run.footage.usable.all()

    before, after, expected = map(displayed, (source, output, straight_output))
    drawn = (after != before) | (expected != before)
    error = np.square(after - expected)
    assert decibels(error[drawn].mean()) > 40
    # Of two mouths that suit equally well either may be chosen for a frame.
    assert min(decibels(error[n][drawn[n]].mean()) for n in range(COUNT)) > 30


def decibels(error: float) -> float:
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
