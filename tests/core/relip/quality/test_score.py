from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relip import sample
from relip.quality.card import Assessment
from relip.quality.score import ScoreRequest, judge, score
from relip_job.errors import FaceError, JobError, MissingMedia, RelipError
from relip_job.events import Notice, Progress
from relip_job.job import TimeRange
from tests.core.relip.pipeline_media import SIDE, on_backdrop, spoken, written
from tests.core.relip.quality.evidence_made import dubbed
from tests.trust.shown import as_wav, cut, own_sound

Events = list[Progress | Notice]


def scored(request: ScoreRequest) -> tuple[Assessment, Events]:
    """What is found, and what was reported on the way."""
    work: Generator[Progress | Notice, None, Assessment] = score(request)
    events: Events = []
    while True:
        try:
            events.append(next(work))
        except StopIteration as finished:
            found: Assessment = finished.value
            return found, events


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("score")


@pytest.fixture(scope="module")
def untouched(folder: Path) -> ScoreRequest:
    """A piece of the sample against itself, with its own sound, in two lines."""
    piece = cut(sample.picture(), folder / "piece.mkv", Fraction(1), 2)
    ranges = tuple(TimeRange(Fraction(at), Fraction(at + 1)) for at in range(2))
    return ScoreRequest(piece, piece, as_wav(folder / "own.wav", own_sound(piece)), ranges)


@pytest.fixture(scope="module")
def own(untouched: ScoreRequest) -> tuple[Assessment, Events]:
    return scored(untouched)


@pytest.fixture(scope="module")
def take(folder: Path) -> Path:
    """Fourteen frames without sound."""
    return written(folder / "take.mkv", spoken(14))


def test_the_untouched_clip_with_its_own_sound_earns_five_of_five(
    own: tuple[Assessment, Events],
) -> None:
    assert own[0].card.told == "5 of 5"
    assert own[0].card.publishable


def test_two_runs_give_the_same_numbers(
    own: tuple[Assessment, Events], untouched: ScoreRequest
) -> None:
    again, _ = scored(untouched)

    first, second = (
        [str(asdict(card)) for card in (found.card, *(line.card for line in found.lines))]
        for found in (own[0], again)
    )
    assert first == second
    np.testing.assert_array_equal(again.timeline.drawn, own[0].timeline.drawn)


def test_every_line_has_a_card_of_its_own(own: tuple[Assessment, Events]) -> None:
    lines = own[0].lines

    assert [(line.first, line.stop) for line in lines] == [(0, 25), (25, 50)]
    assert [(line.start, line.end) for line in lines] == [
        ("01:00:01:00", "01:00:02:00"),
        ("01:00:02:00", "01:00:03:00"),
    ]
    assert all(line.card.publishable for line in lines)


def test_the_timeline_holds_what_a_plot_needs(own: tuple[Assessment, Events]) -> None:
    line = own[0].timeline

    assert (line.first, len(line.times)) == (0, 50)
    assert line.times[1] == pytest.approx(1 / 25)
    assert len(line.wanted) == len(line.drawn) == len(line.original) == len(line.changed) == 50
    np.testing.assert_allclose(line.drawn, line.original, atol=1e-6)
    assert np.corrcoef(line.wanted, line.drawn)[0, 1] > 0.6
    assert not line.changed.any()
    left, top, right, bottom = line.mouths.T
    assert ((left < right) & (top < bottom)).all()
    assert [each.start for each in line.contacts] == sorted(each.start for each in line.contacts)
    assert any(each.met for each in line.contacts)


def test_progress_goes_through_its_stages_and_ends_at_all(own: tuple[Assessment, Events]) -> None:
    progress = [event for event in own[1] if isinstance(event, Progress)]

    assert list(dict.fromkeys(event.stage for event in progress)) == [
        "probe",
        "listen",
        "track",
        "score",
    ]
    assert all(0 <= event.done <= event.total for event in progress)
    assert progress[-1].done == progress[-1].total


def test_what_makes_the_numbers_less_sure_is_told(
    own: tuple[Assessment, Events], take: Path
) -> None:
    mute, _ = scored(ScoreRequest(take, take, sample.line()))

    assert any("line is short" in warning for warning in own[0].warnings)
    assert not any("no sound" in warning for warning in own[0].warnings)
    assert any("no sound" in warning for warning in mute.warnings)


def refused(request: ScoreRequest, kind: type[RelipError], message: str) -> None:
    with pytest.raises(kind, match=message) as told:
        scored(request)
    assert told.value.remedy


def test_a_result_of_another_size_is_refused_at_once(take: Path, folder: Path) -> None:
    small = written(folder / "small.mkv", [np.zeros((64, 64, 3), np.uint8)] * 2)
    work = score(ScoreRequest(take, small, sample.line()))
    assert next(work) == Progress("probe", 0, 1)

    with pytest.raises(JobError, match="the result is 64 x 64, the original 256 x 256"):
        next(work)


def test_a_result_without_the_speaker_is_refused(take: Path, folder: Path) -> None:
    wall = written(folder / "wall.mkv", [np.full((SIDE, SIDE, 3), 120, np.uint8)] * 14)

    refused(ScoreRequest(take, wall, sample.line()), FaceError, r"face is not found in wall\.mkv")


def test_a_result_of_another_clip_is_refused(take: Path, folder: Path) -> None:
    pictures = [np.roll(on_backdrop(each, 150, SIDE), (60, -60), (0, 1)) for each in spoken(14)]
    other = written(folder / "other.mkv", pictures)

    refused(ScoreRequest(take, other, sample.line()), FaceError, "belongs|not found")


def test_an_original_in_which_the_mouth_is_hardly_seen_is_refused(folder: Path) -> None:
    brief = written(folder / "brief.mkv", spoken(6))

    refused(ScoreRequest(brief, brief, sample.line()), FaceError, "hardly seen in the original")


def test_a_result_that_ends_before_the_line_is_refused(
    untouched: ScoreRequest, take: Path, folder: Path
) -> None:
    short = cut(untouched.original, folder / "short.mkv", Fraction(0), 1)
    late = TimeRange(Fraction(7, 4), Fraction(2))

    refused(replace(untouched, result=short, ranges=(late,)), JobError, "no frame at the time")


def test_files_that_are_not_there_are_named(take: Path, folder: Path) -> None:
    gone = folder / "gone.mov"

    refused(ScoreRequest(take, gone, sample.line()), MissingMedia, r"gone\.mov")
    refused(ScoreRequest(take, take, gone), MissingMedia, r"gone\.mov")


def test_a_line_in_which_the_mouth_is_not_seen_is_not_judged() -> None:
    made = dubbed()

    card, contacts = judge(replace(made, inside=np.zeros(len(made.times), bool)))

    assert card.told == "0 of 0 (5 not judged)"
    assert not card.publishable
    assert contacts == ()
