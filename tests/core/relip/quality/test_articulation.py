from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relip.quality import articulation, closures
from relip.quality.articulation import LEAK, LIPS, MOST_LEAK, energy
from relip.quality.card import Point
from relip.quality.evidence import HANDOVER, Bits, Evidence
from relip.quality.performance import Performance
from tests.core.relip.quality.evidence_made import (
    dubbed,
    measure,
    mouthing,
    performance,
    seen,
    states,
    untouched,
)


def judged(evidence: Evidence) -> Point:
    return articulation.point(evidence, closures.contacts(evidence))


def restless(performance_: Performance, where: Bits, size: float = 0.03) -> Performance:
    """Lips that tremble, ``size`` eye distances, in frames for which ``where`` ``[n]`` is true."""
    faces = performance_.faces.copy()
    jumps = np.random.default_rng(3).choice([-size, size], len(faces)) * where
    faces[:, LIPS, 1] += jumps[:, None].astype(np.float32)
    return replace(performance_, faces=faces)


def test_a_flawless_dub_and_the_clip_itself_earn_the_point() -> None:
    for made in (dubbed(), untouched()):
        assert set(states(judged(made)).values()) == {"earned"}


def test_range_and_speed_are_of_this_person_s_own_speech() -> None:
    made = dubbed()
    for factor in (0.5, 0.8, 1.5):
        found = judged(mouthing(made, made.after() * factor))
        assert measure(found, "range").value == pytest.approx(factor, abs=0.06)
        assert measure(found, "speed").value == pytest.approx(factor, abs=0.06)


@pytest.mark.parametrize(
    ("factor", "state"), [(0.5, "lost"), (0.75, "earned"), (1.6, "earned"), (2.2, "lost")]
)
def test_mumbling_and_gaping_cost_the_point(factor: float, state: str) -> None:
    made = dubbed()

    assert judged(mouthing(made, made.after() * factor)).state == state


def test_where_it_gapes_or_mumbles_is_where_to_look() -> None:
    made = dubbed()
    wide, small = (judged(mouthing(made, made.after() * factor)) for factor in (2.2, 0.4))

    assert {moment.why for moment in wide.moments} == {"the mouth gapes"}
    assert {moment.why for moment in small.moments} == {"the mouth hardly opens"}
    assert made.voiced()[small.moments[0].first - made.first]


def test_own_speech_is_what_is_compared_with_not_own_silence() -> None:
    made = dubbed()
    gaps = made.before()
    gaps[made.own_quiet()] = 0.3  # yawning between the words

    found = judged(replace(made, original=performance(gaps)))

    assert measure(found, "range").value == pytest.approx(1, abs=0.06)


def test_a_still_mouth_loses_although_it_is_still_in_silence_too() -> None:
    made = dubbed()
    still = mouthing(made, np.full(len(made.times), 0.004))

    found = judged(still)

    assert found.state == "lost"
    assert states(found) == {
        "range": "lost",
        "asked": "lost",
        "speed": "lost",
        "contrast": "lost",
        "leak": "earned",
    }
    assert not articulation.moves(still)


@pytest.mark.parametrize(("factor", "moves"), [(0.2, False), (0.4, True), (1.0, True)])
def test_a_mouth_that_hardly_moves_is_not_judged_for_its_timing(factor: float, moves: bool) -> None:
    made = dubbed()

    assert articulation.moves(mouthing(made, made.after() * factor)) is moves


def test_contrast_is_lost_where_vowels_are_as_closed_as_closures() -> None:
    made = dubbed()
    # As fast and as wide as ever, but at the wrong moments.
    beside = np.roll(made.after(), 5)

    assert measure(judged(made), "contrast").value > 0.7
    assert states(judged(mouthing(made, beside)))["contrast"] == "lost"


def test_a_mouth_that_moves_in_silence_loses_and_is_found_there() -> None:
    made = dubbed()
    loud = seen(made, lambda result: restless(result, made.quiet()))

    found = judged(loud)

    assert states(found) == {
        "range": "earned",
        "asked": "earned",
        "speed": "earned",
        "contrast": "earned",
        "leak": "lost",
    }
    assert {moment.why for moment in found.moments} == {"the mouth moves in silence"}
    assert made.quiet()[found.moments[0].first - made.first]


def test_what_people_do_in_their_own_silence_is_allowed() -> None:
    made = dubbed()
    # Energy goes with the square of the size.
    whole = measure(judged(seen(made, lambda each: restless(each, made.quiet(), 0.02))), "leak")
    size = 0.02 * np.sqrt((LEAK + MOST_LEAK) / 2 / whole.value)
    loud = seen(made, lambda result: restless(result, made.quiet(), size))
    assert judged(loud).state == "lost"

    found = judged(replace(loud, original=restless(made.original, made.own_quiet(), size * 1.15)))

    assert found.state == "earned"
    leak = measure(found, "leak")
    assert LEAK < leak.value < leak.high < MOST_LEAK
    assert "in this person's own silence" in leak.note


def test_silence_that_was_heard_wrong_is_no_allowance() -> None:
    made = dubbed()
    loud = seen(made, lambda result: restless(result, made.quiet(), 0.05))

    found = judged(replace(loud, original=restless(made.original, made.own_quiet(), 0.06)))

    assert (found.state, measure(found, "leak").high) == ("lost", MOST_LEAK)


def test_the_original_s_mouth_next_to_the_line_is_not_its_leak() -> None:
    made = dubbed()
    n = len(made.times)
    inside = np.arange(n) >= 4
    handed = np.arange(n) < 4 + HANDOVER + 1

    found = judged(replace(made, inside=inside, result=restless(made.result, handed & inside, 0.1)))

    assert states(found)["leak"] == "earned"


def test_landmark_noise_is_not_motion() -> None:
    n = 200
    noise = np.random.default_rng(1)
    faces = noise.normal(0, 0.002, (n, 468, 3)).astype(np.float32)
    still = replace(performance(np.zeros(n)), faces=faces)
    moving = restless(still, np.ones(n, bool), 0.05)

    everywhere = np.ones(n, bool)
    assert energy(still, everywhere) < 0.01 * energy(moving, everywhere)


def test_nothing_is_measured_across_missing_frames() -> None:
    made = performance(np.zeros(40))
    apart = made.only(np.arange(40) % 2 == 0)

    assert np.isnan(energy(apart, np.ones(20, bool)))


def test_too_little_silence_says_nothing_about_a_leak() -> None:
    made = dubbed()

    found = judged(replace(made, inside=made.voiced()))

    assert (found.state, measure(found, "leak").state) == ("earned", "open")


def test_a_line_with_neither_speech_nor_silence_is_not_judged() -> None:
    made = dubbed()

    found = judged(replace(made, inside=np.arange(len(made.times)) < 8))

    assert found.state == "open"
    assert found.open_because
