from pathlib import Path

import pytest

from relip.quality.card import TITLES, Card, Measure, Point, PointName
from relip.quality.score import ScoreRequest
from tests.trust.cases import Case, Group
from tests.trust.run import Outcome
from tests.trust.table import judged, markdown, printed, verdict

REQUEST = ScoreRequest(Path("a"), Path("b"), Path("c"))


def card(*gone: PointName, value: float = 1.0) -> Card:
    return Card(
        tuple(
            Point(name, (Measure("how", "how it is", 0.0 if name in gone else value, low=0.5),))
            for name in TITLES
        )
    )


def outcome(
    group: Group, name: str, found: Card | None, *must: PointName, **more: object
) -> Outcome:
    some, control = bool(more.get("some")), str(more.get("control", ""))
    return Outcome(Case(group, "clip", name, REQUEST, must, some, control), found)


def test_a_fault_must_cost_its_own_point_and_no_other() -> None:
    without = outcome("true", "own sound", card())

    def said(found: Card) -> tuple[bool, str]:
        given = verdict(outcome("fault", "box", found, "seam", control="own sound"), without)
        return given.holds, given.says

    assert said(card("seam")) == (True, "exactly")
    assert said(card()) == (False, "missed seam")
    assert said(card("seam", "sync")) == (False, "also sync")


def test_what_is_lost_without_the_fault_is_not_the_faults_doing() -> None:
    without = outcome("dub", "as drawn", card("sharpness"))

    given = verdict(outcome("dub", "box", card("seam", "sharpness"), "seam"), without)
    blurred = verdict(outcome("dub", "blur", card("sharpness"), "sharpness"), without)

    assert given.holds
    assert "without the fault, too: sharpness" in given.says
    assert not blurred.holds


def test_the_true_performance_must_earn_all_five() -> None:
    unheard = Card((Point("closures", (), open_because="none heard"), *card().points[1:]))

    assert verdict(outcome("true", "own", card()), None).holds
    assert not verdict(outcome("true", "own", card("sync")), None).holds
    assert not verdict(outcome("true", "own", unheard), None).holds


def test_wrong_sound_must_cost_one_of_two() -> None:
    def holds(found: Card) -> bool:
        return verdict(outcome("wrong", "late", found, "closures", "sync", some=True), None).holds

    assert holds(card("sync"))
    assert holds(card("closures", "articulation"))
    assert not holds(card("articulation"))


@pytest.mark.parametrize(("group", "near"), [("rate", True), ("again", False)])
def test_cards_are_compared_number_by_number(group: Group, near: bool) -> None:
    control = outcome(group, "at 25", card())

    def same(found: Card) -> bool:
        return verdict(outcome(group, "at 30", found, control="at 25"), control).holds

    assert same(card())
    assert same(card(value=1.1)) is near
    assert not same(card(value=1.4))
    assert not same(card("seam"))


def test_a_refusal_never_holds() -> None:
    assert not verdict(outcome("true", "own", None), None).holds


def test_the_tables_tell_every_case_and_what_costs_it() -> None:
    found = judged(
        [
            outcome("fault", "box", card("seam"), "seam", control="own sound"),
            outcome("true", "own sound", card()),
        ]
    )

    text, page = printed(found), markdown(found, "today")

    assert "2 of 2 cases hold" in text
    assert "0.00!" in text
    assert text.index("own sound") < text.index("box")
    assert "| clip | box | 1.00 | 1.00 | **0.00** | 1.00 | 1.00 | seam | exactly |" in page
