from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from blender_addon.relip.pairing import SHORTEST, Stretch, shots_under

A = Stretch("a", 0, 100, 1)
B = Stretch("b", 100, 200, 1)


def line(left: int, right: int) -> Stretch:
    return Stretch("line", left, right, 5)


def test_a_line_belongs_to_the_shot_under_it() -> None:
    assert shots_under(line(10, 60), [A, B], 25) == [("a", 50)]
    assert shots_under(line(210, 260), [A, B], 25) == []


def test_a_line_across_a_cut_belongs_to_both_shots() -> None:
    assert shots_under(line(60, 130), [B, A], 25) == [("a", 40), ("b", 30)]


def test_an_instant_in_the_neighbouring_shot_does_not_count() -> None:
    assert shots_under(line(60, 102), [A, B], 25) == [("a", 40)]
    assert shots_under(line(98, 102), [A, B], 25)[0][1] == 2


def test_what_is_not_seen_does_not_count() -> None:
    cutaway = Stretch("c", 20, 80, 2)

    assert shots_under(line(30, 70), [A, cutaway], 25) == [("c", 40)]
    assert shots_under(line(10, 90), [A, cutaway], 25) == [("a", 20), ("c", 60)]


def test_a_logo_over_everything_is_no_shot() -> None:
    logo = Stretch("logo", 0, 500, 9, footage=False)

    assert shots_under(line(10, 60), [A, logo], 25) == [("a", 50)]
    assert shots_under(line(210, 260), [A, logo], 25) == [("logo", 50)]


STRETCHES = st.builds(
    lambda number, left, length, channel, footage: Stretch(
        number, left, left + length, channel, footage
    ),
    st.uuids().map(str),
    st.integers(0, 300),
    st.integers(1, 200),
    st.integers(1, 9),
    st.booleans(),
)


@given(STRETCHES, st.lists(STRETCHES, max_size=8, unique_by=lambda one: one.channel))
def test_no_moment_of_a_line_belongs_to_two_shots(dub: Stretch, shots: list[Stretch]) -> None:
    found = shots_under(dub, shots, 25)

    assert sum(frames for _, frames in found) <= dub.right - dub.left
    assert all(frames > 0 for _, frames in found)
    overlapping = [shot for shot in shots if shot.left < dub.right and dub.left < shot.right]
    assert bool(found) == bool(overlapping)
    assert len([frames for _, frames in found if frames < SHORTEST * 25]) <= 1
