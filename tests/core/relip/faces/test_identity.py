from fractions import Fraction

import numpy as np
import pytest

from relip.faces.identity import Sighting, number_persons
from relip.faces.texture import Glimpse

RATE = Fraction(25)


def sighting(
    first: int, count: int, person: int, shot: int = 0, x: float = 0.0, size: float = 100.0
) -> Sighting:
    """A face with this person's colours, a little noisy, in another light each shot."""
    looks = np.random.default_rng(person).uniform(40, 200, (498, 3))
    noise = np.random.default_rng(first + 1000 * person)
    found = Sighting(first, shot)
    for _ in range(count):
        points = np.random.default_rng(7).uniform(0, size, (478, 3)).astype(np.float32)
        points[:, 0] += x
        seen = np.clip(looks * (1 - 0.1 * shot) + noise.normal(0, 3, looks.shape), 0, 255)
        found.add(points, 0.9, Glimpse(np.zeros((24, 24, 3), np.uint8), seen.astype(np.uint8)))
    return found


def test_one_person_in_two_shots_has_one_number() -> None:
    seen = {0: sighting(0, 20, 1), 1: sighting(20, 20, 2, 1), 2: sighting(40, 20, 1, 2)}
    assert number_persons(seen, 60, RATE) == {0: 1, 1: 2, 2: 1}


def test_two_faces_seen_at_once_are_never_one_person() -> None:
    twins = {0: sighting(0, 20, 1, size=120.0), 1: sighting(0, 20, 1, x=300.0)}
    assert number_persons(twins, 20, RATE) == {0: 1, 1: 2}


def test_twins_stay_apart_through_a_third_sighting() -> None:
    seen = {
        0: sighting(0, 20, 1, size=120.0),
        1: sighting(0, 20, 1, x=300.0),
        2: sighting(20, 20, 1, 1),
    }
    numbers = number_persons(seen, 40, RATE)
    assert numbers[0] != numbers[1]
    assert numbers[2] in (numbers[0], numbers[1])


def test_the_first_to_appear_is_number_1_and_of_two_the_larger() -> None:
    seen = {
        0: sighting(5, 20, 1, size=300.0),
        1: sighting(0, 20, 2, size=80.0),
        2: sighting(0, 20, 3, size=90.0, x=200.0),
    }
    assert number_persons(seen, 30, RATE) == {2: 1, 1: 2, 0: 3}


def test_what_is_seen_for_a_moment_is_nobody() -> None:
    seen = {0: sighting(0, 60, 1), 1: sighting(30, 4, 2, x=500.0)}
    assert number_persons(seen, 60, RATE) == {0: 1}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_in_a_very_short_clip_a_moment_is_enough(count: int) -> None:
    assert number_persons({0: sighting(0, count, 1)}, count, RATE) == {0: 1}


def test_nobody_has_no_number() -> None:
    assert number_persons({}, 10, RATE) == {}
