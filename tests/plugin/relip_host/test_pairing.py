from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from relip_host.host import DubItem, Obstacle, Shot
from relip_host.pairing import SHORTEST, seen, shots_under

F = Fraction
TIMES = st.fractions(0, 10, max_denominator=1001)


def shot(name: str, start: Fraction, end: Fraction, track: int = 1) -> Shot:
    return Shot(name, name, track, start, end, "/take.mov")


def item(start: Fraction, end: Fraction) -> DubItem:
    return DubItem("line", 1, start, end, "/dub.wav")


def under(start: Fraction, end: Fraction, *shots: Shot) -> list[str]:
    return [one.id for one in shots_under(item(start, end), shots)]


def test_a_line_across_a_cut_belongs_to_both_shots() -> None:
    shots = shot("a", F(0), F(2)), shot("b", F(2), F(4))

    assert under(F(1), F(3), *shots) == ["a", "b"]


def test_the_edge_of_a_line_leaves_its_neighbour_alone() -> None:
    shots = shot("a", F(0), F(2)), shot("b", F(2), F(4))

    assert under(F(1), F(21, 10), *shots) == ["a"]


def test_a_line_of_an_instant_still_belongs_somewhere() -> None:
    assert under(F(1), F(11, 10), shot("a", F(0), F(2))) == ["a"]


def test_what_is_covered_is_not_spoken_in() -> None:
    shots = shot("low", F(0), F(4)), shot("high", F(1), F(2), track=2)

    assert under(F(1), F(2), *shots) == ["high"]
    assert under(F(0), F(3), *shots) == ["low", "high"]


def test_a_logo_over_everything_is_no_shot() -> None:
    logo = replace(shot("logo", F(0), F(9), 9), obstacle=Obstacle("still", "it is a picture"))
    nested = replace(shot("nested", F(0), F(9), 3), obstacle=Obstacle("compound", "it is nested"))

    assert under(F(0), F(1), shot("a", F(0), F(2)), logo) == ["a"]
    assert under(F(3), F(4), shot("a", F(0), F(2)), logo) == ["logo"]
    assert under(F(0), F(1), shot("a", F(0), F(2)), nested, logo) == ["nested"]


def test_what_is_seen_is_told_with_how_long() -> None:
    shots = [shot("low", F(0), F(4)), shot("high", F(1), F(2), track=2)]

    found = [(one.id, seconds) for one, seconds in seen(F(0), F(3), shots)]

    assert found == [("low", F(2)), ("high", F(1))]


def test_a_line_in_a_gap_belongs_nowhere() -> None:
    assert under(F(2), F(3), shot("a", F(0), F(2)), shot("b", F(3), F(4))) == []


@settings(deadline=None)
@given(TIMES, TIMES, st.lists(st.tuples(TIMES, TIMES, st.integers(1, 3)), max_size=5))
def test_a_line_belongs_to_shots_it_overlaps_and_to_one_if_there_is_any(
    start: Fraction, length: Fraction, found: list[tuple[Fraction, Fraction, int]]
) -> None:
    line = item(start, start + length + F(1, 25))
    shots = [
        shot(str(number), at, at + lasts + F(1, 25), track)
        for number, (at, lasts, track) in enumerate(found)
    ]

    chosen = shots_under(line, shots)

    touched = [one for one in shots if one.start < line.end and line.start < one.end]
    assert set(chosen) <= set(touched)
    assert bool(chosen) == bool(touched)
    assert len(chosen) == len(set(chosen))
    lengths = dict(seen(line.start, line.end, shots))
    assert sum(lengths.values(), F(0)) <= line.end - line.start
    # Only where all are short; several if they are equally so.
    assert len({lengths[one] for one in chosen if lengths[one] < SHORTEST}) <= 1
