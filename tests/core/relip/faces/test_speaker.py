from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.faces.speaker import choose_speaker, lip_opening
from relip.faces.track import FaceTrack
from relip.media.turn import Turn
from relip.speech.articulation import VISEMES, Articulation, opened
from relip_job.errors import FaceError
from relip_job.job import Speaker

COUNT = 150
TIMES = np.arange(COUNT) / 25.0
UNHEARD = np.zeros(COUNT)


def opening(seed: int, times: NDArray[np.float64] = TIMES) -> NDArray[np.float64]:
    """0 to 1, a few syllables per second, never the same."""
    knots = np.random.default_rng(seed).uniform(0, 1, 60)
    return np.interp(times, np.arange(60) * 0.15, knots)


def person(
    number: int, gap: NDArray[np.float64], x: float = 100.0, size: float = 100.0
) -> FaceTrack:
    """A face around ``x, 100`` whose inner lips open by ``gap`` tenths of its size."""
    base = np.random.default_rng(5).uniform(-0.5, 0.5, (478, 3)) * size + (x, 100, 0)
    base[[33, 263]] = np.array([[-0.3, -0.2, 0], [0.3, -0.2, 0]]) * size + (x, 100, 0)
    base[[234, 454, 10, 152, 4]] = np.array(
        [[-0.5, 0, 0], [0.5, 0, 0], [0, -0.5, 0], [0, 0.5, 0], [0, 0, -0.3]]
    ) * size + (x, 100, 0)
    base[[13, 82, 312]] = np.array([x, 100 + 0.25 * size, 0])
    landmarks = np.repeat(base[None], len(gap), 0)
    landmarks[:, [14, 87, 317]] = base[13]
    landmarks[:, [14, 87, 317], 1] += 0.1 * size * gap[:, None]
    presence = np.ones(len(gap), np.float32)
    return FaceTrack(number, landmarks.astype(np.float32), presence, np.zeros(len(gap), np.int32))


def heard(seed: int, late: float = 0.0) -> Articulation:
    rows = round(TIMES[-1] * 100)
    wide = opening(seed, (np.arange(rows) + 0.5) / 100 - late).astype(np.float32)
    visemes = np.zeros((rows, len(VISEMES)), np.float32)
    visemes[:, VISEMES.index("OPEN")] = wide
    visemes[:, VISEMES.index("PBM")] = 1 - wide
    voice = np.ones(rows, np.float32)
    features = np.zeros((-(-rows // 2), 384), np.float16)
    return Articulation(visemes, voice, features, opened(visemes), voice * 0, (), ())


def test_a_number_is_taken_at_its_word() -> None:
    two = (person(1, UNHEARD), person(2, UNHEARD, x=400))
    choice = choose_speaker(two, Speaker(number=2), TIMES)
    assert (choice.track.number, choice.how) == (2, "number")


def test_a_number_nobody_has_is_answered_with_the_numbers_there_are() -> None:
    two = (person(1, UNHEARD), person(2, UNHEARD, x=400))
    with pytest.raises(FaceError, match=r"no person 7.*1, 2"):
        choose_speaker(two, Speaker(number=7), TIMES)


def test_a_point_is_the_face_under_it() -> None:
    two = (person(1, UNHEARD), person(2, UNHEARD, x=400))
    choice = choose_speaker(two, Speaker(point=(410.0, 90.0, Fraction(2))), TIMES)
    assert (choice.track.number, choice.how) == (2, "point")


def test_a_point_is_meant_in_the_picture_as_players_turn_it() -> None:
    two = (person(1, UNHEARD), person(2, UNHEARD, x=400))
    turn = Turn(90, 640, 360)
    x, y = turn.shown(np.array([410.0, 90.0]))
    choice = choose_speaker(two, Speaker(point=(x, y, Fraction(2))), TIMES, turn=turn)
    assert choice.track.number == 2
    with pytest.raises(FaceError, match="no face at 300,20"):
        choose_speaker(two, Speaker(point=(300, 20, Fraction(2))), TIMES, turn=turn)


def test_of_two_faces_under_the_point_the_nearer_is_meant() -> None:
    two = (person(1, UNHEARD, x=100), person(2, UNHEARD, x=160))
    choice = choose_speaker(two, Speaker(point=(139.0, 100.0, Fraction(1))), TIMES)
    assert choice.track.number == 2


def test_a_point_beside_every_face_is_refused() -> None:
    with pytest.raises(FaceError, match="no face at 700,100"):
        choose_speaker((person(1, UNHEARD),), Speaker(point=(700, 100, Fraction(1))), TIMES)


def test_a_face_lost_for_a_moment_is_still_under_the_point() -> None:
    track = person(1, UNHEARD)
    track.landmarks[50:53] = np.nan
    track.presence[50:53] = 0
    choice = choose_speaker((track,), Speaker(point=(100, 100, Fraction(51, 25))), TIMES)
    assert choice.how == "point"


def test_the_only_face_speaks() -> None:
    assert choose_speaker((person(1, UNHEARD),), Speaker(), TIMES).how == "only"


@pytest.mark.parametrize("late", [0.0, 0.12, -0.15])
def test_the_lips_that_move_with_the_sound_speak(late: float) -> None:
    two = (person(1, opening(1), size=200), person(2, opening(2), x=400))
    choice = choose_speaker(two, Speaker(), TIMES, heard(2, late))
    assert (choice.track.number, choice.how) == (2, "sound")
    assert choice.confidence > 0.5
    assert "sound" in choice.message


def test_sound_that_starts_late_is_laid_at_its_place() -> None:
    two = (person(1, opening(1), size=200), person(2, opening(2), x=400))
    late = heard(2, -2.0)
    assert choose_speaker(two, Speaker(), TIMES, late, sound_start=2.0).track.number == 2


@pytest.mark.parametrize(
    "sound", [None, replace(heard(1), voice=np.zeros(len(heard(1).voice), np.float32))]
)
def test_if_nobody_speaks_the_largest_is_taken(sound: Articulation | None) -> None:
    two = (person(1, opening(1)), person(2, opening(2), x=400, size=150))
    choice = choose_speaker(two, Speaker(), TIMES, sound)
    assert (choice.track.number, choice.how) == (2, "size")
    assert "largest" in choice.message


def test_the_largest_may_lie() -> None:
    lying = person(2, UNHEARD, x=400, size=120)
    lying.landmarks[..., [0, 1]] = lying.landmarks[..., [1, 0]] * (-1, 1)
    lying.landmarks[..., 0] *= 1.3
    choice = choose_speaker((person(1, UNHEARD), lying), Speaker(), TIMES)
    assert (choice.track.number, choice.how) == (2, "size")


def test_nobody_at_all_is_said_with_a_remedy() -> None:
    with pytest.raises(FaceError) as refusal:
        choose_speaker((), Speaker(), TIMES)
    assert refusal.value.remedy


def test_the_opening_of_the_lips_knows_no_size_and_no_gap() -> None:
    small, large = person(1, opening(3)), person(2, opening(3), size=300)
    large.landmarks[10:20] = np.nan
    large.presence[10:20] = 0
    a, b = lip_opening(small), lip_opening(large)
    assert np.isnan(b[10:20]).all()
    assert b[20:] == pytest.approx(a[20:], rel=1e-3, abs=1e-4)
    assert a == pytest.approx(opening(3) / 6, abs=0.01)
