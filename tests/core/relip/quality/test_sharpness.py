from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relip.quality import sharpness
from relip.quality.card import Point
from relip.quality.evidence import Evidence
from tests.core.relip.quality.evidence_made import dubbed, measure, states


def judged(evidence: Evidence, **factors: float) -> Point:
    """The point, with what the result's pictures show multiplied."""
    result = evidence.result
    changed = {name: getattr(result, name) * factor for name, factor in factors.items()}
    return sharpness.point(replace(evidence, result=replace(result, **changed)))


def test_a_mouth_as_sharp_as_ever_earns_the_point() -> None:
    found = judged(dubbed())

    assert found.state == "earned"
    assert found.moments == ()
    assert measure(found, "detail").value == pytest.approx(1, abs=0.03)
    assert measure(found, "blur").value == pytest.approx(1, abs=0.03)


def test_like_is_compared_with_like_so_a_mouth_that_opens_less_is_no_softer() -> None:
    made = dubbed()
    # What is sharp here is an open mouth: detail follows the gap.
    closed = made.result.gaps < 0.06
    quiet = replace(made, result=made.result.only(closed))

    assert measure(sharpness.point(quiet), "detail").value == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("factor", "state"), [(0.7, "lost"), (0.8, "earned"), (1.3, "earned"), (1.5, "lost")]
)
def test_too_little_and_too_much_detail_cost_the_point(factor: float, state: str) -> None:
    assert judged(dubbed(), details=factor).state == state


def test_what_looks_blurred_costs_the_point_and_what_looks_sharper_does_not() -> None:
    assert states(judged(dubbed(), blurs=1.2)) == {"detail": "earned", "blur": "lost"}
    assert judged(dubbed(), blurs=0.8).state == "earned"


def test_what_the_whole_face_is_out_of_focus_by_is_taken_off() -> None:
    assert judged(dubbed(), details=0.5, rest=0.5).state == "earned"
    assert judged(dubbed(), details=0.5).state == "lost"
    assert judged(dubbed(), rest=0.5).state == "lost", "sharper than the face itself"


def test_it_is_fast_speech_that_counts() -> None:
    made = dubbed()
    speed = np.abs(np.gradient(made.after()))
    voiced = made.voiced()
    slow = speed < np.quantile(speed[voiced], 0.4)
    soft = np.where(slow, 0.3, 1.0)

    soft_when_slow = replace(made.result, details=made.result.details * soft)
    soft_when_fast = replace(made.result, details=made.result.details * np.where(slow, 1, 0.3))

    assert sharpness.point(replace(made, result=soft_when_slow)).state == "earned"
    assert sharpness.point(replace(made, result=soft_when_fast)).state == "lost"


def test_the_softest_frames_are_where_to_look() -> None:
    made = dubbed()
    details = made.result.details * 0.7
    voiced = np.flatnonzero(made.voiced())
    details[voiced[40:43]] *= 0.2

    found = sharpness.point(replace(made, result=replace(made.result, details=details)))

    first = found.moments[0]
    assert first.first <= made.first + voiced[40] < first.stop
    assert first.why == "the mouth is not as sharp as this face"


def test_too_few_spoken_frames_leave_the_point_open() -> None:
    made = dubbed()
    few = replace(made, inside=np.arange(len(made.times)) < 25)

    found = sharpness.point(few)

    assert (found.state, found.measures) == ("open", ())
    assert "too few frames" in found.open_because


def test_a_mouth_too_small_to_have_detail_is_not_judged() -> None:
    made = dubbed()
    nothing = np.zeros(len(made.times))
    unknown = np.full(len(made.times), np.nan)
    tiny = [replace(each, details=nothing, blurs=unknown) for each in (made.original, made.result)]

    found = sharpness.point(replace(made, original=tiny[0], result=tiny[1]))

    assert found.state == "open"
