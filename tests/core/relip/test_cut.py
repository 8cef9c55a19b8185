"""A part of the clip written alone, and a speech that is put together from files."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from relip import sample
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.pipeline import resync
from relip.quality.card import Assessment
from relip_job.errors import JobError, OutputError, SpeechError
from relip_job.events import Event, Finished, Progress
from relip_job.job import ResyncJob, SpeechPart, TimeRange
from tests.core.relip.pipeline_media import spoken, written

LINE = str(sample.line())
CUT = TimeRange(Fraction(12, 25), Fraction(30, 25))
PARTS = (
    SpeechPart(LINE, Fraction(0), Fraction(0), Fraction(7, 10)),
    SpeechPart(LINE, Fraction(7, 10), Fraction(7, 10)),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cut")


@pytest.fixture(scope="module")
def clip(folder: Path) -> Path:
    return written(folder / "take.mkv", spoken())


def run(picture: Path, output: Path, **asked: Any) -> tuple[list[Event], Assessment | None]:
    job = ResyncJob(str(picture), **{"speech": LINE, "codec": "ffv1", **asked}, output=str(output))
    work, events = resync(job), []
    while True:
        try:
            events.append(next(work))
        except StopIteration as finished:
            return events, finished.value.get(1)


def frames(path: Path) -> list[Frame]:
    return list(read_frames(probe(path)))


@pytest.fixture(scope="module")
def cut(clip: Path, folder: Path) -> tuple[list[Event], Assessment | None]:
    return run(clip, folder / "cut.mkv", cut=CUT, speech=PARTS, score=True)


def test_a_cut_holds_exactly_its_frames_with_their_timecode(
    cut: tuple[list[Event], Assessment | None], folder: Path
) -> None:
    made = probe(folder / "cut.mkv")

    assert (made.frames, made.rate) == (18, Fraction(25))
    assert made.start_timecode == "01:00:00:12"
    finished = cut[0][-1]
    assert isinstance(finished, Finished)
    assert finished.frames == 18
    drawn = [one for one in cut[0] if isinstance(one, Progress) and one.stage == "draw"]
    assert (drawn[-1].done, drawn[-1].total) == (18, 18)
    assert all(0 <= one.done <= one.total for one in drawn)


def test_a_cut_looks_as_the_same_range_of_the_whole(
    cut: tuple[list[Event], Assessment | None], clip: Path, folder: Path
) -> None:
    # The same speech from one file; the clip around the cut serves as library for both.
    run(clip, folder / "whole.mkv", ranges=(CUT,))

    whole = frames(folder / "whole.mkv")[12:30]
    for before, after in zip(whole, frames(folder / "cut.mkv"), strict=True):
        for one, other in zip(before.planes, after.planes, strict=True):
            assert np.abs(one.astype(int) - other).max() <= 2


def test_a_cut_is_scored_against_what_it_was_cut_from(
    cut: tuple[list[Event], Assessment | None],
) -> None:
    assessment = cut[1]

    assert assessment is not None
    (line,) = assessment.lines
    assert (line.first, line.stop, line.start) == (12, 30, "01:00:00:12")
    assert assessment.timeline.changed.all()
    named = {measure.key: measure for point in assessment.card.points for measure in point.measures}
    assert named["missing"].value in (0, None)


def test_the_sidecar_lists_the_parts_and_what_was_written(
    cut: tuple[list[Event], Assessment | None], folder: Path
) -> None:
    page = json.loads((folder / "cut.mkv.relip.json").read_text("utf-8"))

    assert [part["at"] for part in page["job"]["speech"]] == ["0", "7/10"]
    assert page["job"]["cut"] == {"start": "12/25", "end": "6/5"}
    assert page["written"]["first"] == 12
    assert page["written"]["frames"] == 18
    assert page["written"]["timecode"] == "01:00:00:12"


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"speech": ()}, JobError, "names no speech"),
        ({"cut": TimeRange(Fraction(9), Fraction(10))}, JobError, "the cut starts at 9.00 s"),
        ({"cut": CUT, "ranges": (TimeRange(Fraction(0), Fraction(1, 5)),)}, JobError, "outside"),
        ({"speech": (SpeechPart(LINE, Fraction(0), Fraction(90)),)}, SpeechError, "ends before"),
        (
            {"cut": CUT, "speech": (SpeechPart(LINE, Fraction(1000)),)},
            SpeechError,
            r"nobody speaks in line\.wav between 01:00:00:12",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    clip: Path, tmp_path: Path, asked: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        run(clip, tmp_path / "never.mkv", **asked)

    assert list(tmp_path.iterdir()) == []


def test_no_part_of_the_speech_is_written_to(clip: Path, folder: Path) -> None:
    with pytest.raises(OutputError, match="original"):
        run(clip, sample.line(), speech=PARTS)


def test_a_result_that_is_cancelled_while_it_is_scored_goes_as_it_came(
    clip: Path, tmp_path: Path
) -> None:
    job = ResyncJob(str(clip), LINE, str(tmp_path / "made.mkv"), codec="ffv1", score=True)
    work = resync(job)
    for event in work:
        if isinstance(event, Progress) and event.stage == "score":
            break
    assert len(list(tmp_path.iterdir())) == 2

    work.close()

    assert list(tmp_path.iterdir()) == []
