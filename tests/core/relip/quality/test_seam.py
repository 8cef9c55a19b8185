from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relip.quality import seam
from relip.quality.card import Point
from relip.quality.evidence import Evidence
from tests.core.relip.quality.evidence_made import dubbed, measure, states, untouched

ALL = {"outside", "around", "edge", "colour", "ring_flicker"}
N = len(dubbed().times)


def judged(evidence: Evidence | None = None, picture_late: int = 0, **changes: object) -> Point:
    """The point, with what was found in the pictures replaced."""
    made = dubbed() if evidence is None else evidence
    changed = {
        name: np.full(getattr(made.regions, name).shape, value) for name, value in changes.items()
    }
    return seam.point(replace(made, regions=replace(made.regions, **changed)), picture_late)


def lost(point: Point) -> set[str]:
    return {key for key, state in states(point).items() if state == "lost"}


def test_a_seam_that_nobody_sees_earns_the_point() -> None:
    found = judged()

    assert set(states(found)) == ALL
    assert set(states(found).values()) == {"earned"}
    assert found.moments == ()


def test_one_sample_outside_the_region_is_one_too_many() -> None:
    made = dubbed()
    outside = np.zeros(N)
    outside[17] = 1

    found = seam.point(replace(made, regions=replace(made.regions, outside=outside)), 0)

    assert lost(found) == {"outside"}
    assert [(moment.first, moment.stop) for moment in found.moments] == [
        (made.first + 17, made.first + 18)
    ]


def test_samples_outside_count_only_where_far_from_the_face_nothing_changed() -> None:
    codec = judged(outside=50000.0, near=0.8, far=0.8)

    assert measure(codec, "outside").state == "open"
    assert "codec" in measure(codec, "outside").note
    assert codec.state == "earned"


def test_another_sample_layout_leaves_the_count_open() -> None:
    assert measure(judged(outside=np.nan), "outside").state == "open"


def test_a_change_around_the_region_beyond_the_codec_s_costs_the_point() -> None:
    allowed = seam.CODEC * 0.8 + seam.AROUND

    found = judged(outside=50000.0, near=allowed + 0.1, far=0.8)

    assert judged(outside=50000.0, near=allowed - 0.1, far=0.8).state == "earned"
    assert lost(found) == {"around"}
    assert found.moments[0].why == "the picture is changed around the mouth region"


def test_an_edge_costs_the_point() -> None:
    hard = np.array([3.0, 3.4])

    found = judged(ring=hard)

    assert lost(found) == {"edge"}
    assert measure(found, "edge").value == pytest.approx(3.4 / 3)
    assert found.moments[0].why == "the edge of the new mouth shows"
    assert judged(ring=np.array([3.0, 3.1])).state == "earned"
    assert judged(ring=np.array([3.0, 2.0])).state == "earned", "softer than it was is no edge"


@pytest.mark.parametrize("colour", [(4.0, 0, 0), (0, 0, -4.0), (-4.0, 4.0, 0)])
def test_another_colour_of_the_skin_costs_the_point(colour: tuple[float, ...]) -> None:
    found = judged(colour=np.array(colour))

    assert lost(found) == {"colour"}
    assert measure(found, "colour").value == pytest.approx(100 * 4 / 255)
    assert found.moments[0].why == "the skin around the mouth has another colour"


def test_a_colour_that_is_off_to_either_side_in_turn_is_flicker_and_no_step() -> None:
    made = dubbed()
    turns = np.where(np.arange(N) % 2, 0.6, -0.6)[:, None].repeat(3, 1)

    found = seam.point(replace(made, regions=replace(made.regions, colour=turns)), 0)

    assert lost(found) == {"ring_flicker"}
    assert measure(found, "ring_flicker").value == pytest.approx(100 * 2.4 / 255)
    assert found.moments[0].why == "the skin around the mouth flickers"


def test_light_that_changes_slowly_is_no_flicker() -> None:
    made = dubbed()
    slow = 2 * np.sin(np.arange(N) / 12)[:, None].repeat(3, 1)

    assert seam.point(replace(made, regions=replace(made.regions, colour=slow)), 0).state == (
        "earned"
    )


def test_where_nothing_was_changed_there_is_no_edge_to_judge() -> None:
    found = seam.point(untouched(), 0)

    assert found.state == "earned"
    assert [key for key, state in states(found).items() if state == "open"] == ["edge"]
    assert measure(found, "edge").note == "nothing of the face was changed"


def test_what_lies_beside_the_line_does_not_count() -> None:
    made = dubbed()
    inside = np.arange(N) < 100
    ring = made.regions.ring.copy()
    ring[100:, 1] = 30
    outside = np.where(inside, 0, 1000)
    worse = replace(made.regions, ring=ring, outside=outside, far=outside, near=outside)

    assert seam.point(replace(made, inside=inside, regions=worse), 0).state == "earned"
    assert lost(seam.point(replace(made, regions=worse), 0)) == {"edge"}


@pytest.mark.parametrize(("frames", "way"), [(1, "1 frame late"), (-2, "2 frames early")])
def test_a_picture_that_is_late_as_a_whole_is_judged_once(frames: int, way: str) -> None:
    found = judged(outside=1e6, near=9.0, far=0.0, picture_late=frames)

    assert found.state == "open"
    assert way in found.open_because


def test_frames_in_which_nothing_is_known_of_the_skin_are_left_out() -> None:
    made = dubbed()
    colour = np.full((N, 3), np.nan)
    colour[:20] = 1.0

    found = seam.point(replace(made, regions=replace(made.regions, colour=colour)), 0)

    assert measure(found, "colour").value == pytest.approx(100 / 255)
    assert found.state == "earned"
