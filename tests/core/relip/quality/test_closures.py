from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relip.mouth.shape import Array
from relip.quality import closures
from relip.quality.card import Contact, Point
from relip.quality.evidence import Evidence
from relip.speech.articulation import Articulation, SpeechEvent
from tests.core.relip.quality.evidence_made import (
    BEGINS,
    FIRST,
    FPS,
    STEP,
    dubbed,
    measure,
    mouthing,
    performance,
    regions,
)

N = 100
EVENT = SpeechEvent(1.005, 1.075, 0.9)
"""Begins just after frame 25 of the line and ends just before frame 27."""


def heard(*pbm: SpeechEvent, fv: tuple[SpeechEvent, ...] = ()) -> Articulation:
    said = dubbed().heard
    return replace(said, closures=pbm, dentals=fv)


def evidence(gaps: Array, said: Articulation) -> Evidence:
    """A line that begins with the first frame; gaps from 0 to .1 are this person's own."""
    seconds = np.arange(float(N)) * STEP
    own = performance(np.linspace(0, 0.1, N))
    return replace(
        dubbed(),
        original=own,
        result=replace(performance(gaps), gaps=gaps),
        regions=regions(N),
        heard=said,
        times=seconds + BEGINS,
        seconds=seconds,
        own_seconds=seconds,
        wanted=gaps,
        inside=np.ones(N, bool),
    )


def shut_in(*frames: int, gap: float = 0.0) -> Array:
    gaps = np.full(N, 0.1)
    gaps[list(frames)] = gap
    return gaps


def only(gaps: Array, event: SpeechEvent = EVENT, late: float = 0.0) -> Contact:
    (found,) = closures.contacts(evidence(gaps, heard(event)), late)
    return found


@pytest.mark.parametrize(
    ("frame", "met"), [(24, False), (25, True), (26, True), (27, True), (28, False)]
)
def test_a_closure_is_met_one_frame_beside_its_time_but_not_two(frame: int, met: bool) -> None:
    assert only(shut_in(frame)).met is met


def test_lips_count_as_closed_below_a_part_of_this_person_s_reach() -> None:
    made = evidence(shut_in(), heard(EVENT))
    below = made.closed + closures.SHUT * made.reach

    assert only(shut_in(26, gap=below - 1e-3)).met
    assert not only(shut_in(26, gap=below + 1e-3)).met


def test_teeth_on_the_lip_are_asked_less_of_than_lips_together() -> None:
    made = evidence(shut_in(), heard(EVENT, fv=(EVENT,)))
    between = made.closed + (closures.SHUT + closures.BITTEN) / 2 * made.reach
    made = evidence(shut_in(26, gap=between), made.heard)

    assert [(each.kind, each.met) for each in closures.contacts(made)] == [
        ("pbm", False),
        ("fv", True),
    ]


def test_how_late_a_closure_is_is_told_in_frames() -> None:
    assert only(shut_in(26)).late == pytest.approx(0)
    assert only(shut_in(27)).late == pytest.approx(1)
    assert only(shut_in(25)).late == pytest.approx(-1)
    assert np.isnan(only(shut_in(40)).late)


def test_lips_that_stay_closed_for_longer_than_the_sound_are_not_late() -> None:
    assert only(shut_in(*range(24, 36))).late == pytest.approx(0)


def test_what_the_whole_mouth_is_late_by_is_taken_off_once() -> None:
    late = shut_in(30)

    assert only(late).met is False
    assert only(late, late=4).met is True
    assert only(late, late=4).late == pytest.approx(0)
    assert only(shut_in(26), late=4).met is False


@pytest.mark.parametrize(
    ("confidence", "found"), [(0.49, []), (0.5, [None]), (0.69, [None]), (0.7, [True])]
)
def test_only_what_is_surely_heard_is_judged_and_what_is_hardly_heard_not_shown(
    confidence: float, found: list[bool | None]
) -> None:
    event = replace(EVENT, confidence=confidence)
    made = evidence(shut_in(26), heard(event))

    assert [each.met for each in closures.contacts(made)] == found


def test_closures_beside_the_line_do_not_count() -> None:
    made = evidence(shut_in(26), heard(EVENT, SpeechEvent(9, 9.1, 1)))

    assert len(closures.contacts(made)) == 1
    assert closures.contacts(replace(made, inside=np.arange(N) > 40)) == ()


def test_a_mouth_that_is_not_seen_is_not_judged() -> None:
    gaps = shut_in()
    gaps[20:32] = np.nan

    found = only(gaps)

    assert (found.met, found.frame) == (None, -1)


def test_a_contact_lies_in_the_clip_s_own_time_and_frames() -> None:
    found = only(shut_in(26))

    assert [found.start, found.end] == pytest.approx([1.005 + BEGINS, 1.075 + BEGINS])
    assert found.frame == FIRST + 26


def point(gaps: Array, said: Articulation, moves: bool = True) -> Point:
    made = evidence(gaps, said)
    return closures.point(made, closures.contacts(made), moves)


def test_the_point_needs_six_of_seven() -> None:
    events = [SpeechEvent(0.5 * at, 0.5 * at + 0.08, 0.9) for at in range(1, 8)]
    times = [round(each.start * FPS) + 1 for each in events]

    six = point(shut_in(*times[:6]), heard(*events))
    five = point(shut_in(*times[:5]), heard(*events))

    assert (six.state, five.state) == ("earned", "lost")
    assert measure(six, "closures").value == pytest.approx(600 / 7)
    assert measure(five, "closures").note == "5 of 7 surely heard"
    assert [moment.first for moment in five.moments] == [FIRST + times[5] - 3, FIRST + times[6] - 3]


def test_the_surest_closure_that_was_missed_is_the_first_to_look_at() -> None:
    sure, surer = replace(EVENT, confidence=0.8), SpeechEvent(2.0, 2.08, 0.95)

    found = point(shut_in(), heard(sure, surer))

    assert [moment.severity for moment in found.moments] == [0.95, 0.8]
    assert found.moments[0].why == "the lips stay open on p, b or m"
    assert all(moment.stop - moment.first == 3 for moment in found.moments)


def test_fewer_than_three_f_and_v_cost_nothing() -> None:
    bites = tuple(SpeechEvent(at, at + 0.08, 0.9) for at in (2.0, 2.5, 3.0))
    two = point(shut_in(26), heard(EVENT, fv=bites[:2]))
    three = point(shut_in(26), heard(EVENT, fv=bites))

    assert (two.state, two.moments) == ("earned", ())
    assert measure(two, "contacts").state == "open"
    assert (three.state, len(three.moments)) == ("lost", 3)


def test_a_mouth_that_hardly_moves_is_not_judged_by_the_closures_it_happens_to_meet() -> None:
    found = point(np.zeros(N), heard(EVENT), moves=False)

    assert found.state == "open"
    assert "Articulation" in found.open_because


def test_a_line_without_lips_sounds_is_not_judged() -> None:
    found = point(shut_in(), heard())

    assert (found.state, measure(found, "closures").shown) == ("open", "-")
    assert "no p, b, m" in found.open_because


def test_a_flawless_dub_meets_every_closure_and_a_mumbled_one_none() -> None:
    right = dubbed()
    mumbled = mouthing(right, np.maximum(right.wanted, 0.06))

    assert all(each.met for each in closures.contacts(right))
    assert not any(each.met for each in closures.contacts(mumbled) if each.kind == "pbm")
