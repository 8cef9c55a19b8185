from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from relip import sample
from relip.footage import MEETS, OPENS
from relip.media.probe import probe
from relip.survey import Survey, survey
from relip_job.errors import SpeechError
from tests.core.relip.pipeline_media import (
    SIDE,
    Picture,
    covered,
    held,
    on_backdrop,
    spoken,
    written,
)
from tests.faces_made import backdrop
from tests.media_made import Recipe, make_clip


def surveyed(path: Path, first: int = 0, stop: int | None = None) -> Survey:
    work = survey(probe(path), first, stop)
    done = []
    while True:
        try:
            done.append(next(work))
        except StopIteration as finished:
            assert done == sorted(done)
            assert done[0] == 0
            found: Survey = finished.value
            return found


def aside(pictures: Iterable[Picture], others: Iterable[Picture]) -> list[Picture]:
    """Two pictures side by side; the right one smaller and another person."""
    both = []
    for left, right in zip(pictures, others, strict=True):
        stranger = np.ascontiguousarray(right[:, ::-1, [1, 0, 2]] * np.array([0.75, 0.8, 0.9]))
        small = np.full_like(left, 90)
        small[40:216, 40:216] = cv2.resize(stranger.astype(np.uint8), (176, 176))
        both.append(np.hstack([left, small]))
    return both


@pytest.fixture(scope="module")
def found() -> Survey:
    return surveyed(sample.picture(), 18, 78)


def test_the_sample_is_one_person_who_could_carry_a_line(found: Survey) -> None:
    (person,) = found.people

    assert (found.first, found.stop) == (18, 78)
    assert (person.number, person.first, person.seen, person.usable) == (1, 18, 60, 60)
    assert person.widest is not None and person.widest > OPENS
    assert person.tightest is not None and person.tightest < MEETS
    assert 180 < person.height < 250
    assert np.hypot(person.place[0] - 261, person.place[1] - 240) < 15
    assert -15 < person.yaw[0] <= person.yaw[1] < 15
    assert 18 <= person.best < 78
    assert (found.speaker, found.how, found.cuts, found.deaf) == (1, "only", (), "")


def test_its_lips_are_found_to_follow_its_sound(found: Survey) -> None:
    (person,) = found.people

    assert person.agreement is not None and person.agreement > 0.2
    assert person.delay is not None and abs(person.delay) < 0.06


def test_everybody_is_told_with_their_place_and_mouth(tmp_path: Path) -> None:
    path = written(tmp_path / "two.mkv", aside(spoken(24), held(24)))

    found = surveyed(path)

    talks, holds = found.people
    assert talks.place[0] < SIDE < holds.place[0]
    assert talks.height > 1.2 * holds.height
    assert talks.widest is not None and talks.widest > OPENS
    assert talks.tightest is not None
    assert holds.widest is not None and holds.tightest is not None
    assert holds.widest - holds.tightest < 0.2 * (talks.widest - talks.tightest)
    assert talks.agreement is None and talks.delay is None
    assert (found.speaker, found.how) == (1, "size")


def test_covered_mouths_and_missing_faces_are_not_counted_as_usable(tmp_path: Path) -> None:
    nobody = [np.asarray(backdrop(SIDE, SIDE), np.uint8)] * 8
    talking = spoken(32)
    talking[14:20] = [covered(picture) for picture in talking[14:20]]

    found = surveyed(written(tmp_path / "covered.mkv", [*nobody, *talking]))

    (person,) = found.people
    assert person.first == 8
    assert found.cuts[0] == 8
    assert 16 <= person.usable <= 26
    assert not 22 <= person.best < 28


def test_the_largest_moment_is_found(tmp_path: Path) -> None:
    scenes = [on_backdrop(held(1)[0], side) for side in (150, 152, 154, 200, 154, 152, 150)]
    pictures = [scene for scene in scenes for _ in range(3)]

    (person,) = surveyed(written(tmp_path / "near.mkv", pictures)).people

    assert 9 <= person.best < 12
    assert np.hypot(person.best_place[0] - 120, person.best_place[1] - 120) < 20


def test_a_mouth_that_never_opens_is_told(tmp_path: Path) -> None:
    (person,) = surveyed(written(tmp_path / "held.mkv", held(12))).people

    assert person.widest is not None and person.widest < OPENS


def test_places_are_those_of_the_picture_as_players_turn_it(tmp_path: Path) -> None:
    upright = [cv2.copyMakeBorder(one, 0, 120, 0, 0, cv2.BORDER_REPLICATE) for one in held(6)]
    coded = [np.asarray(np.rot90(one, -1), np.uint8) for one in upright]
    plain = written(tmp_path / "plain.mkv", [np.asarray(one, np.uint8) for one in upright])
    turned = written(tmp_path / "turned.mov", coded, "libx264", "yuv420p", rotation=90)
    assert probe(turned).rotation == 90

    (expected,) = surveyed(plain).people
    (person,) = surveyed(turned).people

    assert person.place == pytest.approx(expected.place, abs=4)
    assert person.height == pytest.approx(expected.height, rel=0.05)
    assert person.yaw == pytest.approx(expected.yaw, abs=6)


def test_a_clip_without_anybody_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "nobody.mkv"
    make_clip(path, Recipe(frames=5, size=(160, 120)))

    found = surveyed(path)

    assert (found.people, found.speaker, found.how) == ((), None, None)


def test_only_the_beginning_of_a_long_clip_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.mkv"
    make_clip(path, Recipe(frames=9, size=(64, 48), rate=Fraction(2)))
    monkeypatch.setattr("relip.survey.SECONDS", 3)

    assert (surveyed(path).first, surveyed(path).stop) == (0, 6)
    assert surveyed(path, 4).stop == 9


def test_pictures_are_looked_at_where_the_sound_is_damaged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise SpeechError("the sound of sample.mp4 is damaged", "export it again")

    monkeypatch.setattr("relip.hearing.read_speech", broken)

    found = surveyed(sample.picture(), 18, 42)

    assert found.people[0].agreement is None
    assert "damaged" in found.deaf
