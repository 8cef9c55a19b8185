from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest

from relip.quality.card import TITLES, Card, Measure, Point, PointName, State

MET = Measure("met", "a number that meets its bar", 1.0, low=0.5)
MISSED = Measure("missed", "a number below its bar", 0.2, low=0.5)
UNKNOWN = Measure("unknown", "a number nobody knows", nan, low=0.5)
TOLD = Measure("told", "a number without a bar", 7.0)


@pytest.mark.parametrize(
    ("value", "digits", "state"),
    [
        (0.844, 2, "lost"),
        (0.846, 2, "earned"),
        (84.6, 0, "lost"),
        (0.85, 2, "earned"),
        (1.354, 2, "earned"),
        (1.356, 2, "lost"),
        (nan, 2, "open"),
        (inf, 2, "lost"),
    ],
)
def test_a_value_is_judged_as_it_is_shown(value: float, digits: int, state: State) -> None:
    assert Measure("key", "says", value, 0.85, 1.35, digits=digits).state == state


def test_what_is_shown_and_what_is_judged_never_disagree() -> None:
    for step in range(-300, 300):
        measure = Measure("lag", "says", step / 1000, -0.1, 0.1)
        assert (abs(float(measure.shown)) <= 0.1) == (measure.state == "earned")


def test_nothing_is_ever_minus_zero() -> None:
    assert Measure("lag", "says", -0.001, unit=" frames").shown == "0.00 frames"
    assert Measure("lag", "says", -0.4, digits=0).shown == "0"
    assert Measure("lag", "says", -0.6, digits=0).shown == "-1"


@pytest.mark.parametrize(
    ("low", "high", "bar"),
    [
        (-inf, inf, ""),
        (0.5, inf, "at least 0.50 x"),
        (-inf, 0.5, "at most 0.50 x"),
        (0.5, 1.5, "0.50 to 1.50 x"),
        (0, 0, "0.00 x"),
    ],
)
def test_a_bar_is_told_in_words(low: float, high: float, bar: str) -> None:
    measure = Measure("key", "says", nan, low, high, unit=" x")

    assert (measure.bar, measure.shown, measure.judged) == (bar, "-", bool(bar))


@pytest.mark.parametrize(
    ("measures", "state"),
    [
        ((MET, MET), "earned"),
        ((MET, MISSED), "lost"),
        ((MET, UNKNOWN), "earned"),
        ((UNKNOWN, UNKNOWN), "open"),
        ((UNKNOWN, MISSED), "lost"),
        ((TOLD,), "open"),
        ((), "open"),
    ],
)
def test_a_point_is_earned_if_every_bar_that_can_be_judged_is_met(
    measures: tuple[Measure, ...], state: State
) -> None:
    assert Point("seam", measures).state == state


def test_a_point_with_a_reason_not_to_be_judged_is_open() -> None:
    assert Point("seam", (MISSED,), open_because="it is dark").state == "open"


def card(**measures: Measure) -> Card:
    names: list[PointName] = list(TITLES)
    return Card(tuple(Point(name, (measures.get(name, MET),)) for name in names))


@pytest.mark.parametrize(
    ("given", "told", "publishable"),
    [
        (card(), "5 of 5", True),
        (card(seam=MISSED), "4 of 5", False),
        (card(seam=UNKNOWN), "4 of 4 (1 not judged)", True),
        (card(seam=UNKNOWN, sync=MISSED), "3 of 4 (1 not judged)", False),
        (Card(()), "0 of 0", False),
    ],
)
def test_a_card_counts_what_was_earned_of_what_was_judged(
    given: Card, told: str, publishable: bool
) -> None:
    assert (given.told, given.publishable) == (told, publishable)


def test_where_nothing_can_be_judged_nothing_is_publishable() -> None:
    nothing = card(**dict.fromkeys(TITLES, UNKNOWN))

    assert nothing.told == "0 of 0 (5 not judged)"
    assert not nothing.publishable


def test_points_have_titles_in_the_order_in_which_they_are_shown() -> None:
    assert [point.title for point in card().points] == [
        "Closures",
        "Sharpness",
        "Seam",
        "Articulation",
        "Life and sync",
    ]
    assert replace(card().points[0], name="sync").title == "Life and sync"
